"""No message breaks websites.v1, nor what every service answers beside its own contract."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from haidang.api.operations.v1 import operations_pb2 as operator_pb2
from haidang.api.operations.v1 import operations_pb2_grpc as operator_pb2_grpc
from haidang.api.privacy.v1 import privacy_pb2, privacy_pb2_grpc
from haidang.api.websites.v1 import websites_pb2, websites_pb2_grpc
from haidang.core.client import channel
from haidang.core.house import METHODS as HOUSE
from haidang.core.house import add_house
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.privacy import Parts
from haidang.core.server import Door
from haidang.core.tenancy import OPERATE, Actor, TokenVerifier
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.website_builder.messages import ANSWERS
from haidang.website_builder.personal.ledger import PersonalLedger
from haidang.website_builder.personal.office import SitesPart, Withdrawer
from haidang.website_builder.revisions.ledger import RevisionLedger
from haidang.website_builder.servicer import METHODS, WebsitesServicer

from tests.core.doors import PUBLIC_KEY, a_token, bearing
from tests.hostile_messages import TENANT, Messages, storm
from tests.website_builder import photographs as shot
from tests.website_builder import sites
from tests.website_builder.house import House, in_chunks, open_house
from tests.website_builder.served import draft_message

ROUNDS = 12
WEBSITES = websites_pb2.DESCRIPTOR.services_by_name["WebsitesService"]
OPERATIONS = operations_pb2.DESCRIPTOR.services_by_name["Operations"]
OPERATOR = operator_pb2.DESCRIPTOR.services_by_name["OperatorService"]
PRIVACY = privacy_pb2.DESCRIPTOR.services_by_name["PrivacyService"]


@dataclass
class Served:
    """The service behind its Door, in this process."""

    house: House
    opened: grpc.aio.Channel


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    house, clock = await open_house(tmp_path), FakeClock(NOON)
    personal = PersonalLedger(house.database)
    withdrawer = Withdrawer(personal, house.target)
    settings = DeskSettings("websites", tmp_path)
    offices = [house.publisher, withdrawer]
    desk = await Desk.open(settings, house.database, offices, clock=clock)
    revisions = RevisionLedger(house.database)
    servicer = WebsitesServicer(
        desk, house.editor, house.publisher, house.media, revisions, house.reception
    )
    verifier = TokenVerifier(PUBLIC_KEY, "websites")
    server = grpc.aio.server(interceptors=[Door({**METHODS, **HOUSE}, verifier, clock=clock)])
    websites_pb2_grpc.add_WebsitesServiceServicer_to_server(servicer, server)
    part = SitesPart(personal, house.blobs, desk, withdrawer)
    add_house(server, desk, ANSWERS, Parts((house.reception, part)), service="websites")
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    grants = frozenset({"*", OPERATE})
    token = bearing(a_token(Actor("lan", TENANT, grants), "websites", at=NOON))
    async with channel(f"127.0.0.1:{port}", token) as opened:
        yield Served(house, opened)
    await server.stop(0)
    await desk.close()
    await house.database.close()


async def test_no_message_is_answered_outside_of_the_vocabulary(served: Served) -> None:
    site = await served.house.a_website()
    photo = await served.house.media.take(TENANT, in_chunks(shot.a_jpeg(60, 40)), 0, {})
    draft = draft_message(sites.a_draft())
    website = f"websites/{site.id}"
    messages = Messages(
        seed=2,
        names={
            "name": (website, photo.id, f"{website}/revisions/1", f"packs/{sites.BIEN}"),
            "website": (website,),
            "pack": (f"packs/{sites.BIEN}",),
            "path": ("", "lien-he/"),
            "etag": (site.etag,),
            "locales": ("vi", "en"),
            "photos": (photo.id,),
            "deployment": (f"{website}/deployments/" + "a" * 32,),
        },
    )
    valid = {
        "CheckDraft": lambda: websites_pb2.CheckDraftRequest(draft=draft),
        "PreviewDraft": lambda: websites_pb2.PreviewDraftRequest(draft=draft),
        "PreviewPage": lambda: websites_pb2.PreviewPageRequest(name=website),
        "SuggestDraft": lambda: websites_pb2.SuggestDraftRequest(
            pack=draft.pack, business=draft.business, locales=["vi"], kind="homestay"
        ),
        "UpdateDraft": lambda: websites_pb2.UpdateDraftRequest(
            name=website, draft=draft, etag=site.etag
        ),
        "CreateWebsite": lambda: websites_pb2.CreateWebsiteRequest(
            request_id=str(uuid.uuid4()), domain="moi-toanh.vn", draft=draft
        ),
        "PublishWebsite": lambda: websites_pb2.PublishWebsiteRequest(
            request_id=str(uuid.uuid4()), name=website
        ),
    }
    stub = websites_pb2_grpc.WebsitesServiceStub(served.opened)  # type: ignore[no-untyped-call]
    assert await storm(stub, WEBSITES, messages, ROUNDS, valid=valid) == []


async def test_a_list_of_long_drafts_is_answered_in_pages_that_fit(served: Served) -> None:
    draft = sites.a_draft(lambda c: c["site"]["summary"].update(vi="ă" * 490_000))
    for n in range(1, 7):
        await served.house.a_website(draft, host=f"dai-{n}.vn", n=n)
    stub = websites_pb2_grpc.WebsitesServiceStub(served.opened)  # type: ignore[no-untyped-call]
    seen, token = [], ""
    while True:
        request = websites_pb2.ListWebsitesRequest(page_token=token)
        answer = await stub.ListWebsites(request)
        seen += [one.domain for one in answer.websites]
        token = answer.next_page_token
        if not token:
            break

    assert sorted(seen) == [f"dai-{n}.vn" for n in range(1, 7)]


async def test_nor_are_operations_their_operator_and_personal_data(served: Served) -> None:
    await served.house.a_website()
    messages = Messages(seed=3)
    for stub, service in (
        (operations_pb2_grpc.OperationsStub, OPERATIONS),
        (operator_pb2_grpc.OperatorServiceStub, OPERATOR),
        (privacy_pb2_grpc.PrivacyServiceStub, PRIVACY),
    ):
        assert await storm(stub(served.opened), service, messages, ROUNDS) == []
