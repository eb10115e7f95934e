"""OpenSSL, written by somebody else, judges our CMS, time-stamps, OCSP answers and CRLs."""

from __future__ import annotations

import io
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from asn1crypto import cms
from haidang.esign.formats.timestamps import timestamp_request
from haidang.esign.levels import Level
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.esign.house import Trust, a_declaration, an_office
from tests.esign.house import trust as trust  # a fixture
from tests.judges import judge

pytestmark = pytest.mark.judge("openssl")


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run openssl; the caller reads what it says."""
    return subprocess.run(
        [judge("openssl"), *arguments], capture_output=True, text=True, check=False
    )


@dataclass
class Paper:
    """A signed paper taken apart into files."""

    cms: Path
    signed_bytes: Path
    leaf: Path
    token: Path


@pytest_asyncio.fixture(params=["ec-p256", "rsa-2048"])
async def paper(trust: Trust, tmp_path: Path, request: pytest.FixtureRequest) -> Paper:
    async with an_office(trust, tmp_path, key_kind=request.param) as desk:
        made = await desk.office.declare(desk.run(), a_declaration(level=Level.B_LT))
        pdf = await desk.office.content("t1", made.id)
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    first, length, second, rest = signature.byte_range
    paper = Paper(*(tmp_path / name for name in ("cms.der", "signed", "leaf.pem", "token.der")))
    paper.cms.write_bytes(signature.pkcs7_content)
    paper.signed_bytes.write_bytes(pdf[first : first + length] + pdf[second : second + rest])
    (chain,) = (tmp_path / "keys").glob("*.chain.pem")
    end = "-----END CERTIFICATE-----"
    paper.leaf.write_text(chain.read_text().split(end)[0] + end + "\n")
    attribute = signature.signed_data["signer_infos"][0]["unsigned_attrs"][0]
    paper.token.write_bytes(attribute["values"][0].dump())
    return paper


def cms_verify(trust: Trust, paper: Paper) -> subprocess.CompletedProcess[str]:
    return openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-in", paper.cms),
        *("-content", paper.signed_bytes, "-CAfile", trust.root, "-purpose", "any"),
        *("-cades", "-out", paper.cms.with_suffix(".out")),
    )


async def test_the_signature_verifies_as_cades_up_to_the_sandbox_root(
    trust: Trust, paper: Paper
) -> None:
    told = cms_verify(trust, paper)

    assert told.returncode == 0, told.stderr
    assert "CAdES Verification successful" in told.stderr


async def test_one_changed_byte_fails(trust: Trust, paper: Paper) -> None:
    changed = bytearray(paper.signed_bytes.read_bytes())
    changed[100] ^= 1
    paper.signed_bytes.write_bytes(changed)

    told = cms_verify(trust, paper)

    assert told.returncode != 0
    assert "content verify error" in told.stderr


async def test_the_embedded_time_stamp_verifies_over_the_signature_value(
    trust: Trust, paper: Paper, tmp_path: Path
) -> None:
    signed = cms.ContentInfo.load(paper.cms.read_bytes())["content"]
    value = tmp_path / "value"
    value.write_bytes(signed["signer_infos"][0]["signature"].native)

    told = openssl(
        *("ts", "-verify", "-in", paper.token, "-token_in", "-data", value),
        *("-CAfile", trust.root, "-untrusted", trust.state / "trust" / "public" / "issuing.pem"),
    )

    assert "Verification: OK" in told.stdout + told.stderr, told.stderr


async def test_an_answer_of_the_authority_is_read_and_verified(
    trust: Trust, tmp_path: Path
) -> None:
    query, answer = tmp_path / "query.tsq", tmp_path / "answer.tsr"
    query.write_bytes(timestamp_request(b"to khai", 2**62))
    answer.write_bytes(await trust.authority().request(query.read_bytes()))

    told = openssl(
        *("ts", "-verify", "-in", answer, "-queryfile", query, "-CAfile", trust.root),
    )
    text = openssl("ts", "-reply", "-in", answer, "-text").stdout

    assert "Verification: OK" in told.stdout + told.stderr, told.stderr
    assert "Status: Granted." in text


def ocsp_of(trust: Trust, leaf: Path) -> subprocess.CompletedProcess[str]:
    issuing = trust.state / "trust" / "public" / "issuing.pem"
    return openssl(
        *("ocsp", "-issuer", issuing, "-cert", leaf, "-url", f"{trust.url}/ocsp"),
        *("-CAfile", trust.root, "-verify_other", issuing, "-text"),
    )


async def test_the_ocsp_answer_verifies_and_says_good(trust: Trust, paper: Paper) -> None:
    told = ocsp_of(trust, paper.leaf)

    assert "Response verify OK" in told.stderr
    assert f"{paper.leaf}: good" in told.stdout


async def test_the_lists_of_revoked_certificates_verify(
    trust: Trust, paper: Paper, tmp_path: Path
) -> None:
    public = trust.state / "trust" / "public"
    for stem, authority in (("root", trust.root), ("issuing", public / "issuing.pem")):
        path = tmp_path / f"{stem}.crl"
        with urllib.request.urlopen(f"{trust.url}/{stem}.crl", timeout=9) as answer:
            path.write_bytes(answer.read())
        told = openssl("crl", "-inform", "DER", "-in", path, "-CAfile", authority, "-noout")
        assert "verify OK" in told.stderr


async def test_every_certificate_is_strictly_in_order(trust: Trust, paper: Paper) -> None:
    public = trust.state / "trust" / "public"
    told = openssl(
        *("verify", "-x509_strict", "-purpose", "any", "-CAfile", trust.root),
        *("-untrusted", public / "issuing.pem", paper.leaf),
    )
    stamping = openssl(
        *("verify", "-x509_strict", "-purpose", "timestampsign", "-CAfile", trust.root),
        *("-untrusted", public / "issuing.pem", public / "tsa.pem"),
    )

    assert told.stdout.endswith("OK\n"), told.stderr
    assert stamping.stdout.endswith("OK\n"), stamping.stderr
