"""Plugins: found by entry points, loaded under guard, chosen by configuration.

pluggy works once, at start-up: hooks yield typed offers; after boot a request meets
ordinary awaited methods. What is broken is shown and left out, unless the configuration
names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import pluggy
from haidang.core import hookspecs, telemetry
from haidang.core.errors import Absent, Conflict, Malformed, register
from haidang.core.guard import GuardLimits, guard
from haidang.core.offers import API_VERSION, BuildContext
from pydantic import ValidationError

P = TypeVar("P")

GROUP = "haidang.plugins"

register(
    Absent,
    {
        "PROVIDER_NOT_FOUND": (
            "No working plugin offers {id} under {hook}; on offer: {known}. Left out: {left_out}",
            "Không có phần mở rộng nào cung cấp {id} ({hook}); hiện có: {known}. "
            "Không dùng được: {left_out}",
        ),
    },
)
register(
    Conflict,
    {
        "OFFER_TWICE": (
            "{id} is offered under {hook} by both {first} and {second}.",
            "{id} ({hook}) được cung cấp bởi cả {first} và {second}; hãy tắt một trong hai.",
        ),
    },
)
register(
    Malformed,
    {
        "PROVIDER_SETTINGS_INVALID": (
            "The settings of {id} are not valid at {field}: {detail}.",
            "Cấu hình của {id} chưa đúng ở mục {field}: {detail}.",
        ),
    },
)


class State(StrEnum):
    """What became of a plugin at start-up."""

    LOADED = "loaded"
    DISABLED = "disabled"
    INCOMPATIBLE = "incompatible"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class PluginState:
    """One plugin: its entry point, distribution and version, and why it is not loaded."""

    name: str
    distribution: str
    version: str
    state: State
    why: str = ""


# Any: offers and data of every hook pass through here.
@dataclass(frozen=True, slots=True)
class _Yielded:
    plugin: str
    value: Any


class Plugins:
    """What start-up found. Ask it for providers and data; then forget it."""

    def __init__(
        self, states: Iterable[PluginState], yielded: Mapping[str, list[_Yielded]]
    ) -> None:
        self.states = tuple(states)
        self._yielded = yielded

    def data(self, hook: str) -> list[Any]:  # Any: the hook's own frozen type
        """What the plugins handed in under a data hook."""
        return [one.value for one in self._yielded[hook]]

    def choose(
        self,
        hook: str,
        port: type[P],
        id: str,
        settings: Mapping[str, object],
        context: BuildContext,
        *,
        limits: GuardLimits | None = None,
    ) -> P:
        """The provider called *id*, built with *settings* and guarded.

        Raises: Absent PROVIDER_NOT_FOUND, naming what is broken and why; Malformed
            PROVIDER_SETTINGS_INVALID at the key.
        """
        offers = {one.value.id: one.value for one in self._yielded[hook]}
        offer = offers.get(id)
        if offer is None:
            raise Absent(
                "PROVIDER_NOT_FOUND",
                id=id,
                hook=hook,
                known=sorted(offers),
                left_out=[f"{s.name}: {s.why}" for s in self.states if s.state is not State.LOADED],
            )
        try:
            model = offer.settings.model_validate(dict(settings))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Malformed(
                "PROVIDER_SETTINGS_INVALID", id=id, field=where, detail=first["msg"]
            ) from None
        provider = offer.build(model, context)
        return guard(port, provider, name=id, limits=limits, capabilities=offer.capabilities)


def load_plugins(
    *,
    group: str = GROUP,
    allow: frozenset[str] | None = None,
    disabled: frozenset[str] = frozenset(),
    found: Iterable[EntryPoint] | None = None,
) -> Plugins:
    """Load every plugin of *group* under guard.

    *allow* lists the distributions that may run (None: all); *disabled* names plugins to
    leave out. Raises: Conflict OFFER_TWICE, naming both.
    """
    loader = _Loader()
    for entry in sorted(found or entry_points(group=group), key=lambda one: one.name):
        loader.take(entry, allow, disabled)
    return loader.finished()


class _Loader:
    def __init__(self) -> None:
        self.states: list[PluginState] = []
        self.yielded: dict[str, list[_Yielded]] = {hook: [] for hook in hook_names()}
        self._log = telemetry.logger(__name__)

    def take(
        self, entry: EntryPoint, allow: frozenset[str] | None, disabled: frozenset[str]
    ) -> None:
        distribution = entry.dist.name if entry.dist else "?"
        version = entry.dist.version if entry.dist else "?"
        if entry.name in disabled or (allow is not None and distribution not in allow):
            state, why = State.DISABLED, "not on the list of allowed distributions or switched off"
        else:
            state, why = self._load(entry)
        self.states.append(PluginState(entry.name, distribution, version, state, why))
        if state in {State.BROKEN, State.INCOMPATIBLE}:
            self._log.warning("plugin_left_out", plugin=entry.name, state=state, why=why)

    def _load(self, entry: EntryPoint) -> tuple[State, str]:
        manager = pluggy.PluginManager("haidang")
        manager.add_hookspecs(hookspecs)
        try:
            manager.register(entry.load(), name=entry.name)
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            return State.INCOMPATIBLE, str(error)
        except Exception as error:  # a stranger's code: whatever it raises, the rest goes on
            return State.BROKEN, f"{type(error).__name__}: {error}"
        try:
            values = {hook: _values(getattr(manager.hook, hook)) for hook in self.yielded}
        except Exception as error:  # as above
            return State.BROKEN, f"{type(error).__name__}: {error}"
        for found in values.values():
            for value in found:
                if getattr(value, "api", API_VERSION) != API_VERSION:
                    return State.INCOMPATIBLE, f"{value.id} is made for api {value.api}"
        for hook, found in values.items():
            self.yielded[hook].extend(_Yielded(entry.name, value) for value in found)
        return State.LOADED, ""

    def finished(self) -> Plugins:
        for hook, found in self.yielded.items():
            owners: dict[str, str] = {}
            for one in found:
                name = getattr(one.value, "id", None) or one.value.name
                if name in owners:
                    raise Conflict(
                        "OFFER_TWICE", id=name, hook=hook, first=owners[name], second=one.plugin
                    )
                owners[name] = one.plugin
        return Plugins(self.states, self.yielded)


# Any: a hook yields values of its own type.
def _values(hook: Callable[[], list[Iterable[Any]]]) -> list[Any]:
    return [value for yielded in hook() for value in yielded]


def hook_names() -> list[str]:
    """The names of all hooks, in the order of the book."""
    return [
        name
        for name, function in vars(hookspecs).items()
        if name.startswith("register_") and getattr(function, "haidang_spec", None) is not None
    ]
