"""`haidang`: the command of owners' helpers and operators. Plugins add their commands by hook.

What only looks (`status`, `sandbox`) loads no plugin, so that it answers fast, and also
when a plugin keeps the rest from starting.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from haidang.core import telemetry
from haidang.core.errors import HaidangError, sentence
from haidang.core.offers import CommandRef
from haidang.core.settings import default_state, load, require_known_sections

if TYPE_CHECKING:
    from haidang.core.plugins import Plugins

INTERRUPTED = 130
BUSY_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; its exit code. An error is a sentence, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    telemetry.setup("haidang")  # logs go to stderr: stdout is what other tools read
    try:
        return _run(given)
    except HaidangError as error:
        for language in ("vi", "en"):
            print(sentence(error.reason, error.facts, language), file=sys.stderr)
        where = f" ({error.field})" if error.field else ""
        print(f"[{error.reason}]{where}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(given: list[str]) -> int:
    first, _ = _common().parse_known_args(given)
    state = Path(first.state or default_state())
    if first.command in {command.name for command in LOOKING}:
        plugins, commands = None, LOOKING
    else:
        plugins = _loaded(state)
        commands = (*LOOKING, *ACTING, *_strangers(plugins))
    parsed = _parser(commands).parse_args(given)
    parsed.state = state
    parsed.plugins = plugins
    run: Callable[[argparse.Namespace], int] = parsed.run
    return run(parsed)


def _common() -> argparse.ArgumentParser:
    """What is looked at before any plugin is loaded."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--state")
    parser.add_argument("command", nargs="?")
    return parser


def _parser(commands: Sequence[CommandRef]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="haidang", description="A .vn name, a website on it and signed papers."
    )
    parser.add_argument("--state", help="state folder (default: $HAIDANG_STATE or .haidang)")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for command in commands:
        sub = subparsers.add_parser(command.name, help=command.help, conflict_handler="resolve")
        sub.add_argument("--state", default=argparse.SUPPRESS, help="state folder")
        command.configure(sub)
        sub.set_defaults(run=command.run)
    return parser


def _loaded(state: Path) -> Plugins:
    from haidang.core.plugins import PluginSettings, load_plugins

    return load_plugins(settings=load(PluginSettings, "plugins", file=state / "haidang.toml"))


def _strangers(plugins: Plugins) -> list[CommandRef]:
    """Commands of plugins; one that bears the name of ours is left out, and said."""
    ours = {command.name for command in (*LOOKING, *ACTING)}
    found: list[CommandRef] = plugins.data("register_commands")
    for command in found:
        if command.name in ours:
            print(f"a plugin's command {command.name} is left out: ours bears it", file=sys.stderr)
    return [command for command in found if command.name not in ours]


def _configure_up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--online", type=Path, metavar="FILE", help="take this business online once all is ready"
    )


def _up(arguments: argparse.Namespace) -> int:
    from haidang.core.local_operator import ensure_local_operator
    from haidang.core.supervisor import SECTION, Patience, up

    plugins: Plugins = arguments.plugins
    refs = plugins.data("register_processes")
    known = {"plugins", SECTION, *(section for ref in refs for section in ref.sections)}
    require_known_sections(arguments.state / "haidang.toml", known)
    patience = load(Patience, SECTION, file=arguments.state / "haidang.toml")
    pretenders = ", ".join(sorted(ref.name for ref in refs if ref.sandbox))

    def prepare(state: Path) -> None:
        print(f"Hải Đăng starts over {state}", flush=True)
        for plugin in plugins.states:
            if plugin.why:
                print(f"  plugin {plugin.name} is {plugin.state}: {plugin.why}", flush=True)
        if pretenders:
            print(f"SANDBOX: {pretenders} only play their parts; nothing is legally valid here.")
        ensure_local_operator(state)

    async def then(addresses: dict[str, str]) -> None:
        print("ready", flush=True)
        for page in (ref.page for ref in refs if ref.page):
            print(f"  http://localhost:{addresses[page].rpartition(':')[2]}/", flush=True)
        for name, address in sorted(addresses.items()):
            print(f"  {name:<14} {address}", flush=True)
        if arguments.online is not None:
            await _go_online(arguments.online, arguments.state)
        print("Ctrl+C ends it.", flush=True)

    asyncio.run(up(arguments.state, refs, patience=patience, prepare=prepare, then=then))
    return 0


async def _go_online(file: Path, state: Path) -> None:
    """Take *file* online as a command of its own, which ends with this one."""
    own = [sys.executable, "-m", "haidang.core.cli"]
    child = await asyncio.create_subprocess_exec(
        *own, "go-online", str(file), "--state", str(state)
    )
    try:
        await child.wait()
    finally:
        if child.returncode is None:
            child.terminate()


def _configure_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _status(arguments: argparse.Namespace) -> int:
    from haidang.core.supervisor import status

    found = status(arguments.state)
    if arguments.json:
        print(json.dumps(found))
    else:
        print("ready" if found["ready"] else "not ready")
        processes = found["processes"]
        assert isinstance(processes, list)
        for one in processes:
            pid = one["pid"] or "down"
            print(f"  {one['name']:<14} {one['role']:<10} {pid!s:>8}  {one['address']}".rstrip())
    return 0 if found["ready"] else 1


def _plugins(arguments: argparse.Namespace) -> int:
    plugins: Plugins = arguments.plugins
    rows = [{**asdict(state), "state": str(state.state)} for state in plugins.states]
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print("{name:<18} {version:<8} {state:<13} {why}".format(**row).rstrip())
    return 0


def _configure_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["journal"], help="what foreign parties really did")
    parser.add_argument("--json-lines", action="store_true", help="one JSON object a line (always)")


def _sandbox(arguments: argparse.Namespace) -> int:
    for line in sorted(journal(arguments.state), key=lambda one: datetime.fromisoformat(one["at"])):
        print(json.dumps(line, ensure_ascii=False))
    return 0


def journal(state: Path) -> Iterator[dict[str, str]]:
    """Every effect in the stores of foreign parties and the logs of providers without one."""
    for path in sorted([*state.glob("*/store.sqlite"), *state.glob("*/effects-*.sqlite")]):
        store = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        try:
            kept = "SELECT count(*) FROM sqlite_master WHERE name = 'journal'"
            if not store.execute(kept).fetchone()[0]:
                continue  # its owner has not made its tables yet
            rows = store.execute("SELECT effect, domain, operation, at FROM journal").fetchall()
        finally:
            store.close()
        for effect, domain, operation, at in rows:
            yield {"effect": effect, "domain": domain, "operation": operation, "at": at}


LOOKING: tuple[CommandRef, ...] = (
    CommandRef("status", "say what runs", _configure_json, _status),
    CommandRef("sandbox", "read the sandbox's journal", _configure_sandbox, _sandbox),
)
ACTING: tuple[CommandRef, ...] = (
    CommandRef("up", "start everything and keep it running", _configure_up, _up),
    CommandRef("plugins", "list plugins and their states", _configure_json, _plugins),
)


if __name__ == "__main__":
    sys.exit(main())
