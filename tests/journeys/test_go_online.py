"""What an owner would say of the first sitting, through real processes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.house import House, Outcome, a_business, example
from tests.judges import judge

pytestmark = pytest.mark.xdist_group("house")

EXAMPLES = {
    "homestay-gio-bien": "nha-gio-bien.vn",
    "vuon-tieu-chau-duc": "tieu-dat-do.vn",
    "quan-ben-ca": "xn--qun-bn-c-9yag6125f.vn",
}


@pytest.fixture(scope="session")
def online(house: House) -> dict[str, dict[str, Any]]:
    """Every example, online."""
    found = {}
    for name in EXAMPLES:
        outcome = house.run("go-online", str(example(name)), "--json")
        assert outcome.code == 0, outcome.err
        found[name] = outcome.json
    return found


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_last_line_keeps_its_promise(
    name: str, online: dict[str, dict[str, Any]], house: House
) -> None:
    summary = online[name]

    assert summary["domain"] == EXAMPLES[name]
    assert summary["website"] == f"http://{EXAMPLES[name]}.localhost:{house.port('edge')}/"
    assert summary["registration"]["state"] == "ACTIVE"
    assert summary["registration"]["expires_at"].startswith(("2027", "2028", "2029"))
    assert summary["declaration"]["indication"] == "TOTAL_PASSED"
    assert summary["declaration"]["level"] == "B-LT"
    assert Path(summary["declaration"]["path"]).read_bytes().startswith(b"%PDF-")
    assert summary["operation"].startswith("operations/")
    assert summary["seconds"] > 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_effect_happened_once_by_the_foreign_parties_own_books(
    name: str, online: dict[str, dict[str, Any]], house: House
) -> None:
    assert sorted(house.effects_on(EXAMPLES[name])) == [
        "document.complete",
        "domain.create",
        "payment.authorize",
        "payment.capture",
        "site.publish",
        "zone.publish",
    ]


def test_the_same_file_again_is_the_same_journey(
    online: dict[str, dict[str, Any]], house: House
) -> None:
    again = house.run("go-online", str(example("homestay-gio-bien")), "--json").json

    assert again["operation"] == online["homestay-gio-bien"]["operation"]
    assert house.effects_on("nha-gio-bien.vn").count("domain.create") == 1


def test_the_same_file_twice_at_once_is_one_journey(house: House, tmp_path: Path) -> None:
    file = a_business(tmp_path, "hai-nguoi-mot-luc.vn")
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(
            target=lambda: outcomes.append(house.run("go-online", str(file), "--json"))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [outcome.code for outcome in outcomes] == [0, 0], [o.err for o in outcomes]
    assert outcomes[0].json["operation"] == outcomes[1].json["operation"]
    assert house.effects_on("hai-nguoi-mot-luc.vn").count("domain.create") == 1


@pytest.mark.judge("kdig")
@pytest.mark.parametrize("name", EXAMPLES)
def test_kdig_finds_the_name(name: str, online: dict[str, dict[str, Any]], house: House) -> None:
    kdig = judge("kdig")
    server = ["@127.0.0.1", "-p", house.port("nameserver"), "+noidn"]

    assert run(kdig, *server, "+short", EXAMPLES[name], "A") == "127.0.0.1\n"
    assert EXAMPLES[name] in run(kdig, *server, "+short", f"www.{EXAMPLES[name]}", "CNAME")
    assert "status: NXDOMAIN" in run(kdig, *server, f"nope.{EXAMPLES[name]}", "A")


@pytest.mark.judge("Net::EPP")
def test_a_foreign_epp_client_sees_the_registration(
    online: dict[str, dict[str, Any]], house: House
) -> None:
    perl = judge("Net::EPP")
    credentials = json.loads((house.state / "registry/credentials.json").read_text())
    script = """
        use Net::EPP::Simple; binmode(STDOUT, ':utf8');
        my $epp = Net::EPP::Simple->new(host => 'localhost', port => $ARGV[0], user => $ARGV[1],
          pass => $ARGV[2], verify => 1, ca_file => $ARGV[4], timeout => 10, load_config => 0,
          reconnect => 0) or die "no login";
        my $info = $epp->domain_info($ARGV[3]) or die $Net::EPP::Simple::Message;
        print join(' ', $info->{name}, $info->{clID}, $info->{exDate}), "\\n";
    """
    out = run(
        perl,
        "-e",
        script,
        house.port("epp"),
        credentials["client_id"],
        credentials["password"],
        "nha-gio-bien.vn",
        str(house.state / "registry/tls/ca.pem"),
    )

    assert out.split()[:2] == ["nha-gio-bien.vn", credentials["client_id"]]
    assert out.split()[2].startswith("2027")


@pytest.mark.judge("pdfsig")
@pytest.mark.parametrize("name", EXAMPLES)
def test_pdfsig_finds_the_declaration_signed(name: str, online: dict[str, dict[str, Any]]) -> None:
    verdict = run(judge("pdfsig"), online[name]["declaration"]["path"])

    assert "Signature is Valid." in verdict
    assert "ETSI.CAdES.detached" in verdict


@pytest.mark.judge("openssl")
def test_openssl_verifies_the_declaration(
    online: dict[str, dict[str, Any]], house: House, tmp_path: Path
) -> None:
    pdf = Path(online["homestay-gio-bien"]["declaration"]["path"]).read_bytes()
    signed, content = taken_apart(pdf)
    (tmp_path / "signature.der").write_bytes(signed)
    (tmp_path / "content").write_bytes(content)

    verdict = subprocess.run(
        [
            *(judge("openssl"), "cms", "-verify", "-binary", "-inform", "DER"),
            *("-in", str(tmp_path / "signature.der"), "-content", str(tmp_path / "content")),
            *("-CAfile", str(house.state / "trust/public/root.pem"), "-purpose", "any"),
            *("-out", "/dev/null"),
        ],
        capture_output=True,
        text=True,
    )

    assert "Verification successful" in verdict.stderr, verdict.stderr


def taken_apart(pdf: bytes) -> tuple[bytes, bytes]:
    """The CMS of the first signature and the bytes it covers."""
    start = pdf.index(b"/ByteRange")
    numbers = pdf[pdf.index(b"[", start) + 1 : pdf.index(b"]", start)].split()
    a, b, c, d = (int(number) for number in numbers)
    hexed = pdf[a + b + 1 : c - 1].decode().rstrip("0")
    der = bytes.fromhex(hexed + "0" * (len(hexed) % 2) + "0" * 8)
    length = int.from_bytes(der[2:4], "big") + 4
    whole = bytes.fromhex(pdf[a + b + 1 : c - 1].decode())[:length]
    return whole, pdf[a : a + b] + pdf[c : c + d]


@pytest.mark.judge("chromium")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_site_opens_in_chromium_on_a_phone(
    name: str, online: dict[str, dict[str, Any]]
) -> None:
    judge("chromium")
    seen = asyncio.run(seen_on_a_phone(online[name]["website"]))

    assert seen["errors"] == []
    assert seen["foreign"] == []
    assert seen["scrolls_sideways"] is False
    assert seen["broken_images"] == 0
    assert "Thử nghiệm" in seen["text"]


async def seen_on_a_phone(address: str) -> dict[str, Any]:
    from playwright.async_api import async_playwright

    errors: list[str] = []
    foreign: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        )
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:")) else None,
        )
        await page.goto(address)
        await page.evaluate(
            "document.querySelectorAll('img').forEach(image => { image.loading = 'eager' })"
        )
        await page.wait_for_load_state("networkidle")
        found = await page.evaluate(
            """() => ({
                scrolls_sideways: document.documentElement.scrollWidth > innerWidth,
                broken_images: [...document.images].filter(i => !i.naturalWidth).length,
                text: document.body.innerText,
            })"""
        )
        await browser.close()
    return {**found, "errors": errors, "foreign": foreign}


def test_photos_on_the_site_tell_no_position(
    online: dict[str, dict[str, Any]], house: House
) -> None:
    """The example photos carry an EXIF position; none is left in any published blob."""
    source = (example("homestay-gio-bien").parent / "pictures/bien-sang.jpg").read_bytes()
    assert b"Exif" in source[:64]

    blobs = [path for path in (house.state / "edge/blobs").rglob("*") if path.is_file()]
    assert len(blobs) > 20
    assert [path.name for path in blobs if b"Exif\x00" in path.read_bytes()] == []


def test_verify_signature_says_the_same_with_the_promised_words(
    online: dict[str, dict[str, Any]], house: House
) -> None:
    verdict = house.run("verify-signature", online["quan-ben-ca"]["declaration"]["path"], "--json")

    assert verdict.code == 0
    assert verdict.json["indication"] == "TOTAL_PASSED"
    (signature,) = verdict.json["signatures"]
    assert signature["level"] == "B-LT"
    assert signature["signer"] == "Công ty TNHH Quán Bến Cá"
    assert set(signature) == {"signer", "level", "signed_at", "covers_whole_document", "findings"}


def test_status_keeps_its_promise(house: House) -> None:
    status = house.run("status", "--json").json

    assert status["ready"] is True
    for name in ["journeys", "domains", "websites", "esign", "edge", "nameserver", "epp", "tsa"]:
        assert status["addresses"][name].startswith("127.0.0.1:")
    for process in status["processes"]:
        assert set(process) >= {"name", "pid", "role", "address"}


def test_a_second_up_on_the_same_state_folder_is_refused(house: House) -> None:
    second = house.run("up", timeout=30)

    assert second.code == 1
    assert "STATE_IN_USE" in second.err


def test_the_operators_key_is_private(house: House) -> None:
    path = house.state / "local-operator.key"

    assert path.stat().st_mode & 0o777 == 0o600
    logs = "".join(p.read_text() for p in (house.state / "logs").glob("*.log"))
    assert path.read_text().strip() not in logs


def test_the_module_of_the_command_is_the_command() -> None:
    helped = run(sys.executable, "-m", "haidang.core.cli", "--help")

    for command in ("up", "status", "go-online", "plugins", "sandbox", "verify-signature"):
        assert command in helped
