"""Zones: what may stand in one, and plans that lead where they say."""

from __future__ import annotations

import pytest
from haidang.core.errors import HaidangError, sentence
from haidang.core.ports.dnshost import HostedZone, RecordSet
from haidang.domains.providers.zonefiles.files import hosted_zone, zone_text
from haidang.domains.zones import (
    apply_plan,
    checked_records,
    delegation,
    is_newer,
    next_serial,
    plan_lines,
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
        (a_record(type="AXFR"), "RECORD_TYPE", "type"),
        (a_record(type="SOA"), "RECORD_TYPE", "type"),
        (a_record("@", "A", 300, "300.1.1.1"), "RECORD_VALUE", "values.0"),
        (a_record("@", "A", 300, "127.0.0.1", "x"), "RECORD_VALUE", "values.1"),
        (a_record("@", "A", 300, "127.0.0.1\nwww 60 IN A 6.6.6.6"), "RECORD_VALUE", "values.0"),
        (a_record("@", "AAAA", 300, "127.0.0.1"), "RECORD_VALUE", "values.0"),
        (a_record("@", "MX", 300, "mail"), "RECORD_VALUE", "values.0"),
        (a_record("@", "MX", 300, "70000 mail"), "RECORD_VALUE", "values.0"),
        (a_record("_sip._tcp", "SRV", 300, "0 5 5060"), "RECORD_VALUE", "values.0"),
        (a_record("@", "CAA", 300, "issue ca.vn"), "RECORD_VALUE", "values.0"),
        (a_record("@", "A", 300, "127.0.0.1 ; máy cũ"), "RECORD_VALUE", "values.0"),
        (a_record("@", "TXT", 300, '"a" ; "b"'), "RECORD_VALUE", "values.0"),
        (a_record("@", "MX", 300, "10 mx.khac.vn"), "RECORD_DOT", "values.0"),
        (a_record("shop", "CNAME", 300, "shop.khac.vn"), "RECORD_DOT", "values.0"),
        (a_record("_sip._tcp", "SRV", 300, "0 5 5060 sip.khac.vn"), "RECORD_DOT", "values.0"),
        (a_record("@", "TXT", 300, '"' + "a" * 256 + '"'), "RECORD_VALUE", "values.0"),
        (a_record("@", "TXT", 300, '"chưa đóng'), "RECORD_VALUE", "values.0"),
        (a_record("@", "TXT", 300, "a" * 20_000), "RECORD_SET_TOO_LARGE", "values"),
        (RecordSet("@", "A", 300, ()), "RECORD_VALUE", "values"),
        (a_record(ttl=59), "RECORD_TTL", "ttl_seconds"),
        (a_record(ttl=-1), "RECORD_TTL", "ttl_seconds"),
        (a_record(ttl=604_801), "RECORD_TTL", "ttl_seconds"),
        (a_record("bánh mì"), "RECORD_OWNER", "owner"),
        (a_record("a..b"), "RECORD_OWNER", "owner"),
        (a_record("a" * 64), "RECORD_OWNER", "owner"),
        (a_record("a*"), "RECORD_OWNER", "owner"),
        (a_record("www.example.com."), "RECORD_OWNER", "owner"),
        (a_record("keodaibanhmi.vn."), "RECORD_OWNER", "owner"),
        (a_record("@", "CNAME", 300, "x.vn."), "RECORD_APEX", "type"),
        (a_record("@", "NS", 300, "ns.x.vn."), "RECORD_APEX", "type"),
    ],
)
def test_a_record_that_cannot_be_is_refused_at_its_field(
    record: RecordSet, reason: str, field: str
) -> None:
    with pytest.raises(HaidangError) as refusal:
        checked_records(ZONE, (a_record("tot"), record))

    assert (refusal.value.reason, refusal.value.field) == (reason, f"wanted.1.{field}")
    assert "…" not in sentence(reason, refusal.value.facts)


def test_the_bounds_themselves_are_taken() -> None:
    assert len(checked_records(ZONE, (a_record("a", ttl=60), a_record("b", ttl=604_800)))) == 2


def test_a_zone_of_too_many_record_sets_is_refused() -> None:
    many = tuple(a_record(f"h{index}") for index in range(501))

    assert len(checked_records(ZONE, many[:500])) == 500
    with pytest.raises(HaidangError) as refusal:
        checked_records(ZONE, many)
    assert (refusal.value.reason, refusal.value.field) == ("ZONE_TOO_LARGE", "wanted")


@pytest.mark.parametrize(
    ("owner", "relative"),
    [
        ("", "@"),
        ("BanhMi.vn.", "@"),
        ("WWW.banhmi.vn.", "www"),
        ("*", "*"),
        ("*.shop", "*.shop"),
        ("_dmarc", "_dmarc"),
    ],
)
def test_an_owner_is_written_relative_to_its_zone(owner: str, relative: str) -> None:
    (record,) = checked_records(ZONE, (a_record(owner),))

    assert record.owner == relative


def test_names_in_values_are_made_absolute() -> None:
    (mail,) = checked_records(ZONE, (a_record("@", "mx", 300, "10 mail", "20 mx.khac.vn."),))

    assert mail.type == "MX"
    assert mail.values == ("10 mail.banhmi.vn.", "20 mx.khac.vn.")


@pytest.mark.parametrize("value", ["v=DKIM1; p=abc", '"v=DKIM1; p=abc"', '"a;" "\\";"'])
def test_a_semicolon_in_a_text_is_text(value: str) -> None:
    (found,) = checked_records(ZONE, (a_record("k._domainkey", "TXT", 300, value),))

    assert ";" in found.values[0]
    assert found.values[0].count('"') >= value.count('"')


def test_a_value_given_twice_in_two_spellings_is_one() -> None:
    (found,) = checked_records(ZONE, (a_record("@", "AAAA", 300, "::1", "0:0:0:0:0:0:0:1"),))

    assert found.values == ("::1",)


@pytest.mark.parametrize("values", [("a.vn.", "b.vn."), ("a.vn.",)])
def test_an_alias_has_one_target_and_no_company(values: tuple[str, ...]) -> None:
    alias = RecordSet("www", "CNAME", 300, values)
    company = () if len(values) > 1 else (a_record("www", "TXT", 300, "x"),)

    with pytest.raises(HaidangError) as refusal:
        checked_records(ZONE, (alias, *company))

    assert refusal.value.reason == "RECORD_CNAME"
    assert refusal.value.field == f"wanted.{len(company)}"


texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=600)
checkable = st.one_of(
    st.tuples(st.just("TXT"), texts.filter(lambda text: not text.startswith('"'))),
    st.tuples(st.just("A"), st.ip_addresses(v=4).map(str)),
    st.tuples(st.just("AAAA"), st.ip_addresses(v=6).map(str)),
    st.tuples(st.just("MX"), st.sampled_from(["10 mail", "0 .", "20 MX.Khac.vn.", "5 @"])),
    st.tuples(st.just("CAA"), st.just('0 issue "letsencrypt.org"')),
    st.tuples(st.just("SRV"), st.just("0 5 5060 sip")),
)


@given(st.lists(checkable, min_size=1, max_size=6))
def test_what_was_checked_reads_back_the_same_from_its_zone_file(
    given_values: list[tuple[str, str]],
) -> None:
    by_type: dict[str, list[str]] = {}
    for kind, value in given_values:
        by_type.setdefault(kind, []).append(value)
    wanted = tuple(RecordSet("www", kind, 300, tuple(v)) for kind, v in by_type.items())
    records = (*checked_records(ZONE, wanted), delegation(("ns1.example.vn",)))
    zone = HostedZone(ZONE, 7, tuple(sorted(records)))

    assert hosted_zone(ZONE, zone_text(zone, "ns1.example.vn")) == zone
    assert checked_records(ZONE, records[:-1]) == records[:-1]


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


def test_a_plan_is_told_in_vietnamese_one_line_per_change() -> None:
    before = (a_record("a"), a_record("b"))
    after = (a_record("b", "A", 300, "127.0.0.2"), a_record("c", "A", 300, "::1", "x"))

    assert plan_lines(plan_zone(before, after)) == [
        "Thêm c A → ::1, x",
        "Đổi b A → 127.0.0.2",
        "Xóa a A → 127.0.0.1",
    ]


def test_the_delegation_is_sorted_and_absolute() -> None:
    assert delegation(("ns2.x.vn", "ns1.x.vn.")).values == ("ns1.x.vn.", "ns2.x.vn.")


SERIALS = st.integers(0, 2**32 - 1)


@given(SERIALS)
def test_the_next_serial_is_newer_and_never_zero(serial: int) -> None:
    assert 0 < next_serial(serial) < 2**32
    assert is_newer(next_serial(serial), serial)


@given(SERIALS, SERIALS)
def test_of_two_serials_at_most_one_is_newer(a: int, b: int) -> None:
    assert not (is_newer(a, b) and is_newer(b, a))
    if a != b and abs(a - b) != 2**31:
        assert is_newer(a, b) or is_newer(b, a)


@pytest.mark.parametrize(
    ("serial", "than", "newer"),
    [(1, 0, True), (2**31 - 1, 0, True), (2**31, 0, False), (0, 2**32 - 1, True), (5, 5, False)],
)
def test_serials_follow_rfc_1982(serial: int, than: int, newer: bool) -> None:
    assert is_newer(serial, than) is newer
