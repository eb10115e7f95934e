"""The contract's messages of debts and their values, each made from the other."""

from __future__ import annotations

from collections.abc import Iterable

from haidang.api.journeys.v1 import journeys_pb2
from haidang.portal.dues.values import DueItem, DueKind, DuePayment, PayDue, total_of

PLACES = {DueKind.REGISTRATION: "journeys", DueKind.RENEWAL: "renewals"}


def pay_command(request: journeys_pb2.PayDueRequest) -> PayDue:
    """The command in *request*."""
    return PayDue(request.domain.strip(), request.accepted_total_dong, request.payer.strip())


def due_message(domain: str, items: tuple[DueItem, ...]) -> journeys_pb2.Due:
    """What is owed for *domain* as its message."""
    return journeys_pb2.Due(domain=domain, items=_items(items), total_dong=total_of(items))


def payment_message(payment: DuePayment) -> journeys_pb2.DuePayment:
    """*payment* as its message."""
    message = journeys_pb2.DuePayment(
        name=f"payments/{payment.id}",
        domain=payment.domain,
        items=_items(payment.items),
        captured_dong=payment.captured_dong,
    )
    message.create_time.FromDatetime(payment.created_at)
    message.end_time.FromDatetime(payment.ended_at)
    return message


def _items(items: Iterable[DueItem]) -> list[journeys_pb2.DueItem]:
    return [_item(item) for item in items]


def _item(item: DueItem) -> journeys_pb2.DueItem:
    message = journeys_pb2.DueItem(
        kind=journeys_pb2.DueItem.Kind.Value(f"KIND_{item.kind}"),
        name=f"{PLACES[item.kind]}/{item.id}",
        years=item.years,
        amount_dong=item.amount_dong,
    )
    message.create_time.FromDatetime(item.created_at)
    return message
