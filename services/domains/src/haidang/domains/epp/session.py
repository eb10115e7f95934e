"""The session: one TLS connection to a registry, logged in, and the only EPP socket.

The provider comes here with commands. Answers are matched by order *and* by client
transaction id; after a timeout or a mismatch the socket is closed and never used
again, for a late answer would be taken for the next command's. Nothing here decides
whether to repeat, and no password is ever logged.

Source: RFC 5734 sections 2 to 4 and 9; RFC 5730 section 2.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from haidang.core.clock import Clock
from haidang.core.errors import HaidangError
from haidang.domains.epp.commands import Command, Login, Logout, hello_xml, to_xml
from haidang.domains.epp.endpoint import Credentials, Endpoint, Patience
from haidang.domains.epp.frames import FrameBuffer, put_frame
from haidang.domains.epp.profile import VERSION, Profile
from haidang.domains.epp.responses import Greeting, Response, parse_response
from haidang.domains.epp.verdicts import (
    LOGIN_REFUSED,
    NOT_AUTHENTICATED,
    SESSION_LIMIT,
    USE_ERROR,
)

LOG = logging.getLogger(__name__)

CHUNK_BYTES = 65536
NONCE_BYTES = 4
READ_PREFIX = "HDR"


class ConnectionLost(Exception):
    """No answer will come. `sent` tells whether the command may have reached the registry."""

    def __init__(self, why: str, *, sent: bool, reason: str = "REGISTRY_UNREACHABLE") -> None:
        super().__init__(why)
        self.sent = sent
        self.reason = reason


def tls_context(ca_file: str, certificate: str = "", key: str = "") -> ssl.SSLContext:
    """A client context: TLS 1.2 or newer, the peer's chain and name checked.

    *certificate* and *key* add our side of mutual TLS where the registry wants it.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = True
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context


@dataclass
class _Awaited:
    """One message on its way: its id ("" for a hello) and who waits for the answer."""

    cl_trid: str
    answer: asyncio.Future[Greeting | Response]
    deadline: asyncio.TimerHandle | None = None


class Connection:
    """A connected socket: writes in order, matches answers, closes itself when in doubt."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._awaited: deque[_Awaited] = deque()
        self.opened_at = self.used_at = asyncio.get_running_loop().time()
        self.is_open = True
        # The greeting is awaited like an answer; nobody asked for it.
        self.greeting = self._expect("").answer
        self._listener = asyncio.create_task(self._listen(), name="epp-listener")

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still awaited."""
        return bool(self._awaited)

    def _expect(self, cl_trid: str) -> _Awaited:
        awaited = _Awaited(cl_trid, asyncio.get_running_loop().create_future())
        self._awaited.append(awaited)
        return awaited

    async def exchange(self, message: bytes, cl_trid: str, patience: float) -> Greeting | Response:
        """Send *message* and await its own answer; others may be on their way meanwhile.

        Raises:
            ConnectionLost: sent=False when the connection was closed before, else sent=True.
        """
        if not self.is_open:
            raise ConnectionLost("closed before sending", sent=False)
        # Expecting and writing are one uninterrupted step: the queue keeps the wire's order.
        awaited = self._expect(cl_trid)
        self._writer.write(put_frame(message))
        loop = asyncio.get_running_loop()
        self.used_at = loop.time()
        # A timer of its own: the deadline holds even when whoever asked has gone away.
        awaited.deadline = loop.call_later(patience, self.close, "no answer in time")
        return await awaited.answer

    async def _listen(self) -> None:
        frames = FrameBuffer()
        why = "end of stream"
        try:
            while self.is_open and (chunk := await self._reader.read(CHUNK_BYTES)):
                for message in frames.feed(chunk):
                    self._deliver(parse_response(message))
            if frames.is_mid_frame:
                why = "end of stream in the middle of a frame"
        except OSError as fault:
            why = type(fault).__name__
        except HaidangError as fault:
            why = f"unreadable answer: {fault.reason}"
        finally:
            self.close(why)

    def _deliver(self, message: Greeting | Response) -> None:
        if not self._awaited:
            self.close("an answer nobody asked for")
            return
        awaited = self._awaited[0]
        found = message.cl_trid if isinstance(message, Response) else ""
        if found != awaited.cl_trid or isinstance(message, Greeting) != (not awaited.cl_trid):
            self.close("answer with another client transaction id")
            return
        _forget_deadline(self._awaited.popleft())
        if not awaited.answer.done():
            awaited.answer.set_result(message)
        if isinstance(message, Response) and message.closes:
            self.close(f"registry closes: {message.code}")

    def close(self, why: str) -> None:
        """Close for good; whoever still waits learns that no answer will come."""
        if self.is_open:
            self.is_open = False
            LOG.info("epp connection closed: %s", why)
            with contextlib.suppress(OSError):
                self._writer.close()
        if asyncio.current_task() is not self._listener:
            self._listener.cancel()
        while self._awaited:
            awaited = self._awaited.popleft()
            _forget_deadline(awaited)
            answer = awaited.answer
            if not answer.done():
                answer.set_exception(ConnectionLost(why, sent=True))
                answer.exception()  # marked as seen: its waiter may be gone

    async def wait_closed(self) -> None:
        """Wait until listener and socket are gone."""
        with contextlib.suppress(asyncio.CancelledError, OSError, ssl.SSLError):
            await self._listener
        with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1)


def _forget_deadline(awaited: _Awaited) -> None:
    if awaited.deadline is not None:
        awaited.deadline.cancel()


class EppSession:
    """Keeps one logged-in connection, opened when first needed and after every loss."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Callable[[], Credentials],
        profile: Profile,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._profile = profile
        self._clock = clock
        self._patience = patience or Patience()
        self._connection: Connection | None = None
        self._opening = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._pause = 0.0
        self._not_before = 0.0
        self._refused: Credentials | None = None
        self._why_paused = "REGISTRY_UNREACHABLE"
        self.registry_ahead = timedelta(0)
        self.server_id = endpoint.server_id
        self.client_id = ""

    async def exchange(self, command: Command, transaction_prefix: str = READ_PREFIX) -> Response:
        """Send *command*, await its answer; log in (again) first where that is needed.

        An answer 2002 means the command did not run, most often for a lost login: one
        new session is tried.

        Raises:
            ConnectionLost: `sent` says whether the command may have been carried out.
            Malformed: EPP_VALUE; nothing was sent.
        """
        connection = await self._connected()
        response = await self._send(connection, command, transaction_prefix)
        if response.code == USE_ERROR:
            connection.close("logged out by the registry")
            again = await self._connected()
            response = await self._send(again, command, transaction_prefix)
        return response

    async def close(self) -> None:
        """Log out if there is a session; afterwards the next command opens a new one."""
        connection, self._connection = self._connection, None
        if self._keeper is not None:
            self._keeper.cancel()
            self._keeper = None
        if connection is None:
            return
        if connection.is_open:
            with contextlib.suppress(ConnectionLost):
                await self._send(connection, Logout(), READ_PREFIX, patience=1)
        connection.close("logged out")
        await connection.wait_closed()

    async def _send(
        self, connection: Connection, command: Command, prefix: str, patience: float | None = None
    ) -> Response:
        cl_trid = f"{prefix}-{secrets.token_hex(NONCE_BYTES)}"
        message = to_xml(command, cl_trid)
        usual = self._patience.answer if command.transforms else self._patience.question
        answer = await connection.exchange(message, cl_trid, patience or usual)
        assert isinstance(answer, Response), "matched by transaction id, hence a response"
        if not answer.is_success:
            LOG.info("epp %s: %s %s", command.verb, answer.code, answer.sv_trid)
        return answer

    async def _connected(self) -> Connection:
        async with self._opening:
            now = asyncio.get_running_loop().time()
            held = self._connection
            if held is not None and held.is_open:
                is_old = now - held.opened_at > self._patience.session
                if not is_old or held.is_busy:
                    return held
                await self.close()
            credentials = self._credentials()
            self._may_try(now, credentials)
            self._connection = await self._open(credentials)
            self.client_id = credentials.client_id
            if self._keeper is None or self._keeper.done():
                self._keeper = asyncio.create_task(self._keep_alive(), name="epp-keeper")
            return self._connection

    def _may_try(self, now: float, credentials: Credentials) -> None:
        if self._refused is not None and self._refused != credentials:
            # New credentials deserve an immediate attempt; the refused ones do not.
            self._refused, self._not_before = None, 0.0
        if now < self._not_before:
            raise ConnectionLost("pausing before the next try", sent=False, reason=self._why_paused)

    def _put_off(self, reason: str, *, seconds: float | None = None) -> None:
        longer = min(max(self._pause * 2, self._patience.first_pause), self._patience.longest_pause)
        self._pause = longer if seconds is None else self._pause
        self._not_before = asyncio.get_running_loop().time() + (seconds or self._pause)
        self._why_paused = reason

    async def _open(self, credentials: Credentials) -> Connection:
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self._patience.connect):
                connection = await self._dial()
                greeting = await connection.greeting
                assert isinstance(greeting, Greeting), "matched by an empty id, hence a greeting"
                self._accept(greeting)
                await self._log_in(connection, greeting, credentials)
        except (OSError, TimeoutError, ConnectionLost) as fault:
            if connection is not None:
                connection.close("could not log in")
            reason = fault.reason if isinstance(fault, ConnectionLost) else "REGISTRY_UNREACHABLE"
            self._put_off_after(reason, credentials)
            raise ConnectionLost(type(fault).__name__, sent=False, reason=reason) from fault
        except asyncio.CancelledError:
            if connection is not None:
                connection.close("cancelled while logging in")
            raise
        self._pause = self._not_before = 0.0
        return connection

    def _put_off_after(self, reason: str, credentials: Credentials) -> None:
        if reason == "REGISTRY_LOGIN_REFUSED":
            # Each further try counts towards the registry's lock-out.
            self._refused = credentials
            self._put_off(reason, seconds=self._patience.login_pause)
        else:
            self._put_off(reason)

    async def _dial(self) -> Connection:
        reader, writer = await asyncio.open_connection(
            self._endpoint.host,
            self._endpoint.port,
            ssl=self._endpoint.tls(),
            server_hostname=self._endpoint.server_name,
        )
        return Connection(reader, writer)

    def _accept(self, greeting: Greeting) -> None:
        """Compare the greeting with what is expected, before any credential is sent."""
        expected = self._endpoint.server_id
        missing = set(self._profile.objects) - set(greeting.objects)
        if (
            (expected and greeting.server_id != expected)
            or VERSION not in greeting.versions
            or self._profile.language not in greeting.languages
            or missing
        ):
            raise ConnectionLost("unexpected greeting", sent=False)
        self.server_id = greeting.server_id
        self.registry_ahead = greeting.sent_at - self._clock.now()

    async def _log_in(
        self, connection: Connection, greeting: Greeting, credentials: Credentials
    ) -> None:
        wanted = tuple(uri for uri in self._profile.extensions if uri in greeting.extensions)
        login = Login(
            credentials.client_id,
            credentials.password,
            self._profile.objects,
            wanted,
            language=self._profile.language,
        )
        response = await self._send(connection, login, READ_PREFIX, self._patience.connect)
        if response.is_success:
            return
        if response.code in {NOT_AUTHENTICATED, LOGIN_REFUSED}:
            raise ConnectionLost("login refused", sent=False, reason="REGISTRY_LOGIN_REFUSED")
        limited = response.code == SESSION_LIMIT
        reason = "REGISTRY_SESSION_LIMIT" if limited else "REGISTRY_UNREACHABLE"
        raise ConnectionLost(f"login answered {response.code}", sent=False, reason=reason)

    async def _keep_alive(self) -> None:
        while (connection := self._connection) is not None and connection.is_open:
            idle = asyncio.get_running_loop().time() - connection.used_at
            if idle < self._patience.idle_before_hello:
                await asyncio.sleep(self._patience.idle_before_hello - idle)
                continue
            with contextlib.suppress(ConnectionLost):
                await connection.exchange(hello_xml(), "", self._patience.question)
