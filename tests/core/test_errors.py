"""The vocabulary: sentences in two languages, and errors that survive a journey as values."""

from __future__ import annotations

import pytest
from haidang.core.errors import (
    CLASSES,
    Malformed,
    Refused,
    from_facts,
    grpc_code_of,
    register,
    sentence,
    to_facts,
)


@pytest.mark.parametrize("kind", CLASSES.values())
def test_an_error_comes_back_from_its_facts(kind: type) -> None:
    error = kind("FIELD_REQUIRED", field="a.b", many=["x", "y"], count=3)

    again = from_facts(to_facts(error))

    assert (type(again), again.reason, again.facts) == (kind, error.reason, error.facts)


def test_facts_fill_the_sentence_and_a_missing_one_shows_as_dots() -> None:
    assert sentence("FIELD_REQUIRED", {"field": "tên"}) == "Cần điền mục tên."
    assert "…" in sentence("FIELD_REQUIRED", {})


def test_a_reason_from_another_service_brings_its_sentence() -> None:
    assert sentence("OF_ELSEWHERE", {"said_vi": "Câu của nơi khác."}) == "Câu của nơi khác."


def test_a_reason_is_registered_once() -> None:
    register(Refused, {"TEST_ONCE": ("One.", "Một.")})
    register(Refused, {"TEST_ONCE": ("One.", "Một.")})

    with pytest.raises(ValueError, match="TEST_ONCE"):
        register(Refused, {"TEST_ONCE": ("Two.", "Hai.")})


def test_an_unregistered_reason_has_its_class_code() -> None:
    assert grpc_code_of(Malformed("NEVER_REGISTERED")) == "INVALID_ARGUMENT"
