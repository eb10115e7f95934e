"""Bad input gets a Vietnamese sentence at the field that caused it, and nothing half-made."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.core.client import Haidang, channel, error_from
from PIL import Image

from tests.journeys.house import House, a_business

pytestmark = pytest.mark.xdist_group("house")

Change = Callable[[dict[str, Any]], None]


def changed(folder: Path, domain: str, change: Change) -> str:
    """A business file with one difference."""
    path = a_business(folder, domain)
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True))
    return str(path)


def setting(*keys: Any) -> Change:
    """Set the value at a path: the last of *keys* is the value."""
    *path, last, value = keys

    def change(content: dict[str, Any]) -> None:
        place: Any = content
        for key in path:
            place = place[key]
        place[last] = value

    return change


HEADING = ("website", "content", "pages", 0, "sections")

WRONG = {
    "a wrong tax code": (
        setting("registrant", "tax_code", "0100112438"),
        "TAX_CODE_INVALID",
        "registrant.tax_code",
    ),
    "illegal characters in the name": (
        setting("domain", "bánh&mì.vn"),
        "NAME_CHARACTER",
        "domain",
    ),
    "a suffix that is not registered": (setting("domain", "quan.com"), "SUFFIX_UNKNOWN", "domain"),
    "a name of two characters": (setting("domain", "ab.vn"), "NAME_BY_AUCTION", "domain"),
    "no phone": (setting("registrant", "phone", ""), "REGISTRANT_FACT_MISSING", "registrant.phone"),
    "eleven years": (setting("years", 11), "YEARS_INVALID", "years"),
    "a missing section": (setting(*HEADING, []), "DRAFT_HAS_FINDINGS", "draft."),
    "a section nobody knows": (
        setting(*HEADING, 0, {"id": "x", "type": "cart", "data": {}}),
        "DRAFT_HAS_FINDINGS",
        "draft.",
    ),
    "a pack nobody has": (setting("website", "pack", "packs/vn.khong-co"), "PACK_ABSENT", "draft"),
    "an unknown entry in the file": (setting("domian", "x"), "FILE_KEY_UNKNOWN", "domian"),
    "a price that is no number": (
        setting("accepted_total_dong", "rẻ"),
        "FIELD_INVALID",
        "accepted_total_dong",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_bad_input_is_refused_at_its_field_in_vietnamese(
    what: str, house: House, tmp_path: Path
) -> None:
    change, reason, field = WRONG[what]
    before = house.journal()

    refusal = house.run("go-online", changed(tmp_path, "sai-mot-cho.vn", change), "--json")

    assert refusal.code == 1
    assert f"[{reason}]" in refusal.err, refusal.err
    assert f"({field}" in refusal.err, refusal.err
    assert any(letter in refusal.err for letter in "ạảãàáậấầẩẫăắằẳẵặêếềểễệôốồổỗộơớờởỡợưứừửữự")
    assert "Traceback" not in refusal.err
    assert house.journal() == before


def test_a_taken_name_is_refused_before_any_money_is_set_aside(
    house: House, tmp_path: Path
) -> None:
    assert house.run("go-online", str(a_business(tmp_path, "da-co-chu.vn")), "--json").code == 0
    before = house.journal()

    again = changed(tmp_path, "da-co-chu.vn", setting("registrant", "name", "Người đến sau"))
    refusal = house.run("go-online", again, "--json")

    assert refusal.code == 1
    assert "[NAME_HELD] (domain)" in refusal.err
    assert house.journal() == before


def test_a_price_above_what_was_accepted_stops_before_the_bank(
    house: House, tmp_path: Path
) -> None:
    file = changed(tmp_path, "qua-dat.vn", setting("accepted_total_dong", 1000))

    refusal = house.run("go-online", file, "--json")

    assert "[PRICE_ABOVE_ACCEPTED]" in refusal.err
    assert "450.000" in refusal.err
    assert house.effects_on("qua-dat.vn") == []


def test_a_declined_payment_registers_nothing(house: House, tmp_path: Path) -> None:
    file = changed(tmp_path, "the-bi-tu-choi.vn", setting("payer", "declined-card"))

    refusal = house.run("go-online", file, "--json")

    assert "[JOURNEY_REFUSED]" in refusal.err
    assert "chưa bị trừ tiền" in refusal.err
    assert house.effects_on("the-bi-tu-choi.vn") == []


def test_a_name_lost_after_the_money_was_set_aside_gives_it_back(
    house: House, tmp_path: Path
) -> None:
    """The registry refuses for good in the middle of the journey."""
    faults = house.state / "registry" / "faults.json"
    faults.write_text(json.dumps([{"verb": "domain.create", "when": "code-2306", "times": 1}]))
    try:
        refusal = house.run("go-online", str(a_business(tmp_path, "mat-giua-duong.vn")), "--json")
    finally:
        faults.unlink()

    assert "[JOURNEY_RELEASED]" in refusal.err, refusal.err
    assert "trả lại đầy đủ" in refusal.err
    assert house.effects_on("mat-giua-duong.vn") == ["payment.authorize", "payment.release"]


def a_picture(folder: Path, name: str) -> Path:
    path = folder / name
    if name == "bomb.png":
        Image.new("1", (20_000, 20_000)).save(path)
    elif name == "letter.jpg":
        path.write_text("Đây là một lá thư, không phải ảnh.")
    else:
        path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    return path


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bomb.png", "IMAGE_TOO_MANY_PIXELS"),
        ("letter.jpg", "IMAGE_UNREADABLE"),
        ("drawing.svg", "IMAGE_KIND"),
    ],
)
def test_a_hostile_picture_is_refused_and_nothing_is_started(
    name: str, reason: str, house: House, tmp_path: Path
) -> None:
    a_picture(tmp_path, name)
    photo = {"$photo": name, "alt": {"vi": "Ảnh"}}
    file = changed(tmp_path, "anh-xau.vn", setting(*HEADING, 0, "data", {"photo": photo}))

    refusal = house.run("go-online", file, "--json")

    assert refusal.code == 1
    assert f"[{reason}]" in refusal.err, refusal.err
    assert house.effects_on("anh-xau.vn") == []


def test_a_file_that_is_not_there_is_said_so(house: House) -> None:
    refusal = house.run("go-online", "khong-co.yaml")

    assert refusal.code == 1
    assert "[FILE_UNREADABLE]" in refusal.err


def test_an_unsigned_token_is_refused(house: House) -> None:
    async def call() -> str:
        async def forged() -> str:
            return "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4IiwidGVuYW50IjoibG9jYWwifQ."

        async with channel(house.address("domains"), forged) as opened:
            stub = domains_pb2_grpc.DomainsServiceStub(opened)
            try:
                await stub.ListRegistrations(domains_pb2.ListRegistrationsRequest())
            except grpc.aio.AioRpcError as error:
                return f"{error.code().name} {error_from(error).reason}"
            return "let in"

    assert asyncio.run(call()) == "UNAUTHENTICATED TOKEN_INVALID"


def test_an_expired_or_foreign_quote_is_refused(house: House) -> None:
    async def call() -> str:
        addresses = json.loads((house.state / "run/addresses.json").read_text())
        key = (house.state / "local-operator.key").read_text().strip()
        async with Haidang(addresses, key) as haidang:
            request = domains_pb2.RegisterDomainRequest(
                request_id=str(uuid.uuid4()),
                domain="bao-gia-la.vn",
                years=1,
                registrant=a_registrant(),
                quote="quotes/khong-phai-cua-toi",
                acknowledged_total_dong=450_000,
            )
            operation = await haidang.domains.RegisterDomain(request)
            try:
                await haidang.wait(operation, "domains")
            except Exception as error:
                return str(error)
            return "registered"

    assert asyncio.run(call()).startswith("QUOTE_ABSENT")


def a_registrant() -> domains_pb2.Registrant:
    return domains_pb2.Registrant(
        kind=domains_pb2.Registrant.KIND_HOUSEHOLD,
        name="Hộ kinh doanh Thử",
        tax_code="0300588569",
        email="thu@example.vn",
        phone="0901234567",
        representative_name="Nguyễn Văn Thử",
        address=domains_pb2.Address(
            street="1 Lê Lợi", commune="Phường Vũng Tàu", province="TP. Hồ Chí Minh"
        ),
    )
