"""Zones: what may stand in one, and plans that lead where they say."""

from __future__ import annotations

import pytest
from haidang.core.errors import HaidangError
from haidang.core.ports.dnshost import RecordSet
from haidang.domains.zones import (
    apply_plan,
    checked_records,
    is_newer,
    next_serial,
    plan_zone,
)
from hypothesis import given
from hypothesis import strategies as st

ZONE = "banhmi.vn"


def a_record(owner: str = "@", type: str = "A", ttl: int = 300, *values: str) -> RecordSet:
    return RecordSet(owner, type, ttl, values or ("127.0.0.1",))


record_sets = st.builds(
    RecordSet,
    st.sampled_from(["@", "www", "mail", "a.b"]),
    st.sampled_from(["A", "TXT", "MX"]),
    st.integers(60, 600),
    st.tuples(st.sampled_from(["x", "y", "z"])),
)
zones = st.lists(record_sets, max_size=8).map(
    lambda found: tuple(sorted({(r.owner, r.type): r for r in found}.values()))
)


@given(zones, zones)
def test_applying_the_plan_from_a_to_b_gives_b(
    a: tuple[RecordSet, ...], b: tuple[RecordSet, ...]
) -> None:
    assert apply_plan(a, plan_zone(a, b)) == b


@given(zones)
def test_a_zone_needs_no_plan_to_itself(a: tuple[RecordSet, ...]) -> None:
    assert plan_zone(a, a).is_empty


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (a_record(type="AXFR"), "RECORD_TYPE", "wanted.0.type"),
        (a_record("@", "A", 300, "300.1.1.1"), "RECORD_VALUE", "wanted.0.values"),
        (a_record("@", "AAAA", 300, "127.0.0.1"), "RECORD_VALUE", "wanted.0.values"),
        (a_record("@", "MX", 300, "mail"), "RECORD_VALUE", "wanted.0.values"),
        (a_record(ttl=1), "RECORD_TTL", "wanted.0.ttl_seconds"),
        (a_record("bánh mì"), "RECORD_OWNER", "wanted.0.owner"),
        (a_record("@", "CNAME", 300, "x.vn."), "RECORD_APEX", "wanted.0.type"),
        (a_record("@", "NS", 300, "ns.x.vn."), "RECORD_APEX", "wanted.0.type"),
    ],
)
def test_a_record_that_cannot_be_is_refused_at_its_field(
    record: RecordSet, reason: str, field: str
) -> None:
    with pytest.raises(HaidangError) as refusal:
        checked_records(ZONE, (record,))

    assert (refusal.value.reason, refusal.value.field) == (reason, field)


def test_an_alias_stands_alone() -> None:
    with pytest.raises(HaidangError) as refusal:
        checked_records(ZONE, (a_record("www"), a_record("www", "CNAME", 300, "banhmi.vn.")))

    assert refusal.value.reason == "RECORD_CNAME"


def test_the_same_record_set_twice_is_refused() -> None:
    with pytest.raises(HaidangError) as refusal:
        checked_records(ZONE, (a_record(), a_record("banhmi.vn.")))

    assert refusal.value.reason == "RECORD_TWICE"


def test_long_text_is_split_and_vietnamese_text_is_escaped() -> None:
    (long,) = checked_records(ZONE, (a_record("@", "TXT", 300, "a" * 300),))
    (text,) = checked_records(ZONE, (a_record("@", "TXT", 300, 'Phở "Lan"'),))

    assert long.values[0].count('"') == 4
    assert "\\225\\187\\159" in text.values[0]


def test_serials_follow_rfc_1982() -> None:
    assert next_serial(0) == 1
    assert next_serial(2**32 - 1) == 1
    assert is_newer(1, 2**32 - 1)
    assert not is_newer(5, 5)
