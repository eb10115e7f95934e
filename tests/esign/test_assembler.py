"""The assembler: one finished paper per effect, its evidence private, its level kept."""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from haidang.core.errors import Refused, Unsupported
from haidang.core.ports.signing import Enrolment
from haidang.esign.finding_kinds import Indication
from haidang.esign.levels import Level
from haidang.esign.providers.assembler import require_level
from haidang.esign.signing import signing_request
from haidang.esign.values import Assembly

from tests.esign.house import LAN, Office, Trust, an_office
from tests.esign.house import trust as trust  # a fixture
from tests.esign.judging import judged
from tests.esign.pki import a_pdf, signed

EFFECT = "operations/0123/assemble"


@pytest_asyncio.fixture
async def desk(trust: Trust, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(trust, tmp_path) as found:
        yield found


async def an_assembly(desk: Office, level: Level = Level.B_LT) -> Assembly:
    """A paper prepared and signed, not assembled yet."""
    operation = f"operations/{desk.folder.parent.name}{desk.folder.name}"
    held = await desk.signer.enrol(Enrolment("khoa-lan", LAN), f"{operation}/enrol")
    source = await desk.office.documents.write_blob(a_pdf())
    prepared = await desk.office.prepare("t1", source, held, datetime.now(UTC), "", level)
    receipt = await desk.signer.sign(signing_request(held, prepared), f"{operation}/sign")
    return Assembly(prepared, receipt.signature_base64, held.chain_base64, level, "lan.vn")


def journal(desk: Office) -> list[tuple[str, str]]:
    store = sqlite3.connect(desk.folder / "effects-assembler.sqlite")
    try:
        return store.execute("SELECT effect, domain FROM journal").fetchall()
    finally:
        store.close()


async def test_the_same_effect_at_once_is_one_paper(desk: Office) -> None:
    assembly, assembler = await an_assembly(desk), desk.office.assembler
    assert await assembler.find_assembled(assembly, EFFECT) is None

    receipts = await asyncio.gather(*(assembler.assemble(assembly, EFFECT) for _ in range(4)))

    assert len({one.sha256 for one in receipts}) == 1
    assert await assembler.find_assembled(assembly, EFFECT) == receipts[0]
    assert journal(desk) == [("document.complete", "lan.vn")]
    pdf = await desk.office.documents.read_blob(receipts[0].sha256)
    assert len(pdf) == receipts[0].size_bytes


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
async def test_the_verdict_kept_is_of_the_level_asked(desk: Office, level: Level) -> None:
    receipt = await desk.office.assembler.assemble(await an_assembly(desk, level), EFFECT)

    report = json.loads(receipt.report_json)
    assert report["indication"] == "INDICATION_TOTAL_PASSED"
    assert [one["level"] for one in report["signatures"]] == [f"LEVEL_{level.name}"]


async def test_evidence_is_readable_by_this_user_only(desk: Office) -> None:
    receipt = await desk.office.assembler.assemble(await an_assembly(desk), EFFECT)

    (kept,) = (desk.folder / "evidence").iterdir()

    assert kept.name == f"{receipt.sha256}.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


async def test_a_value_by_another_key_makes_no_paper(desk: Office) -> None:
    assembly = await an_assembly(desk)
    foreign = replace(assembly, signature_base64=base64.b64encode(b"\x30\x00").decode())

    with pytest.raises(Refused) as refusal:
        await desk.office.assembler.assemble(foreign, EFFECT)

    assert refusal.value.reason == "SIGNATURE_NOT_BY_CERTIFICATE"
    assert journal(desk) == []
    assert list((desk.folder / "evidence").iterdir()) == []


async def test_long_term_archive_is_refused_here_too(desk: Office) -> None:
    assembly = replace(await an_assembly(desk), level=Level.B_LTA)

    with pytest.raises(Unsupported):
        await desk.office.assembler.assemble(assembly, EFFECT)


def test_a_paper_that_fails_is_not_handed_out_whatever_its_level() -> None:
    broken = signed(level="B-T").replace(b"1 000 000 dong", b"9 000 000 dong", 1)
    verdict = judged(broken)

    assert (verdict.indication, verdict.signatures[-1].level) == (Indication.TOTAL_FAILED, "B-T")
    with pytest.raises(Refused) as refusal:
        require_level(verdict, Level.B_T)

    assert refusal.value.reason == "LEVEL_NOT_REACHED"


def test_a_root_nobody_believes_here_does_not_keep_a_sound_paper_back() -> None:
    verdict = judged(signed(level="B-T"), anchored=False)

    assert verdict.indication is Indication.INDETERMINATE
    require_level(verdict, Level.B_B)


def test_an_unsigned_paper_has_no_level() -> None:
    with pytest.raises(Refused):
        require_level(judged(a_pdf()), Level.B_B)
