"""A sandbox registry and our provider facing each other over real TLS, for tests.

Used as `async with SandboxHouse(tmp_path) as house`. The server runs in the test's own
loop; `house.journal()` reads what it executed from its own store.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from haidang.core.clock import SystemClock
from haidang.core.errors import OutcomeUnknown, Unavailable
from haidang.core.ports.registry import (
    ContactCreation,
    Creation,
    Party,
    PartyKind,
    PostalAddress,
    Renewal,
)
from haidang.domains.epp.frames import FrameBuffer, put_frame
from haidang.domains.providers.epp_registry import EppRegistry, build
from haidang.domains.providers.epp_settings import EppSettings
from haidang.domains.sandbox_registry.__main__ import open_registry
from haidang.domains.sandbox_registry.lifecycle import deletion_at, revocation_at
from haidang.domains.sandbox_registry.policy import load_policy
from haidang.domains.sandbox_registry.server import EppServer
from haidang.domains.sandbox_registry.settings import RegistrySettings
from haidang.domains.sandbox_registry.store import Store

I = TypeVar("I")  # noqa: E741 - an intent, as HOUSE section 4 writes it
R = TypeVar("R")

TRIES = 12
RETRY_SECONDS = 0.05


class SandboxHouse:
    """The registry in *folder*, listening, and clients to it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.settings = RegistrySettings(**settings)
        self.port = 0
        self._clients: list[EppRegistry] = []
        self._server: EppServer | None = None

    async def __aenter__(self) -> SandboxHouse:
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._clients:
            await client.close()
        await self.stop()

    async def start(self, **changed: Any) -> None:
        """Listen, on the same port if there was one; *changed* replaces settings."""
        self.settings = self.settings.model_copy(update=changed)
        self._server, tls = open_registry(self.folder, self.settings)
        self.port = await self._server.start("127.0.0.1", self.port, tls)

    async def stop(self) -> None:
        assert self._server is not None
        await self._server.stop()

    @property
    def store(self) -> Store:
        assert self._server is not None
        return self._server._registry.store

    def credentials(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.folder / "credentials.json").read_text())
        return found

    def client(self, **settings: Any) -> EppRegistry:
        """Our provider, pointed at this registry."""
        given = {
            "address": f"127.0.0.1:{self.port}",
            "server_name": "localhost",
            "server_id": "Hai Dang SANDBOX",
            "ca_file": str(self.folder / "tls" / "ca.pem"),
            "credentials_file": str(self.folder / "credentials.json"),
            "answer_seconds": 5,
            **settings,
        }
        client = build(EppSettings(**given), SystemClock())
        self._clients.append(client)
        return client

    def order(self, *faults: dict[str, object]) -> None:
        """Order faults by the control file, as an outside test would."""
        (self.folder / "faults.json").write_text(json.dumps(list(faults)))

    def journal(self) -> list[tuple[str, str, str, str]]:
        return self.store.journal()

    def count(self, effect: str) -> int:
        return Counter(row[0] for row in self.journal())[effect]


async def find_then_act(
    find: Callable[[I, str], Awaitable[R | None]],
    act: Callable[[I, str], Awaitable[R]],
    intent: I,
    effect_id: str,
) -> R:
    """What run.effect does, without a journal: ask, act, and ask again after any doubt."""
    for _ in range(TRIES):
        try:
            found = await find(intent, effect_id)
            return found if found is not None else await act(intent, effect_id)
        except (OutcomeUnknown, Unavailable):
            await asyncio.sleep(RETRY_SECONDS)
    raise AssertionError("never settled")


def a_party(**changed: Any) -> Party:
    given: dict[str, Any] = {
        "kind": PartyKind.HOUSEHOLD,
        "name": "Homestay Biển Xanh",
        "email": "lienhe@bienxanh.example",
        "phone": "+84901234567",
        "address": PostalAddress("12 Trần Phú", "Phường Vũng Tàu", "Thành phố Hồ Chí Minh"),
        "representative_name": "Nguyễn Thị Lan",
        **changed,
    }
    return Party(**given)


def a_contact(contact_id: str = "HD0000000001", **changed: Any) -> ContactCreation:
    return ContactCreation(contact_id, a_party(**changed))


def a_creation(**changed: Any) -> Creation:
    given: dict[str, Any] = {
        "name": "bienxanh.vn",
        "years": 1,
        "contact_id": "HD0000000001",
        "nameservers": ("ns1.haidang.example", "ns2.haidang.example"),
        "intended_at": datetime.now(UTC),
        **changed,
    }
    return Creation(**given)


def a_renewal(name: str, expires_at: datetime, years: int = 1) -> Renewal:
    later = expires_at.replace(year=expires_at.year + years)
    return Renewal(name, years, expires_at, later)


async def registered(client: EppRegistry, **changed: Any) -> datetime:
    """Register a name with its contact; answer the expiry."""
    creation = a_creation(**changed)
    await client.create_contact(a_contact(creation.contact_id), "operations/0/contact")
    receipt = await client.create(creation, "operations/0/create")
    return receipt.expires_at


A_DAY = timedelta(days=1)


def a_sparing_seed(name: str, expires_at: datetime) -> str:
    """A seed by which *name* is deleted late in its window, not as soon as revocation begins."""
    profile = load_policy("vn-2022").lifecycle
    late = revocation_at(expires_at, profile) + 5 * A_DAY
    return next(
        seed
        for seed in map(str, range(1000))
        if deletion_at(name, expires_at, profile, seed) > late
    )


class RawClient:
    """Sends whatever it is told and hands back the bytes that come: no client of ours."""

    def __init__(self, house: SandboxHouse) -> None:
        self._house = house
        self._frames = FrameBuffer()
        self._messages: list[bytes] = []
        self.greeting = b""

    async def __aenter__(self) -> RawClient:
        context = ssl.create_default_context(cafile=str(self._house.folder / "tls" / "ca.pem"))
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._house.port, ssl=context, server_hostname="localhost"
        )
        self.greeting = await self.receive()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()

    def send(self, xml: str | bytes) -> None:
        self._writer.write(put_frame(xml.encode() if isinstance(xml, str) else xml))

    def send_bytes(self, wire: bytes) -> None:
        self._writer.write(wire)

    async def receive(self) -> bytes:
        """The next message; b"" when the server closed."""
        while not self._messages:
            async with asyncio.timeout(5):
                chunk = await self._reader.read(65536)
            if not chunk:
                return b""
            self._messages += self._frames.feed(chunk)
        return self._messages.pop(0)

    async def ask(self, xml: str | bytes) -> bytes:
        self.send(xml)
        return await self.receive()

    async def log_in(self) -> bytes:
        known = self._house.credentials()
        return await self.ask(a_login(known["client_id"], known["password"]))


def a_login(client_id: str, password: str, *, extra: str = "", uris: str = "") -> str:
    services = uris or "".join(
        f"<objURI>urn:ietf:params:xml:ns:{kind}-1.0</objURI>"
        for kind in ("domain", "contact", "host")
    )
    return a_command(
        f"<login><clID>{client_id}</clID><pw>{password}</pw>{extra}<options>"
        f"<version>1.0</version><lang>en</lang></options><svcs>{services}</svcs></login>"
    )


def a_command(body: str, cl_trid: str = "ABC-12345") -> str:
    ids = f"<clTRID>{cl_trid}</clTRID>" if cl_trid else ""
    return f'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command>{body}{ids}</command></epp>'


def an_object(verb: str, kind: str, body: str, outer: str = "") -> str:
    namespace = f'xmlns:{kind}="urn:ietf:params:xml:ns:{kind}-1.0"'
    inner = f"<{kind}:{verb} {namespace}>{body}</{kind}:{verb}>"
    return a_command(f"<{verb}{outer}>{inner}</{verb}>")
