"""The contract's messages of a renewal and its values, each made from the other."""

from __future__ import annotations

from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.portal.renewals.values import Renewal, RenewName


def renew_command(request: journeys_pb2.RenewNameRequest) -> RenewName:
    """The command in *request*."""
    return RenewName(
        request.domain.strip(), request.years, request.accepted_total_dong, request.payer.strip()
    )


def renewal_message(renewal: Renewal) -> journeys_pb2.Renewal:
    """*renewal* as its message."""
    message = journeys_pb2.Renewal(
        name=f"renewals/{renewal.id}",
        domain=renewal.domain,
        years=renewal.years,
        payment=journeys_pb2.Payment(
            authorized_dong=renewal.authorized_dong,
            captured_dong=renewal.captured_dong,
            released_dong=renewal.released_dong,
        ),
    )
    message.create_time.FromDatetime(renewal.created_at)
    if renewal.ended_at is not None:
        message.end_time.FromDatetime(renewal.ended_at)
    if renewal.registration_json:
        held = json_format.Parse(
            renewal.registration_json, domains_pb2.Registration(), ignore_unknown_fields=True
        )
        message.registration.CopyFrom(held)
    return message
