"""Registrations and quotes: SQL behind the registrar. Every query names its tenant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Absent
from haidang.core.operations import Tx
from haidang.core.ports.dnshost import ZonePublication, ZoneReceipt
from haidang.core.ports.registry import (
    ContactCreation,
    ContactReceipt,
    Creation,
    CreationReceipt,
    Party,
    Renewal,
    RenewalReceipt,
)
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.fees import PriceLine
from haidang.domains.lifecycle import RegistrationState
from haidang.domains.values import Action, Quote, Registration
from pydantic import TypeAdapter

MIGRATIONS = Path(__file__).parent / "migrations"
LINES = TypeAdapter(tuple[PriceLine, ...])
PARTY = TypeAdapter(Party)

metadata = sa.MetaData()

quotes = sa.Table(
    "quote",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("years", sa.Integer, nullable=False),
    sa.Column("lines", sa.Text, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("term_expires_at", Instant, nullable=True),
)

registrations = sa.Table(
    "registration",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("unicode_name", sa.String(255), nullable=False),
    sa.Column("operation", sa.String(80), nullable=False),
    sa.Column("registry", sa.String(40), nullable=False),
    sa.Column("roid", sa.String(100), nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("nameservers", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.UniqueConstraint("name", name="one_holder_per_name"),
)


class DomainLedger:
    """What this platform knows it holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_quote(self, tenant: str, quote: Quote) -> None:
        """Keep a fresh quote."""
        async with self._database.writing() as tx:
            await tx.execute(
                sa.insert(quotes).values(
                    tenant=tenant,
                    id=quote.id,
                    name=quote.name,
                    action=quote.action,
                    years=quote.years,
                    lines=LINES.dump_json(quote.lines).decode(),
                    expires_at=quote.expires_at,
                    term_expires_at=quote.term_expires_at,
                )
            )

    async def quote(self, tenant: str, id: str) -> Quote:
        """A quote of the tenant. Raises: Absent QUOTE_ABSENT."""
        query = sa.select(quotes).where(quotes.c.tenant == tenant, quotes.c.id == id)
        async with self._database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None:
            raise Absent("QUOTE_ABSENT", field="quote")
        return Quote(
            id=row["id"],
            name=row["name"],
            action=Action(row["action"]),
            years=row["years"],
            lines=LINES.validate_json(row["lines"]),
            expires_at=row["expires_at"],
            term_expires_at=row["term_expires_at"],
        )

    async def registration(self, tenant: str, name: str) -> Registration:
        """A registration of the tenant. Raises: Absent REGISTRATION_ABSENT."""
        query = sa.select(registrations).where(
            registrations.c.tenant == tenant, registrations.c.name == name
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None:
            raise Absent("REGISTRATION_ABSENT", name=name)
        return _registration(row)

    async def registrations(self, tenant: str, *, after: str, limit: int) -> list[Registration]:
        """Up to *limit* of the tenant's registrations by name, after the one called *after*."""
        query = (
            sa.select(registrations)
            .where(registrations.c.tenant == tenant, registrations.c.name > after)
            .order_by(registrations.c.name)
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
        return [_registration(row) for row in rows]

    def holding(
        self, tenant: str, operation: str, registry: str, *, party: Party, unicode_name: str
    ) -> Holding:
        """The settles of one registration: who will hold it."""
        return Holding(tenant, operation, registry, party, unicode_name)

    def tenure(self, tenant: str) -> Tenure:
        """The settles of what the tenant already holds."""
        return Tenure(tenant)

    async def published(
        self, tx: Tx, publication: ZonePublication, receipt: ZoneReceipt
    ) -> ZoneReceipt:
        """Settle a zone: the host keeps it, and nothing is kept twice."""
        return receipt


@dataclass(frozen=True)
class Holding:
    """Settles of one registration."""

    tenant: str
    operation: str
    registry: str
    party: Party
    unicode_name: str

    async def contact_created(
        self, tx: Tx, creation: ContactCreation, receipt: ContactReceipt
    ) -> ContactReceipt:
        """The registry keeps the contact; the registration will name it."""
        return receipt

    async def registered(
        self, tx: Tx, creation: Creation, receipt: CreationReceipt
    ) -> Registration:
        """The tenant holds the name."""
        held = registrations.c
        row = {
            "tenant": self.tenant,
            "name": creation.name,
            "unicode_name": self.unicode_name,
            "operation": self.operation,
            "registry": self.registry,
            "roid": receipt.roid,
            "party": PARTY.dump_json(self.party).decode(),
            "nameservers": " ".join(creation.nameservers),
            "created_at": receipt.created_at,
            "expires_at": receipt.expires_at,
        }
        # An earlier holder's row of the same name is history once the registry gave it anew.
        await tx.execute(sa.delete(registrations).where(held.name == creation.name))
        await tx.execute(sa.insert(registrations).values(row))
        found = await tx.execute(sa.select(registrations).where(held.name == creation.name))
        return _registration(found.mappings().one())


@dataclass(frozen=True)
class Tenure:
    """Settles of names the tenant holds."""

    tenant: str

    async def renewed(self, tx: Tx, renewal: Renewal, receipt: RenewalReceipt) -> Registration:
        """The registry's new expiry."""
        held = registrations.c
        ours = (held.tenant == self.tenant, held.name == renewal.name)
        await tx.execute(
            sa.update(registrations).where(*ours).values(expires_at=receipt.expires_at)
        )
        found = await tx.execute(sa.select(registrations).where(*ours))
        return _registration(found.mappings().one())


def _registration(row: sa.RowMapping) -> Registration:
    return Registration(
        name=row["name"],
        unicode_name=row["unicode_name"],
        state=RegistrationState.ACTIVE,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        nameservers=tuple(row["nameservers"].split()),
        statuses=frozenset(),
        party=PARTY.validate_json(row["party"]),
        registry=row["registry"],
        roid=row["roid"],
    )
