"""`haidang`: the command of owners' helpers and operators. Plugins add their commands by hook."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from haidang.core.errors import HaidangError, sentence
from haidang.core.offers import CommandRef
from haidang.core.plugins import Plugins, load_plugins
from haidang.core.settings import default_state

LOCAL_TENANT = "local"
LOCAL_OPERATOR = "local-operator"
KEY_FILE = "local-operator.key"
UNREADABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; its exit code. An error is a sentence, never a traceback."""
    plugins = load_plugins()
    parser = _parser([*OWN, *plugins.data("register_commands")])
    parsed = parser.parse_args(arguments)
    parsed.state = Path(parsed.state or default_state())
    parsed.plugins = plugins
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except HaidangError as error:
        for language in ("vi", "en"):
            print(sentence(error.reason, error.facts, language), file=sys.stderr)
        where = f" ({error.field})" if error.field else ""
        print(f"[{error.reason}]{where}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser(commands: Sequence[CommandRef]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="haidang", description="A .vn name, a website on it and signed papers."
    )
    parser.add_argument("--state", help="state folder (default: $HAIDANG_STATE or .haidang)")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for command in commands:
        sub = subparsers.add_parser(
            command.name, help=command.help, conflict_handler="resolve"
        )
        sub.add_argument("--state", default=argparse.SUPPRESS, help="state folder")
        command.configure(sub)
        sub.set_defaults(run=command.run)
    return parser


def _configure_up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--online", type=Path, metavar="FILE", help="take this business online once all is ready"
    )


def _up(arguments: argparse.Namespace) -> int:
    from haidang.core.supervisor import up

    plugins: Plugins = arguments.plugins
    refs = plugins.data("register_processes")
    ensure_local_operator(arguments.state)
    print(f"Hải Đăng starts over {arguments.state.resolve()}", flush=True)
    if any(ref.sandbox for ref in refs):
        print("SANDBOX: registry, bank and trust service are stand-ins; nothing is legally valid.")

    def then(addresses: dict[str, str]) -> None:
        print("ready:", flush=True)
        for name, address in sorted(addresses.items()):
            print(f"  {name:<12} {address}", flush=True)
        if arguments.online is not None:
            main(["go-online", str(arguments.online), "--state", str(arguments.state)])
        print("Ctrl+C ends it.", flush=True)

    asyncio.run(up(arguments.state, refs, then=then))
    return 0


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
            pid = one["pid"] or "dead"
            print(f"  {one['name']:<14} {one['role']:<10} {pid!s:>8}  {one['address']}")
    return 0 if found["ready"] else 1


def _plugins(arguments: argparse.Namespace) -> int:
    plugins: Plugins = arguments.plugins
    if arguments.json:
        rows = [
            {
                "name": state.name,
                "distribution": state.distribution,
                "version": state.version,
                "state": str(state.state),
                "why": state.why,
            }
            for state in plugins.states
        ]
        print(json.dumps(rows))
        return 0
    for state in plugins.states:
        print(f"{state.name:<18} {state.version:<8} {state.state:<13} {state.why}".rstrip())
    return 0


def _configure_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["journal"], help="what foreign parties really did")


def _sandbox(arguments: argparse.Namespace) -> int:
    for line in sorted(journal(arguments.state), key=lambda one: one["at"]):
        print(json.dumps(line, ensure_ascii=False))
    return 0


def journal(state: Path) -> Iterator[dict[str, str]]:
    """Every effect in the stores of foreign parties and the logs of providers without one."""
    for path in sorted([*state.glob("*/store.sqlite"), *state.glob("*/effects-*.sqlite")]):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
            rows = store.execute("SELECT effect, domain, operation, at FROM journal").fetchall()
        store.close()
        for effect, domain, operation, at in rows:
            yield {"effect": effect, "domain": domain, "operation": operation, "at": at}


def ensure_local_operator(state: Path) -> None:
    """Make this machine's operator key on first use: the key file (0600) and its hash."""
    from haidang.core.tenancy import EVERYTHING, new_api_key

    path = state / KEY_FILE
    if path.exists():
        return
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    identifier, text, stored = new_api_key()
    entry = {
        "id": identifier,
        "hash": stored,
        "actor": LOCAL_OPERATOR,
        "tenant": LOCAL_TENANT,
        "grants": [EVERYTHING],
    }
    (state / "portal").mkdir(exist_ok=True, mode=0o700)
    _write_private(state / "portal" / "api-keys.json", json.dumps([entry]))
    _write_private(path, text + "\n")


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.rename(path)


OWN = (
    CommandRef("up", "start everything and keep it running", _configure_up, _up),
    CommandRef("status", "say what runs", _configure_json, _status),
    CommandRef("plugins", "list plugins and their states", _configure_json, _plugins),
    CommandRef("sandbox", "read the sandbox's journal", _configure_sandbox, _sandbox),
)


if __name__ == "__main__":
    sys.exit(main())
