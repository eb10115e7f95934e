"""No message breaks esign.v1 nor its operations: all are answered in the vocabulary."""

from __future__ import annotations

from google.longrunning import operations_pb2
from haidang.api.esign.v1 import esign_pb2

from tests.esign.house import trust as trust  # a fixture
from tests.esign.test_servicer import Served, a_declaration, a_signing, uploaded
from tests.esign.test_servicer import served as served  # a fixture
from tests.hostile_messages import Messages, storm, unended

ROUNDS = 12
SERVICE = esign_pb2.DESCRIPTOR.services_by_name["EsignService"]
OPERATIONS = operations_pb2.DESCRIPTOR.services_by_name["Operations"]


async def test_no_message_is_answered_outside_of_the_vocabulary(served: Served) -> None:
    document = (await uploaded(served)).name
    messages = Messages(seed=4, names={"name": (document,), "document": (document,)})
    valid = {
        "SignDocument": lambda: a_signing(document),
        "DeclareRegistration": a_declaration,
        "ListDocuments": lambda: esign_pb2.ListDocumentsRequest(page_size=1),
    }
    assert await storm(served.esign, SERVICE, messages, ROUNDS, valid=valid) == []
    assert await storm(served.operations, OPERATIONS, messages, ROUNDS) == []
    assert await unended(served.operations) == []
