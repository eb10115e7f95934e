"""The home page: what is live, what waits, one lit step, and calm where a service is away."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Unavailable
from haidang.core.testing.memory import NOON
from haidang.portal.accounts import Role
from haidang.portal.dues import DueItem, DueKind
from haidang.portal.starts.values import Attempt
from haidang.portal.web.rooms.home import Home
from haidang.portal.web.rooms.home_needs import Found, Site, needs_of
from haidang.portal.web.rooms.home_needs import lit as lit_need

from tests.portal.web.browser import Browser
from tests.portal.web.debts import an_unpaid_renewal, is_paid
from tests.portal.web.house import House, a_house

JOURNEY = "0123456789abcdef0123456789abcdef"
SITE = "websites/w1"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        house.calls.answers |= {
            "domains.ListRegistrations": domains_pb2.ListRegistrationsResponse(),
            "websites.ListWebsites": websites_pb2.ListWebsitesResponse(),
            "websites.ListDeployments": websites_pb2.ListDeploymentsResponse(),
            "websites.ListEnquiries": websites_pb2.ListEnquiriesResponse(),
            "esign.ListDocuments": esign_pb2.ListDocumentsResponse(),
            "journeys.ListJourneys": journeys_pb2.ListJourneysResponse(),
        }
        yield house


def a_name(domain: str = "bien.vn", days_left: int = 300, **changes: Any) -> Any:
    held = domains_pb2.Registration(
        domain=domain, unicode_domain=domain, state=domains_pb2.Registration.STATE_ACTIVE
    )
    held.create_time.FromDatetime(NOON - timedelta(days=65))
    held.expire_time.FromDatetime(NOON + timedelta(days=days_left))
    held.outlook.most_years = 9
    for name, value in changes.items():
        setattr(held, name, value)
    return held


def a_journey(state: str = "ONLINE", *, domain: str = "bien.vn", **changes: Any) -> Any:
    journey = journeys_pb2.Journey(
        name=f"journeys/{JOURNEY}",
        domain=domain,
        state=journeys_pb2.Journey.State.Value(f"STATE_{state}"),
        **changes,
    )
    journey.create_time.FromDatetime(NOON - timedelta(hours=1))
    return journey


def a_website(revision: int = 3) -> Any:
    return websites_pb2.Website(
        name=SITE,
        domain="bien.vn",
        revision=revision,
        live_deployment=f"{SITE}/deployments/d1",
        live_uri="http://bien.vn.localhost:1/",
        draft=websites_pb2.Draft(business=websites_pb2.Business(name="Nhà Gió <Biển>")),
    )


def a_deployment(revision: int = 3) -> Any:
    found = websites_pb2.Deployment(name=f"{SITE}/deployments/d1", revision=revision, live=True)
    found.create_time.FromDatetime(NOON - timedelta(days=2))
    return found


def an_enquiry(hours_ago: int, state: str = "NEW") -> Any:
    found = websites_pb2.Enquiry(state=websites_pb2.Enquiry.State.Value(f"STATE_{state}"))
    found.create_time.FromDatetime(NOON - timedelta(hours=hours_ago))
    return found


def answer(house: House, **answers: Any) -> None:
    """Have services answer lists: names, sites, deployments, enquiries, documents, journeys."""
    made = {
        "names": ("domains.ListRegistrations", domains_pb2.ListRegistrationsResponse),
        "sites": ("websites.ListWebsites", websites_pb2.ListWebsitesResponse),
        "deployments": ("websites.ListDeployments", websites_pb2.ListDeploymentsResponse),
        "enquiries": ("websites.ListEnquiries", websites_pb2.ListEnquiriesResponse),
        "documents": ("esign.ListDocuments", esign_pb2.ListDocumentsResponse),
        "journeys": ("journeys.ListJourneys", journeys_pb2.ListJourneysResponse),
    }
    field = {"names": "registrations", "sites": "websites"}
    for part, items in answers.items():
        method, kind = made[part]
        house.calls.answers[method] = kind(**{field.get(part, part): items})


async def a_start(house: House, browser: Browser, **facts: str) -> Any:
    tenant = browser.session.tenant
    return await house.offices.starts.begin(tenant, str(uuid.uuid4()), facts)


def lit(html: str) -> list[str]:
    return re.findall(r'class="lamp" href="([^"]+)"', html)


async def test_a_fresh_account_is_led_to_its_first_step(house: House) -> None:
    owner = await house.owner()

    page = await owner.get("/trang-chu")

    assert "Bắt đầu từ tên cơ sở" in page.text
    assert lit(page.text) == ["/bat-dau"]
    assert "Việc cần làm" not in page.text


async def test_a_viewer_of_nothing_is_told_what_will_be_here_and_nothing_is_lit(
    house: House,
) -> None:
    viewer = await house.viewer()

    page = await viewer.get("/trang-chu")

    assert page.status == 200
    assert lit(page.text) == []


async def test_when_all_is_well_it_says_so_and_nothing_is_lit(house: House) -> None:
    owner = await house.owner()
    answer(
        house,
        names=[a_name()],
        sites=[a_website()],
        deployments=[a_deployment()],
        journeys=[a_journey()],
        documents=[esign_pb2.Document(name="documents/d1")],
    )

    page = await owner.get("/trang-chu")

    assert "hôm nay không có việc gì cần làm" in page.text
    assert lit(page.text) == []
    assert 'href="http://bien.vn.localhost:1/"' in page.text
    assert "Nhà Gió &lt;Biển&gt;" in page.text
    assert "dùng đến hết ngày 19/09/2027" in page.text
    assert "1 giấy tờ" in page.text


async def test_what_costs_comes_first_the_oldest_first_and_only_one_step_is_lit(
    house: House,
) -> None:
    owner = await house.owner()
    await a_start(house, owner, sign_name="Quán <Mới>")
    answer(
        house,
        names=[
            a_name(days_left=20),
            a_name("khac.vn"),
            a_name("ngung.vn", -5, state=domains_pb2.Registration.STATE_SUSPENDED),
            a_name("cu.vn", -40, state=domains_pb2.Registration.STATE_PENDING_REVOCATION),
        ],
        sites=[a_website(revision=4)],
        deployments=[a_deployment()],
        enquiries=[an_enquiry(5), an_enquiry(3), an_enquiry(9, "DONE")],
        journeys=[a_journey(), a_journey(domain="khac.vn")],
    )

    page = await owner.get("/trang-chu")

    places = [
        page.text.index(said)
        for said in (
            "Tên miền cu.vn đã quá hạn gia hạn",
            "Tên miền ngung.vn đã hết hạn ngày 18/11/2026",
            "Tên miền bien.vn hết hạn ngày 13/12/2026, còn 20 ngày.",
            "Khách gửi 2 lời nhắn mới",
            "có thay đổi chưa xuất bản",
            "Phần khai cho Quán &lt;Mới&gt; còn dang dở",
        )
    ]
    assert places == sorted(places)
    # What nobody can put right is said first, and not lit.
    assert lit(page.text) == ["/ten-mien/ngung.vn/gia-han"]


async def test_a_stopped_journey_is_said_once_with_its_start(house: House) -> None:
    owner = await house.owner()
    start = await a_start(house, owner, sign_name="Quán Lan")
    tenant, starts = owner.session.tenant, house.offices.starts
    proposed = Attempt(str(uuid.uuid4()), "0" * 64, house.clock.now())
    attempt = await starts.attempt(tenant, start.id, proposed, is_over=True)
    await starts.sent(tenant, start.id, attempt.request_id, f"operations/{JOURNEY}")
    answer(house, journeys=[a_journey("REFUSED", reason="JOURNEY_RELEASED")])

    page = await owner.get("/trang-chu")

    assert "Việc đưa bien.vn lên mạng đã dừng giữa chừng." in page.text
    assert "Quán Lan" not in page.text
    assert lit(page.text) == [f"/hanh-trinh/{JOURNEY}"]


@pytest.mark.parametrize(
    ("journeys", "kinds"),
    [
        ([a_journey("REFUSED", reason="JOURNEY_RELEASED")], []),
        ([a_journey("REFUSED", reason="JOURNEY_STOPPED_HOLDING")], ["stopped"]),
        ([a_journey("REFUSED", reason="JOURNEY_STOPPED_UNPAID")], ["unpaid"]),
        ([a_journey(), a_journey("REFUSED", reason="JOURNEY_STOPPED_HOLDING")], []),
        ([a_journey("RUNNING"), a_journey("REFUSED", reason="JOURNEY_STOPPED_HOLDING")], []),
        (
            [
                a_journey("REFUSED", reason="FINISH_STOPPED"),
                a_journey("REFUSED", reason="JOURNEY_STOPPED_HOLDING"),
            ],
            ["stopped"],
        ),
    ],
)
def test_a_refused_journey_waits_only_while_something_is_left_of_it(
    journeys: list[Any], kinds: list[str]
) -> None:
    assert [need.kind for need in needs_of(Found(journeys=journeys), NOON)] == kinds


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        (a_name(days_left=61), ""),
        (a_name(days_left=60), "expiring"),
        (a_name(days_left=-2, state=domains_pb2.Registration.STATE_SUSPENDED), "suspended"),
        (a_name(days_left=-40, state=domains_pb2.Registration.STATE_PENDING_REVOCATION), "lost"),
        (a_name(state=domains_pb2.Registration.STATE_ACTIVE_PENDING_DOCS), "papers"),
    ],
)
def test_a_name_waits_as_its_state_says(held: Any, kind: str) -> None:
    needs = needs_of(Found(names=[held], journeys=[a_journey()]), NOON)

    assert [need.kind for need in needs] == ([kind] if kind else [])


def test_a_name_without_a_declaration_is_said_only_when_journeys_are_known() -> None:
    assert needs_of(Found(names=[a_name()]), NOON) == []
    (need,) = needs_of(Found(names=[a_name()], journeys=[]), NOON)
    assert (need.kind, need.tier) == ("undeclared", 2)


def test_a_renewal_that_was_not_paid_is_trouble() -> None:
    renewal = DueItem(DueKind.RENEWAL, "r1", "bien.vn", 1, 350_000, NOON)

    (need,) = needs_of(Found(dues=[renewal]), NOON)

    assert (need.kind, need.tier) == ("renewal_unpaid", 0)
    assert (need.href, need.grant) == ("/ten-mien/bien.vn/tra-tien", "journeys.write")
    assert lit_need([need], lambda grant: grant == "journeys.write") == need
    assert lit_need([need], lambda _: False) is None


async def test_a_renewal_that_was_not_paid_is_paid_from_here_until_it_is(house: House) -> None:
    owner = await house.owner()
    answer(house, names=[a_name()], journeys=[a_journey()])
    await an_unpaid_renewal(house.database, owner.session.tenant, "bien.vn", "r1")
    await an_unpaid_renewal(house.database, "another", "bien.vn", "r2")

    page = await owner.get("/trang-chu")
    assert "đã gia hạn nhưng chưa thu được 350.000" in page.text
    assert lit(page.text) == ["/ten-mien/bien.vn/tra-tien"]

    await is_paid(house.database, "r1")
    assert "tra-tien" not in (await owner.get("/trang-chu")).text


def test_changes_are_known_by_the_revision_that_is_live() -> None:
    assert Site(a_website(4), a_deployment(3)).has_changes
    assert not Site(a_website(3), a_deployment(3)).has_changes
    assert not Site(a_website(3), None).has_changes


async def test_a_running_journey_is_followed_from_here(house: House) -> None:
    owner = await house.owner()
    answer(house, journeys=[a_journey("RUNNING")])

    page = await owner.get("/trang-chu")

    assert "Đang đưa bien.vn lên mạng." in page.text
    assert f'href="/hanh-trinh/{JOURNEY}"' in page.text


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("domains.ListRegistrations", "tên miền"),
        ("websites.ListWebsites", "trang web"),
        ("esign.ListDocuments", "giấy tờ"),
        ("journeys.ListJourneys", "các việc đang làm"),
    ],
)
async def test_a_service_that_is_down_gets_one_calm_sentence(
    house: House, method: str, part: str
) -> None:
    owner = await house.owner()
    answer(house, names=[a_name()], sites=[a_website()], journeys=[a_journey()])
    house.calls.answers[method] = Unavailable("NOT_READY")

    page = await owner.get("/trang-chu")

    assert page.status == 200
    assert f"Lúc này chưa xem được: {part}." in page.text


async def test_with_everything_down_the_page_still_stands_and_nothing_is_said_to_be_well(
    house: House,
) -> None:
    owner = await house.owner()
    for method in list(house.calls.answers):
        house.calls.answers[method] = Unavailable("NOT_READY")

    page = await owner.get("/trang-chu")

    assert page.status == 200
    assert "Mọi thứ đang chạy tốt" not in page.text
    assert "Bắt đầu từ tên cơ sở" not in page.text


async def test_enquiries_that_cannot_be_read_do_not_hide_the_website(house: House) -> None:
    owner = await house.owner()
    answer(house, sites=[a_website()], deployments=[a_deployment()])
    house.calls.answers["websites.ListEnquiries"] = Unavailable("NOT_READY")

    page = await owner.get("/trang-chu")

    assert "Nhà Gió" in page.text
    assert "chưa xem được" not in page.text


async def test_a_service_that_is_slow_is_not_waited_for(house: House) -> None:
    owner = await house.owner()
    hurried = Home(house.offices.starts, house.offices.dues, house.clock, deadline_seconds=0.2)
    never = asyncio.Event()

    async def slow(_: Any) -> Any:
        await never.wait()

    answer(house, names=[a_name()], journeys=[a_journey()])
    house.calls.answers["websites.ListWebsites"] = slow

    class Patient:
        session, words = owner.session, None
        domains = house.calls.service("domains", None)  # type: ignore[arg-type]  # unread
        websites = house.calls.service("websites", None)  # type: ignore[arg-type]  # as well
        esign = house.calls.service("esign", None)  # type: ignore[arg-type]  # as well
        journeys = house.calls.service("journeys", None)  # type: ignore[arg-type]  # as well

    began = asyncio.get_running_loop().time()
    found = await hurried._found(Patient())  # type: ignore[arg-type]  # what it reads of a visit

    assert asyncio.get_running_loop().time() - began < 2
    assert found.sites is None
    assert found.names is not None
    assert found.away == ["sites"]


async def test_what_a_visitor_may_not_do_is_said_without_its_button(house: House) -> None:
    owner = await house.owner()
    editor = await house.member(owner, Role.EDITOR)
    answer(
        house,
        names=[a_name(days_left=20)],
        sites=[a_website(revision=4)],
        deployments=[a_deployment()],
        journeys=[a_journey()],
    )

    page = await editor.get("/trang-chu")

    assert "hết hạn ngày 13/12/2026" in page.text
    assert "/ten-mien/bien.vn/gia-han" not in page.text
    assert lit(page.text) == ["/trang-web/w1/dang"]


async def test_home_is_said_in_english_too(house: House) -> None:
    owner = await house.owner()
    answer(house, names=[a_name(days_left=1)], journeys=[a_journey()])

    page = await owner.get("/trang-chu?lang=en")

    assert "expires on 24/11/2026, in 1 day." in page.text


def test_since_is_an_instant_everywhere() -> None:
    found = Found(
        names=[a_name(days_left=20), a_name("b.vn")],
        journeys=[a_journey("REFUSED", domain="c.vn", reason="FINISH_STOPPED")],
        sites=[Site(a_website(4), a_deployment(), [an_enquiry(2)])],
    )

    needs = needs_of(found, NOON)

    assert {need.kind for need in needs} == {
        "expiring",
        "stopped",
        "enquiries",
        "changes",
        "undeclared",
    }
    assert all(isinstance(need.since, datetime) and need.since.tzinfo for need in needs)
    assert max(need.since for need in needs).astimezone(UTC) <= NOON
