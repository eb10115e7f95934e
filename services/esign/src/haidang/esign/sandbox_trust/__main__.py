"""Run the sandbox trust service as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding
from haidang.core import process
from haidang.core.settings import platform
from haidang.esign.sandbox_trust.app import trust_app, tsa_app
from haidang.esign.sandbox_trust.pki import Pki, open_pki
from haidang.esign.sandbox_trust.store import Store
from starlette.applications import Starlette

SECRET_BYTES = 32
POLL_SECONDS = 0.01


class Listener(uvicorn.Server):
    """A server that leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own is untyped
        """Leave them."""
        yield


def credentials(folder: Path) -> str:
    """The secret this service handed out to the platform, made on first use, mode 0600."""
    path = folder / "credentials.json"
    if not path.exists():
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"secret": secrets.token_urlsafe(SECRET_BYTES)}, file)
        fresh.rename(path)
    return str(json.loads(path.read_text())["secret"])


def publish(pki: Pki, folder: Path) -> None:
    """Write the certificates that anybody may have."""
    for stem, held in (("root", pki.root), ("issuing", pki.issuing), ("tsa", pki.tsa)):
        pem = held.certificate.public_bytes(Encoding.PEM)
        fresh = folder / f"{stem}.new"
        fresh.write_bytes(pem)
        fresh.rename(folder / f"{stem}.pem")


def listener(app: Starlette, address: str) -> Listener:
    """A server for *app* on *address*."""
    host, _, port = address.rpartition(":")
    return Listener(
        uvicorn.Config(app, host=host, port=int(port), log_level="warning", lifespan="off")
    )


async def main() -> None:
    """Serve until stopped."""
    place = platform()
    if not place.sandbox:
        raise SystemExit("the sandbox trust service runs on a sandbox platform only")
    folder = place.folder("trust")
    process.hold(folder)
    pki = open_pki(place.folder("trust", "pki"), f"http://{place.address('trust')}")
    publish(pki, place.folder("trust", "public"))
    store = Store(folder / "store.sqlite")
    servers = [
        listener(trust_app(pki, store, credentials(folder)), place.address("trust")),
        listener(tsa_app(pki), place.address("tsa")),
    ]
    running = [asyncio.create_task(server.serve()) for server in servers]
    while not all(server.started for server in servers):  # noqa: ASYNC110 - uvicorn has no event
        await asyncio.sleep(POLL_SECONDS)
    process.announce_ready()
    await process.until_stopped()
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)


if __name__ == "__main__":
    process.run(main)
