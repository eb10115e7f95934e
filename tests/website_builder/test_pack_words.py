"""What an owner reads in the editor: every field, choice and section of every pack has words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from haidang.website_builder.packs import Pack, load_pack
from haidang.website_builder.providers import register_template_packs

from tests.website_builder import sites

PACKS = [ref.id for ref in register_template_packs()]


def pack_called(name: str) -> Pack:
    ref = next(one for one in register_template_packs() if one.id == name)
    return load_pack(ref, font_cache=sites.font_cache())


def fields(schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property of a schema, and of what it holds, with its place."""
    for key, part in schema.get("properties", {}).items():
        yield f"{place}/{key}", part
        yield from fields(part, f"{place}/{key}")
        yield from fields(part.get("items", {}), f"{place}/{key}/-")


def every_field(pack: Pack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from fields(pack.site.single, "site")
    for kind, section in pack.sections.items():
        yield from fields(section.content.single, kind)


def is_said(words: object) -> bool:
    return isinstance(words, Mapping) and bool(words.get("vi")) and bool(words.get("en"))


@pytest.mark.parametrize("name", PACKS)
def test_every_field_has_a_label_in_both_languages(name: str) -> None:
    silent = [
        place
        for place, schema in every_field(pack_called(name))
        if not is_said(schema.get("x-ui", {}).get("label"))
    ]

    assert silent == []


@pytest.mark.parametrize("name", PACKS)
def test_every_choice_has_words_in_both_languages(name: str) -> None:
    silent = []
    for place, schema in every_field(pack_called(name)):
        if schema.get("x-type") in {"color-scheme", "collection"}:
            continue
        chosen_from = schema if "enum" in schema else schema.get("items", {})
        words = (schema.get("x-ui") or {}).get("choices") or chosen_from.get("x-ui", {}).get(
            "choices", {}
        )
        silent += [
            f"{place}={one}"
            for one in chosen_from.get("enum", [])
            if not is_said(words.get(str(one)))
        ]

    assert silent == []


@pytest.mark.parametrize("name", PACKS)
def test_every_list_says_what_its_button_adds(name: str) -> None:
    silent = [
        place
        for place, schema in every_field(pack_called(name))
        if schema.get("type") == "array"
        and "enum" not in schema["items"]
        and "maximum" not in schema["items"]
        and not is_said(schema.get("x-ui", {}).get("add"))
    ]

    assert silent == []


@pytest.mark.parametrize("name", PACKS)
def test_the_pack_its_sections_and_its_colours_say_what_they_are(name: str) -> None:
    pack = pack_called(name)

    assert is_said(pack.about)
    assert [kind for kind, one in pack.sections.items() if not is_said(one.help)] == []
    assert [one for one in pack.schemes if not is_said(pack.scheme_labels.get(one))] == []
