"""Pages of names: state in words, renewing at the price on the button, records with a plan."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.longrunning import operations_pb2
from google.protobuf.message import Message
from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, Conflict, Malformed, Refused, Unavailable
from haidang.core.statuses import status_of
from haidang.core.testing.memory import NOON

from tests.portal.web.debts import an_unpaid_renewal, is_paid
from tests.portal.web.house import House, a_house

NAME, ASCII = "biển-xanh.vn", "xn--bin-xanh-v91c.vn"
ID = "0123456789abcdef0123456789abcdef"
Step = metadata_pb2.Step
RENEW, RECORDS = f"/ten-mien/{ASCII}/gia-han", f"/ten-mien/{ASCII}/ban-ghi"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        zones = Zones()
        house.zones = zones  # type: ignore[attr-defined]  # beside the house, for its tests
        house.calls.answers |= {
            "domains.GetRegistration": a_registration(),
            "domains.QuoteDomain": a_quote,
            "websites.ListWebsites": websites_pb2.ListWebsitesResponse(),
            "domains.GetZone": lambda _: zones.zone,
            "domains.PlanZone": zones.plan,
            "domains.ApplyZone": zones.apply,
        }
        yield house


def a_registration(days_left: int = 200, **changes: Any) -> domains_pb2.Registration:
    held = domains_pb2.Registration(
        name=f"registrations/{ASCII}",
        domain=ASCII,
        unicode_domain=NAME,
        state=domains_pb2.Registration.STATE_ACTIVE,
        nameservers=["ns1.haidang.test"],
        registry="sandbox",
        roid="D1-X",
        registrant=domains_pb2.Registrant(
            kind=domains_pb2.Registrant.KIND_HOUSEHOLD,
            name="Hộ kinh doanh <Lan>",
            tax_code="0300588569",
            phone="+84901234567",
            email="lan@example.vn",
        ),
    )
    expires = NOON + timedelta(days=days_left)
    held.create_time.FromDatetime(NOON - timedelta(days=165))
    held.expire_time.FromDatetime(expires)
    held.outlook.renewable_through = (expires + timedelta(days=25)).date().isoformat()
    held.outlook.deleted_by = (expires + timedelta(days=40)).date().isoformat()
    held.outlook.most_years = 9
    held.outlook.citation = "Thông tư 21/2021/TT-BTTTT"
    for name, value in changes.items():
        if name == "most_years":
            held.outlook.most_years = value
        else:
            setattr(held, name, value)
    return held


def a_quote(request: domains_pb2.QuoteDomainRequest) -> domains_pb2.Quote:
    line = domains_pb2.PriceLine(
        label=f"Phí duy trì {request.years} năm",
        amount_dong=350_000 * request.years,
        citation="Thông tư 10/2025/TT-BTC",
    )
    return domains_pb2.Quote(
        name="quotes/q1",
        domain=request.domain,
        years=request.years,
        lines=[line],
        total_dong=line.amount_dong,
    )


def an_operation(
    *states: Step.State.ValueType, response: Message | None = None, error: Any = None
) -> operations_pb2.Operation:
    operation = operations_pb2.Operation(name=f"operations/{ID}", done=bool(response or error))
    steps = [
        Step(name=name, state=state)
        for name, state in zip(("quote", "authorize", "renew", "capture"), states, strict=False)
    ]
    metadata = metadata_pb2.OperationMetadata(kind="journeys.renew/1", steps=steps)
    metadata.create_time.FromDatetime(NOON)
    operation.metadata.Pack(metadata)
    if response is not None:
        operation.response.Pack(response)
    if error is not None:
        operation.error.CopyFrom(status_of(error))
    return operation


class Zones:
    """A zone that is planned and applied as the service would."""

    def __init__(self) -> None:
        self.zone = domains_pb2.Zone(name=f"zones/{ASCII}", serial=7)
        self.put("@", "A", "127.0.0.1")
        self.put("www", "CNAME", f"{ASCII}.")
        self.put("@", "NS", "ns1.haidang.test.")
        self.put("@", "TXT", '"ghi-chu"')
        self.refusing: Exception | None = None

    def put(self, owner: str, kind: str, *values: str) -> None:
        self.zone.record_sets.append(
            domains_pb2.RecordSet(owner=owner, type=kind, ttl_seconds=3600, values=values)
        )

    def values(self, owner: str, kind: str) -> list[str]:
        return [
            value
            for one in self.zone.record_sets
            if (one.owner, one.type) == (owner, kind)
            for value in one.values
        ]

    def plan(self, request: domains_pb2.PlanZoneRequest) -> domains_pb2.ZonePlan:
        if self.refusing is not None:
            raise self.refusing
        assert ("@", "NS") not in [(one.owner, one.type) for one in request.wanted]
        before = {(one.owner, one.type): one for one in self.zone.record_sets}
        after = {(one.owner, one.type): one for one in request.wanted}
        plan = domains_pb2.ZonePlan(name=self.zone.name, base_serial=self.zone.serial)
        plan.created.extend(after[key] for key in sorted(after.keys() - before.keys()))
        plan.updated.extend(
            after[key] for key in sorted(after.keys() & before.keys()) if after[key] != before[key]
        )
        gone = sorted(before.keys() - after.keys() - {("@", "NS")})
        plan.deleted.extend(before[key] for key in gone)
        return plan

    def apply(self, request: domains_pb2.ApplyZoneRequest) -> operations_pb2.Operation:
        if self.refusing is not None:
            raise self.refusing
        if request.base_serial != self.zone.serial:
            return self._ended(error=Conflict("ZONE_CHANGED", serial=self.zone.serial))
        kept = [one for one in self.zone.record_sets if one.type == "NS"]
        self.zone = domains_pb2.Zone(
            name=self.zone.name,
            serial=self.zone.serial + 1,
            record_sets=[*request.wanted, *kept],
        )
        return self._ended()

    def _ended(self, error: Any = None) -> operations_pb2.Operation:
        operation = operations_pb2.Operation(name="operations/z1", done=True)
        if error is None:
            operation.response.Pack(self.zone)
        else:
            operation.error.CopyFrom(status_of(error))
        return operation


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


# The list and the page of a name


async def test_no_name_yet_leads_to_the_one_step(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.ListRegistrations"] = domains_pb2.ListRegistrationsResponse()

    page = await owner.get("/ten-mien")

    assert "Chưa có tên miền nào" in page.text
    assert page.text.count('class="lamp"') == 1
    assert 'href="/bat-dau"' in page.text


async def test_names_are_listed_with_trouble_first_and_nothing_is_lit(house: House) -> None:
    owner = await house.owner()
    lost = domains_pb2.Registration.STATE_SUSPENDED
    house.calls.answers["domains.ListRegistrations"] = domains_pb2.ListRegistrationsResponse(
        registrations=[
            a_registration(),
            a_registration(-3, domain="b.vn", unicode_domain="b.vn", state=lost),
            a_registration(30, domain="c.vn", unicode_domain="c.vn"),
        ],
        next_page_token="sau",
    )

    page = await owner.get("/ten-mien")

    order = [page.text.index(f'href="/ten-mien/{name}"') for name in ("b.vn", "c.vn", ASCII)]
    assert order == sorted(order)
    assert all(words in page.text for words in ("Đang tạm ngừng", "Sắp hết hạn", NAME))
    assert "trang=sau" in page.text
    assert 'class="lamp"' not in page.text


@pytest.mark.parametrize(
    ("held", "said", "is_lit"),
    [
        (a_registration(), "là của anh/chị đến hết ngày 11/06/2027", False),
        (a_registration(12), "còn 12 ngày", True),
        (
            a_registration(-3, state=domains_pb2.Registration.STATE_SUSPENDED),
            "Gia hạn đến hết ngày 15/12/2026 thì tên hoạt động lại ngay",
            True,
        ),
        (
            a_registration(
                -30, state=domains_pb2.Registration.STATE_PENDING_REVOCATION, most_years=0
            ),
            "chậm nhất ngày 03/12/2026; sau đó ai cũng có thể đăng ký lại",
            False,
        ),
        (
            a_registration(-90, state=domains_pb2.Registration.STATE_REVOKED, most_years=0),
            "Tên miền đã bị thu hồi.",
            False,
        ),
        (
            a_registration(state=domains_pb2.Registration.STATE_ACTIVE_PENDING_DOCS),
            "còn chờ giấy tờ của anh/chị",
            False,
        ),
    ],
)
async def test_a_name_says_how_it_stands_and_what_comes_next(
    house: House, held: domains_pb2.Registration, said: str, is_lit: bool
) -> None:
    owner = await house.owner()
    house.calls.answers["domains.GetRegistration"] = held

    page = await owner.get(f"/ten-mien/{ASCII}")

    assert said in text_of(page.text)
    assert page.text.count('class="lamp"') == int(is_lit)
    assert "Hộ kinh doanh &lt;Lan&gt;" in page.text
    english = await owner.get(f"/ten-mien/{ASCII}?lang=en")
    assert english.status == 200
    assert "Who holds it" in english.text


async def test_a_name_of_nobody_here_is_not_found(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.GetRegistration"] = Absent("REGISTRATION_ABSENT", name="x.vn")

    for path in ("/ten-mien/x.vn", "/ten-mien/x.vn/gia-han"):
        assert (await owner.get(path)).status == 404


async def test_a_viewer_sees_a_name_and_no_button_that_would_refuse(house: House) -> None:
    viewer = await house.viewer()
    house.calls.answers["domains.GetRegistration"] = a_registration(12)

    page, records = await viewer.get(f"/ten-mien/{ASCII}"), await viewer.get(RECORDS)

    assert "gia-han" not in page.text
    assert "ban-ghi/khac" not in records.text
    assert "ban-ghi/bo" not in records.text
    assert (await viewer.get(RENEW)).status == 403


# Renewing


async def test_the_price_stands_on_the_button_and_the_law_at_its_line(house: House) -> None:
    owner = await house.owner()

    page = await owner.get(f"{RENEW}?nam=3")

    text = text_of(page.text)
    assert "Gia hạn 3 năm · 1.050.000 ₫" in text
    assert "Thông tư 10/2025/TT-BTC" in text
    assert "Hạn mới: ngày 11/06/2030" in text
    assert page.text.count('class="lamp"') == 1
    assert "?nam=10" not in page.text  # more than the ten years ahead
    assert house.calls.asked("domains.QuoteDomain")[-1].years == 3


@pytest.mark.parametrize("typed", ["", "0", "11", "-1", "abc", "9" * 6000, "²"])
async def test_years_that_make_no_sense_are_one(house: House, typed: str) -> None:
    owner = await house.owner()

    await owner.get(f"{RENEW}?nam={typed.replace('²', '%C2%B2')}")

    assert house.calls.asked("domains.QuoteDomain")[-1].years == 1


async def test_a_renewal_is_sent_with_the_price_that_was_shown(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["journeys.RenewName"] = an_operation(Step.STATE_INTENDED)

    page = await owner.submit(await owner.get(f"{RENEW}?nam=2"), RENEW)

    (sent,) = house.calls.asked("journeys.RenewName")
    assert (page.status, page.location) == (303, f"{RENEW}/{ID}")
    assert (sent.domain, sent.years, sent.accepted_total_dong) == (ASCII, 2, 700_000)
    assert sent.payer == "sandbox-account"
    assert re.fullmatch(r"[0-9a-f-]{36}", sent.request_id)


async def test_a_double_tap_sends_one_request_id(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["journeys.RenewName"] = an_operation(Step.STATE_INTENDED)
    page = await owner.get(RENEW)

    for _ in range(2):
        await owner.submit(page, RENEW)

    assert len({one.request_id for one in house.calls.asked("journeys.RenewName")}) == 1


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refused("PRICE_ABOVE_ACCEPTED", total="400.000 ₫", accepted="350.000 ₫"), "400.000 ₫"),
        (Refused("PAYMENT_DECLINED", field="payer"), "payer-fault"),
    ],
)
async def test_a_refusal_is_said_and_the_price_shown_again(
    house: House, refusal: Refused, said: str
) -> None:
    owner = await house.owner()
    house.calls.answers["journeys.RenewName"] = refusal

    page = await owner.submit(await owner.get(RENEW), RENEW, payer="khong-co-tien")

    assert page.status == 422
    assert said in page.text
    assert "khong-co-tien" in page.text
    assert "data-focus" in page.text


async def test_without_a_payer_nothing_is_sent(house: House) -> None:
    owner = await house.owner()

    page = await owner.submit(await owner.get(RENEW), RENEW, payer=" ")

    assert page.status == 422
    assert house.calls.asked("journeys.RenewName") == []


async def test_a_name_that_takes_no_renewal_says_why_and_asks_no_price(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.GetRegistration"] = a_registration(-30, most_years=0)

    page = await owner.get(RENEW)

    assert "nay đã qua" in page.text
    assert house.calls.asked("domains.QuoteDomain") == []


async def test_a_renewal_is_followed_step_by_step(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        Step.STATE_SETTLED, Step.STATE_SETTLED, Step.STATE_INTENDED, Step.STATE_WAITING
    )

    page = await owner.get(f"{RENEW}/{ID}")

    assert "Gia hạn tại cơ quan đăng ký" in page.text
    assert f'data-events="{RENEW}/{ID}/su-kien"' in page.text
    assert "<noscript>" in page.text


async def test_a_renewal_that_arrived_names_the_new_term_and_what_was_paid(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        response=journeys_pb2.Renewal(
            domain=ASCII,
            years=2,
            registration=a_registration(930),
            payment=journeys_pb2.Payment(captured_dong=700_000),
        )
    )

    text = text_of((await owner.get(f"{RENEW}/{ID}")).text)

    assert "là của anh/chị đến hết ngày 10/06/2029" in text
    assert "700.000 ₫" in text


@pytest.mark.parametrize(
    ("reason", "lit"), [("RENEWAL_RELEASED", "gia-han"), ("RENEWAL_UNPAID", "tra-tien")]
)
async def test_a_renewal_that_stopped_says_what_became_of_the_money(
    house: House, reason: str, lit: str
) -> None:
    owner = await house.owner()
    await an_unpaid_renewal(house.database, owner.session.tenant, ASCII, ID)
    error = Refused(reason, cause_vi="Thôi.", amount="350.000 ₫", domain=NAME, expires="11/06/2028")
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        Step.STATE_SETTLED, error=error
    )

    page = await owner.get(f"{RENEW}/{ID}")

    assert "350.000" in page.text
    found = re.findall(r'class="lamp" href="([^"]+)"', page.text)
    assert found == [f"/ten-mien/{ASCII}/{lit}"]


async def test_a_renewal_that_was_paid_since_is_not_said_to_be_unpaid(house: House) -> None:
    owner = await house.owner()
    await an_unpaid_renewal(house.database, owner.session.tenant, ASCII, ID)
    await is_paid(house.database, ID)
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        Step.STATE_SETTLED, error=Refused("RENEWAL_UNPAID", cause_vi="Thôi.", amount="350.000 ₫")
    )

    page = await owner.get(f"{RENEW}/{ID}")

    assert "nay anh/chị đã trả" in page.text
    assert "chưa thu được tiền</h1>" not in page.text
    assert 'class="lamp"' not in page.text


async def test_a_name_that_owes_is_paid_for_before_it_is_renewed(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.GetRegistration"] = a_registration(12)
    await an_unpaid_renewal(house.database, owner.session.tenant, ASCII, ID)

    for path in (f"/ten-mien/{ASCII}", RENEW):
        page = await owner.get(path)
        lit = re.findall(r'class="lamp" (?:href="([^"]+)")?', page.text)
        assert lit == [f"/ten-mien/{ASCII}/tra-tien"]
        assert "Trả khoản còn thiếu · 350.000 ₫" in text_of(page.text)
        assert f'href="{RENEW}"' not in page.text
    assert house.calls.asked("domains.QuoteDomain") == []


@pytest.mark.parametrize("path", ["khong-phai-ma", ID])
async def test_what_is_no_renewal_of_ours_is_not_found(house: House, path: str) -> None:
    owner = await house.owner()
    other = an_operation(Step.STATE_INTENDED)
    other.metadata.Pack(metadata_pb2.OperationMetadata(kind="journeys.go-online/1"))
    house.calls.answers["operations.journeys.GetOperation"] = other

    assert (await owner.get(f"{RENEW}/{path}")).status == 404


async def test_events_tell_each_step_and_end_with_the_renewal(house: House) -> None:
    owner = await house.owner()
    ended = journeys_pb2.Renewal(domain=ASCII, years=1, registration=a_registration(565))
    states = iter(
        [
            an_operation(Step.STATE_INTENDED),
            an_operation(Step.STATE_INTENDED),
            an_operation(Step.STATE_SETTLED, response=ended),
        ]
    )
    house.calls.answers["operations.journeys.GetOperation"] = lambda _: next(states)
    heard = b""

    async with owner.stream(f"{RENEW}/{ID}/su-kien") as pieces:
        while b"event: end" not in heard:
            heard += await pieces.get()

    assert b"event: message" in heard
    assert "Xem lại giá".encode() in heard


# Records


async def test_records_are_shown_by_what_they_are_for(house: House) -> None:
    owner = await house.owner()

    page = await owner.get(RECORDS)

    text = text_of(page.text)
    assert "Tên này dẫn tới trang web ở Hải Đăng" in text
    assert "Tên này chưa nhận thư" in text
    assert "ghi-chu" in text
    assert '"ghi-chu"' not in text
    assert 'class="lamp"' not in page.text


async def planned(house: House, form: str, **typed: str) -> Any:
    owner = await house.owner()
    action = f"{RECORDS}/{form}"
    return owner, await owner.submit(await owner.get(action), action, **typed)


async def test_a_mail_provider_is_planned_line_by_line_then_applied(house: House) -> None:
    owner, plan = await planned(house, "thu-dien-tu", provider="google", values="")

    assert plan.status == 200
    text = text_of(plan.text)
    assert "Thêm nơi nhận thư" in text
    assert "1 smtp.google.com." in text
    assert "v=spf1 include:_spf.google.com ~all" in text
    assert house.calls.asked("domains.ApplyZone") == []

    done = await owner.submit(plan, f"{RECORDS}/ap-dung")
    assert (done.status, done.location) == (303, f"{RECORDS}?xong=1")
    zones = house.zones  # type: ignore[attr-defined]
    assert zones.values("@", "MX") == ["1 smtp.google.com."]
    assert zones.values("@", "TXT") == ['"ghi-chu"', "v=spf1 include:_spf.google.com ~all"]
    assert zones.values("@", "A") == ["127.0.0.1"]
    listed = await owner.get(RECORDS)
    assert "do Google Workspace nhận" in listed.text


async def test_a_double_tap_on_apply_says_it_is_done(house: House) -> None:
    owner, plan = await planned(house, "xac-minh", values="google-site-verification=abc")

    for _ in range(2):
        done = await owner.submit(plan, f"{RECORDS}/ap-dung")
        assert done.location == f"{RECORDS}?xong=1"
    assert len(house.calls.asked("domains.ApplyZone")) == 1


async def test_own_mail_servers_get_their_priority_and_dot(house: House) -> None:
    _, plan = await planned(
        house, "thu-dien-tu", provider="own", values="mail.nha.vn\r\n20 mx2.nha.vn.\r\n"
    )

    (request,) = house.calls.asked("domains.PlanZone")
    (mail,) = [one for one in request.wanted if one.type == "MX"]
    assert list(mail.values) == ["10 mail.nha.vn.", "20 mx2.nha.vn."]
    assert plan.status == 200


@pytest.mark.parametrize(
    ("form", "typed", "field"),
    [
        ("thu-dien-tu", {"provider": "", "values": ""}, "provider"),
        ("thu-dien-tu", {"provider": "own", "values": " \r\n"}, "values"),
        ("xac-minh", {"values": " "}, "values"),
        ("khac", {"type": "A", "values": ""}, "values"),
        ("khac", {"type": "HINFO", "values": "x"}, "type"),
        ("khac", {"type": "A", "values": "192.0.2.1", "ttl": "một giờ"}, "ttl"),
    ],
)
async def test_what_is_missing_is_said_at_its_field_and_nothing_planned(
    house: House, form: str, typed: dict[str, str], field: str
) -> None:
    _, page = await planned(house, form, **typed)

    assert page.status == 422
    assert f'id="{field}-fault"' in page.text
    assert house.calls.asked("domains.PlanZone") == []


@pytest.mark.parametrize(
    ("refusal", "field"),
    [
        (Malformed("RECORD_VALUE", field="wanted.3.values.0", value="x", type="A"), "values"),
        (Malformed("RECORD_OWNER", field="wanted.3.owner", owner="a b"), "owner"),
        (Refused("RECORD_CNAME", field="wanted.0", owner="www"), "values"),
    ],
)
async def test_a_record_the_zone_refuses_keeps_what_was_typed(
    house: House, refusal: Exception, field: str
) -> None:
    house.zones.refusing = refusal  # type: ignore[attr-defined]

    _, page = await planned(house, "khac", type="CNAME", owner="a <b>", values="x\r\ny", ttl="60")

    assert page.status == 422
    assert f'id="{field}-fault"' in page.text
    assert "a &lt;b&gt;" in page.text
    assert ">x\ny</textarea>" in page.text
    assert '<option value="CNAME" selected>' in page.text


async def test_taking_the_websites_address_away_is_a_page_of_danger(house: House) -> None:
    owner = await house.owner()

    plan = await owner.post(f"{RECORDS}/bo", {"owner": "@", "type": "A"})

    assert "Thay đổi này làm tắt trang web" in plan.text
    assert plan.text.count('class="lamp"') == 1
    assert f'<a class="lamp" href="{RECORDS}">' in plan.text
    assert "quiet danger" in plan.text
    await owner.submit(plan, f"{RECORDS}/ap-dung")
    assert house.zones.values("@", "A") == []  # type: ignore[attr-defined]


async def test_mail_that_would_stop_is_warned_of(house: House) -> None:
    house.zones.put("@", "MX", "10 cu.nha.vn.")  # type: ignore[attr-defined]

    _, plan = await planned(house, "thu-dien-tu", provider="none", values="")

    assert "sẽ không còn đến nơi đang nhận hôm nay" in plan.text


async def test_a_record_is_edited_and_its_old_place_goes(house: House) -> None:
    house.zones.put("cu", "CNAME", "a.nha.vn.")  # type: ignore[attr-defined]
    owner = await house.owner()
    form = await owner.get(f"{RECORDS}/khac?ten=cu&loai=CNAME")

    plan = await owner.submit(form, f"{RECORDS}/khac", owner="moi")
    await owner.submit(plan, f"{RECORDS}/ap-dung")

    zones = house.zones  # type: ignore[attr-defined]
    assert zones.values("cu", "CNAME") == []
    assert zones.values("moi", "CNAME") == ["a.nha.vn."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda zones: zones.put("khac", "A", "192.0.2.9"), "vẫn như cũ; các thay đổi khác"),
        (lambda zones: zones.put("@", "MX", "10 nguoi-khac.vn."), "10 nguoi-khac.vn."),
    ],
)
async def test_changed_meanwhile_the_plan_is_shown_again_with_both(
    house: House, change: Callable[[Zones], None], said: str
) -> None:
    owner, plan = await planned(house, "thu-dien-tu", provider="zoho", values="")
    zones = house.zones  # type: ignore[attr-defined]
    change(zones)
    zones.zone.serial += 1

    again = await owner.submit(plan, f"{RECORDS}/ap-dung")

    assert again.status == 409
    assert said in text_of(again.text)
    assert "10 mx.zoho.com." in again.text
    assert house.calls.asked("domains.ApplyZone") == []
    done = await owner.submit(again, f"{RECORDS}/ap-dung")
    assert done.location == f"{RECORDS}?xong=1"
    assert "10 mx.zoho.com." in zones.values("@", "MX")


async def test_changed_between_reading_and_applying_is_shown_again_too(house: House) -> None:
    owner, plan = await planned(house, "xac-minh", values="abc")
    house.calls.answers["domains.ApplyZone"] = Conflict("ZONE_CHANGED", serial=8)

    again = await owner.submit(plan, f"{RECORDS}/ap-dung")

    assert again.status == 409
    old = dict(plan.form(f"{RECORDS}/ap-dung").fields)["request_id"]
    assert dict(again.form(f"{RECORDS}/ap-dung").fields)["request_id"] != old


async def test_a_text_added_elsewhere_meanwhile_is_not_lost(house: House) -> None:
    owner, plan = await planned(house, "thu-dien-tu", provider="google", values="")
    other, proof = await planned(house, "xac-minh", values="cua-nguoi-khac")
    await other.submit(proof, f"{RECORDS}/ap-dung")

    again = await owner.submit(plan, f"{RECORDS}/ap-dung")
    await owner.submit(again, f"{RECORDS}/ap-dung")

    texts = house.zones.values("@", "TXT")  # type: ignore[attr-defined]
    assert texts == ['"ghi-chu"', "cua-nguoi-khac", "v=spf1 include:_spf.google.com ~all"]


async def test_a_change_that_takes_long_is_said_to_be_on_its_way(house: House) -> None:
    owner, plan = await planned(house, "xac-minh", values="abc")
    running = operations_pb2.Operation(name="operations/z1")
    house.calls.answers["domains.ApplyZone"] = running
    house.calls.answers["operations.domains.WaitOperation"] = Unavailable("NOT_READY")

    done = await owner.submit(plan, f"{RECORDS}/ap-dung")

    assert done.location == f"{RECORDS}?doi=1"
    assert "đang được đưa lên" in (await owner.follow(done)).text


async def test_nothing_to_change_says_so(house: House) -> None:
    _, plan = await planned(house, "xac-minh", values="ghi-chu")

    assert "không có gì thay đổi" in plan.text
    assert "ap-dung" not in plan.text


@pytest.mark.parametrize(
    "change",
    [
        "",
        "x",
        "[]",
        "[[1,2,3,4]]",
        '[["@"]]',
        '[["@", "A", 60, [], 1]]',
        json.dumps([["@", "A", 60, [], None]] * 9),
    ],
)
async def test_a_change_that_cannot_be_read_is_refused(house: House, change: str) -> None:
    owner = await house.owner()

    page = await owner.post(f"{RECORDS}/ap-dung", {"change": change, "seen": change})

    assert page.status == 400
    assert house.calls.asked("domains.ApplyZone") == []


async def test_removing_what_is_gone_goes_back(house: House) -> None:
    owner = await house.owner()

    page = await owner.post(f"{RECORDS}/bo", {"owner": "khong-co", "type": "A"})

    assert (page.status, page.location) == (303, RECORDS)
