"""Forms out of schemas: what is posted back unchanged changes nothing, in every pack."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from haidang.portal.web.editing.facts import BUSINESS, page_schema
from haidang.portal.web.editing.kit import Kit, kit_of
from haidang.portal.web.editing.merging import MINE, THEIRS, merged
from haidang.portal.web.editing.schema_forms import (
    ON_OWN_SCREEN,
    Field,
    Misread,
    Reader,
    _ticks,
    applied,
    fields_of,
    put,
    read_value,
    shown,
    texts_of,
    title_of,
    widget_of,
)
from haidang.website_builder.messages import pack_message
from haidang.website_builder.packs import load_pack
from haidang.website_builder.providers import register_template_packs
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.website_builder import sites

PACKS = [ref.id for ref in register_template_packs()]
BOTH = Reader("vi", ("vi", "en"))
MEDIA = "media/" + "a" * 64


@cache
def kit(name: str) -> Kit:
    ref = next(one for one in register_template_packs() if one.id == name)
    return kit_of(pack_message(load_pack(ref, font_cache=sites.font_cache())))


def objects(schema: Any) -> Iterator[Any]:
    """Every object that has a form: the schema itself, and what it holds."""
    if widget_of(schema) == "object":
        yield schema
        for part in schema["properties"].values():
            yield from objects(part)
    elif schema.get("type") == "array":
        yield from objects(schema["items"])


FORMS = [
    pytest.param(schema, id=f"{name}-{place}-{number}")
    for name in PACKS
    for place, root in [
        ("site", kit(name).site),
        ("page", page_schema(kit(name).locales)),
        *((kind, one.schema) for kind, one in kit(name).kinds.items()),
    ]
    for number, schema in enumerate(objects(root))
] + [pytest.param(BUSINESS, id="business")]


def values(schema: Any) -> st.SearchStrategy[Any]:
    """Values that *schema* accepts, as an owner might have stored them."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("x-type")
    if kind == "image":
        return st.just(MEDIA)
    if kind == "phone-vn":
        return st.sampled_from(["+84901234567", "+842543000000"])
    if kind in {"link", "video-url"}:
        return st.sampled_from(["https://online.gov.vn/x", "https://vi.du/a-b"])
    declared = schema.get("type")
    if declared == "object":
        needed = set(schema.get("required", []))
        parts = {key: values(part) for key, part in schema.get("properties", {}).items()}
        return st.fixed_dictionaries(
            {key: part for key, part in parts.items() if key in needed},
            optional={key: part for key, part in parts.items() if key not in needed},
        )
    if declared == "array" and (ticks := _ticks(schema)):
        chosen = st.lists(st.sampled_from(ticks), min_size=1, unique=True)
        return chosen.map(lambda some: sorted(some, key=ticks.index))
    if declared == "array":
        return st.lists(values(schema["items"]), min_size=schema.get("minItems", 0), max_size=3)
    if declared == "integer":
        return st.integers(schema.get("minimum", 0), schema.get("maximum", 1000))
    if declared == "number":
        return st.floats(10, 100).map(lambda one: round(one, 4))
    if declared == "boolean":
        return st.booleans()
    return _texts(schema)


def _texts(schema: Any) -> st.SearchStrategy[Any]:
    pattern = schema.get("pattern", "")
    if "[0-9]{4}-" in pattern:
        return st.just("2026-11-28")
    if "2[0-3]" in pattern:
        return st.just("07:30")
    if pattern:
        return st.sampled_from(["nha-vuon", "123456789"])
    return st.sampled_from(["Phở Ễ Ậ Ỹ", "Nhà tôi", "a"])


@pytest.mark.parametrize("schema", FORMS)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_a_form_posted_back_unchanged_gives_the_same_value(schema: Any, data: Any) -> None:
    value = data.draw(values(schema))
    fields = fields_of(schema, value, BOTH)

    found = merged(fields, fields, value, texts_of(fields), {})

    assert (found.value, found.clashes, found.misread) == (value, [], {})


@pytest.mark.parametrize("schema", FORMS)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_what_every_input_shows_is_read_as_the_value_it_shows(schema: Any, data: Any) -> None:
    value = data.draw(values(schema))
    made: Any = {}

    for field in fields_of(schema, value, BOTH):
        for entry in field.inputs:
            if entry.text:
                made = applied(made, field, entry, entry.text)

    assert made == _typed_part(schema, value)


def _typed_part(schema: Any, value: Any) -> Any:
    """The part of *value* that stands in inputs; what is default or false shows as such."""
    kept: Any = {}
    for field in fields_of(schema, value, BOTH):
        if field.widget in ON_OWN_SCREEN:
            continue
        held = field.schema.get("default") if field.value is None else field.value
        if held is None or held is False or held in ("", [], {}):
            continue
        kept = put(kept, field.path, held)
    return kept


@pytest.mark.parametrize("schema", FORMS)
def test_every_field_of_every_pack_has_a_widget_and_a_label(schema: Any) -> None:
    for field in fields_of(schema, {}, BOTH):
        assert field.label
        assert field.widget in ON_OWN_SCREEN | {
            *("text", "textarea", "prose", "number", "decimal", "money", "phone", "url"),
            *("select", "check", "checks", "scheme", "date", "time", "id"),
        }
        assert bool(field.inputs) == (field.widget not in ON_OWN_SCREEN)


def one_field(schema: Any, value: Any = None) -> Field:
    whole = {"type": "object", "properties": {"x": schema}}
    held = {} if value is None else {"x": value}
    return fields_of(whole, held, BOTH)[0]


MONEY = {"type": "integer", "x-type": "money-vnd"}
PHONE = {"type": "string", "x-type": "phone-vn"}
READ: list[tuple[Any, str, Any]] = [
    (MONEY, "450.000", 450000),
    (MONEY, "450000 ₫", 450000),
    (MONEY, "1 200 000đ", 1200000),
    (MONEY, "450,000 VND", 450000),
    (PHONE, "0901 234 567", "+84901234567"),
    (PHONE, "(0254) 3.000.000", "+842543000000"),
    (PHONE, "+84 901 234 567", "+84901234567"),
    (PHONE, "84901234567", "+84901234567"),
    ({"type": "integer"}, " 12 ", 12),
    ({"type": "number"}, "10,3301", 10.3301),
    ({"type": "number"}, "10.0", 10),
    ({"type": "boolean"}, "1", True),
    ({"type": "string"}, "  Hai   chữ ", "Hai chữ"),
    ({"type": "string", "maxLength": 900}, "một\r\nhai\r\n", "một\nhai"),
    ({"type": "string"}, "Ti\u0065\u0302\u0301ng", "Tiếng"),
    ({"enum": [1, 2]}, "2", 2),
    ({"type": "array", "items": {"enum": ["mo", "tu", "we"]}}, "we mo", ["mo", "we"]),
    ({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 12}}, "3 1", [1, 3]),
    ({"type": "nonsense"}, "chữ", "chữ"),
]


@pytest.mark.parametrize(("schema", "text", "value"), READ)
def test_texts_are_read_as_people_write_them(schema: Any, text: str, value: Any) -> None:
    assert read_value(one_field(schema), text) == value


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (MONEY, "rẻ"),
        (MONEY, "-5"),
        (MONEY, "4\u0665"),
        (PHONE, "gọi tôi"),
        (PHONE, "123"),
        ({"type": "integer"}, "2,5"),
        ({"type": "integer"}, "9" * 40),
        ({"type": "number"}, "1.2.3"),
    ],
)
def test_a_text_that_is_no_value_is_misread_not_guessed(schema: Any, text: str) -> None:
    with pytest.raises(Misread):
        read_value(one_field(schema), text)


def test_a_value_that_does_not_fit_is_shown_and_kept() -> None:
    for schema, value in ((MONEY, "nhiều"), ({"type": "integer"}, {"a": 1}), (PHONE, 5)):
        field = one_field(schema, value)
        found = merged([field], [field], {"x": value}, texts_of([field]), {})

        assert found.value == {"x": value}


def test_ticks_sent_in_the_pages_order_leave_the_owners_order_alone() -> None:
    months = {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 12}}
    field = one_field(months, [12, 1, 2])

    assert field.inputs[0].text == "1 2 12"
    assert merged([field], [field], {"x": [12, 1, 2]}, {"x": "1 2 12"}, {}).value["x"] == [12, 1, 2]


def test_emptied_texts_go_and_leave_no_empty_object() -> None:
    schema = {
        "type": "object",
        "properties": {
            "t": {"type": "object", "x-i18n": True, "properties": {"vi": {}, "en": {}}},
            "geo": {"type": "object", "properties": {"a": {"type": "integer"}}},
        },
    }
    value = {"t": {"vi": "a", "ko": "k"}, "geo": {"a": 1}}
    fields = fields_of(schema, value, BOTH)

    found = merged(fields, fields, value, {"t.vi": "", "t.en": "", "geo.a": ""}, {})

    assert found.value == {"t": {"ko": "k"}}


def test_a_language_that_is_off_is_not_shown_and_not_lost() -> None:
    schema = {
        "type": "object",
        "properties": {"t": {"type": "object", "x-i18n": True, "properties": {"vi": {}, "en": {}}}},
    }
    value = {"t": {"vi": "a", "en": "b"}}
    fields = fields_of(schema, value, Reader("vi", ("vi",)))

    assert list(texts_of(fields)) == ["t.vi"]
    assert merged(fields, fields, value, {"t.vi": "c"}, {}).value == {"t": {"vi": "c", "en": "b"}}


TWO = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}


def fields(value: Any) -> list[Field]:
    return fields_of(TWO, value, BOTH)


def test_two_people_on_two_fields_both_keep_theirs() -> None:
    before, now = {"a": "1", "b": "1"}, {"a": "1", "b": "2"}

    found = merged(fields(before), fields(now), now, {"a": "9", "b": "1"}, {})

    assert (found.value, found.clashes, found.is_stale) == ({"a": "9", "b": "2"}, [], True)


def test_two_people_on_one_field_are_both_shown_until_one_is_picked() -> None:
    before, now = {"a": "1"}, {"a": "2"}

    (clash,) = merged(fields(before), fields(now), now, {"a": "3"}, {}).clashes

    assert (clash.mine, clash.theirs) == ("3", "2")
    assert merged(fields(before), fields(now), now, {"a": "3"}, {"a": MINE}).value == {"a": "3"}
    assert merged(fields(before), fields(now), now, {"a": "3"}, {"a": THEIRS}).value == now


def test_the_same_change_twice_is_no_clash() -> None:
    found = merged(fields({"a": "1"}), fields({"a": "2"}), {"a": "2"}, {"a": "2"}, {})

    assert (found.value, found.clashes) == ({"a": "2"}, [])


def test_when_the_state_before_is_unknown_every_difference_is_shown() -> None:
    found = merged(
        None, fields({"a": "2", "b": "1"}), {"a": "2", "b": "1"}, {"a": "3", "b": "1"}, {}
    )

    assert [one.entry.name for one in found.clashes] == ["a"]


@given(st.text(), st.text(), st.text())
def test_no_text_is_ever_lost(before: str, now: str, typed: str) -> None:
    """What comes of a form is mine, or theirs because I touched nothing, or both are shown."""
    old, held = ({"a": one} if one else {} for one in (before, now))
    found = merged(fields(old), fields(held), held, {"a": typed}, {})
    kept = shown("text", found.value.get("a"))

    mine = " ".join(shown("text", read_value(one_field({"type": "string"}), typed)).split())
    theirs = {one.theirs for one in found.clashes}
    assert kept in {mine, now}
    assert not found.clashes or theirs == {now}


def test_what_is_called_by_its_first_text() -> None:
    rooms = kit(sites.BIEN).site["properties"]["rooms"]["items"]
    hours = kit(sites.BIEN).site["properties"]["opening_hours"]["items"]

    assert (
        title_of(rooms, {"id": "x", "name": {"vi": "Phòng Mây", "en": "Cloud"}}, BOTH)
        == "Phòng Mây"
    )
    assert (
        title_of(rooms, {"name": {"vi": "Mây", "en": "Cloud"}}, Reader("en", ("vi", "en")))
        == "Cloud"
    )
    assert title_of(hours, {"days": ["mo", "tu"], "opens": "07:00", "closes": "21:00"}, BOTH) == (
        "Thứ hai, Thứ ba · 07:00 · 21:00"
    )
    assert title_of(rooms, {}, BOTH) == ""


def test_selects_offer_nothing_only_where_nothing_may_be_said() -> None:
    schema = {"enum": ["a", "b"]}
    required = {"type": "object", "required": ["x"], "properties": {"x": schema}}

    assert [one.value for one in one_field(schema).options("")] == ["", "a", "b"]
    assert [one.value for one in one_field(schema).options("cũ")] == ["", "cũ", "a", "b"]
    (field,) = fields_of(required, {"x": "a"}, BOTH)
    assert [one.value for one in field.options("a")] == ["a", "b"]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_generated_values_are_what_the_schemas_accept(data: Any) -> None:
    """The properties above stand on values that the website service would take."""
    for schema in (kit(sites.BIEN).kinds["hero"].schema, kit(sites.BIEN).kinds["seasons"].schema):
        value = data.draw(values(schema))

        assert list(Draft202012Validator(schema).iter_errors(value)) == []
