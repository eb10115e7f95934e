"""Papers and keys as personal data, on both databases: bytes that another has too stay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from haidang.core.blobs import BlobFolder
from haidang.core.database import Database
from haidang.core.errors import Absent
from haidang.core.ports.signing import DiscardReceipt, HeldCertificate, KeyDiscard
from haidang.core.testing.memory import NOON, memory_database
from haidang.esign.ledger import MIGRATIONS, DocumentLedger, signers
from haidang.esign.personal import PapersPart
from haidang.esign.personal.ledger import PersonalLedger
from haidang.esign.values import StoredDocument


@dataclass
class Keys:
    """A signer that holds certificates and can lose them."""

    held: list[str] = field(default_factory=list)

    async def certificates(self) -> list[HeldCertificate]:
        return [
            HeldCertificate(one, f"CN={one}", "CN=CA", NOON, NOON, ("AA==",), "x", "sandbox")
            for one in self.held
        ]

    async def discard(self, discard: KeyDiscard, effect_id: str) -> DiscardReceipt:
        if discard.key_name in self.held:
            self.held.remove(discard.key_name)
        return DiscardReceipt(discard.key_name)


@dataclass
class Evidence:
    """An assembler that is only told what to forget."""

    forgotten: list[str] = field(default_factory=list)

    async def forget(self, operations: Iterable[str], sha256s: Iterable[str]) -> None:
        self.forgotten += [*operations, *sha256s]


@dataclass
class Desk:
    """A part with everything around it in reach."""

    part: PapersPart
    ledger: DocumentLedger
    blobs: BlobFolder
    keys: Keys
    evidence: Evidence
    database: Database

    async def keeps(self, tenant: str, id: str, body: bytes) -> str:
        """A paper of *tenant*."""
        sha256 = await self.blobs.write_blob(body)
        await self.ledger.keep(tenant, StoredDocument(id, f"{id}.pdf", sha256, len(body), NOON))
        return sha256

    async def has(self, sha256: str) -> bool:
        try:
            await self.blobs.read_blob(sha256)
        except Absent:
            return False
        return True


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    database = await memory_database(tmp_path, MIGRATIONS, url=url)
    blobs, keys, evidence = BlobFolder(tmp_path / "documents"), Keys(["k1", "k2"]), Evidence()
    async with database.writing() as tx:
        for tenant, key in (("t1", "k1"), ("t2", "k2")):
            await tx.execute(sa.insert(signers).values(tenant=tenant, key_name=key))
    stand_ins: Any = (evidence, keys)
    part = PapersPart(PersonalLedger(database), blobs, *stand_ins)
    yield Desk(part, DocumentLedger(database), blobs, keys, evidence, database)
    await database.close()


async def test_an_erasure_destroys_keys_papers_and_what_lies_on_the_way(desk: Desk) -> None:
    paper = await desk.keeps("t1", "p1", b"%PDF ban khai")
    working = await desk.blobs.write_blob(b"%PDF dang soan")
    await desk.ledger.note_working("t1", working)
    await desk.ledger.note_working("t1", working)

    before = await desk.part.holdings("t1")
    await desk.part.erase("t1")
    await desk.part.erase("t1")

    assert [(one.kind, one.count) for one in before] == [("esign.papers", 1), ("esign.keys", 1)]
    assert [one.count for one in await desk.part.holdings("t1")] == [0, 0]
    assert not await desk.has(paper)
    assert not await desk.has(working)
    assert desk.keys.held == ["k2"]
    assert paper in desk.evidence.forgotten


async def test_what_another_tenant_has_too_stays_theirs(desk: Desk) -> None:
    shared = await desk.keeps("t1", "p1", b"%PDF mau chung")
    await desk.keeps("t2", "p1", b"%PDF mau chung")
    half = await desk.blobs.write_blob(b"%PDF dang soan chung")
    for tenant in ("t1", "t2"):
        await desk.ledger.note_working(tenant, half)

    await desk.part.erase("t1")

    assert await desk.has(shared)
    assert await desk.has(half)
    assert [one.count for one in await desk.part.holdings("t2")] == [1, 1]
    exported = await desk.part.export("t2")
    assert "CN=k2" in str(exported)
    assert "CN=k1" not in str(exported)
