"""Records in plain words: purposes, and which change a wish means."""

from __future__ import annotations

from datetime import date

import pytest
from haidang.portal.records import (
    Change,
    Purpose,
    Record,
    mail_changes,
    mail_presets,
    proof_changes,
    purpose_of,
    record_changes,
    spoken,
    stops_mail,
    stops_website,
    wanted_of,
    without_value,
)
from haidang.portal.records.mail import preset_in_use
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 11, 28)
PRESETS = {one.id: one for one in mail_presets(TODAY)}
SITE = (
    Record("@", "A", 3600, ("127.0.0.1",)),
    Record("@", "NS", 86400, ("ns1.haidang.test.",)),
    Record("www", "CNAME", 3600, ("bien-xanh.vn.",)),
)

changes = st.builds(
    Change,
    owner=st.sampled_from(["@", "www", "mail"]),
    type=st.sampled_from(["A", "MX", "TXT", "CNAME"]),
    values=st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True).map(tuple),
)


@pytest.mark.parametrize(
    ("owner", "kind", "value", "purpose"),
    [
        ("@", "A", "127.0.0.1", Purpose.WEBSITE),
        ("@", "AAAA", "::1", Purpose.WEBSITE),
        ("www", "CNAME", "a.vn.", Purpose.WEBSITE),
        ("shop", "CNAME", "a.vn.", Purpose.OTHER),
        ("@", "MX", "1 smtp.google.com.", Purpose.MAIL),
        ("noi-bo", "MX", "1 mail.a.vn.", Purpose.OTHER),
        ("@", "TXT", '"v=spf1 -all"', Purpose.SENDING),
        ("_dmarc", "TXT", '"v=DMARC1; p=none"', Purpose.SENDING),
        ("google._domainkey", "TXT", '"k=rsa"', Purpose.SENDING),
        ("@", "TXT", '"google-site-verification=a"', Purpose.PROOF),
        ("@", "NS", "ns1.a.vn.", Purpose.PLATFORM),
        ("con", "NS", "ns1.a.vn.", Purpose.OTHER),
    ],
)
def test_a_record_is_for_something(owner: str, kind: str, value: str, purpose: Purpose) -> None:
    assert purpose_of(Record(owner, kind, 60, (value,))) is purpose


@given(st.lists(changes, max_size=4, unique_by=lambda change: change.key))
def test_changes_take_effect_and_the_rest_stays(wished: list[Change]) -> None:
    wanted = {record.key: record for record in wanted_of(SITE, wished)}

    for change in wished:
        assert (change.key in wanted) is bool(change.values)
        assert not change.values or wanted[change.key].values == change.values
    touched = {change.key for change in wished}
    for record in SITE:
        if record.key not in touched and record.type != "NS":
            assert wanted[record.key] == record
    assert ("@", "NS") not in wanted


@pytest.mark.parametrize(
    ("change", "stops"),
    [
        (Change("@", "A", ()), True),
        (Change("@", "A", ("192.0.2.1",)), True),
        (Change("@", "A", ("127.0.0.1", "192.0.2.1")), False),
        (Change("@", "AAAA", ("::1",)), False),
        (Change("www", "CNAME", ()), True),
        (Change("@", "MX", ()), False),
        (Change("shop", "A", ()), False),
    ],
)
def test_a_change_that_turns_the_website_off_is_known(change: Change, stops: bool) -> None:
    assert stops_website(SITE, [change]) is stops


def test_mail_stops_only_where_it_arrives_today() -> None:
    held = (*SITE, Record("@", "MX", 60, ("10 cu.vn.",)))

    assert stops_mail(held, [Change("@", "MX", ("10 moi.vn.",))])
    assert not stops_mail(held, [Change("@", "MX", ("10 cu.vn.", "20 moi.vn."))])
    assert not stops_mail(SITE, [Change("@", "MX", ("10 moi.vn.",))])


@pytest.mark.parametrize("id", ["google", "microsoft", "zoho"])
def test_a_provider_brings_its_servers_and_its_senders_and_is_known_again(id: str) -> None:
    held = (*SITE, Record("@", "TXT", 60, ('"v=spf1 include:cu.vn -all"', '"ghi-chu"')))

    wanted = wanted_of(held, mail_changes(held, "bien-xanh.vn", PRESETS[id]))

    assert preset_in_use(wanted, "bien-xanh.vn", tuple(PRESETS.values())) == PRESETS[id]
    texts = next(one.values for one in wanted if one.key == ("@", "TXT"))
    assert texts == ('"ghi-chu"', PRESETS[id].senders)
    assert all(value.endswith(".") for value in PRESETS[id].servers)
    assert PRESETS[id].citation


def test_microsofts_server_is_named_after_the_name() -> None:
    servers = PRESETS["microsoft"].servers_of("bien-xanh.com.vn")

    assert servers == ("0 bien-xanh-com-vn.mail.protection.outlook.com.",)


def test_choosing_the_same_provider_again_changes_nothing_about_senders() -> None:
    held = wanted_of(SITE, mail_changes(SITE, "a.vn", PRESETS["zoho"]))

    assert [change.key for change in mail_changes(held, "a.vn", PRESETS["zoho"])] == [("@", "MX")]


def test_no_mail_takes_servers_and_senders_away_and_leaves_proofs() -> None:
    held = wanted_of(SITE, mail_changes(SITE, "a.vn", PRESETS["google"]))
    held = wanted_of(held, proof_changes("", "chung-minh"))

    wanted = wanted_of(held, mail_changes(held, "a.vn", None))

    assert [one.values for one in wanted if one.type == "TXT"] == [("chung-minh",)]
    assert not [one for one in wanted if one.type == "MX"]


def test_presets_are_dated() -> None:
    assert "google" not in {one.id for one in mail_presets(date(2022, 1, 1))}


def test_own_servers_get_a_priority_and_a_final_dot() -> None:
    (change,) = mail_changes(SITE, "a.vn", None, ["mail.a.vn", " 5 mx.b.vn. ", ""])

    assert change.values == ("10 mail.a.vn.", "5 mx.b.vn.")


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("CNAME", "trang.khac.vn", "trang.khac.vn."),
        ("CNAME", "www", "www"),
        ("SRV", "0 5 5060 sip.khac.vn", "0 5 5060 sip.khac.vn."),
        ("TXT", "a.b", "a.b"),
        ("A", "192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_host_name_is_taken_as_people_write_it(kind: str, typed: str, value: str) -> None:
    (change,) = record_changes(None, " Shop ", kind, [typed, " "], 60)

    assert (change.owner, change.values) == ("shop", (value,))


def test_an_edited_record_that_moved_leaves_nothing_behind() -> None:
    moved = record_changes(("cu", "A"), "moi", "A", ["192.0.2.1"], 60)
    stayed = record_changes(("cu", "A"), "cu", "A", ["192.0.2.1"], 60)

    assert [(one.key, bool(one.values)) for one in moved] == [
        (("cu", "A"), False),
        (("moi", "A"), True),
    ]
    assert len(stayed) == 1


def test_a_proof_is_added_once_beside_the_others() -> None:
    held = (Record("@", "TXT", 60, ('"mot"',)),)

    assert wanted_of(held, proof_changes("", "hai"))[0].values == ('"mot"', "hai")
    assert wanted_of(held, proof_changes("", "mot"))[0].values == ('"mot"',)


def test_texts_added_elsewhere_meanwhile_stay_and_there_is_one_sender_policy() -> None:
    planned_on = (Record("@", "TXT", 60, ('"v=spf1 include:cu.vn -all"',)),)
    changes = mail_changes(planned_on, "a.vn", PRESETS["google"])
    moved_on = (Record("@", "TXT", 60, ('"v=spf1 include:khac.vn -all"', '"chung-minh"')),)

    texts = next(one.values for one in wanted_of(moved_on, changes) if one.type == "TXT")

    assert texts == ('"chung-minh"', PRESETS["google"].senders)


def test_one_value_or_the_whole_set_is_taken_away() -> None:
    held = (Record("@", "TXT", 60, ("a", "b")),)

    assert wanted_of(held, without_value(held, ("@", "TXT"), "a"))[0].values == ("b",)
    assert wanted_of(held, without_value(held, ("@", "TXT"), "")) == ()
    assert without_value(held, ("@", "MX"), "") == ()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"a b"', "a b"),
        ('"a" "b"', "ab"),
        (r'"nh\195\160"', "nhà"),
        (r'"a\"b\\c"', 'a"b\\c'),
        ("10 mail.a.vn.", "10 mail.a.vn."),
        ('"', ""),
        ('"\\', ""),
    ],
)
def test_a_text_is_said_without_its_quotes(written: str, said: str) -> None:
    assert spoken(written) == said


@given(st.text())
def test_any_value_can_be_said(value: str) -> None:
    assert isinstance(spoken(f'"{value}'), str)
