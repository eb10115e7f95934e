"""Run the sandbox registry: settings, certificates, store, socket, until told to end.

The supervisor comes here by `python -m haidang.domains.sandbox_registry`.
"""

from __future__ import annotations

import json
import logging
import secrets
import ssl
from pathlib import Path

from haidang.core.clock import SystemClock
from haidang.core.process import announce_ready, hold, run, until_stopped
from haidang.core.settings import load, platform
from haidang.domains.sandbox_registry.faults import FaultInjector
from haidang.domains.sandbox_registry.policy import load_policy
from haidang.domains.sandbox_registry.registry import SandboxRegistry, ShiftedClock
from haidang.domains.sandbox_registry.server import EppServer
from haidang.domains.sandbox_registry.settings import RegistrySettings
from haidang.domains.sandbox_registry.store import Store

LOG = logging.getLogger(__name__)

PASSWORD_BYTES = 12
"""Sixteen characters in base64: as long as EPP allows."""

PRIVATE = 0o600


def hand_out_credentials(folder: Path, store: Store, client_id: str) -> None:
    """Accredit *client_id* at the first start and write what it logs in with."""
    file = folder / "credentials.json"
    if file.exists() and store.has_registrar(client_id):
        return
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with store.transaction():
        store.set_password(client_id, password)
    written = file.with_suffix(".new")
    written.touch(mode=PRIVATE)
    written.write_text(json.dumps({"client_id": client_id, "password": password}))
    written.replace(file)


def prepare_certificates(folder: Path, client_id: str) -> None:
    """Have the certificates issued at the first start; later ones do not even load the issuer."""
    if not (folder / "ca.pem").exists():
        from haidang.domains.sandbox_registry.certificates import issue_certificates

        issue_certificates(folder, client_id, SystemClock().now())


def server_context(folder: Path, *, mutual: bool) -> ssl.SSLContext:
    """TLS 1.2 or newer; with *mutual*, only holders of a certificate of ours get in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "server.pem", folder / "server-key.pem")
    if mutual:
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def open_registry(folder: Path, settings: RegistrySettings) -> tuple[EppServer, ssl.SSLContext]:
    """The server over *folder*, not yet listening, and its TLS context."""
    clock = ShiftedClock(SystemClock(), settings.clock_offset_days)
    prepare_certificates(folder / "tls", settings.client_id)
    store = Store(folder / "store.sqlite")
    hand_out_credentials(folder, store, settings.client_id)
    registry = SandboxRegistry(store, load_policy(settings.lifecycle), clock, settings.seed)
    server = EppServer(registry, settings, FaultInjector(settings.faults, folder / "faults.json"))
    return server, server_context(folder / "tls", mutual=settings.mutual_tls)


async def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    here = platform()
    if not here.sandbox:
        raise SystemExit("the sandbox registry runs on a sandbox platform only")
    folder = here.folder("registry")
    hold(folder)
    server, tls = open_registry(folder, load(RegistrySettings, "registry"))
    host, _, port = here.address("epp").rpartition(":")
    await server.start(host, int(port), tls)
    LOG.warning("SANDBOX registry: nothing registered here exists in the world")
    announce_ready()
    await until_stopped()
    await server.stop()


if __name__ == "__main__":
    run(main)
