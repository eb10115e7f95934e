"""The sandbox registry's socket: EPP over TLS, one command after another, in order.

Registrars come here. Each connection is greeted, must log in, and is answered in the
order it asked. Faults ordered by a test are committed here and nowhere else.

Source: RFC 5734; RFC 5730 section 2.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from collections import Counter
from dataclasses import dataclass

from haidang.core.errors import Malformed
from haidang.domains.epp.frames import FrameBuffer, put_frame, read_xml
from haidang.domains.sandbox_registry.answers import (
    ENDING_SESSION,
    Answer,
    greeting_xml,
    refused,
    response_xml,
)
from haidang.domains.sandbox_registry.faults import EXECUTES, Fault, FaultInjector, When
from haidang.domains.sandbox_registry.registry import UNIMPLEMENTED_EXTENSION, SandboxRegistry
from haidang.domains.sandbox_registry.request_values import CONTACT, DOMAIN, HOST
from haidang.domains.sandbox_registry.requests import (
    UNIMPLEMENTED_SERVICE,
    Command,
    Hello,
    Login,
    Logout,
    read_request,
    transaction_id_of,
)
from haidang.domains.sandbox_registry.rules import SYNTAX, Refusal
from haidang.domains.sandbox_registry.settings import RegistrySettings

LOG = logging.getLogger(__name__)

CHUNK_BYTES = 65536
ID_BYTES = 8
USE_ERROR = 2002
UNIMPLEMENTED_VERSION = 2100
UNIMPLEMENTED_LANGUAGE = 2102
AUTHENTICATION_ERROR = 2200
LOGINS_EXHAUSTED = 2501
TOO_MANY_SESSIONS = 2502
POLICY_REFUSES = 2306
FAILED = 2400
FAILED_AND_CLOSING = 2500


class Dropped(Exception):
    """The connection is to end now, without another byte."""


@dataclass
class _Visit:
    """One connection: who is logged in, and how often login failed."""

    writer: asyncio.StreamWriter
    registrar: str = ""
    failures: int = 0


class EppServer:
    """Listens, greets, and hands commands to the registry."""

    def __init__(
        self, registry: SandboxRegistry, settings: RegistrySettings, faults: FaultInjector
    ) -> None:
        self._registry = registry
        self._settings = settings
        self._faults = faults
        self._sessions: Counter[str] = Counter()
        self._visits: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext) -> int:
        """Listen; answer the port, which matters when *port* is 0."""
        self._server = await asyncio.start_server(self._visited, host, port, ssl=tls)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Close the socket and every connection."""
        if self._server is not None:
            self._server.close()
        for visit in list(self._visits):
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._visits.add(task)
        visit = _Visit(writer)
        try:
            await self._serve(reader, visit)
        except (Dropped, OSError, Malformed, TimeoutError, asyncio.CancelledError) as end:
            LOG.info("sandbox epp connection ended: %s", type(end).__name__)
        finally:
            self._sessions[visit.registrar] -= bool(visit.registrar)
            self._visits.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, visit: _Visit) -> None:
        await self._send(visit, greeting_xml(self._registry.now()))
        frames = FrameBuffer()
        while True:
            async with asyncio.timeout(self._settings.idle_seconds):
                chunk = await reader.read(CHUNK_BYTES)
            if not chunk:
                return
            for message in frames.feed(chunk):
                if await self._answered(visit, message):
                    await self._farewell(visit)
                    return

    async def _farewell(self, visit: _Visit) -> None:
        """Close in order, so that the last answer is read before the connection ends."""
        visit.writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(visit.writer.wait_closed(), 1)

    async def _send(self, visit: _Visit, message: bytes) -> None:
        visit.writer.write(put_frame(message))
        await visit.writer.drain()

    async def _answered(self, visit: _Visit, message: bytes) -> bool:
        """Answer one message; True when the connection ends with it."""
        cl_trid = ""
        try:
            root = read_xml(message)
            cl_trid = transaction_id_of(root)
            request = read_request(root)
        except Malformed as fault:
            answer = refused(Refusal(SYNTAX, fault.reason))
        except Refusal as refusal:
            answer = refused(refusal)
        else:
            if isinstance(request, Hello):
                await self._send(visit, greeting_xml(self._registry.now()))
                return False
            return await self._carried_out(visit, request)
        await self._send(visit, response_xml(answer, cl_trid, _sv_trid()))
        return answer.closes

    async def _carried_out(self, visit: _Visit, command: Command) -> bool:
        fault = self._faults.next_for(command.verb)
        if fault is not None and fault.when is When.LATE_COMMIT:
            await asyncio.sleep(fault.seconds)
        if fault is None or fault.when in EXECUTES:
            answer = self._execute(visit, command)
        else:
            answer = Answer(FAILED)
        if fault is not None:
            answer = await self._spoiled(visit, command, fault, answer)
        await self._send(visit, response_xml(answer, command.cl_trid, _sv_trid()))
        return answer.closes

    async def _spoiled(
        self, visit: _Visit, command: Command, fault: Fault, answer: Answer
    ) -> Answer:
        LOG.info("sandbox fault %s at %s", fault.when, command.verb)
        if fault.when in {When.BEFORE_COMMIT, When.AFTER_COMMIT}:
            raise Dropped
        if fault.when is When.MID_FRAME:
            frame = put_frame(response_xml(answer, command.cl_trid, _sv_trid()))
            visit.writer.write(frame[: len(frame) // 2])
            await visit.writer.drain()
            await self._farewell(visit)
            raise Dropped
        if fault.when is When.CODE_2306:
            return Answer(POLICY_REFUSES)
        if fault.when in {When.CODE_2400, When.CODE_2400_COMMITTED}:
            return Answer(FAILED)
        if fault.when in {When.CODE_2500, When.CODE_2500_COMMITTED}:
            return Answer(FAILED_AND_CLOSING)
        if fault.when is When.LATE:
            await asyncio.sleep(fault.seconds)
        return answer

    def _execute(self, visit: _Visit, command: Command) -> Answer:
        if isinstance(command.payload, Login):
            try:
                return self._log_in(visit, command.payload)
            except Refusal as refusal:
                return refused(refusal)
        if not visit.registrar:
            return refused(Refusal(USE_ERROR, "log in first"))
        if isinstance(command.payload, Logout):
            return Answer(ENDING_SESSION)
        return self._registry.execute(command, visit.registrar)

    def _log_in(self, visit: _Visit, login: Login) -> Answer:
        if visit.registrar:
            raise Refusal(USE_ERROR, "already logged in")
        _check_services(login)
        store = self._registry.store
        if not store.is_password(login.client_id, login.password):
            visit.failures += 1
            is_last = visit.failures >= self._settings.login_attempts
            raise Refusal(
                LOGINS_EXHAUSTED if is_last else AUTHENTICATION_ERROR, "not these credentials"
            )
        if self._sessions[login.client_id] >= self._settings.max_sessions:
            raise Refusal(TOO_MANY_SESSIONS, "too many sessions")
        if login.new_password:
            with store.transaction():
                store.set_password(login.client_id, login.new_password)
        visit.registrar = login.client_id
        self._sessions[login.client_id] += 1
        return Answer()


def _check_services(login: Login) -> None:
    if login.version != "1.0":
        raise Refusal(UNIMPLEMENTED_VERSION, "version 1.0 only")
    if login.language != "en":
        raise Refusal(UNIMPLEMENTED_LANGUAGE, "language en only")
    if not set(login.objects) <= {DOMAIN, CONTACT, HOST}:
        raise Refusal(UNIMPLEMENTED_SERVICE, "object service not offered")
    if login.extensions:
        raise Refusal(UNIMPLEMENTED_EXTENSION, "extension not offered")


def _sv_trid() -> str:
    return f"SANDBOX-{secrets.token_hex(ID_BYTES)}"
