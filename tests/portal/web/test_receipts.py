"""Receipts typed by hand, and small charts: pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from haidang.core.operations.codec import decode, schema_of
from haidang.core.ports.registry import CreationReceipt
from haidang.portal.web.charts import HEIGHT, WIDTH, line
from haidang.portal.web.forms import Faults, Typed
from haidang.portal.web.receipts import receipt_fields, receipt_json
from starlette.datastructures import FormData


@dataclass(frozen=True)
class Inner:
    colour: str


@dataclass(frozen=True)
class Receipt:
    """One field of each kind."""

    number: int
    name: str
    ratio: float
    at: datetime
    is_new: bool
    kind: Literal["ONE", "TWO"]
    hosts: tuple[str, ...]
    response_json: str
    inner: Inner
    note: str | None = None


TYPED = {
    "receipt.number": "525000",
    "receipt.name": "Gió Biển",
    "receipt.ratio": "0.5",
    "receipt.at": "2026-11-28T09:30:00Z",
    "receipt.is_new": "1",
    "receipt.kind": "TWO",
    "receipt.hosts": "a.vn\r\nb.vn\r\n",
    "receipt.response_json": '{"domain": "a.vn"}',
    "receipt.inner": '{"colour": "xanh"}',
}


def test_fields_are_drawn_in_their_order_by_their_kind() -> None:
    fields = receipt_fields(schema_of(Receipt))

    assert [(one.label, one.kind) for one in fields] == [
        ("number", "whole"),
        ("name", "text"),
        ("ratio", "number"),
        ("at", "instant"),
        ("is_new", "truth"),
        ("kind", "choice"),
        ("hosts", "lines"),
        ("response_json", "long"),
        ("inner", "json"),
        ("note", "text"),
    ]
    assert not fields[-1].required
    assert fields[5].pairs == (("", "–"), ("ONE", "ONE"), ("TWO", "TWO"))


def test_what_was_typed_is_a_receipt_the_run_can_read() -> None:
    faults = Faults()

    text = receipt_json(receipt_fields(schema_of(Receipt)), Typed(FormData(TYPED)), faults, "?")

    assert not faults
    found = decode(text, Receipt)
    assert (found.number, found.hosts, found.is_new) == (525_000, ("a.vn", "b.vn"), True)
    assert (found.inner, found.note) == (Inner("xanh"), None)


def test_what_cannot_be_read_stands_at_its_field() -> None:
    typed = {**TYPED, "receipt.number": "nhiều", "receipt.name": "", "receipt.inner": "{"}
    faults = Faults()

    receipt_json(receipt_fields(schema_of(Receipt)), Typed(FormData(typed)), faults, "sai")

    assert dict(faults) == dict.fromkeys(("receipt.number", "receipt.name", "receipt.inner"), "sai")


def test_a_receipt_without_a_known_shape_is_typed_as_json() -> None:
    for schema in ("", schema_of(int)):
        (field,) = receipt_fields(schema)
        faults = Faults()
        assert receipt_json((field,), Typed(FormData({"receipt": "[1]"})), faults, "?") == "[1]"
        assert not faults


def test_every_ports_receipt_can_be_drawn() -> None:
    fields = receipt_fields(schema_of(CreationReceipt))

    assert {one.kind for one in fields} <= {"text", "instant", "lines", "json", "whole"}
    assert json.loads(schema_of(CreationReceipt))["type"] == "object"


def test_a_line_fills_its_box_and_none_leaves_it() -> None:
    drawn = line([0, 5, 10])

    points = [tuple(map(float, point.split(","))) for point in drawn.points.split()]
    assert [x for x, _ in points] == [0, WIDTH / 2, WIDTH]
    assert points[0][1] > points[1][1] > points[2][1]
    assert all(0 <= y <= HEIGHT for _, y in points)
    assert (drawn.most, drawn.last, drawn.is_flat) == (10, 10, False)
    assert line([0, 0]).is_flat
    assert line([]).points == ""
