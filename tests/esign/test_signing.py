"""The signing office over real parts: its own database, keys, trust service and worker."""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from haidang.core.errors import (
    Absent,
    Malformed,
    Refused,
    Unavailable,
    Unsupported,
    sentence,
)
from haidang.core.operations.effects import Patience
from haidang.esign.levels import Level
from haidang.esign.providers.assembler import require_level
from haidang.esign.values import StoredDocument
from haidang.esign.verdicts import Indication

from tests.esign.house import LAN, Office, Trust, a_declaration, a_signing, an_office
from tests.esign.house import trust as trust  # a fixture
from tests.esign.judging import judged
from tests.esign.pki import a_pdf, encrypted, signed

REQUEST = "0b6f7c9e-4a51-4a3e-9b7d-000000000001"
QUICK = Patience(unavailable_seconds=1.0)


@pytest_asyncio.fixture
async def desk(trust: Trust, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(trust, tmp_path) as found:
        yield found


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def uploaded(desk: Office, pdf: bytes, request: str = REQUEST) -> StoredDocument:
    return await desk.office.upload("t1", request, "to-khai.pdf", chunks(pdf[:9], pdf[9:]))


def report_of(document: StoredDocument) -> dict[str, object]:
    found: dict[str, object] = json.loads(document.report_json)
    return found


def journal(path: Path) -> list[tuple[str, str]]:
    store = sqlite3.connect(path)
    try:
        return store.execute("SELECT effect, domain FROM journal").fetchall()
    finally:
        store.close()


async def test_a_declaration_is_typeset_signed_stamped_and_passes(desk: Office) -> None:
    document = await desk.office.declare(desk.run(), a_declaration())

    report = report_of(document)
    assert report["indication"] == "INDICATION_TOTAL_PASSED"
    assert report["signatures"][0]["level"] == "LEVEL_B_LT"  # type: ignore[index]
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in str(report["summaryVi"])
    assert (document.level, document.file_name) == (Level.B_LT, "ban-khai-nha-gio-bien.vn.pdf")
    assert await desk.office.ledger.document("t1", document.id) == document
    content = await desk.office.content("t1", document.id)
    assert len(content) == document.size_bytes


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
async def test_an_uploaded_paper_is_signed_at_the_level_asked(desk: Office, level: Level) -> None:
    source = await uploaded(desk, a_pdf())

    document = await desk.office.sign(desk.run(), a_signing(source.id, level=level))

    verdict = await desk.office.verifier.validate(await desk.office.content("t1", document.id))
    assert [one.level for one in verdict.signatures] == [level.written]
    assert verdict.indication is Indication.TOTAL_PASSED
    assert document.source == source.id
    assert LAN.name in verdict.signatures[0].signer


async def test_an_earlier_signature_is_kept_under_the_next(desk: Office) -> None:
    source = await uploaded(desk, a_pdf())
    first = await desk.office.sign(desk.run("1"), a_signing(source.id, level=Level.B_LT))
    another = replace(LAN, name="Công ty TNHH Hồ Tiêu Châu Đức")

    second = await desk.office.sign(
        desk.run("2"), a_signing(first.id, level=Level.B_LT, party=another)
    )

    before = await desk.office.content("t1", first.id)
    after = await desk.office.content("t1", second.id)
    assert after.startswith(before)
    verdict = await desk.office.verifier.validate(after)
    assert [one.level for one in verdict.signatures] == ["B-LT", "B-LT"]
    assert verdict.signatures[0].indication is Indication.TOTAL_PASSED
    assert verdict.indication is Indication.TOTAL_PASSED


async def test_the_evidence_of_a_verdict_is_kept_beside_the_paper(desk: Office) -> None:
    document = await desk.office.declare(desk.run(), a_declaration())

    kept = json.loads((desk.folder / "evidence" / f"{document.sha256}.json").read_text())

    content = await desk.office.content("t1", document.id)
    assert all(kept[name] for name in ("certificates", "ocsp", "crls", "timestamp_token"))
    token = base64.b64decode(kept["timestamp_token"])
    assert token.hex().encode() in content
    assert kept["report"] == report_of(document)


async def test_a_replay_repeats_nothing(desk: Office) -> None:
    first = desk.run()
    document = await desk.office.declare(first, a_declaration())
    again = desk.run(recorded=first.recorded, seal_key=first.seal_key, life="second")

    assert await desk.office.declare(again, a_declaration()) == document
    assert journal(desk.folder / "effects-software-key.sqlite") == [("signature.create", "")]
    assert journal(desk.folder / "effects-assembler.sqlite") == [
        ("document.complete", "nha-gio-bien.vn")
    ]


async def test_killed_after_any_record_it_still_signs_once(desk: Office) -> None:
    first = desk.run()
    document = await desk.office.declare(first, a_declaration())

    for remembered in range(1, len(first.recorded)):
        known = first.recorded[:remembered]
        life = f"life-{remembered}"
        later = desk.run(recorded=known, seal_key=first.seal_key, life=life, now=first.now)
        assert await desk.office.declare(later, a_declaration()) == document

    assert len(journal(desk.folder / "effects-software-key.sqlite")) == 1
    assert len(journal(desk.folder / "effects-assembler.sqlite")) == 1


class SilentAuthority:
    """A time-stamp authority that cannot be reached, and counts who tries."""

    def __init__(self) -> None:
        self.asked = 0

    async def request(self, request_der: bytes) -> bytes:
        self.asked += 1
        raise Unavailable("TSA_UNREACHABLE")


async def test_without_a_time_stamp_there_is_no_paper_rather_than_a_lower_level(
    trust: Trust, tmp_path: Path
) -> None:
    authority = SilentAuthority()
    async with an_office(trust, tmp_path, tsa=authority) as desk:
        with pytest.raises(Unavailable) as refusal:
            await desk.office.declare(desk.run(patience=QUICK), a_declaration())

        assert refusal.value.reason == "TSA_UNREACHABLE"
        assert authority.asked > 1
        assert len(journal(desk.folder / "effects-software-key.sqlite")) == 1
        assert journal(desk.folder / "effects-assembler.sqlite") == []
        assert await desk.office.ledger.documents("t1", start=0, limit=9) == []


class ForgetfulAuthority:
    """An authority that answers every request with its answer to the first."""

    def __init__(self, trust: Trust) -> None:
        self.real = trust.authority()
        self.first: bytes | None = None

    async def request(self, request_der: bytes) -> bytes:
        if self.first is None:
            self.first = await self.real.request(request_der)
        return self.first


async def test_a_time_stamp_made_for_another_signature_is_refused(
    trust: Trust, tmp_path: Path
) -> None:
    async with an_office(trust, tmp_path, tsa=ForgetfulAuthority(trust)) as desk:
        await desk.office.declare(desk.run("1"), a_declaration())

        with pytest.raises(Refused) as refusal:
            await desk.office.declare(desk.run("2"), a_declaration())

        assert refusal.value.reason == "TIMESTAMP_REFUSED"


async def test_long_term_archive_is_not_pretended(desk: Office) -> None:
    with pytest.raises(Unsupported) as refusal:
        await desk.office.declare(desk.run(), a_declaration(level=Level.B_LTA))

    assert refusal.value.reason == "LEVEL_NOT_OFFERED"
    assert refusal.value.field == "level"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "DOCUMENT_EMPTY"),
        (b"Kinh gui quy khach", "NOT_A_PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 64, "NOT_A_PDF"),
        (b"%PDF-1.7\n" + b"0" * 20_000_001, "DOCUMENT_TOO_LARGE"),
    ],
)
async def test_what_is_no_pdf_does_not_come_in(desk: Office, content: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as refusal:
        await uploaded(desk, content)

    assert (refusal.value.reason, refusal.value.field) == (reason, "file")


def with_a_changed_byte(pdf: bytes) -> bytes:
    return pdf.replace(b"1 000 000 dong", b"9 000 000 dong", 1)


async def test_a_paper_changed_after_it_was_signed_does_not_come_in(desk: Office) -> None:
    with pytest.raises(Refused) as refusal:
        await uploaded(desk, with_a_changed_byte(await asyncio.to_thread(signed)))

    assert refusal.value.reason == "DOCUMENT_ALTERED"


async def test_what_needs_repair_does_not_come_in(desk: Office) -> None:
    with pytest.raises(Refused) as refusal:
        await uploaded(desk, a_pdf().replace(b"startxref\n", b"startxref\n1"))

    assert refusal.value.reason == "DOCUMENT_NOT_SIGNABLE"


@pytest.mark.parametrize(
    ("pdf", "verdict"),
    [(a_pdf(), "SIGNED_DATA_NOT_FOUND"), (signed(), "NO_CERTIFICATE_CHAIN_FOUND")],
)
async def test_the_verdict_on_what_comes_in_is_kept_with_it(
    desk: Office, pdf: bytes, verdict: str
) -> None:
    report = report_of(await uploaded(desk, pdf))

    assert report["subIndication"] == verdict
    assert report["summaryEn"]


async def test_the_same_upload_twice_is_one_document(desk: Office) -> None:
    first, second = await asyncio.gather(uploaded(desk, a_pdf()), uploaded(desk, a_pdf()))
    later = await uploaded(desk, a_pdf())

    assert first == second == later
    assert len(await desk.office.ledger.documents("t1", start=0, limit=9)) == 1


async def test_the_same_request_with_other_bytes_is_refused(desk: Office) -> None:
    await uploaded(desk, a_pdf())

    with pytest.raises(Malformed) as refusal:
        await uploaded(desk, a_pdf(pages=2))

    assert refusal.value.reason == "IDEMPOTENCY_MISMATCH"


async def test_two_papers_under_one_request_at_once_are_never_both_kept(desk: Office) -> None:
    papers = [a_pdf(pages=pages) for pages in (1, 2, 3, 4)]

    ended = await asyncio.gather(*(uploaded(desk, one) for one in papers), return_exceptions=True)

    kept = [one for one in ended if isinstance(one, StoredDocument)]
    refused = [one for one in ended if isinstance(one, Malformed)]
    assert [len(kept), len(refused)] == [1, 3]
    assert {one.reason for one in refused} == {"IDEMPOTENCY_MISMATCH"}
    assert await desk.office.ledger.document("t1", kept[0].id) == kept[0]


async def test_a_locked_paper_does_not_come_in_and_the_owner_is_told_what_to_do(
    desk: Office,
) -> None:
    with pytest.raises(Refused) as refusal:
        await uploaded(desk, encrypted())

    assert (refusal.value.reason, refusal.value.field) == ("DOCUMENT_ENCRYPTED", "file")
    assert "có khóa" in sentence(refusal.value.reason, refusal.value.facts)


async def test_another_tenants_document_is_absent(desk: Office) -> None:
    source = await uploaded(desk, a_pdf())

    with pytest.raises(Absent):
        await desk.office.content("t2", source.id)
    with pytest.raises(Absent):
        await desk.office.sign(desk.run(tenant="t2"), a_signing(source.id))


async def test_two_tenants_never_share_a_key_for_the_same_party(desk: Office) -> None:
    await desk.office.declare(desk.run("1"), a_declaration())
    await desk.office.declare(desk.run("2", tenant="t2"), a_declaration())

    first, second = await desk.office.signers("t1"), await desk.office.signers("t2")

    assert [len(first), len(second)] == [1, 1]
    assert first[0].chain_base64 != second[0].chain_base64
    assert "không có giá trị pháp lý" in first[0].legal_standing


async def test_a_revoked_certificate_signs_nothing(desk: Office, trust: Trust) -> None:
    await desk.office.declare(desk.run("1"), a_declaration())
    store = sqlite3.connect(trust.state / "trust" / "store.sqlite", timeout=9)
    with store:
        store.execute("UPDATE issued SET revoked_at = '2026-01-01T00:00:00+00:00'")
    store.close()

    with pytest.raises(Refused) as refusal:
        await desk.office.declare(desk.run("2"), a_declaration())

    assert refusal.value.reason == "CERTIFICATE_REVOKED"
    assert len(journal(desk.folder / "effects-software-key.sqlite")) == 1


def test_a_paper_below_its_level_is_not_handed_out() -> None:
    verdict = judged(signed(level="B-T"))

    require_level(verdict, Level.B_T)
    with pytest.raises(Refused) as refusal:
        require_level(verdict, Level.B_LT)

    assert refusal.value.reason == "LEVEL_NOT_REACHED"
