"""poppler's pdfsig, written by somebody else, reads the papers our office signs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from haidang.esign.levels import Level

from tests.esign.house import Trust, a_declaration, a_signing, an_office
from tests.esign.house import trust as trust  # a fixture
from tests.esign.pki import a_packed_pdf
from tests.judges import judge

pytestmark = pytest.mark.judge("pdfsig")


def told_by_pdfsig(pdf: bytes, folder: Path) -> str:
    """What pdfsig says; it is asked about the signature, not about whom to believe."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(
        [judge("pdfsig"), "-nocert", path], capture_output=True, text=True, check=False
    )
    return found.stdout


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
async def test_a_declaration_is_valid_at_every_level(
    trust: Trust, tmp_path: Path, level: Level
) -> None:
    async with an_office(trust, tmp_path) as desk:
        made = await desk.office.declare(desk.run(), a_declaration(level=level))
        pdf = await desk.office.content("t1", made.id)

    told = told_by_pdfsig(pdf, tmp_path)

    assert told.count("Signature Validation: Signature is Valid.") == 1
    assert "Signer Certificate Common Name: Hộ kinh doanh Nhà Gió Biển" in told
    assert "ETSI.CAdES.detached" in told
    assert ("Total document signed" in told) is (level < Level.B_LT)


@pytest.mark.parametrize("kind", ["ec-p256", "rsa-2048"])
async def test_both_kinds_of_key_are_understood(trust: Trust, tmp_path: Path, kind: str) -> None:
    async with an_office(trust, tmp_path, key_kind=kind) as desk:
        made = await desk.office.declare(desk.run(), a_declaration(level=Level.B_T))
        pdf = await desk.office.content("t1", made.id)

    assert "Signature is Valid." in told_by_pdfsig(pdf, tmp_path)


async def test_two_signatures_one_over_the_other_are_both_valid(
    trust: Trust, tmp_path: Path
) -> None:
    async def upload() -> object:
        yield a_packed_pdf()

    async with an_office(trust, tmp_path) as desk:
        request = "0b6f7c9e-4a51-4a3e-9b7d-000000000001"
        source = await desk.office.upload("t1", request, "a.pdf", upload())  # type: ignore[arg-type]
        first = await desk.office.sign(desk.run("1"), a_signing(source.id, level=Level.B_LT))
        second = await desk.office.sign(desk.run("2"), a_signing(first.id, level=Level.B_LT))
        pdf = await desk.office.content("t1", second.id)

    assert told_by_pdfsig(pdf, tmp_path).count("Signature is Valid.") == 2


async def test_a_changed_paper_is_not_valid(trust: Trust, tmp_path: Path) -> None:
    async with an_office(trust, tmp_path) as desk:
        made = await desk.office.declare(desk.run(), a_declaration(level=Level.B_B))
        pdf = await desk.office.content("t1", made.id)
    changed = pdf.replace(b"/Lang", b"/Lnag", 1)

    told = told_by_pdfsig(changed, tmp_path)

    assert changed != pdf
    assert "Signature is Valid." not in told
