"""Plugins: found by entry points, loaded under guard, chosen by configuration.

pluggy works once, at start-up: hooks yield typed offers; after boot a request meets
ordinary awaited methods. What is broken is shown and left out, unless the configuration
names it. Nothing here knows a plugin: the built-ins come through the same door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pluggy
from haidang.core import hookspecs, telemetry
from haidang.core.errors import (
    Absent,
    Conflict,
    HaidangError,
    Malformed,
    Refused,
    register,
)
from haidang.core.guard import GuardLimits, guard
from haidang.core.offers import API_VERSION, BuildContext, Offer
from haidang.core.settings import load
from pydantic import BaseModel, ValidationError

P = TypeVar("P")

GROUP = "haidang.plugins"
PROJECT = "haidang"

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
            "{id} is offered under {hook} by both {first} and {second}; switch one of them off.",
            "{id} ({hook}) được cung cấp bởi cả {first} và {second}; hãy tắt một trong hai.",
        ),
    },
)
register(
    Malformed,
    {
        "PROVIDER_SETTINGS_INVALID": (
            "The settings of {id} are not valid at {keys}: {detail}.",
            "Cấu hình của {id} chưa đúng ở mục {keys}: {detail}.",
        ),
    },
)
register(
    Refused,
    {
        "PROVIDER_NOT_BUILT": (
            "{id}, offered by {plugin}, could not be built: {why}.",
            "Không khởi tạo được {id} của phần mở rộng {plugin}: {why}.",
        ),
    },
)


class PluginSettings(BaseModel, extra="forbid", frozen=True):
    """Which plugins may run, section [plugins].

    `allow`: the distributions admitted; absent, all that are installed. A signing service
    names them, so as not to run whatever somebody installs. `disabled`: entry points left out.
    """

    allow: frozenset[str] | None = None
    disabled: frozenset[str] = frozenset()


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
        """What the plugins handed in under a data hook, by plugin name, then as yielded."""
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

        It carries `capabilities`, those its offer declares.

        Raises:
            Absent: PROVIDER_NOT_FOUND, naming what is on offer, and what is left out and why.
            Malformed: PROVIDER_SETTINGS_INVALID, naming the keys.
            Refused: PROVIDER_NOT_BUILT; PROVIDER_INCOMPLETE, PORT_UNMARKED (see `guard`).
        """
        plugin, offer = self._offer(hook, id)
        model = _validated(offer, settings)
        try:
            provider = offer.build(model, context)
        except HaidangError:
            raise
        except Exception as error:  # a stranger's code: the operator needs its name, and why
            raise Refused("PROVIDER_NOT_BUILT", id=id, plugin=plugin, why=_said(error)) from error
        return guard(port, provider, name=id, limits=limits, capabilities=offer.capabilities)

    # Any: an offer of the hook's port.
    def _offer(self, hook: str, id: str) -> tuple[str, Offer[Any]]:
        for one in self._yielded[hook]:
            if one.value.id == id:
                return one.plugin, one.value
        left_out = [f"{s.name}: {s.why}" for s in self.states if s.state is not State.LOADED]
        raise Absent(
            "PROVIDER_NOT_FOUND",
            id=id,
            hook=hook,
            known=sorted(one.value.id for one in self._yielded[hook]),
            left_out=left_out or ["-"],
        )


def _validated(offer: Offer[Any], settings: Mapping[str, object]) -> BaseModel:
    """*settings* as the offer's model; a key it does not know is refused, whatever it says."""
    try:
        return offer.settings.model_validate(dict(settings), extra="forbid")
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise Malformed(
            "PROVIDER_SETTINGS_INVALID",
            id=offer.id,
            keys=[".".join(str(part) for part in one["loc"]) for one in found],
            detail="; ".join(dict.fromkeys(one["msg"] for one in found)),
        ) from None


def load_plugins(
    *,
    group: str = GROUP,
    settings: PluginSettings | None = None,
    found: Iterable[EntryPoint] | None = None,
) -> Plugins:
    """Load every plugin of *group* under guard, by name.

    *settings* say which may run; by default those of this platform.

    Raises:
        Conflict: OFFER_TWICE, naming both plugins.
    """
    loader = _Loader(settings or load(PluginSettings, "plugins"))
    entries = entry_points(group=group) if found is None else found
    for entry in sorted(entries, key=lambda one: one.name):
        loader.take(entry)
    return loader.finished()


class _Loader:
    def __init__(self, settings: PluginSettings) -> None:
        self._settings = settings
        self._states: list[PluginState] = []
        self._yielded: dict[str, list[_Yielded]] = {hook: [] for hook in hook_names()}
        self._log = telemetry.logger(__name__)

    def take(self, entry: EntryPoint) -> None:
        """Load one plugin and note what became of it."""
        distribution = entry.dist.name if entry.dist else "?"
        version = entry.dist.version if entry.dist else "?"
        allow = self._settings.allow
        if entry.name in self._settings.disabled:
            state, why = State.DISABLED, "switched off"
        elif allow is not None and distribution not in allow:
            state, why = State.DISABLED, f"{distribution} is not among the allowed distributions"
        else:
            state, why = self._load(entry)
        self._states.append(PluginState(entry.name, distribution, version, state, why))
        if state in {State.BROKEN, State.INCOMPATIBLE}:
            self._log.warning("plugin_left_out", plugin=entry.name, state=state, why=why)

    def _load(self, entry: EntryPoint) -> tuple[State, str]:
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(hookspecs)
        try:
            manager.register(entry.load(), name=entry.name)
            manager.check_pending()
            values = {hook: _values(getattr(manager.hook, hook)) for hook in self._yielded}
        except pluggy.PluginValidationError as error:
            return State.INCOMPATIBLE, str(error)
        except (Exception, SystemExit) as error:  # whatever a stranger raises, the rest goes on
            return State.BROKEN, _said(error)
        for hook, found in values.items():
            for value in found:
                if fault := _misfit(hook, value):
                    return State.INCOMPATIBLE, fault
        for hook, found in values.items():
            self._yielded[hook].extend(_Yielded(entry.name, value) for value in found)
        return State.LOADED, ""

    def finished(self) -> Plugins:
        """All that was found. Raises: Conflict OFFER_TWICE."""
        for hook, found in self._yielded.items():
            owners: dict[str, str] = {}
            for one in found:
                id = _identity(one.value)
                if id in owners:
                    raise Conflict(
                        "OFFER_TWICE", id=id, hook=hook, first=owners[id], second=one.plugin
                    )
                owners[id] = one.plugin
        return Plugins(self._states, self._yielded)


# Any: a hook yields values of its own type.
def _values(hook: Callable[[], list[Iterable[Any]]]) -> list[Any]:
    """All a plugin yields under *hook*; an impl that yields nothing by answering None is fine."""
    return [value for yielded in hook() for value in yielded]


# Any: whatever a stranger yielded.
def _misfit(hook: str, value: Any) -> str:
    """Why *value* does not fit *hook*; empty when it does."""
    kind = kind_of(hook)
    if not isinstance(value, kind):
        return f"{hook} yields {type(value).__name__}, not {kind.__name__}"
    api = getattr(value, "api", API_VERSION)
    if api != API_VERSION:
        return f"{_identity(value)} is made for api {api}; this is {API_VERSION}"
    return ""


# Any: a value of any hook's type.
def _identity(value: Any) -> str:
    """What must be unique under a hook: the id of an offer or pack, else the name."""
    found: str = value.id if hasattr(value, "id") else value.name
    return found


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def kind_of(hook: str) -> type:
    """The type of what *hook* yields: Offer, or a data hook's own frozen type."""
    (item,) = get_args(get_type_hints(getattr(hookspecs, hook))["return"])
    kind: type = get_origin(item) or item
    return kind


def hook_names() -> list[str]:
    """The names of all hooks, in the order of the book."""
    marker = f"{PROJECT}_spec"
    return [name for name, found in vars(hookspecs).items() if hasattr(found, marker)]
