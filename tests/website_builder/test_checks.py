"""The publish gate: each obstacle at the field that caused it, in Vietnamese."""

from __future__ import annotations

from typing import Any

import pytest
from haidang.core.errors import registered, sentence
from haidang.website_builder.checks import check_website
from haidang.website_builder.findings import Finding, Severity
from haidang.website_builder.website import MediaRef, Website

from tests.website_builder.sites import (
    a_business,
    a_photo,
    a_website,
    add,
    bien,
    i,
    photos,
    section,
)


def findings(website: Website, *refs: MediaRef) -> list[Finding]:
    return check_website(website, bien(), photos(*refs))


def errors(website: Website, *refs: MediaRef) -> list[tuple[str, str]]:
    return [
        (one.reason, one.field)
        for one in findings(website, *refs)
        if one.severity is Severity.ERROR
    ]


def test_a_whole_website_has_no_findings() -> None:
    assert findings(a_website()) == []


def test_a_missing_required_section_is_named() -> None:
    website = a_website(lambda c: c["pages"][0]["sections"].pop())

    (finding,) = findings(website)

    assert (finding.reason, finding.field) == ("SECTION_MISSING", "/pages/0/sections")
    assert sentence(finding.reason, finding.facts) == (
        "Trang này còn thiếu phần “Chân trang pháp lý”."
    )


def test_an_unknown_section_is_refused_at_its_type() -> None:
    website = a_website(lambda c: c["pages"][0]["sections"][0].update(type="carousel"))

    assert errors(website) == [("SECTION_UNKNOWN", "/pages/0/sections/0/type")]


def test_a_section_allowed_once_is_refused_the_second_time() -> None:
    website = a_website(lambda c: add(c, "faq", **section(c, 2)))

    assert errors(website) == [("SECTION_REPEATED", "/pages/0/sections/3")]


ROOM = "/site/rooms/0"


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"price": "650.000"}, "VALUE_NOT_NUMBER", f"{ROOM}/price"),
        ({"price": 0}, "VALUE_TOO_SMALL", f"{ROOM}/price"),
        ({"price": 650000.5}, "VALUE_NOT_NUMBER", f"{ROOM}/price"),
        ({"name": "Phòng Mây"}, "VALUE_NOT_OBJECT", f"{ROOM}/name"),
        ({"name": {"en": "Cloud"}}, "VALUE_MISSING", f"{ROOM}/name/vi"),
        ({"name": {"vi": "x" * 61}}, "VALUE_TOO_LONG", f"{ROOM}/name/vi"),
        ({"name": {"vi": ""}}, "VALUE_EMPTY", f"{ROOM}/name/vi"),
        ({"max_guests": 99}, "VALUE_TOO_LARGE", f"{ROOM}/max_guests"),
        ({"colour": "blue"}, "VALUE_UNKNOWN", f"{ROOM}/colour"),
        ({"photo": "javascript:alert(1)"}, "VALUE_PATTERN", f"{ROOM}/photo"),
        ({"id": "Phòng Mây"}, "VALUE_PATTERN", f"{ROOM}/id"),
    ],
)
def test_a_wrong_value_is_told_at_its_field(
    change: dict[str, object], reason: str, field: str
) -> None:
    website = a_website(lambda c: c["site"]["rooms"][0].update(change))

    assert (reason, field) in errors(website)


def test_the_sentence_names_the_field_as_the_owner_knows_it() -> None:
    website = a_website(lambda c: c["site"]["rooms"][0].pop("price"))

    (finding,) = findings(website)

    assert sentence(finding.reason, finding.facts) == "Cần điền mục “Giá một đêm”."


def test_every_reason_of_a_finding_is_registered() -> None:
    def spoil(c: Any) -> None:
        c["site"]["rooms"] = "x"
        c["site"]["kind"] = "castle"
        c["pages"][0]["sections"][1]["data"] = {"heading": 3}
        add(c, "gallery", heading=i("Ảnh", "Photos"), photos=[{"photo": a_photo().id}])

    found = findings(a_website(spoil, business=a_business(email="", phone="0901")))

    assert found
    assert {one.reason for one in found} <= set(registered())


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "http://elsewhere.example",
        "https://x y",
    ],
)
def test_an_unsafe_link_is_refused(href: str) -> None:
    website = a_website(
        lambda c: c["site"].update(legal={"notification": {"uri": href}}),
    )

    assert errors(website) == [("LINK_UNSAFE", "/site/legal/notification/uri")]


def test_a_link_to_a_page_that_is_not_there_is_told() -> None:
    website = a_website(lambda c: c["site"].update(legal={"notification": {"uri": "/khong-co/"}}))

    assert errors(website) == [("LINK_BROKEN", "/site/legal/notification/uri")]


def test_a_photo_that_is_not_stored_is_told() -> None:
    website = a_website(lambda c: section(c, 0).update(photo=a_photo().id))

    assert errors(website) == [("PHOTO_ABSENT", "/pages/0/sections/0/data/photo")]
    assert errors(website, a_photo()) == []


def test_a_photo_without_words_is_a_warning() -> None:
    website = a_website(lambda c: section(c, 0).update(photo=a_photo().id))

    (finding,) = findings(website, a_photo(alt=""))

    assert (finding.reason, finding.severity) == ("PHOTO_WITHOUT_ALT", Severity.WARNING)


def test_a_missing_translation_is_a_warning_at_its_language() -> None:
    website = a_website(lambda c: section(c, 1)["heading"].pop("en"))

    (finding,) = findings(website)

    assert (finding.reason, finding.field, finding.severity) == (
        "TRANSLATION_MISSING",
        "/pages/0/sections/1/data/heading/en",
        Severity.WARNING,
    )


def test_a_language_the_pack_does_not_speak_is_refused() -> None:
    assert ("LOCALE_NOT_IN_PACK", "locales") in errors(a_website(locales=("vi", "ko")))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "0901 234 567"}, "/business/phone"),
        ({"email": "chao(at)giobien.vn"}, "/business/email"),
        ({"tax_code": "12345"}, "/business/tax_code"),
    ],
)
def test_a_business_fact_in_the_wrong_form_is_told(change: dict[str, str], field: str) -> None:
    assert errors(a_website(business=a_business(**change))) == [("VALUE_PATTERN", field)]


@pytest.mark.parametrize("code", ["0100233488", "0314409058-002", "0314409058002", "079085001234"])
def test_every_form_of_tax_code_is_taken(code: str) -> None:
    assert errors(a_website(business=a_business(tax_code=code))) == []


def test_an_english_reader_is_told_english_labels() -> None:
    from haidang.website_builder.messages import finding_messages

    website = a_website(
        lambda c: (section(c, 1).update(heading={"vi": "x" * 90}), c["pages"][0]["sections"].pop()),
        business=a_business(phone=""),
    )

    said = {
        one.reason: one.message_en for one in finding_messages(check_website(website, bien(), {}))
    }

    assert said["VALUE_TOO_LONG"] == "Heading is longer than 80."
    assert said["SECTION_MISSING"] == "The page lacks the section “Legal footer”."
    assert "telephone" in said["BUSINESS_FACT_MISSING"]
    assert said["TRANSLATION_MISSING"].startswith("“Heading” has no text in en")
