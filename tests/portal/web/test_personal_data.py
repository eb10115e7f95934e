"""/du-lieu: what is held in words, one file to take, and a way out that asks twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from haidang.api.privacy.v1 import privacy_pb2
from haidang.core.errors import Absent, HaidangError, Unavailable
from haidang.core.tenancy import Actor
from haidang.portal.accounts import Role
from haidang.portal.erasures import ErasedLine, Farewell
from haidang.portal.erasures.desk import Standing
from haidang.portal.erasures.values import KeptBy

from tests.portal.web.browser import Browser
from tests.portal.web.house import FakeCalls, House, a_house

PHONE = "+84901234567"
KEEPING = privacy_pb2.Keeping(
    why_vi="Tên miền phải có thông tin đúng của người giữ tên.",
    why_en="A name must have its holder's details.",
    citation="Nghị định 147/2024/NĐ-CP",
    confidence="unconfirmed",
    until="2027-11-23",
)
LAW = KeptBy("Vì luật.", "Because of the law.", "Luật 88/2015/QH13", "secondary", "2036-11-23")


class FakeFarewells:
    """Begins nothing; a test says how the erasure stands."""

    def __init__(self) -> None:
        self.begun: list[tuple[Actor, str]] = []
        self.standings: dict[str, Standing] = {}

    async def start(self, actor: Actor, request_id: str) -> str:
        self.begun.append((actor, request_id))
        return "t" * 64

    async def standing(self, token: str) -> Standing:
        if token not in self.standings:
            raise Absent("FAREWELL_ABSENT")
        return self.standings[token]


def an_erasure(service: str, *, running: int = 0) -> privacy_pb2.Erasure:
    held = privacy_pb2.Holding(
        kind=f"{service}.things", count=3, text_vi=f"Đồ của {service}", text_en="Things"
    )
    answer = privacy_pb2.Erasure(holdings=[held], running_operations=running)
    if service == "domains":
        answer.holdings.add(
            kind="domains.names", count=1, text_vi="Tên miền đang giữ", text_en="Names"
        ).kept.CopyFrom(KEEPING)
    return answer


def pieces(value: Any) -> list[privacy_pb2.ExportPersonalDataResponse]:
    """*value* in pieces that cut letters."""
    whole = json.dumps(value, ensure_ascii=False).encode()
    return [
        privacy_pb2.ExportPersonalDataResponse(chunk=whole[n : n + 7])
        for n in range(0, len(whole), 7)
    ]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    calls, farewells = FakeCalls(), FakeFarewells()
    for name in ("websites", "domains", "esign", "journeys"):
        calls.answers[f"privacy.{name}.PlanErasure"] = an_erasure(name)
        calls.answers[f"privacy.{name}.ExportPersonalData"] = pieces(
            {f"{name}.things": [{"name": "Lan", "phone": PHONE, "at": "2026-11-23T05:00:00+00:00"}]}
        )
    async with a_house(tmp_path, calls=calls, farewells=farewells) as house:
        yield house


def farewells_of(house: House) -> FakeFarewells:
    found = house.offices.farewells
    assert isinstance(found, FakeFarewells)
    return found


async def test_an_owner_reads_what_is_held_and_what_the_law_keeps(house: House) -> None:
    owner = await house.owner()

    page = await owner.get("/du-lieu")

    assert "Đồ của websites" in page.text
    assert "Tên miền phải có thông tin đúng của người giữ tên." in page.text
    assert "Nghị định 147/2024/NĐ-CP" in page.text
    assert "đang đối chiếu với văn bản gốc" in page.text
    assert "Giữ đến ngày 23/11/2027." in page.text
    assert {one.actor.tenant for one in house.calls.did} == {owner.session.tenant}


async def test_an_owner_reads_who_looked_and_why(house: House) -> None:
    owner, operator = await house.owner(), await house.operator()
    looks, tenant = house.offices.looks, owner.session.tenant
    await looks.give_reason(operator.session, tenant, "Chủ cơ sở gọi hỏi về trang web")
    await looks.look(operator.session, tenant, "tenant")

    page = await owner.get("/du-lieu")

    assert "Người Vận Hành" in page.text
    assert "Lý do: Chủ cơ sở gọi hỏi về trang web" in page.text


async def test_details_are_shown_value_by_value(house: House) -> None:
    owner = await house.owner()

    page = await owner.get("/du-lieu/websites")

    assert PHONE in page.text
    assert "12:00 23/11/2026" in page.text
    assert "Điện thoại" in page.text
    assert (await owner.get("/du-lieu/khong-co")).status == 404


async def test_the_file_is_one_json_with_everything(house: House) -> None:
    owner = await house.owner()

    page = await owner.get("/du-lieu/tep")

    assert page.headers["content-disposition"].startswith("attachment; filename=")
    found = json.loads(page.body)
    assert set(found) == {"exported_at", "account", "websites", "domains", "esign", "journeys"}
    assert found["account"]["name"] == "Nguyễn Thị Lan"
    assert found["esign"]["esign.things"][0]["phone"] == PHONE
    assert "password" not in page.text


async def test_no_file_is_begun_while_a_service_is_silent(house: House) -> None:
    house.calls.answers["privacy.esign.PlanErasure"] = Unavailable("NOT_READY")
    owner = await house.owner()

    page = await owner.get("/du-lieu/tep")

    assert page.status == 503
    assert "content-disposition" not in page.headers


async def test_an_editor_takes_their_own_account_along_and_erases_nothing(house: House) -> None:
    editor = await house.member(await house.owner(), Role.EDITOR)

    page = await editor.get("/du-lieu")
    file = json.loads((await editor.get("/du-lieu/tep")).body)

    assert "/du-lieu/xoa" not in page.text
    assert set(file) == {"exported_at", "account"}
    assert (await editor.get("/du-lieu/xoa")).status == 403
    assert (await editor.get("/du-lieu/websites")).status == 403
    assert farewells_of(house).begun == []


async def test_erasing_says_first_what_goes_and_what_stays(house: House) -> None:
    owner = await house.owner()
    await house.member(owner, Role.EDITOR)

    page = await owner.get("/du-lieu/xoa")

    goes, stays = page.text.index("Sẽ bị xóa"), page.text.index("Luật buộc giữ lại")
    assert goes < page.text.index("Đồ của websites") < stays
    assert page.text.index("Tên miền đang giữ") > stays
    assert "Quyền vào cơ sở này của 1 người khác" in page.text
    assert "Trang web biến khỏi mạng" in page.text


async def test_erasing_needs_a_fresh_proof(house: House) -> None:
    owner = await house.owner()
    house.clock.advance(3600)

    page = await owner.get("/du-lieu/xoa")

    assert page.status == 303
    assert page.location.startswith("/xac-nhan")


async def test_a_name_that_is_not_the_business_erases_nothing(house: House) -> None:
    owner = await house.owner()
    page = await owner.get("/du-lieu/xoa")

    refused = await owner.submit(page, "/du-lieu/xoa", name="Nguyễn Thị Lam")

    assert refused.status == 422
    assert "Tên gõ vào chưa khớp" in refused.text
    assert 'value="Nguyễn Thị Lam"' in refused.text
    assert farewells_of(house).begun == []


async def test_work_under_way_stops_an_erasure(house: House) -> None:
    house.calls.answers["privacy.esign.PlanErasure"] = an_erasure("esign", running=2)
    owner = await house.owner()
    page = await owner.get("/du-lieu/xoa")

    refused = await owner.submit(page, "/du-lieu/xoa", name="Nguyễn Thị Lan")

    assert refused.status == 422
    assert "Còn 2 yêu cầu đang thực hiện" in refused.text
    assert farewells_of(house).begun == []


async def test_an_erasure_begins_once_and_leads_to_a_page_without_session(house: House) -> None:
    owner = await house.owner()
    page = await owner.get("/du-lieu/xoa")
    cookies = dict(owner.cookies)

    first = await owner.submit(page, "/du-lieu/xoa", name="nguyễn thị lan")
    assert "phien" not in owner.cookies
    owner.cookies = cookies  # a second tap, sent before the answer came
    second = await owner.submit(page, "/du-lieu/xoa", name="nguyễn thị lan")

    assert first.location == second.location == f"/tam-biet/{'t' * 64}"
    (actor, request), (_, again) = farewells_of(house).begun
    assert request == again
    assert actor.tenant == owner.session.tenant


async def test_whoever_left_reads_how_it_went(house: House) -> None:
    lines = (
        ErasedLine("websites", "websites.sites", 1, "Trang web", "Websites"),
        ErasedLine("journeys", "portal.payments", 1, "Các khoản đã thu", "Money", LAW),
    )
    standings = farewells_of(house).standings
    standings["a"] = Standing(("websites",))
    standings["b"] = Standing(("websites",), Farewell(lines, is_account_gone=True))
    standings["c"] = Standing(("websites",), error=HaidangError("ERASURE_STUCK"))
    stranger: Browser = house.browser()

    under_way, done, stuck = [await stranger.get(f"/tam-biet/{one}") for one in "abc"]

    assert under_way.headers["refresh"] == "3"
    assert "Đang xóa" in under_way.text
    assert "refresh" not in done.headers
    assert "Đã xóa xong" in done.text
    assert "Luật 88/2015/QH13" in done.text
    assert "Giữ đến ngày 23/11/2036." in done.text
    assert "Người vận hành đã được báo" in stuck.text
    assert (await stranger.get("/tam-biet/khong-co")).status == 404


async def test_every_page_is_whole_in_both_languages(house: House) -> None:
    owner = await house.owner()
    farewells_of(house).standings["a"] = Standing(("websites",))

    for path in ("/du-lieu", "/du-lieu/websites", "/du-lieu/xoa", "/tam-biet/a"):
        for language in ("vi", "en"):
            page = await owner.get(f"{path}?lang={language}")
            assert page.status == 200, path
            assert f'lang="{language}"' in page.text
