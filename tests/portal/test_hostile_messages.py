"""No message breaks journeys.v1, tokens.v1 nor their operations."""

from __future__ import annotations

from google.longrunning import operations_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.tokens.v1 import tokens_pb2

from tests.hostile_messages import Messages, storm, unended
from tests.portal.test_portal_servicer import Served
from tests.portal.test_portal_servicer import served as served  # a fixture

ROUNDS = 12
JOURNEYS = journeys_pb2.DESCRIPTOR.services_by_name["JourneysService"]
TOKENS = tokens_pb2.DESCRIPTOR.services_by_name["TokensService"]
OPERATIONS = operations_pb2.DESCRIPTOR.services_by_name["Operations"]


async def test_no_message_is_answered_outside_of_the_vocabulary(served: Served) -> None:
    started = await served.owner.GoOnline(served.request())
    await served.ended(started)
    journey = started.name.replace("operations/", "journeys/")
    messages = Messages(
        seed=5, names={"name": (journey, started.name), "journey": (journey,), "audience": ("x",)}
    )
    valid = {"GoOnline": served.request}

    assert await storm(served.owner, JOURNEYS, messages, ROUNDS, valid=valid) == []
    assert await storm(served.tokens, TOKENS, messages, ROUNDS) == []
    assert await storm(served.operations, OPERATIONS, messages, ROUNDS) == []
    assert await unended(served.operations) == []
