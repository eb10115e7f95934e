"""From stored content to what a template sees: one language, every field present (pure).

A schema is compiled once into nested functions; at render they pick the locale, fall
back to the default one, look photos up and bind collections. Whatever a schema
declares is there afterwards, empty if not given, so strict templates never stumble
over an optional field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

from haidang.website_builder.schemas import Schema
from haidang.website_builder.website import MediaRef, RenditionRef

EXTENSIONS = {"image/avif": "avif", "image/webp": "webp", "image/jpeg": "jpg", "image/png": "png"}
"""In the order a browser is offered them."""

FALLBACK_WIDTH_PX = 960
"""The `src` of an <img>: what a browser without srcset gets."""


class Markup(str):
    """HTML made here, every value in it escaped; templates print it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


@dataclass(slots=True)
class Reading:
    """One language of one website. `used` collects the renditions that pages refer to.

    `paths` are the site's own pages: links to them are led to the same language. `base`
    is where the site begins: "" at the root of its host, a path of its own in a preview.
    """

    locale: str
    default_locale: str
    media: Mapping[str, MediaRef]
    paths: frozenset[str] = frozenset()
    base: str = ""
    collections: dict[str, object] = field(default_factory=dict)
    used: dict[str, RenditionRef] = field(default_factory=dict)
    photos: dict[str, dict[str, object] | None] = field(default_factory=dict)

    def text(self, value: object) -> str:
        """The text of this locale, else of the default one, else ""."""
        if not isinstance(value, Mapping):
            return ""
        found = value.get(self.locale) or value.get(self.default_locale) or ""
        return found if isinstance(found, str) else ""

    def photo(self, media_id: str) -> dict[str, object] | None:
        """What `picture()` draws, or None when the photo is not stored."""
        if media_id not in self.photos:
            ref = self.media.get(media_id)
            self.photos[media_id] = self._described(ref) if ref and ref.renditions else None
        return self.photos[media_id]

    def at(self, path: str) -> str:
        """The address of *path* of this site: the one place where addresses are made."""
        return f"{self.base}{path}"

    def link(self, href: str) -> str:
        """*href* as a page writes it; one to a page of the site stays in the language."""
        path, mark, anchor = href.partition("#")
        if not path.startswith("/"):
            return href
        if self.locale != self.default_locale and path in self.paths:
            path = f"/{self.locale}{path}"
        return self.at(f"{path}{mark}{anchor}")

    def _described(self, ref: MediaRef) -> dict[str, object]:
        by_type: dict[str, list[RenditionRef]] = {}
        for rendition in sorted(ref.renditions, key=lambda one: one.width_px):
            by_type.setdefault(rendition.type, []).append(rendition)
            self.used[media_path(rendition)] = rendition
        kinds = [kind for kind in EXTENSIONS if kind in by_type]
        plain = by_type[kinds[-1]]
        alt = self.text(ref.alt)
        shown = max(
            (one for one in plain if one.width_px <= FALLBACK_WIDTH_PX),
            key=lambda one: one.width_px,
            default=plain[0],
        )
        return {
            "id": ref.id,
            "alt": alt,
            "path": media_path(shown),
            "src": self.at(media_path(shown)),
            "width": ref.width_px,
            "height": ref.height_px,
            "largest": self.at(media_path(plain[-1])),
            "pieces": [
                *(Markup(piece) for piece in self._sources(by_type, kinds, shown)),
                Markup(f'" width="{ref.width_px}" height="{ref.height_px}" alt="{escape(alt)}" '),
            ],
        }

    def _sources(
        self, by_type: Mapping[str, list[RenditionRef]], kinds: list[str], shown: RenditionRef
    ) -> Iterator[str]:
        """A <picture> up to each place where `sizes` is to be written."""
        opened, src = "<picture>", self.at(media_path(shown))
        for kind in kinds[:-1]:
            yield f'{opened}<source type="{kind}" srcset="{self._srcset(by_type[kind])}" sizes="'
            opened = '">'
        yield f'{opened}<img src="{src}" srcset="{self._srcset(by_type[kinds[-1]])}" sizes="'

    def _srcset(self, renditions: list[RenditionRef]) -> str:
        return ", ".join(f"{self.at(media_path(one))} {one.width_px}w" for one in renditions)


def media_path(rendition: RenditionRef) -> str:
    """Where a site serves a rendition: "/media/<sha256>.<ext>"."""
    return f"/media/{rendition.sha256}.{EXTENSIONS.get(rendition.type, 'bin')}"


Shape = Callable[[object, Reading], object]


def compile_shape(single: Schema) -> Shape:
    """The function that reads a stored value of this expanded schema for a template."""
    kind = single.get("x-type")
    if kind == "richtext":
        return _paragraphs
    if single.get("x-i18n"):
        return lambda value, reading: reading.text(value)
    if kind == "image":
        return _image
    if kind == "link":
        return lambda value, reading: reading.link(value) if isinstance(value, str) else ""
    if kind == "collection":
        return _collection(str(single["x-collection"]))
    if isinstance(single.get("properties"), Mapping):
        return _object(single)
    if single.get("type") == "array":
        return _array(single)
    return _scalar(single)


def _paragraphs(value: object, reading: Reading) -> list[str]:
    """Prose is text; a blank line parts paragraphs."""
    parts = reading.text(value).replace("\r\n", "\n").split("\n\n")
    return [" ".join(part.split()) for part in parts if part.strip()]


def _image(value: object, reading: Reading) -> object:
    return reading.photo(value) if isinstance(value, str) else None


def _collection(name: str) -> Shape:
    return lambda _value, reading: reading.collections.get(name, [])


def _object(single: Schema) -> Shape:
    properties = single["properties"]
    assert isinstance(properties, Mapping)
    parts = [(name, compile_shape(part)) for name, part in properties.items()]

    def read(value: object, reading: Reading) -> object:
        given = value if isinstance(value, Mapping) else {}
        return {name: shape(given.get(name), reading) for name, shape in parts}

    return read


_NOTHING = ("", None)
"""Entries of a list that are left out: a rule without words is no rule."""


def _array(single: Schema) -> Shape:
    items = single.get("items")
    shape = compile_shape(items if isinstance(items, Mapping) else {})

    def read(value: object, reading: Reading) -> object:
        parts = (shape(one, reading) for one in value) if isinstance(value, list) else ()
        return [part for part in parts if part not in _NOTHING]

    return read


_PLAIN_TYPES: Mapping[object, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
"""Compared exactly: True is no integer here."""


def _scalar(single: Schema) -> Shape:
    """A value of its declared type; a draft not yet valid is previewed without it."""
    empty = single.get("default", "" if _is_text(single) else None)
    choices = single.get("enum")
    types = _PLAIN_TYPES.get(single.get("type"), (str, int, float))

    def read(value: object, _reading: Reading) -> object:
        is_fit = value in choices if isinstance(choices, list) else type(value) in types
        return value if is_fit else empty

    return read


def _is_text(single: Schema) -> bool:
    choices = single.get("enum")
    return single.get("type") == "string" or (
        isinstance(choices, list) and all(isinstance(choice, str) for choice in choices)
    )
