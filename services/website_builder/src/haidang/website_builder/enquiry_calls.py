"""Messages to values and back, for what visitors sent. Nothing is decided here."""

from __future__ import annotations

import re

from google.protobuf import empty_pb2, timestamp_pb2
from haidang.api.websites.v1 import websites_pb2, websites_pb2_grpc
from haidang.core.errors import Absent, Malformed
from haidang.core.server import Context, current_actor, decode_page_token, encode_page_token
from haidang.website_builder import messages
from haidang.website_builder.editor import Editor
from haidang.website_builder.pages import page_size, site_id
from haidang.website_builder.reception.ledger import StoredEnquiry
from haidang.website_builder.reception.office import Reception

ENQUIRY = re.compile(r"websites/([^/]+)/enquiries/([^/]+)")
READS = ("ListEnquiries", "GetEnquiry")
WRITES = ("MarkEnquiry", "DeleteEnquiry", "PurgeEnquiries")
KINDS = {
    "order": websites_pb2.Enquiry.KIND_ORDER,
    "table": websites_pb2.Enquiry.KIND_TABLE,
    "booking": websites_pb2.Enquiry.KIND_BOOKING,
    "question": websites_pb2.Enquiry.KIND_QUESTION,
}
STATES = {
    websites_pb2.Enquiry.STATE_NEW: False,
    websites_pb2.Enquiry.STATE_DONE: True,
}


class EnquiryCalls(websites_pb2_grpc.WebsitesServiceServicer):
    """The calls about enquiries."""

    _editor: Editor
    _reception: Reception

    async def ListEnquiries(
        self, request: websites_pb2.ListEnquiriesRequest, context: Context
    ) -> websites_pb2.ListEnquiriesResponse:
        tenant, size = current_actor().tenant, page_size(request.page_size)
        site = (await self._editor.ledger.website(tenant, site_id(request.website))).id
        before = messages.age_of(decode_page_token(request.page_token, tenant))
        found = await self._reception.enquiries(tenant, site, before=before, limit=size + 1)
        onward = ""
        if len(found) > size:
            last = found[size - 1]
            onward = encode_page_token({"at": last.received_at.isoformat(), "id": last.id}, tenant)
        return websites_pb2.ListEnquiriesResponse(
            enquiries=[enquiry_message(one) for one in found[:size]], next_page_token=onward
        )

    async def GetEnquiry(
        self, request: websites_pb2.GetEnquiryRequest, context: Context
    ) -> websites_pb2.Enquiry:
        found = await self._reception.ledger.enquiry(current_actor().tenant, *_named(request.name))
        return enquiry_message(found)

    async def MarkEnquiry(
        self, request: websites_pb2.MarkEnquiryRequest, context: Context
    ) -> websites_pb2.Enquiry:
        is_done = STATES.get(request.state)
        if is_done is None:
            raise Malformed("ENQUIRY_STATE_INVALID", field="state")
        tenant, (site, id) = current_actor().tenant, _named(request.name)
        await self._reception.ledger.mark(tenant, site, id, is_done=is_done)
        return enquiry_message(await self._reception.ledger.enquiry(tenant, site, id))

    async def DeleteEnquiry(
        self, request: websites_pb2.DeleteEnquiryRequest, context: Context
    ) -> empty_pb2.Empty:
        await self._reception.ledger.delete(current_actor().tenant, *_named(request.name))
        return empty_pb2.Empty()

    async def PurgeEnquiries(
        self, request: websites_pb2.PurgeEnquiriesRequest, context: Context
    ) -> websites_pb2.PurgeEnquiriesResponse:
        tenant = current_actor().tenant
        site = (await self._editor.ledger.website(tenant, site_id(request.website))).id
        return websites_pb2.PurgeEnquiriesResponse(erased=await self._reception.purge(tenant, site))


def _named(name: str) -> tuple[str, str]:
    found = ENQUIRY.fullmatch(name)
    if found is None:
        raise Absent("ENQUIRY_ABSENT", field="name")
    return found[1], found[2]


def enquiry_message(one: StoredEnquiry) -> websites_pb2.Enquiry:
    """The message of an enquiry."""
    at = timestamp_pb2.Timestamp()
    at.FromDatetime(one.received_at)
    return websites_pb2.Enquiry(
        name=f"websites/{one.site}/enquiries/{one.id}",
        website=f"websites/{one.site}",
        kind=KINDS.get(one.kind, websites_pb2.Enquiry.KIND_UNSPECIFIED),
        state=websites_pb2.Enquiry.STATE_DONE if one.is_done else websites_pb2.Enquiry.STATE_NEW,
        create_time=at,
        locale=one.locale,
        answers=[
            websites_pb2.EnquiryAnswer(name=said.name, label=said.label, value=said.value)
            for said in one.answers
        ],
    )
