"""Gates are plain rules over plain facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from haidang.esign.facts import DocumentFacts, LaterChanges, SignatureFacts
from haidang.esign.gates import (
    baseline_faults,
    covers_whole_document,
    judge_document,
    judge_signature,
)

from tests.esign.signed_facts import (
    DAY,
    GAP,
    NOON,
    SIZE,
    a_cms,
    a_document,
    a_document_timestamp,
    a_signature,
)


def reasons(signature: SignatureFacts, **difference: object) -> list[str]:
    document = a_document(signature, **difference)
    return [finding.reason for finding in judge_signature(signature, document)]


def with_range(*values: int) -> SignatureFacts:
    return a_signature(byte_range=replace(a_signature().byte_range, values=values or None))


def test_a_signature_in_order_has_no_finding() -> None:
    assert reasons(a_signature()) == []
    assert judge_document(a_document()) == []
    assert covers_whole_document(a_signature(), a_document())


@pytest.mark.parametrize(
    "signature",
    [
        with_range(),
        with_range(0, GAP[0], GAP[1], SIZE),
        with_range(1, GAP[0], GAP[1], 4_000),
        with_range(0, -1, GAP[1], 4_000),
        with_range(0, GAP[0], GAP[1] + 1, 3_999),
        with_range(0, GAP[0] - 1, GAP[1], 4_000),
        with_range(0, 0, 0, SIZE),
        with_range(0, GAP[0], GAP[1], 0),
    ],
    ids=lambda signature: str(signature.byte_range.values),
)
def test_a_byte_range_that_is_not_exactly_around_the_value_is_malformed(
    signature: SignatureFacts,
) -> None:
    assert "BYTE_RANGE_MALFORMED" in reasons(signature)
    assert not covers_whole_document(signature, a_document(signature))


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"contents_bytes": 0}, "CONTENTS_MALFORMED"),
        ({"contents_is_plain_hex": False}, "CONTENTS_MALFORMED"),
        ({"padding_is_zero": False}, "PADDING_NOT_ZERO"),
        ({"contents_span": None}, "BYTE_RANGE_MALFORMED"),
    ],
)
def test_a_value_that_is_not_clean_is_found(difference: dict[str, object], reason: str) -> None:
    byte_range = replace(a_signature().byte_range, **difference)  # type: ignore[arg-type]

    assert [reason] == reasons(a_signature(byte_range=byte_range))


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"sub_filter": "adbe.x509.rsa_sha1"}, "SUBFILTER_UNSUPPORTED"),
        ({"sub_filter": "ETSI.RFC3161"}, "DICTIONARY_INCONSISTENT"),
        ({"type": "Catalog"}, "DICTIONARY_INCONSISTENT"),
        ({"repeated_keys": ("Contents",)}, "DICTIONARY_INCONSISTENT"),
    ],
)
def test_a_dictionary_that_contradicts_itself_is_found(
    difference: dict[str, object], reason: str
) -> None:
    dictionary = replace(a_signature().dictionary, **difference)  # type: ignore[arg-type]

    assert reason in reasons(a_signature(dictionary=dictionary))


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"problem": "unreadable"}, "CMS_MALFORMED"),
        ({"encapsulated": True}, "DICTIONARY_INCONSISTENT"),
        ({"content_type": "tst_info"}, "DICTIONARY_INCONSISTENT"),
        ({"signing_time": NOON + DAY}, "DICTIONARY_INCONSISTENT"),
    ],
)
def test_a_cms_that_contradicts_its_dictionary_is_found(
    difference: dict[str, object], reason: str
) -> None:
    assert reason in reasons(a_signature(cms=a_cms(**difference)))


def test_a_signature_without_value_or_without_dictionary_is_unreadable() -> None:
    assert reasons(a_signature(cms=None)) == ["CONTENTS_MALFORMED"]
    assert reasons(a_signature(readable=False, problem="torn")) == ["SIGNATURE_UNREADABLE"]


def test_what_follows_and_is_not_explained_is_a_change() -> None:
    changes = LaterChanges(later_revisions=1, objections=("object 5 was added or altered",))

    assert reasons(a_signature(changes=changes)) == ["CHANGED_AFTER_SIGNING"]
    assert reasons(a_signature(changes=LaterChanges(later_revisions=1))) == ["LATER_SIGNATURES"]
    assert reasons(a_signature(changes=LaterChanges(problem="repair"))) == ["STRUCTURE_UNCLEAR"]


def test_bytes_behind_the_signed_ones_in_no_revision_are_a_tail() -> None:
    assert reasons(a_signature(), size_bytes=SIZE + 1) == ["TRAILING_BYTES"]


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"is_pdf": False}, "FILE_NOT_PDF"),
        ({"failure": "TIMEOUT"}, "INSPECTION_FAILED"),
        ({"structure_problem": "repair"}, "STRUCTURE_UNCLEAR"),
        ({"encrypted": True}, "DOCUMENT_ENCRYPTED"),
        ({"trailing_bytes": 1}, "TRAILING_BYTES"),
        ({"stray_byte_ranges": 1}, "STRAY_SIGNATURE"),
        ({"signatures": ()}, "NO_SIGNATURE"),
        ({"signatures": (), "stray_byte_ranges": 1}, "SIGNATURE_HIDDEN"),
        ({"signatures": (), "encrypted": True}, "DOCUMENT_ENCRYPTED"),
        ({"signatures": (), "encrypted": True, "stray_byte_ranges": 1}, "DOCUMENT_ENCRYPTED"),
    ],
)
def test_a_file_out_of_order_is_found(difference: dict[str, object], reason: str) -> None:
    assert [reason] == [one.reason for one in judge_document(a_document(**difference))]


def test_nested_ranges_are_lawful_and_crossing_ones_are_not() -> None:
    inner = a_signature()
    nested = a_document_timestamp(NOON, end=3 * SIZE, gap=(SIZE + 10, 2 * SIZE))
    crossing = a_document_timestamp(NOON, end=3 * SIZE, gap=(SIZE - 10, 2 * SIZE))

    def crosses(other: SignatureFacts) -> bool:
        document: DocumentFacts = a_document(inner, other, size_bytes=3 * SIZE)
        return "BYTE_RANGES_CROSS" in [one.reason for one in judge_document(document)]

    assert not crosses(nested)
    assert crosses(crossing)


@pytest.mark.parametrize(
    "difference",
    [
        {"is_der": False},
        {"encapsulated": True},
        {"has_message_digest": False},
        {"signing_certificate": ""},
        {"signing_time": NOON},
        {"content_type": "signed_data"},
        {"problem": "unreadable"},
    ],
)
def test_each_missed_baseline_requirement_is_named(difference: dict[str, object]) -> None:
    assert len(baseline_faults(a_signature(cms=a_cms(**difference)))) == 1


def test_a_signature_in_order_is_baseline() -> None:
    assert baseline_faults(a_signature()) == []


def test_a_reason_beside_a_commitment_or_policy_is_not_baseline() -> None:
    dictionary = replace(a_signature().dictionary, has_reason=True)

    assert baseline_faults(a_signature(dictionary=dictionary)) == []
    for difference in ({"commitment": True}, {"policy": True}):
        both = a_signature(dictionary=dictionary, cms=a_cms(**difference))
        assert len(baseline_faults(both)) == 1
