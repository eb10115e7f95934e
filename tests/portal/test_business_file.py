"""The file of a business: what is read, and each fault at its field."""

from __future__ import annotations

from pathlib import Path

import pytest
from haidang.core.errors import HaidangError, Malformed, sentence
from haidang.portal.business_file import parse, photos, request_id, with_media

from tests.judges import PROJECT

EXAMPLES = sorted((PROJECT / "examples").glob("*.yaml"))

WHOLE = """
domain: bánhmì.vn
accepted_total_dong: 500000
registrant: {name: Lan}
website: {pack: packs/vn.quan, content: {}}
"""


def refusal(text: str) -> HaidangError:
    with pytest.raises(Malformed) as found:
        parse(text, file="tiem.yaml")
    return found.value


def without(key: str) -> str:
    return "\n".join(line for line in WHOLE.splitlines() if not line.startswith(key))


def test_years_and_payer_may_be_left_out() -> None:
    business = parse(WHOLE, file="tiem.yaml")

    assert (business.domain, business.years, business.payer) == ("bánhmì.vn", 1, "sandbox-account")
    assert business.registrant == {"name": "Lan"}


def test_a_date_stays_the_text_it_is() -> None:
    business = parse(WHOLE.replace("{name: Lan}", "{birth_on: 2005-05-17}"), file="tiem.yaml")

    assert business.registrant == {"birth_on": "2005-05-17"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_read_and_their_photos_are_there(path: Path) -> None:
    business = parse(path.read_text(), file=path.name)

    named = list(photos(business.website))
    assert named
    assert all((path.parent / photo).is_file() for photo, _ in named)
    assert all(alt.get("vi") for _, alt in named)


@pytest.mark.parametrize("key", ["domain", "accepted_total_dong", "registrant", "website"])
def test_what_is_missing_is_asked_for_by_its_name(key: str) -> None:
    fault = refusal(without(key))

    assert (fault.reason, fault.field) == ("FIELD_REQUIRED", key)
    assert sentence(fault.reason, fault.facts) == f"Cần điền mục {key}."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("domain", "[a]"),
        ("domain", "'  '"),
        ("domain", "12"),
        ("years", "'hai'"),
        ("years", "true"),
        ("years", "1.5"),
        ("accepted_total_dong", "rẻ"),
        ("accepted_total_dong", "500.000"),
        ("payer", "[]"),
        ("registrant", "Lan"),
        ("website", "[]"),
        ("website", ""),
    ],
)
def test_a_value_of_another_kind_is_said_at_its_field(key: str, value: str) -> None:
    fault = refusal(f"{without(key)}\n{key}: {value}\n")

    assert (fault.reason, fault.field) == ("FIELD_INVALID", key)


def test_an_unknown_entry_is_named_with_those_that_are_known() -> None:
    fault = refusal(WHOLE + "domian: x\n")

    assert (fault.reason, fault.field) == ("FILE_KEY_UNKNOWN", "domian")
    assert "registrant" in sentence(fault.reason, fault.facts)


@pytest.mark.parametrize(
    "text", ["", "- a\n", "chữ", "a: [", "a: \t- b: c: d", "!!python/object:os.system {}", "\x00"]
)
def test_what_is_no_file_of_a_business_is_unreadable(text: str) -> None:
    fault = refusal(text)

    assert fault.reason == "FILE_UNREADABLE"
    assert "tiem.yaml" in sentence(fault.reason, fault.facts)


CONTENT = {
    "hero": {"$photo": "bien.jpg", "alt": {"vi": "Biển"}},
    "rooms": [{"photo": {"$photo": "phong.jpg", "alt": {"vi": "Phòng"}}}, "chữ", 7],
}


def test_photos_are_found_wherever_they_stand() -> None:
    assert list(photos(CONTENT)) == [
        ("bien.jpg", {"vi": "Biển"}),
        ("phong.jpg", {"vi": "Phòng"}),
    ]


def test_photos_become_media_and_all_else_stays() -> None:
    assert with_media(CONTENT, lambda path: f"media/{path}") == {
        "hero": "media/bien.jpg",
        "rooms": [{"photo": "media/phong.jpg"}, "chữ", 7],
    }


@pytest.mark.parametrize(
    "photo", ["{$photo: bien.jpg, alt: Biển}", "{$photo: bien.jpg, alt: [a]}", "{$photo: [a]}"]
)
def test_a_photo_that_is_not_described_as_it_should_is_said_so(photo: str) -> None:
    business = parse(without("website") + f"\nwebsite: {{hero: {photo}}}\n", file="tiem.yaml")

    with pytest.raises(Malformed) as fault:
        list(photos(business.website))

    assert (fault.value.reason, fault.value.field) == ("FIELD_INVALID", "website.$photo")


def test_the_same_file_and_photos_give_the_same_request() -> None:
    business = parse(WHOLE, file="a.yaml")
    moved = parse("# ghi chú\n" + WHOLE, file="b.yaml")

    first = request_id(business, {"a.jpg": "1"})

    assert request_id(moved, {"a.jpg": "1"}) == first
    assert request_id(business, {"a.jpg": "2"}) != first


@pytest.mark.parametrize("key", ["domain", "accepted_total_dong", "years", "payer"])
def test_any_other_answer_is_another_request(key: str) -> None:
    value = "2" if key in {"accepted_total_dong", "years"} else "khac.vn"
    other = parse(f"{without(key)}\n{key}: {value}\n", file="a.yaml")

    assert request_id(other, {}) != request_id(parse(WHOLE, file="a.yaml"), {})
