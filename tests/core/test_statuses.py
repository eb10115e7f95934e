"""Errors as google.rpc.Status and back: nothing is lost, nothing foreign is believed."""

from __future__ import annotations

import pytest
from google.rpc import error_details_pb2, status_pb2
from haidang.core.errors import (
    CLASSES,
    Conflict,
    HaidangError,
    Malformed,
    Refused,
    register,
    sentence,
)
from haidang.core.statuses import MOST_HEADER_BYTES, error_of_status, status_of

from tests.core.doors import Echo, a_caller, call

register(Malformed, {"TEST_QUOTES": ("It says {said}.", "Nội dung: {said}.")})
VIETNAMESE = "Gió biển thổi về làng chài "


@pytest.mark.parametrize("kind", CLASSES.values(), ids=str)
def test_an_error_survives_the_way_there_and_back(kind: type[HaidangError]) -> None:
    error = kind("FIELD_REQUIRED", field="a.b", many=["x", "y"], count=3, flag=True, none=None)

    again = error_of_status(status_of(error))

    assert (type(again), again.reason, again.facts) == (kind, error.reason, error.facts)


def test_a_reason_unknown_here_keeps_the_sentences_it_came_with() -> None:
    status = status_of(Refused("OF_ANOTHER_HOUSE", said_vi="Câu của họ.", said_en="Their words."))

    relayed = status_of(error_of_status(status))
    error = error_of_status(relayed)

    assert sentence(error.reason, error.facts) == "Câu của họ."
    assert relayed.message == "Their words."


@pytest.mark.parametrize(
    "facts",
    [
        {"said": VIETNAMESE * 500},
        {"said": "%" * 9000},
        {"said": [VIETNAMESE] * 300},
        {"said": ["x" * 5000]},
        {f"fact{number}": VIETNAMESE * 10 for number in range(30)},
    ],
    ids=["long text", "percent signs", "long list", "one long item", "many facts"],
)
async def test_facts_too_long_to_travel_arrive_shortened(facts: dict[str, str | list[str]]) -> None:
    """A status beyond the limit of headers would reach the caller as RESOURCE_EXHAUSTED."""
    import grpc
    from haidang.core.client import error_from

    error = Malformed("TEST_QUOTES", field="body", **facts)
    async with a_caller(Echo(error)) as opened:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(opened, "unary_unary")

    rebuilt = error_from(refused.value)
    assert (rebuilt.reason, rebuilt.field) == ("TEST_QUOTES", "body")
    assert len(status_of(error).SerializeToString()) <= MOST_HEADER_BYTES


def test_a_status_that_is_not_ours_is_a_defect_whatever_it_claims() -> None:
    foreign = status_pb2.Status(code=9, message="x")
    foreign.details.add().Pack(
        error_details_pb2.ErrorInfo(reason="NAME_HELD", domain="elsewhere.example")
    )

    assert error_of_status(foreign).reason == "INTERNAL_DEFECT"
    assert error_of_status(status_pb2.Status(code=5)).reason == "INTERNAL_DEFECT"


def test_odd_metadata_does_no_harm() -> None:
    status = status_of(Conflict("FIELD_REQUIRED"))
    info = error_details_pb2.ErrorInfo()
    status.details[0].Unpack(info)
    info.metadata.update(
        {"reason": '"X"', "self": "1", "deep": "[" * 5000, "text": "not json", "map": '{"a":1}'}
    )
    status.details[0].Pack(info)

    error = error_of_status(status)

    assert (type(error), error.reason) == (Conflict, "FIELD_REQUIRED")
    assert error.facts["text"] == "not json"
    assert error.facts["map"] == '{"a":1}'
