"""The operator's view: operations of every tenant, by state and age, never what is in them.

The desk answers tenants; this room answers those who run the platform. Sealed values are
not opened here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from haidang.core.clock import Clock
from haidang.core.errors import Absent, Malformed
from haidang.core.operations import oversight_rows as sql
from haidang.core.operations import rows
from haidang.core.operations.desk import Desk, valid_request_id
from haidang.core.operations.oversight_rows import Counted, Hour, ResolutionRow
from haidang.core.operations.rows import EffectRow, EffectState, OperationRow, OperationState

HOURS = 24


class Standing(StrEnum):
    """Where an operation stands, its effects' troubles included."""

    RUNNING = "RUNNING"
    UNSETTLED = "UNSETTLED"
    NEEDS_OPERATOR = "NEEDS_OPERATOR"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Seen:
    """An operation with its effects, as an operator sees it."""

    row: OperationRow
    effects: tuple[EffectRow, ...]

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        if self.row.state is not OperationState.RUNNING:
            return Standing(self.row.state)
        states = {one.state for one in self.effects}
        if EffectState.NEEDS_OPERATOR in states:
            return Standing.NEEDS_OPERATOR
        return Standing.UNSETTLED if EffectState.UNSETTLED in states else Standing.RUNNING

    @property
    def at_effect(self) -> EffectRow | None:
        """The effect it stands at: one in trouble before one under way."""
        open_ones = [one for one in self.effects if one.ended_at is None]
        troubled = [one for one in open_ones if one.state is not EffectState.INTENDED]
        return next(iter([*troubled, *open_ones]), None) if not self._ended else None

    @property
    def failure(self) -> Mapping[str, object] | None:
        """Why it failed, or why the effect it stands at waits."""
        if self._ended:
            return self.row.failure
        return self.at_effect.failure if self.at_effect else None

    @property
    def _ended(self) -> bool:
        return self.row.state is not OperationState.RUNNING


@dataclass(frozen=True, slots=True)
class TimelineOf:
    """Everything about one operation but its values. `shapes`: JSON Schemas by effect."""

    seen: Seen
    waiting: tuple[str, ...]
    resolutions: tuple[ResolutionRow, ...]
    shapes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts and oldest ages by standing, and the last hours."""

    counted: Mapping[Standing, Counted]
    hours: tuple[Hour, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """What an operator says of an effect. `receipt_json` goes with *happened*."""

    name: str
    effect: str
    happened: bool
    receipt_json: str
    request_id: str

    @property
    def sha256(self) -> str:
        """Digest of all but the request id: equal for equal words. The receipt is not kept."""
        said = [self.name, self.effect, self.happened, self.receipt_json]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


class Oversight:
    """Reads across tenants, and hands operators' words to the desk."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._database = desk.database
        self._clock = clock

    async def overview(self) -> Overview:
        """How everything stands now, and how the last 24 hours went."""
        now = self._clock.now()
        first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
        starts = tuple(first + timedelta(hours=n) for n in range(HOURS))
        async with self._database.reading() as session:
            counted = await sql.counted(session)
            hours = await sql.hours(session, starts)
        return Overview({Standing(key): value for key, value in counted.items()}, hours, now)

    async def page(
        self,
        *,
        standing: Standing | None,
        tenant: str,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Seen]:
        """Up to *limit* operations, oldest first, after (created_at, name)."""
        async with self._database.reading() as session:
            found = await sql.operations_anywhere(
                session, standing=standing, tenant=tenant, after=after, limit=limit
            )
            effects = await rows.effects_of(session, [row.name for row in found])
        return [Seen(row, tuple(effects[row.name])) for row in found]

    async def timeline(self, name: str) -> TimelineOf:
        """One operation of any tenant. Raises: Absent OPERATION_ABSENT."""
        async with self._database.reading() as session:
            row = await rows.operation(session, name)
            if row is None:
                raise Absent("OPERATION_ABSENT")
            effects = (await rows.effects_of(session, [name]))[name]
            resolutions = await sql.resolutions_of(session, name)
            shapes = await rows.shapes_of(session, row.kind)
        begun = {one.name for one in effects}
        announced = () if row.state is not OperationState.RUNNING else self._desk.steps_of(row.kind)
        waiting = tuple(step for step in announced if step not in begun)
        return TimelineOf(Seen(row, tuple(effects)), waiting, tuple(resolutions), shapes)

    async def resolve(self, word: Word, *, actor: str) -> None:
        """Record what *actor* says and hand it to the run; the same request says it once.

        Raises: Absent OPERATION_ABSENT; Refused EFFECT_NOT_OPEN; Malformed RECEIPT_INVALID,
            REQUEST_ID_INVALID, IDEMPOTENCY_MISMATCH.
        """
        request_id = valid_request_id(word.request_id)
        receipt = _parsed(word.receipt_json)
        seen = (await self.timeline(word.name)).seen
        now = self._clock.now()
        row = ResolutionRow(
            request_id, word.name, word.effect, word.sha256, word.happened, actor, now, None
        )
        async with self._database.writing() as tx:
            stored = await sql.keep_resolution(tx, row)
        if stored.word_sha256 != word.sha256:
            raise Malformed("IDEMPOTENCY_MISMATCH", field="request_id")
        if stored.sent_at is not None:
            return
        try:
            await self._desk.resolve(
                word.name,
                word.effect,
                tenant=seen.row.tenant,
                happened=word.happened,
                receipt=receipt,
            )
        except Exception:
            async with self._database.writing() as tx:
                await sql.drop_resolution(tx, request_id)
            raise
        async with self._database.writing() as tx:
            await sql.sent_resolution(tx, request_id, now)


def _parsed(text: str) -> object:
    if not text:
        return None
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("RECEIPT_INVALID", field="receipt", detail="not JSON") from None
    return parsed


__all__ = ["Counted", "Hour", "Oversight", "Overview", "Seen", "Standing", "TimelineOf", "Word"]
