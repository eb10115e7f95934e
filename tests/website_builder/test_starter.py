"""A starter gives every owner a complete, publishable first draft, and makes nothing up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from haidang.core.errors import Malformed, Refused, Unsupported
from haidang.website_builder.checks import check_website
from haidang.website_builder.findings import Severity
from haidang.website_builder.packs import Pack, load_pack
from haidang.website_builder.providers import register_template_packs
from haidang.website_builder.rendering import render_website
from haidang.website_builder.starter import first_draft, lint_starter
from haidang.website_builder.website import Business, Draft, read_website

from tests.website_builder import sites

PACKS = [ref.id for ref in register_template_packs()]
PHOTOS = tuple(sites.a_photo(f"anh-{number}") for number in range(4))
NAMES = tuple(photo.id for photo in PHOTOS)


def pack_called(name: str) -> Pack:
    ref = next(one for one in register_template_packs() if one.id == name)
    return load_pack(ref, font_cache=sites.font_cache())


def a_first_draft(
    pack: Pack,
    business: Business | None = None,
    locales: tuple[str, ...] = ("vi", "en"),
    kind: str = "",
    photos: tuple[str, ...] = (),
) -> Draft:
    return first_draft(pack, business or sites.a_business(), locales, kind, photos)


def sections(draft: Draft) -> dict[str, Any]:
    content: Any = draft.content
    return {one["type"]: one["data"] for one in content["pages"][0]["sections"]}


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_begins_every_kind_of_business_without_an_error(name: str) -> None:
    pack = pack_called(name)

    for kind in pack.kinds:
        for photos in ((), NAMES[:1], NAMES):
            draft = a_first_draft(pack, kind=kind, photos=photos)
            findings = check_website(read_website(draft), pack, sites.photos(*PHOTOS))

            assert [one for one in findings if one.severity is Severity.ERROR] == []
            assert [one for one in findings if one.reason == "TRANSLATION_MISSING"] == []


@pytest.mark.parametrize("name", PACKS)
def test_the_first_draft_can_be_drawn_and_leaves_no_blank(name: str) -> None:
    pack = pack_called(name)
    website = read_website(a_first_draft(pack, photos=NAMES))

    site = render_website(website, pack, sites.photos(*PHOTOS), host="giobien.vn", ribbon=True)

    home = site.files["/index.html"].body.decode()
    assert "Gió Biển" in home
    assert not re.search(r"\{[a-z_$]*\}|\$photo|\$kind", home)


def test_photos_are_placed_hero_first_then_gallery() -> None:
    placed = sections(a_first_draft(sites.bien(), photos=NAMES))

    assert placed["hero"]["photo"] == NAMES[0]
    assert [one["photo"] for one in placed["gallery"]["photos"]] == list(NAMES[1:])


def test_one_photo_makes_no_gallery_and_none_makes_no_picture() -> None:
    assert "gallery" not in sections(a_first_draft(sites.bien(), photos=NAMES[:1]))
    assert "photo" not in sections(a_first_draft(sites.bien()))["hero"]


def test_sections_are_those_of_the_kind_of_business() -> None:
    assert "rooms" in sections(a_first_draft(sites.bien(), kind="homestay"))
    assert "rooms" not in sections(a_first_draft(sites.bien(), kind="restaurant"))
    assert sections(a_first_draft(sites.bien(), kind="restaurant"))["offers"]["layout"] == "menu"


def test_nothing_is_made_up_no_price_no_review_no_room() -> None:
    content: Any = a_first_draft(sites.bien(), photos=NAMES).content

    assert set(content["site"]) == {"kind", "scheme", "summary"}
    assert {"seasons", "guests", "story", "amenities", "rules"}.isdisjoint(
        one["type"] for one in content["pages"][0]["sections"]
    )


def test_a_fact_not_given_gives_way_to_a_plainer_sentence() -> None:
    told: Any = a_first_draft(sites.bien(), sites.a_business(commune="", phone="")).content
    plain: Any = a_first_draft(sites.bien(), Business()).content

    assert told["site"]["summary"]["vi"].startswith("Chỗ nghỉ ở TP. Hồ Chí Minh.")
    assert plain["site"]["summary"]["vi"] == "Chỗ nghỉ nhỏ, hỏi phòng trực tiếp với chủ nhà."
    assert plain["pages"][0]["title"] == {"vi": "Trang chủ", "en": "Home"}


def test_a_long_name_gives_way_where_it_does_not_fit() -> None:
    business = sites.a_business(name="Nhà nghỉ " + "Ưu Đàm " * 15)

    assert sections(a_first_draft(sites.bien(), business))["location"]["heading"]["vi"] == (
        "Đường đi"
    )


def test_braces_in_a_name_stay_what_they_are() -> None:
    content: Any = a_first_draft(sites.bien(), sites.a_business(name="{phone} {x}")).content

    assert content["pages"][0]["title"]["vi"] == "{phone} {x}"


def test_languages_and_kind_are_as_asked_or_the_packs_first() -> None:
    draft = first_draft(sites.bien(), sites.a_business(), (), "", ())
    content: Any = draft.content

    assert (draft.locales, content["site"]["kind"]) == (("vi",), "homestay")


def test_what_the_pack_has_not_is_refused() -> None:
    with pytest.raises(Malformed) as kind:
        a_first_draft(sites.bien(), kind="bank")
    with pytest.raises(Refused) as locale:
        a_first_draft(sites.bien(), locales=("vi", "fr"))

    assert (kind.value.reason, locale.value.reason) == ("KIND_NOT_IN_PACK", "LOCALE_NOT_IN_PACK")


def test_a_pack_without_a_starter_loads_and_says_so(tmp_path: Path) -> None:
    ref = sites.a_pack_folder(tmp_path / "pack")
    (tmp_path / "pack" / "starter.json").unlink()
    pack = load_pack(ref, font_cache=sites.font_cache())

    with pytest.raises(Unsupported) as refusal:
        a_first_draft(pack)

    assert refusal.value.reason == "PACK_WITHOUT_STARTER"


def _home(starter: Any) -> Any:
    return starter["pages"][0]["sections"]


BROKEN: dict[str, tuple[Callable[[Any], object], str]] = {
    "a key that is none": (lambda s: s.update(more=1), "VALUE_UNKNOWN"),
    "a fact that is none": (
        lambda s: _home(s)[0]["data"].update(heading={"vi": "{owner}"}),
        "owner",
    ),
    "a required text that may be left out": (
        lambda s: _home(s)[-2]["data"].update(heading={"vi": "{phone}"}),
        "VALUE_MISSING",
    ),
    "a text longer than its field": (
        lambda s: s["site"].update(summary={"vi": "x" * 161}),
        "VALUE_MISSING",
    ),
    "an unknown section": (
        lambda s: _home(s).insert(0, {"id": "x", "type": "x", "data": {}}),
        "SECTION_UNKNOWN",
    ),
    "a section too many": (lambda s: _home(s).insert(0, _home(s)[0]), "SECTION_REPEATED"),
    "no legal footer": (lambda s: _home(s).pop(), "SECTION_MISSING"),
    "a title that may be left out": (
        lambda s: s["pages"][0].update(title={"vi": "{name}"}),
        "TITLE_MISSING",
    ),
    "a value of the wrong type": (
        lambda s: _home(s)[0]["data"].update(from_price="1"),
        "VALUE_NOT_NUMBER",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_starter_breaks_the_pack(tmp_path: Path, fault: str) -> None:
    change, said = BROKEN[fault]
    ref = sites.a_pack_folder(tmp_path / "pack")
    path = tmp_path / "pack" / "starter.json"
    starter = json.loads(path.read_text())
    change(starter)
    path.write_text(json.dumps(starter))

    with pytest.raises(Refused) as refusal:
        load_pack(ref, font_cache=sites.font_cache())

    assert refusal.value.reason == "PACK_BROKEN"
    assert said in str(refusal.value.facts["detail"])


def test_the_built_in_starter_is_sound() -> None:
    lint_starter(sites.bien())
