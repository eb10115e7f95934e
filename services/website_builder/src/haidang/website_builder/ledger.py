"""Websites, deployments and photos: SQL behind the offices. Every query names its tenant."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Absent, Conflict, Malformed
from haidang.core.operations import Tx
from haidang.core.operations.codec import canonical_sha256
from haidang.core.ports.publishing import (
    Activation,
    ActivationReceipt,
    Deployment,
    UploadReceipt,
)
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.revisions.ledger import Change, keep_revision
from haidang.website_builder.values import StoredDeployment, StoredWebsite
from haidang.website_builder.website import Draft, MediaRef, RenditionRef
from pydantic import TypeAdapter
from sqlalchemy.exc import IntegrityError

MIGRATIONS = Path(__file__).parent / "migrations"
DRAFT = TypeAdapter(Draft)
MEDIA = TypeAdapter(MediaRef)

metadata = sa.MetaData()

websites = sa.Table(
    "website",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("domain", sa.String(255), nullable=False),
    sa.Column("draft", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("live_deployment", sa.String(40), nullable=False, server_default=""),
    sa.Column("live_sequence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("live_uri", sa.String(300), nullable=False, server_default=""),
    sa.Column("last_sequence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("asked_sha256", sa.String(64), nullable=False),
    sa.UniqueConstraint("domain", name="one_website_per_host"),
)

deployments = sa.Table(
    "deployment",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("site", sa.String(40), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("domain", sa.String(255), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("pack", sa.String(80), nullable=False),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("facts", sa.Text, nullable=False),
)

working_blobs = sa.Table(
    "working_blob",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
)
"""Bytes of rendered pages on their way to the target: whose they are."""


class WebsiteLedger:
    """What this service knows of websites."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, tenant: str, website: StoredWebsite, change: Change) -> StoredWebsite:
        """Keep a new website; the one already kept under this id comes back as it is now.

        Raises: Conflict HOST_TAKEN when another website has the host; Malformed
            IDEMPOTENCY_MISMATCH when this id was kept with another host or first draft.
        """
        draft = DRAFT.dump_json(website.draft).decode()
        asked = canonical_sha256(json.dumps([website.domain, json.loads(draft)]))
        row = {
            "tenant": tenant,
            "id": website.id,
            "domain": website.domain,
            "draft": draft,
            "revision": website.revision,
            "asked_sha256": asked,
        }
        key = (websites.c.tenant == tenant) & (websites.c.id == website.id)
        stored = sa.select(websites.c.asked_sha256).where(key)
        try:
            async with self._database.writing() as tx:
                if await tx.scalar(stored) is None:
                    await tx.execute(sa.insert(websites).values(row))
                    await keep_revision(tx, tenant, website.id, website.revision, draft, change)
        except IntegrityError as error:
            async with self._database.reading() as session:
                if await session.scalar(stored) is None:
                    raise Conflict("HOST_TAKEN", field="domain", host=website.domain) from error
        async with self._database.reading() as session:
            if await session.scalar(stored) != asked:
                raise Malformed("IDEMPOTENCY_MISMATCH", field="request_id")
        return await self.website(tenant, website.id)

    async def is_held_by_another(self, tenant: str, host: str) -> bool:
        """Whether another tenant has a website on *host*."""
        query = sa.select(websites.c.id).where(
            websites.c.domain == host, websites.c.tenant != tenant
        )
        async with self._database.reading() as session:
            return await session.scalar(query) is not None

    async def website(self, tenant: str, id: str) -> StoredWebsite:
        """A website of the tenant. Raises: Absent WEBSITE_ABSENT."""
        async with self._database.reading() as session:
            found = await _website(session, tenant, id)
        if found is None:
            raise Absent("WEBSITE_ABSENT")
        return found

    async def websites(self, tenant: str, *, after: str, limit: int) -> list[StoredWebsite]:
        """Up to *limit* of the tenant's websites by id, after the one called *after*."""
        query = (
            sa.select(websites)
            .where(websites.c.tenant == tenant, websites.c.id > after)
            .order_by(websites.c.id)
            .limit(limit)
        )
        async with self._database.reading() as session:
            return [_stored(row) for row in (await session.execute(query)).mappings()]

    async def update(
        self, tenant: str, id: str, draft: Draft, etag: str, change: Change
    ) -> StoredWebsite:
        """Replace the draft seen as *etag*. Raises: Absent; Conflict DRAFT_CHANGED (ABORTED)."""
        seen = await self.website(tenant, id)
        if seen.etag != etag:
            raise Conflict("DRAFT_CHANGED", field="etag")
        text = DRAFT.dump_json(draft).decode()
        replace = (
            sa.update(websites)
            .where(
                websites.c.tenant == tenant,
                websites.c.id == id,
                websites.c.revision == seen.revision,
            )
            .values(draft=text, revision=seen.revision + 1)
            .returning(websites)
        )
        async with self._database.writing() as tx:
            row = (await tx.execute(replace)).mappings().first()
            if row is not None:
                await keep_revision(tx, tenant, id, row["revision"], text, change)
        if row is None:
            raise Conflict("DRAFT_CHANGED", field="etag")
        return _stored(row)

    async def reserve_sequence(self, tenant: str, id: str) -> int:
        """The next place in the website's order of going live; each is given out once.

        Read through `run.read`, so that an operation keeps its place on a replay; killed
        in between it takes a later one and leaves a gap, which harms nobody.

        Raises: Absent WEBSITE_ABSENT.
        """
        reserve = (
            sa.update(websites)
            .where(websites.c.tenant == tenant, websites.c.id == id)
            .values(last_sequence=websites.c.last_sequence + 1)
            .returning(websites.c.last_sequence)
        )
        async with self._database.writing() as tx:
            reserved = await tx.scalar(reserve)
        if reserved is None:
            raise Absent("WEBSITE_ABSENT")
        return int(reserved)

    async def note_working(self, tenant: str, digests: Collection[str]) -> None:
        """Note whose the bytes are, before they are kept."""
        noted = sa.select(working_blobs.c.sha256).where(working_blobs.c.tenant == tenant)
        async with self._database.writing() as tx:
            known = set(await tx.scalars(noted))
            rows = [{"tenant": tenant, "sha256": one} for one in sorted({*digests} - known)]
            if rows:
                await tx.execute(sa.insert(working_blobs), rows)

    async def keep_media(self, tenant: str, photo: MediaRef) -> None:
        """Keep a photo's facts; a repeated photo takes the newer alternative text."""
        key = (media.c.tenant == tenant) & (media.c.id == photo.id)
        async with self._database.writing() as tx:
            await tx.execute(sa.delete(media).where(key))
            facts = MEDIA.dump_json(photo).decode()
            await tx.execute(sa.insert(media).values(tenant=tenant, id=photo.id, facts=facts))

    async def media(self, tenant: str, ids: tuple[str, ...]) -> dict[str, MediaRef]:
        """Those of the named photos that the tenant has, by id."""
        query = sa.select(media.c.facts).where(media.c.tenant == tenant, media.c.id.in_(ids))
        async with self._database.reading() as session:
            found = [MEDIA.validate_json(text) for text in await session.scalars(query)]
        return {photo.id: photo for photo in found}

    async def all_media(self, tenant: str, *, after: str, limit: int) -> list[MediaRef]:
        """Up to *limit* of the tenant's photos by id, after the one called *after*."""
        query = (
            sa.select(media.c.facts)
            .where(media.c.tenant == tenant, media.c.id > after)
            .order_by(media.c.id)
            .limit(limit)
        )
        async with self._database.reading() as session:
            return [MEDIA.validate_json(text) for text in await session.scalars(query)]

    async def rendition(self, tenant: str, sha256: str) -> RenditionRef | None:
        """The encoding with this digest, if it is of one of the tenant's photos.

        *sha256* is 64 hex digits. A tenant has few photos, so their facts are looked through.
        """
        query = sa.select(media.c.facts).where(
            media.c.tenant == tenant, media.c.facts.contains(sha256, autoescape=True)
        )
        async with self._database.reading() as session:
            found = [MEDIA.validate_json(text) for text in await session.scalars(query)]
        renditions = (one for photo in found for one in photo.renditions)
        return next((one for one in renditions if one.sha256 == sha256), None)

    async def deployment(self, tenant: str, site: str, id: str) -> StoredDeployment:
        """One deployment. Raises: Absent WEBSITE_ABSENT, DEPLOYMENT_ABSENT."""
        live = await self.website(tenant, site)
        query = sa.select(deployments).filter_by(tenant=tenant, site=site, id=id)
        async with self._database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None:
            raise Absent("DEPLOYMENT_ABSENT")
        return _deployment(row, live)

    async def deployments(
        self, tenant: str, site: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[StoredDeployment]:
        """Up to *limit* deployments of a website, newest first, older than (created_at, id).

        Raises: Absent WEBSITE_ABSENT.
        """
        live = await self.website(tenant, site)
        age = sa.tuple_(deployments.c.created_at, deployments.c.id)
        query = (
            sa.select(deployments)
            .filter_by(tenant=tenant, site=site)
            .order_by(deployments.c.created_at.desc(), deployments.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(age < sa.tuple_(sa.literal(before[0], Instant), before[1]))
        async with self._database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
        return [_deployment(row, live) for row in rows]

    def publishing(self, tenant: str, domain: str, now: datetime) -> Publishing:
        """The settles of one publication."""
        return Publishing(tenant, domain, now)


@dataclass(frozen=True)
class Publishing:
    """Settles of one publication of one website."""

    tenant: str
    domain: str
    now: datetime

    async def uploaded(self, tx: Tx, deployment: Deployment, receipt: UploadReceipt) -> str:
        """The target holds the deployment; its id."""
        key = {"tenant": self.tenant, "site": deployment.site, "id": deployment.id}
        await tx.execute(sa.delete(deployments).filter_by(**key))
        await tx.execute(
            sa.insert(deployments).values(
                **key,
                domain=self.domain,
                revision=deployment.revision,
                pack=deployment.pack,
                files=len(deployment.files),
                sequence=0,
                created_at=self.now,
            )
        )
        return deployment.id

    async def activated(
        self, tx: Tx, activation: Activation, receipt: ActivationReceipt
    ) -> StoredDeployment:
        """The live pointer, moved only forward: an older activation changes nothing.

        A deployment's sequence is that of its latest activation.
        """
        await tx.execute(
            sa.update(websites)
            .where(
                websites.c.tenant == self.tenant,
                websites.c.id == activation.site,
                websites.c.live_sequence < activation.sequence,
            )
            .values(
                live_deployment=activation.deployment,
                live_sequence=activation.sequence,
                live_uri=receipt.uri,
            )
        )
        key = {"tenant": self.tenant, "site": activation.site, "id": activation.deployment}
        await tx.execute(
            sa.update(deployments)
            .filter_by(**key)
            .where(deployments.c.sequence < activation.sequence)
            .values(sequence=activation.sequence)
        )
        row = (await tx.execute(sa.select(deployments).filter_by(**key))).mappings().one()
        live = await _website(tx, self.tenant, activation.site)
        assert live is not None
        return _deployment(row, live)


async def _website(session: Tx, tenant: str, id: str) -> StoredWebsite | None:
    query = sa.select(websites).where(websites.c.tenant == tenant, websites.c.id == id)
    row = (await session.execute(query)).mappings().first()
    return _stored(row) if row else None


def _stored(row: sa.RowMapping) -> StoredWebsite:
    return StoredWebsite(
        id=row["id"],
        domain=row["domain"],
        draft=DRAFT.validate_json(row["draft"]),
        revision=row["revision"],
        live_deployment=row["live_deployment"],
        live_uri=row["live_uri"],
    )


def _deployment(row: sa.RowMapping, website: StoredWebsite) -> StoredDeployment:
    is_live = website.live_deployment == row["id"]
    return StoredDeployment(
        site=row["site"],
        id=row["id"],
        domain=row["domain"],
        sequence=row["sequence"],
        revision=row["revision"],
        pack=row["pack"],
        files=row["files"],
        is_live=is_live,
        uri=website.live_uri if is_live else "",
        created_at=row["created_at"],
    )
