"""A pack as the editor uses it: its schemas read, its kinds of section in order. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from haidang.api.websites.v1 import websites_pb2
from haidang.portal.web.editing.schema_forms import Schema

KEPT_SCHEMAS = 512


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of section. `limit` 0: as many as wanted; `collection` the site fact it shows."""

    type: str
    label: Mapping[str, str]
    help: Mapping[str, str]
    limit: int
    required: bool
    collection: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Scheme:
    """A colour scheme: its words and a few "#rrggbb" to tell it by."""

    name: str
    label: Mapping[str, str]
    colours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """A pack. `name` is "packs/{id}"."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    trades: tuple[str, ...]
    locales: tuple[str, ...]
    site: Schema
    kinds: Mapping[str, Kind]
    schemes: tuple[Scheme, ...]
    most_sections: int


def kit_of(pack: websites_pb2.Pack) -> Kit:
    """The kit of *pack*; schemas are read once for each text."""
    kinds = {
        one.type: Kind(
            type=one.type,
            label={"vi": one.label_vi, "en": one.label_en},
            help={"vi": one.help_vi, "en": one.help_en},
            limit=one.limit,
            required=one.required,
            collection=one.collection,
            schema=_read(pack.section_schemas_json[one.type]),
        )
        for one in pack.sections
    }
    return Kit(
        name=pack.name,
        title={"vi": pack.title_vi, "en": pack.title_en},
        about={"vi": pack.about_vi, "en": pack.about_en},
        trades=tuple(pack.kinds),
        locales=tuple(pack.locales),
        site=_read(pack.site_schema_json),
        kinds=kinds,
        schemes=tuple(
            Scheme(one.name, {"vi": one.label_vi, "en": one.label_en}, tuple(one.colours))
            for one in pack.schemes
        ),
        most_sections=pack.most_sections,
    )


# Any: a JSON Schema, read-only by agreement.
@lru_cache(maxsize=KEPT_SCHEMAS)
def _read(text: str) -> Mapping[str, Any]:
    read = json.loads(text)
    assert isinstance(read, dict)
    return read
