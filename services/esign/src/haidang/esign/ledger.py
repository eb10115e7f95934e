"""Documents: SQL behind the offices. Every query names its tenant."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Absent
from haidang.core.operations import Tx
from haidang.core.ports.signing import (
    Enrolment,
    HeldCertificate,
    SignatureReceipt,
    SigningRequest,
)
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.levels import Level
from haidang.esign.values import Assembly, AssemblyReceipt, StoredDocument
from sqlalchemy.exc import IntegrityError

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = sa.MetaData()

documents = sa.Table(
    "document",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("level", sa.Integer),
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
    sa.Column("report_json", sa.Text, nullable=False, server_default=""),
)

signers = sa.Table(
    "signer",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("key_name", sa.String(80), primary_key=True),
)

working_blobs = sa.Table(
    "working_blob",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
)
"""Bytes on the way to a paper, typeset or prepared: whose they are."""


class DocumentLedger:
    """What this service knows of documents and of who signs for whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, tenant: str, document: StoredDocument) -> StoredDocument:
        """Keep an uploaded document; the one kept under its id before stays. What is kept."""
        held = sa.select(documents.c.id).where(
            documents.c.tenant == tenant, documents.c.id == document.id
        )
        with suppress(IntegrityError):  # another process kept it at the same moment
            async with self._database.writing() as tx:
                if await tx.scalar(held) is None:
                    await _insert(tx, tenant, document)
        return await self.document(tenant, document.id)

    async def document(self, tenant: str, id: str) -> StoredDocument:
        """A document of the tenant. Raises: Absent DOCUMENT_ABSENT."""
        query = sa.select(documents).where(documents.c.tenant == tenant, documents.c.id == id)
        async with self._database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None:
            raise Absent("DOCUMENT_ABSENT")
        return _stored(row)

    async def documents(self, tenant: str, *, start: int, limit: int) -> list[StoredDocument]:
        """Up to *limit* of the tenant's documents, newest first, after the first *start*."""
        query = (
            sa.select(documents)
            .where(documents.c.tenant == tenant)
            .order_by(documents.c.created_at.desc(), documents.c.id)
            .offset(start)
            .limit(limit)
        )
        async with self._database.reading() as session:
            return [_stored(row) for row in (await session.execute(query)).mappings()]

    async def note_working(self, tenant: str, sha256: str) -> None:
        """Note whose the bytes are, before they are kept."""
        row = {"tenant": tenant, "sha256": sha256}
        with suppress(IntegrityError):  # noted at the same moment
            async with self._database.writing() as tx:
                held = sa.select(working_blobs.c.sha256).filter_by(**row)
                if await tx.scalar(held) is None:
                    await tx.execute(sa.insert(working_blobs).values(row))

    async def key_names(self, tenant: str) -> list[str]:
        """The keys that sign for the tenant."""
        query = sa.select(signers.c.key_name).where(signers.c.tenant == tenant)
        async with self._database.reading() as session:
            return list(await session.scalars(query))

    def signing(
        self,
        tenant: str,
        id: str,
        file_name: str,
        source: str,
        now: datetime,
    ) -> Signing:
        """The settles of one signature: the document it will make."""
        return Signing(tenant, id, file_name, source, now)


@dataclass(frozen=True)
class Signing:
    """Settles of one signed document."""

    tenant: str
    id: str
    file_name: str
    source: str
    now: datetime

    async def enrolled(
        self, tx: Tx, enrolment: Enrolment, receipt: HeldCertificate
    ) -> HeldCertificate:
        """The tenant has this key."""
        key = {"tenant": self.tenant, "key_name": enrolment.key_name}
        await tx.execute(sa.delete(signers).filter_by(**key))
        await tx.execute(sa.insert(signers).values(**key))
        return receipt

    async def signed(
        self, tx: Tx, request: SigningRequest, receipt: SignatureReceipt
    ) -> SignatureReceipt:
        """The key signed; the document is not finished yet."""
        return receipt

    async def completed(
        self, tx: Tx, assembly: Assembly, receipt: AssemblyReceipt
    ) -> StoredDocument:
        """The signed document exists."""
        document = StoredDocument(
            id=self.id,
            file_name=self.file_name,
            sha256=receipt.sha256,
            size_bytes=receipt.size_bytes,
            created_at=self.now,
            level=assembly.level,
            source=self.source,
            report_json=receipt.report_json,
        )
        await tx.execute(sa.delete(documents).filter_by(tenant=self.tenant, id=self.id))
        await _insert(tx, self.tenant, document)
        return document


async def _insert(tx: Tx, tenant: str, document: StoredDocument) -> None:
    await tx.execute(
        sa.insert(documents).values(
            tenant=tenant,
            id=document.id,
            file_name=document.file_name,
            sha256=document.sha256,
            size_bytes=document.size_bytes,
            created_at=document.created_at,
            level=int(document.level) if document.level else None,
            source=document.source,
            report_json=document.report_json,
        )
    )


def _stored(row: sa.RowMapping) -> StoredDocument:
    return StoredDocument(
        id=row["id"],
        file_name=row["file_name"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        created_at=row["created_at"],
        level=Level(row["level"]) if row["level"] else None,
        source=row["source"],
        report_json=row["report_json"],
    )
