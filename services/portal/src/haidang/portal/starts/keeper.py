"""The keeper of starts: saves them field by field, and says which request they become.

An attempt's request id is written down before anything is sent. So the same tap twice
joins one journey, a changed try gets a fresh id, and a try whose answer was lost is
found again.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from haidang.core.clock import VIETNAM, Clock
from haidang.core.errors import Conflict, Refused
from haidang.core.operations.desk import valid_request_id
from haidang.core.privacy import JSON, Holding
from haidang.core.vietnamese import normal
from haidang.portal.starts import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.starts.changes import changed_by
from haidang.portal.starts.facts import SAVED
from haidang.portal.starts.ledger import StartLedger
from haidang.portal.starts.values import Attempt, Change, Consent, Photo, Start

ID_CHARACTERS = 24
MOST_OPEN = 20
MOST_PHOTOS = 12
LONGEST_VALUE = 500
LONGEST_TAB = 40
LONGEST_ALT = 160
LONGEST_FILE_NAME = 120
IN_FLIGHT = timedelta(seconds=30)
"""A request of which nothing is heard may still be on its way for this long."""


class Starts:
    """The office. Every method acts for one tenant; another tenant's start is Absent."""

    def __init__(self, ledger: StartLedger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def begin(self, tenant: str, request_id: str, facts: Mapping[str, str]) -> Start:
        """A new start that already knows *facts*; the same request gives the same start.

        Raises: Malformed REQUEST_ID_INVALID; Refused START_TOO_MANY.
        """
        request = valid_request_id(request_id)
        id = hashlib.sha256(f"{tenant}\n{request}".encode()).hexdigest()[:ID_CHARACTERS]
        await self.sweep()
        known = await self.open_ones(tenant)
        if len(known) >= MOST_OPEN and all(one.id != id for one in known):
            raise Refused("START_TOO_MANY", most=MOST_OPEN)
        await self._ledger.create(tenant, id, _kept(facts), self._clock.now())
        return await self._ledger.start(tenant, id)

    async def get(self, tenant: str, id: str) -> Start:
        """One start. Raises: Absent START_ABSENT."""
        return await self._ledger.start(tenant, id)

    async def open_ones(self, tenant: str) -> list[Start]:
        """Those that have not arrived, last touched first."""
        return [one for one in await self._ledger.starts(tenant) if one.online_at is None]

    async def of_journey(self, tenant: str, operation: str) -> Start | None:
        """The start whose last attempt is *operation*; None when it was not begun here."""
        return await self._ledger.of_operation(tenant, operation)

    async def save(
        self, tenant: str, id: str, typed: Mapping[str, str], *, drawn: int, tab: str
    ) -> Start:
        """Write what of *typed* this tab changed since its form was drawn at *drawn*."""
        sent, name = _kept(typed), tab[:LONGEST_TAB]

        def judge(known: Sequence[Change]) -> Mapping[str, str]:
            return changed_by(known, sent, drawn=drawn, tab=name)

        return await self._ledger.save(tenant, id, judge, tab=name, now=self._clock.now())

    async def add_photo(self, tenant: str, id: str, photo: Photo) -> None:
        """Keep a photo; sent again it stays where it is. Raises: Refused START_PHOTOS_FULL."""
        short = replace(
            photo,
            file_name=normal(photo.file_name)[:LONGEST_FILE_NAME],
            alt=normal(photo.alt)[:LONGEST_ALT],
        )
        now = self._clock.now()
        if not await self._ledger.put_photo(tenant, id, short, most=MOST_PHOTOS, now=now):
            raise Refused("START_PHOTOS_FULL", most=MOST_PHOTOS)

    async def drop_photo(self, tenant: str, id: str, media: str) -> None:
        """Leave a photo out."""
        await self._ledger.drop_photo(tenant, id, media)

    async def keep_quote(self, tenant: str, id: str, quote_json: str) -> Start:
        """Keep the price as it is shown; "" forgets it."""
        return await self._ledger.change(tenant, id, lambda _: {"quote_json": quote_json})

    async def attempt(self, tenant: str, id: str, proposed: Attempt, *, is_over: bool) -> Attempt:
        """The attempt to send: *proposed*, or the one under way when it is the same.

        *is_over* says that the attempt known before ended refused, or was never started.

        Raises: Conflict START_BEING_SENT when another body was sent a moment ago, or runs.
        """
        now = self._clock.now()
        fresh = replace(proposed, begun_at=now, request_id=valid_request_id(proposed.request_id))

        def judge(start: Start) -> Mapping[str, Any]:  # Any: column values
            known = start.attempt
            if known is None or known.request_id == fresh.request_id:
                return {"attempt": fresh if known is None else known}
            if not is_over and known.digest == fresh.digest:
                return {}
            if is_over and (known.operation or now - known.begun_at > IN_FLIGHT):
                return {"attempt": fresh}
            if known.digest == fresh.digest:
                return {}
            raise Conflict("START_BEING_SENT")

        decided = (await self._ledger.change(tenant, id, judge)).attempt
        assert decided is not None
        if decided.digest != fresh.digest:
            raise Conflict("START_BEING_SENT")
        return decided

    async def sent(self, tenant: str, id: str, request_id: str, operation: str) -> None:
        """The attempt was taken on as *operation*."""

        def judge(start: Start) -> Mapping[str, Any]:  # Any: column values
            known = start.attempt
            if known is None or known.request_id != request_id:
                return {}
            return {"attempt": replace(known, operation=operation)}

        await self._ledger.change(tenant, id, judge)

    async def not_sent(self, tenant: str, id: str, request_id: str) -> None:
        """The attempt was refused before it was taken on: the next one gets a fresh id."""

        def judge(start: Start) -> Mapping[str, Any]:  # Any: column values
            known = start.attempt
            is_this = known is not None and known.request_id == request_id
            return {"attempt": None, "quote_json": ""} if is_this else {}

        await self._ledger.change(tenant, id, judge)

    async def refused(self, tenant: str, id: str, *, held_domain: str = "") -> None:
        """The attempt ended refused: the price is asked anew; *held_domain* stays the owner's,
        also when it was paid for only since."""

        def judge(start: Start) -> Mapping[str, Any]:  # Any: column values
            if start.attempt is None or start.attempt.is_over:
                is_news = held_domain and not start.held_domain
                # Noted before: a price asked since stays, and the name that was held then.
                return {"held_domain": held_domain} if is_news else {}
            held = held_domain or start.held_domain
            over = replace(start.attempt, is_over=True)
            return {"quote_json": "", "held_domain": held, "attempt": over}

        await self._ledger.change(tenant, id, judge)

    async def consent(
        self, tenant: str, id: str, request_id: str, given: Sequence[Consent]
    ) -> None:
        """Keep what was agreed to for this request, in its very words."""
        await self._ledger.consent(tenant, id, request_id, given)

    async def arrived(self, tenant: str, operation: str) -> None:
        """The journey called *operation* is online: its facts are forgotten here."""
        start = await self._ledger.of_operation(tenant, operation)
        if start is not None and start.online_at is None:
            await self._ledger.arrive(tenant, start.id, self._clock.now())

    async def drop(self, tenant: str, id: str) -> None:
        """Forget a start. Raises: Absent START_ABSENT; Conflict START_BEING_SENT while it runs
        or is kept as the record of a journey."""
        start = await self._ledger.start(tenant, id)
        attempt = start.attempt
        is_running = attempt is not None and attempt.operation != "" and not attempt.is_over
        if start.online_at is not None or start.held_domain or is_running:
            raise Conflict("START_BEING_SENT")
        await self._ledger.drop(tenant, id)

    @property
    def kept_days(self) -> int:
        """How long an open start is kept."""
        return kept_days(self._clock.now().astimezone(VIETNAM).date())

    async def sweep(self) -> int:
        """Forget every start that was left alone for too long: how many."""
        stale = await self._ledger.stale(self._clock.now() - timedelta(days=self.kept_days))
        for tenant, id in stale:
            await self._ledger.drop(tenant, id)
        return len(stale)

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """What is held of *tenant* (`core.privacy.Part`)."""
        known = await self._ledger.starts(tenant)
        return (
            Holding(
                "portal.starts",
                len(known),
                "Lần đăng ký lên mạng, với những gì anh/chị đã gõ và đồng ý",
                "Times you began going online, with what you typed and agreed to",
            ),
        )

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """All of it, as JSON (`core.privacy.Part`)."""
        agreed: dict[str, list[JSON]] = {}
        for id, consent in await self._ledger.consents(tenant):
            agreed.setdefault(id, []).append(_json(asdict(consent)))
        known = await self._ledger.starts(tenant)
        return {"portal.starts": [_exported(one, agreed.get(one.id, [])) for one in known]}

    async def erase(self, tenant: str) -> None:
        """Forget all of it (`core.privacy.Part`)."""
        await self._ledger.erase(tenant)


def kept_days(on: date) -> int:
    """How long an open start is kept, as set on the day *on*."""
    table = tomllib.loads(files(__package__).joinpath("retention.toml").read_text("utf-8"))
    rows = [row for row in table["open_start"] if row["valid_from"] <= on]
    rows = rows or table["open_start"]
    return int(max(rows, key=lambda row: row["valid_from"])["days"])


def _kept(typed: Mapping[str, str]) -> dict[str, str]:
    """What of *typed* a start keeps, each in one line."""
    return {field: normal(text)[:LONGEST_VALUE] for field, text in typed.items() if field in SAVED}


def _exported(start: Start, agreed: Sequence[JSON]) -> JSON:
    return {
        "id": start.id,
        "created_at": start.created_at.isoformat(),
        "touched_at": start.touched_at.isoformat(),
        "online_at": start.online_at.isoformat() if start.online_at else None,
        "facts": dict(start.facts),
        "photos": [_json(asdict(photo)) for photo in start.photos],
        "consents": agreed,
    }


def _json(values: Mapping[str, Any]) -> JSON:  # Any: texts and instants
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in values.items()
    }
