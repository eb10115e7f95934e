"""Run the sandbox bank as a process of its own."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import uvicorn
from haidang.core import process
from haidang.core.settings import platform
from haidang.portal.sandbox_bank.app import bank
from haidang.portal.sandbox_bank.store import Store

SECRET_BYTES = 32


def credentials(folder: Path) -> str:
    """The secret this bank handed out to the portal, made on first use, mode 0600."""
    path = folder / "credentials.json"
    if not path.exists():
        made = secrets.token_urlsafe(SECRET_BYTES)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)  # a leftover of a crash would keep its own mode
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"secret": made}, file)
        fresh.rename(path)
    return str(json.loads(path.read_text())["secret"])


class ReadyServer(uvicorn.Server):
    """Announces readiness once it listens."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        process.announce_ready()


def main() -> None:
    """Serve until stopped."""
    process.die_with_parent()
    place = platform()
    if not place.sandbox:
        raise SystemExit("the sandbox bank runs on a sandbox platform only")
    folder = place.folder(place.process)
    process.hold(folder)
    host, port = place.address("bank").split(":")
    app = bank(Store(folder / "store.sqlite"), credentials(folder))
    config = uvicorn.Config(app, host=host, port=int(port), log_level="warning", lifespan="off")
    ReadyServer(config).run()


if __name__ == "__main__":
    main()
