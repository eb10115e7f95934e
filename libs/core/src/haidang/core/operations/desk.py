"""The desk: where operations are started, waited for, read and resolved.

Servicers come in; offices' marked methods go to work behind it. The desk's own rows
decide which request is which; the journal only carries runs over the process's death.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, TypeVar

from haidang.core import telemetry
from haidang.core.clock import Clock, SystemClock
from haidang.core.database import Database
from haidang.core.errors import (
    Absent,
    HaidangError,
    Malformed,
    Refused,
    from_facts,
    register,
    to_facts,
)
from haidang.core.operations import rows
from haidang.core.operations.codec import (
    Seal,
    canonical_sha256,
    decode,
    encode,
    new_seal_key,
    require_receipt,
)
from haidang.core.operations.definition import MARK, command_type, definition_of, hints_of
from haidang.core.operations.effects import RECEIPTS, Patience
from haidang.core.operations.faults import Faults, NoFaults
from haidang.core.operations.journal import Journals, JournalSettings
from haidang.core.operations.names import operation_name, valid_request_id
from haidang.core.operations.rows import EffectRow, EffectState, OperationRow, OperationState
from haidang.core.operations.run import Run, RunFacts
from haidang.core.operations.tagged import Tagged
from haidang.core.tenancy import Actor
from sqlalchemy.exc import SQLAlchemyError

C = TypeVar("C")
T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
START_WAIT_SECONDS = 0.3
POLL_SECONDS = 0.1
JOURNAL_LOST_EXIT = 75
OPEN = frozenset({EffectState.UNSETTLED, EffectState.NEEDS_OPERATOR})
"""States in which an operator's word is taken."""

register(
    Refused,
    {
        "EFFECT_NOT_OPEN": (
            "This effect is not waiting for an operator.",
            "Bước này không chờ người vận hành xử lý.",
        ),
    },
)
register(
    HaidangError,
    {
        "INTERNAL_DEFECT": (
            "A defect on our side stopped this operation; it was reported.",
            "Hệ thống gặp lỗi của chúng tôi và đã báo kỹ thuật; anh/chị không cần gửi lại.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it stands. Exactly one of `result` and `error` is set once `done`."""

    name: str
    kind: str
    tenant: str
    state: OperationState
    steps: tuple[str, ...]
    effects: tuple[EffectRow, ...]
    created_at: datetime
    updated_at: datetime
    result: object | None = None
    error: HaidangError | None = None

    @property
    def done(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.state is not OperationState.RUNNING


@dataclass(frozen=True)
class DeskSettings:
    """How a desk runs. `folder` is the service's state folder, held exclusively."""

    service: str
    folder: Path
    version: str = "1"
    replica: int = 0
    patience: Patience = field(default_factory=Patience)


class Desk:
    """Starts operations, waits for them, resolves their effects."""

    def __init__(
        self, settings: DeskSettings, database: Database, clock: Clock, faults: Faults
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._faults = faults
        self._life = uuid.uuid4().hex
        # Any: methods of many offices, typed where they are marked.
        self._methods: dict[str, Callable[..., Awaitable[Any]]] = {}
        self._ended: dict[str, asyncio.Event] = {}
        self._log = telemetry.logger(__name__)
        self._journals: Journals | None = None

    @classmethod
    async def open(
        cls,
        settings: DeskSettings,
        database: Database,
        offices: Iterable[object],
        *,
        clock: Clock | None = None,
        faults: Faults | None = None,
    ) -> Desk:
        """Register every marked method of *offices*, launch the journal, resume what is open.

        Call it inside `async main`, when ports and channels exist, and only then serve.
        *database* must have been opened with `MIGRATIONS` among its folders.
        """
        desk = cls(settings, database, clock or SystemClock(), faults or NoFaults())
        for office in offices:
            for name in dir(type(office)):
                if hasattr(getattr(type(office), name), MARK):
                    method = getattr(office, name)
                    desk._methods[definition_of(method).kind] = method
        desk._journals = await Journals.open(
            JournalSettings(
                settings.service,
                f"{settings.service}-{settings.replica}",
                settings.version,
                settings.folder,
            ),
            database,
            {kind: desk._body(kind) for kind in desk._methods},
        )
        await desk._adopt_unstarted()
        return desk

    async def start(
        self,
        method: Callable[Concatenate[Run, C, ...], Awaitable[object]],
        command: C,
        *,
        request_id: str,
        actor: Actor,
    ) -> Operation:
        """Start *method* with *command*, or join the operation this request started before.

        Waits up to 0.3 s, so what is quick comes back done.

        Raises:
            Malformed: REQUEST_ID_INVALID; IDEMPOTENCY_MISMATCH when the same id came
                with another body.
        """
        kind = definition_of(method).kind
        text = encode(command, command_type(method))
        row = self._new_row(kind, text, valid_request_id(request_id), actor)
        async with self._database.writing() as tx:
            await rows.insert_operation(tx, row)
            stored = await rows.operation(tx, row.name)
        assert stored is not None
        if stored.request_sha256 != row.request_sha256:
            raise Malformed("IDEMPOTENCY_MISMATCH", field="request_id")
        if stored.state is OperationState.RUNNING:
            await self._ensure_running(stored)
        return await self.wait(row.name, tenant=actor.tenant, timeout_seconds=START_WAIT_SECONDS)

    def _new_row(self, kind: str, text: str, request_id: str, actor: Actor) -> OperationRow:
        key = new_seal_key()
        now = self._clock.now()
        return OperationRow(
            name=operation_name(actor.tenant, request_id),
            tenant=actor.tenant,
            actor=actor.id,
            request_id=request_id,
            request_sha256=canonical_sha256(json.dumps([kind, json.loads(text)])),
            kind=kind,
            seal_key=key,
            command=Seal(key).close(text),
            state=OperationState.RUNNING,
            result=None,
            failure=None,
            created_at=now,
            updated_at=now,
        )

    async def _ensure_running(self, row: OperationRow) -> None:
        if row.name not in self._ended:
            self._ended[row.name] = asyncio.Event()
            await self._running().start(row.kind, row.name)

    async def _adopt_unstarted(self) -> None:
        """Start what a killed process had recorded and not yet begun."""
        async with self._database.reading() as session:
            for row in await rows.running_operations(session):
                if row.kind in self._methods:
                    await self._ensure_running(row)

    async def get(self, name: str, *, tenant: str) -> Operation:
        """The operation as it stands.

        Raises: Absent OPERATION_ABSENT, also for another tenant's.
        """
        async with self._database.reading() as session:
            row = await rows.operation(session, name)
            if row is None or row.tenant != tenant:
                raise Absent("OPERATION_ABSENT")
            effects = (await rows.effects_of(session, [name]))[name]
        return self._operation(row, effects)

    async def page(self, *, tenant: str, after: str = "", limit: int = 50) -> list[Operation]:
        """Up to *limit* of the tenant's operations by name, after the one called *after*."""
        async with self._database.reading() as session:
            found = await rows.operations_of(session, tenant, after=after, limit=limit)
            effects = await rows.effects_of(session, [row.name for row in found])
        return [self._operation(row, effects[row.name]) for row in found]

    async def wait(self, name: str, *, tenant: str, timeout_seconds: float) -> Operation:
        """The operation once it ended, or as it stands when the time is over."""
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        while True:
            operation = await self.get(name, tenant=tenant)
            left = deadline - asyncio.get_running_loop().time()
            if operation.done or left <= 0:
                return operation
            await self._await_end(name, left)

    async def _await_end(self, name: str, seconds: float) -> None:
        event = self._ended.get(name)
        if event is None:  # carried out by another replica
            await asyncio.sleep(min(POLL_SECONDS, seconds))
            return
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return

    async def resolve(
        self,
        name: str,
        effect: str,
        *,
        tenant: str,
        happened: bool,
        receipt: object | None = None,
    ) -> None:
        """Tell an open effect what an operator found out.

        *happened* needs the *receipt* as a JSON-ready value; otherwise the act is tried again.
        An effect whose receipt is known waits to be recorded: any word makes it try at once.
        Raises: Absent; Refused EFFECT_NOT_OPEN; Malformed RECEIPT_INVALID.
        """
        operation = await self.get(name, tenant=tenant)
        found = next((one for one in operation.effects if one.name == effect), None)
        if found is None or found.state not in OPEN or operation.done:
            raise Refused("EFFECT_NOT_OPEN")
        text = json.dumps(receipt)
        known = RECEIPTS.get((operation.kind, effect))
        if happened and known is not None and not found.has_receipt:
            require_receipt(text, known)
        async with self._database.reading() as session:
            row = await rows.operation(session, name)
        assert row is not None
        word = json.dumps({"happened": happened, "receipt": text, "tries": found.tries})
        await self._running().send(name, effect, Seal(row.seal_key).close(word))

    @property
    def database(self) -> Database:
        """Where its rows are: for the operator's view and for erasures."""
        return self._database

    def steps_of(self, kind: str) -> tuple[str, ...]:
        """The effects a kind announces, in order."""
        method = self._methods.get(kind)
        return definition_of(method).steps if method else ()

    async def erase(self, name: str, *, tenant: str) -> None:
        """Forget the operation's key: what was asked and answered stays sealed for ever."""
        async with self._database.writing() as tx:
            await rows.forget_key(tx, tenant, name)

    async def close(self) -> None:
        """Stop; what is unfinished goes on in the next life."""
        self._running().close()

    def _running(self) -> Journals:
        assert self._journals is not None
        return self._journals

    def _operation(self, row: OperationRow, effects: list[EffectRow]) -> Operation:
        method = self._methods.get(row.kind)
        result: object | None = None
        error = from_facts(row.failure) if row.failure else None
        if row.state is OperationState.SUCCEEDED and method is not None:
            try:
                result = decode(
                    Seal(row.seal_key).open(row.result or ""), hints_of(method)["return"]
                )
            except Absent as erased:
                error = erased
        return Operation(
            name=row.name,
            kind=row.kind,
            tenant=row.tenant,
            state=row.state,
            steps=definition_of(method).steps if method else (),
            effects=tuple(effects),
            created_at=row.created_at,
            updated_at=row.updated_at,
            result=result,
            error=error,
        )

    def _body(self, kind: str) -> Callable[[str], Awaitable[None]]:
        async def body(name: str) -> None:
            try:
                await self._carry_out(kind, name)
            except (SQLAlchemyError, OSError):
                # Crash-only: without its database this life can neither go on nor end
                # the operation; the supervisor starts the next one, which resumes it.
                self._log.exception("journal_lost", operation=name)
                os._exit(JOURNAL_LOST_EXIT)
            self._ended.pop(name, asyncio.Event()).set()

        return body

    async def _carry_out(self, kind: str, name: str) -> None:
        async with self._database.reading() as session:
            row = await rows.operation(session, name)
        assert row is not None
        self._ended.setdefault(name, asyncio.Event())
        method = self._methods[kind]
        seal = Seal(row.seal_key)
        journal = self._running().journal()
        run = Run(
            RunFacts(name, kind, row.tenant, row.actor, row.created_at, self._life),
            journal,
            seal,
            self._clock,
            faults=self._faults,
            patience=self._settings.patience,
        )
        command = decode(seal.open(row.command), command_type(method))
        outcome = await self._outcome(method, run, command)

        async def finish(tx: Any) -> str:  # Any: the session type is the journal's business
            result = None if outcome.error else seal.close(outcome.value_or_raise())
            await rows.finish_operation(
                tx, name, result=result, failure=outcome.error, now=self._clock.now()
            )
            return ""

        await journal.transaction("finish", finish)

    async def _outcome(
        self, method: Callable[..., Awaitable[Any]], run: Run, command: object
    ) -> Tagged:
        with telemetry.bound(operation=run.id, tenant=run.tenant):
            try:
                result = await method(run, command)
            except HaidangError as refusal:
                return Tagged.of_error(refusal)
            except (SQLAlchemyError, OSError):
                raise
            except Exception:  # our defect: recorded, alerted, never retried for ever
                self._log.exception("operation_defect", operation=run.id)
                return Tagged("error", error=to_facts(HaidangError("INTERNAL_DEFECT")))
        return Tagged("ok", encode(result, hints_of(method)["return"]))


__all__ = ["MIGRATIONS", "Desk", "DeskSettings", "Operation", "operation_name", "valid_request_id"]
