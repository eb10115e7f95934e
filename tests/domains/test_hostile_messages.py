"""No message breaks domains.v1 nor the operations it issued: all are answered in the vocabulary."""

from __future__ import annotations

import uuid

from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2

from tests.domains.office import ASCII, NAME
from tests.domains.test_servicer import A_RECORD, Served
from tests.domains.test_servicer import served as served  # a fixture
from tests.hostile_messages import Messages, storm, unended

ROUNDS = 30
SERVICE = domains_pb2.DESCRIPTOR.services_by_name["DomainsService"]
OPERATIONS = operations_pb2.DESCRIPTOR.services_by_name["Operations"]
TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "TLSA", "PTR", "SOA", "ANY", "DS")


async def test_no_message_is_answered_outside_of_the_vocabulary(served: Served) -> None:
    await served.registered()
    names = {
        "domain": (NAME, ASCII, "moi-toanh.vn"),
        "name": (f"registrations/{ASCII}", f"zones/{ASCII}", "operations/" + "a" * 32),
        "type": TYPES,
        "owner": ("@", "www", "*"),
        "quote": ((await served.quote("moi-toanh.vn")).name,),
    }
    request = await served.request("moi-toanh.vn")
    zone = f"zones/{ASCII}"
    valid = {
        "RegisterDomain": lambda: _fresh(request),
        "SuggestNames": lambda: domains_pb2.SuggestNamesRequest(business_name="Phở Lan", years=1),
        "PlanZone": lambda: domains_pb2.PlanZoneRequest(name=zone, wanted=[A_RECORD]),
        "ApplyZone": lambda: domains_pb2.ApplyZoneRequest(
            name=zone, wanted=[A_RECORD], base_serial=1, request_id=str(uuid.uuid4())
        ),
        "QuoteDomain": lambda: domains_pb2.QuoteDomainRequest(
            domain="moi-toanh.vn", action=domains_pb2.QuoteDomainRequest.ACTION_REGISTER, years=1
        ),
    }
    messages = Messages(seed=1, names=names)
    assert await storm(served.owner, SERVICE, messages, ROUNDS, valid=valid) == []
    assert await storm(served.operations, OPERATIONS, messages, ROUNDS) == []
    assert await unended(served.operations) == []


def _fresh(request: domains_pb2.RegisterDomainRequest) -> domains_pb2.RegisterDomainRequest:
    fresh = domains_pb2.RegisterDomainRequest()
    fresh.CopyFrom(request)
    fresh.request_id = str(uuid.uuid4())
    return fresh
