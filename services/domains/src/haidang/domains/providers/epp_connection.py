"""From settings to a session: address, trust and credentials of a registry over EPP.

`epp_registry` comes here once, when it is built. Credentials are read anew for each
login, so that a changed file needs no restart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from haidang.core.clock import Clock
from haidang.core.settings import platform
from haidang.domains.epp.endpoint import Credentials, Endpoint, Patience
from haidang.domains.epp.profile import Profile
from haidang.domains.epp.session import ConnectionLost, EppSession, tls_context
from haidang.domains.providers.epp_settings import EppSettings


@dataclass(frozen=True)
class _Sandbox:
    """What stands in for empty settings on a sandbox platform."""

    address: str
    folder: Path


def open_session(settings: EppSettings, profile: Profile, clock: Clock) -> EppSession:
    """The session for *settings*, not yet connected.

    Raises:
        ValueError: address or ca_file are missing outside the sandbox.
    """
    needs_sandbox = not (settings.address and settings.ca_file)
    sandbox = _sandbox() if needs_sandbox else None
    host, _, port = (settings.address or (sandbox.address if sandbox else "")).rpartition(":")
    ca_file = settings.ca_file or (str(sandbox.folder / "tls" / "ca.pem") if sandbox else "")
    endpoint = Endpoint(
        host=host,
        port=int(port),
        server_name=settings.server_name or ("localhost" if sandbox else host),
        tls=lambda: tls_context(ca_file, settings.certificate_file, settings.key_file),
        server_id=settings.server_id,
    )
    patience = Patience(
        connect=settings.connect_seconds,
        question=settings.question_seconds,
        answer=settings.answer_seconds,
        idle_before_hello=settings.idle_seconds,
        session=settings.session_seconds,
    )
    credentials = _CredentialsSource(settings, sandbox)
    return EppSession(endpoint, credentials.read, profile, clock, patience)


def _sandbox() -> _Sandbox:
    here = platform()
    if not here.sandbox:
        raise ValueError("domains.registry: address and ca_file are required outside the sandbox")
    return _Sandbox(here.address("epp"), here.state / "registry")


class _CredentialsSource:
    """Reads the credentials anew for each login: a changed file needs no restart."""

    def __init__(self, settings: EppSettings, sandbox: _Sandbox | None) -> None:
        self._settings = settings
        self._file = Path(settings.credentials_file) if settings.credentials_file else None
        if self._file is None and sandbox is not None:
            self._file = sandbox.folder / "credentials.json"

    def read(self) -> Credentials:
        if self._settings.client_id:
            return Credentials(self._settings.client_id, self._settings.password.get_secret_value())
        if self._file is None:
            raise ConnectionLost("no credentials configured", sent=False)
        try:
            found = json.loads(self._file.read_text())
            return Credentials(str(found["client_id"]), str(found["password"]))
        except (OSError, ValueError, KeyError) as fault:
            raise ConnectionLost("credentials cannot be read", sent=False) from fault
