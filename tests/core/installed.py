"""Plugins installed for one test: a module and a distribution that declares it, on sys.path."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

GROUP = "haidang.plugins"
_numbers = itertools.count()

TINY = '''
    """A tiny whole plugin: one provider, one command, one process."""

    from __future__ import annotations

    from collections.abc import Iterable

    from haidang.core.hookspecs import hookimpl
    from haidang.core.offers import BuildContext, CommandRef, Offer, ProcessRef
    from haidang.core.ports.timestamps import TimestampAuthority
    from pydantic import BaseModel


    class TinySettings(BaseModel, extra="forbid", frozen=True):
        """`answer`: what every request gets."""

        answer: str
        tries: int = 1


    class TinyAuthority:
        def __init__(self, answer: str) -> None:
            self._answer = answer

        async def request(self, request_der: bytes) -> bytes:
            return self._answer.encode()


    def build(settings: BaseModel, context: BuildContext) -> TimestampAuthority:
        assert isinstance(settings, TinySettings)
        return TinyAuthority(settings.answer)


    def greet(arguments) -> int:
        print("greetings over", arguments.state.name)
        return 7


    @hookimpl
    def register_timestamp_authorities() -> Iterable[Offer[TimestampAuthority]]:
        yield Offer("tiny", TinySettings, build, capabilities=frozenset({"fast"}))


    @hookimpl
    def register_commands() -> Iterable[CommandRef]:
        yield CommandRef("greet", "say hello", lambda parser: None, greet)


    @hookimpl
    def register_processes() -> Iterable[ProcessRef]:
        yield ProcessRef("first", "tests.core.tiny_process", "foreign", ("one",), sandbox=True)
        yield ProcessRef(
            "second", "tests.core.tiny_process", "service", ("two",), ("first",), page="two"
        )
'''


class Shelf:
    """A folder on sys.path. `put` installs a plugin there."""

    def __init__(self, folder: Path, prepend: Callable[[str], None]) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        prepend(str(folder))

    def put(self, name: str, source: str = TINY, *, version: str = "1.2") -> str:
        """Install plugin *name* as distribution `<name>-plugin`; the module's name."""
        module = f"shelved_{name}_{next(_numbers)}"
        (self.folder / f"{module}.py").write_text(dedent(source))
        info = self.folder / f"{name}_plugin-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}\n")
        return module
