"""Template packs: data in a folder, read and judged once, then values (pure after loading).

`load_pack` comes in at start-up with a `PackRef` and leaves with a `Pack`: compiled
schemas, templates as text, one style sheet, subset fonts. A pack never brings code; a
fault in it is told as PACK_BROKEN, with what and where, and the pack is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from haidang.core.errors import Refused
from haidang.core.fonts import WebFont, web_font
from haidang.core.offers import PackRef
from haidang.website_builder.core_facts import with_core_facts
from haidang.website_builder.findings import Finding
from haidang.website_builder.forms import Form, commerce_with, read_form
from haidang.website_builder.pack_lint import LAYOUT, PACK_SCHEMA, lint_css, lint_templates
from haidang.website_builder.schemas import SchemaContext, expand, judge, stored
from haidang.website_builder.shapes import Shape, compile_shape
from haidang.website_builder.starter import lint_starter
from haidang.website_builder.tokens import token_css
from jsonschema import Draft202012Validator

LEGAL = "legal.html"
"""A legal page; the platform's own unless a pack brings one."""
PARTS = files("haidang.website_builder") / "parts"
"""The platform's own pieces of every site."""

Json = dict[str, Any]  # Any: JSON as read; judged by PACK_SCHEMA or a schema right after


@dataclass(frozen=True, eq=False, slots=True)
class ContentType:
    """A schema in both compilations, with its validator and its reading for templates."""

    single: Mapping[str, object]
    stored: Mapping[str, object]
    validator: Draft202012Validator
    shape: Shape

    def judge(self, value: object, pointer: str) -> list[Finding]:
        """What the stored schema says against *value*, at JSON pointers below *pointer*."""
        return judge(self.validator, value, pointer)


@dataclass(frozen=True, eq=False, slots=True)
class SectionType:
    """A kind of section of a pack. `limit` 0: as many as wanted.

    `commerce` is the class a site has at least once it uses the section; `help` says in a
    sentence what it is for, by locale, and may be empty.
    """

    type: str
    label: Mapping[str, str]
    limit: int
    commerce: str
    content: ContentType
    help: Mapping[str, str]
    form: Form | None = None
    vietqr: bool = False

    @property
    def collection(self) -> str:
        """The list of site facts it shows; "" when it shows none."""
        properties = self.content.single.get("properties")
        parts = properties.values() if isinstance(properties, Mapping) else ()
        return next((str(part["x-collection"]) for part in parts if "x-collection" in part), "")


@dataclass(frozen=True, eq=False)
class Pack:
    """A loaded pack. `templates` are sources by name; `css` is the whole style sheet."""

    id: str
    version: str
    title: Mapping[str, str]
    kinds: tuple[str, ...]
    locales: tuple[str, ...]
    commerce: str
    required_sections: tuple[str, ...]
    site: ContentType
    sections: Mapping[str, SectionType]
    messages: Mapping[str, Mapping[str, str]]
    templates: Mapping[str, str]
    schemes: tuple[str, ...]
    css: str
    fonts: tuple[WebFont, ...]
    favicon: str
    theme_colours: Mapping[str, tuple[str, str]]
    about: Mapping[str, str]
    scheme_labels: Mapping[str, Mapping[str, str]]
    scheme_colours: Mapping[str, tuple[str, ...]]
    starter: Mapping[str, object] | None

    @property
    def name(self) -> str:
        """Resource name: "packs/{id}"."""
        return f"packs/{self.id}"

    @cached_property
    def css_name(self) -> str:
        """File name of the style sheet, with the digest of its bytes."""
        return f"{hashlib.sha256(self.css.encode()).hexdigest()[:16]}.css"

    @cached_property
    def site_schema_json(self) -> str:
        """The stored site schema as JSON text."""
        return json.dumps(self.site.stored, ensure_ascii=False)

    @cached_property
    def section_schemas_json(self) -> Mapping[str, str]:
        """The stored schema of each section as JSON text."""
        return {
            kind: json.dumps(section.content.stored, ensure_ascii=False)
            for kind, section in self.sections.items()
        }


def load_pack(ref: PackRef, *, font_cache: Path | None = None) -> Pack:
    """Read, judge and compile the pack at *ref*. Seconds the first time, for the fonts.

    Raises:
        Refused: PACK_BROKEN with the file and the fault.
    """
    try:
        return _load(ref, font_cache)
    except (ValueError, KeyError, TypeError, OSError, ModuleNotFoundError) as fault:
        detail = f"{type(fault).__name__}: {fault}"[:300]
        raise Refused("PACK_BROKEN", pack=ref.id, detail=detail) from fault


def _load(ref: PackRef, font_cache: Path | None) -> Pack:
    about = _about(ref)
    tokens = _json(ref.root, "tokens.json")
    schemes = tuple(tokens["schemes"])
    context = SchemaContext(_default_first(about), schemes)
    messages = {
        locale: _json(ref.root, f"locales/{locale}.json")["site"] for locale in about["locales"]
    }
    templates = _templates(ref.root, about["sections"])
    lint_templates(templates, messages)
    fonts = tuple(web_font(**one, cache=font_cache) for one in tokens.get("fonts", []))
    pack = Pack(
        id=about["id"],
        version=about["version"],
        title=about["title"],
        kinds=tuple(about["kinds"]),
        locales=context.locales,
        commerce=about["commerce"],
        required_sections=tuple(about["required_sections"]),
        site=_content(
            with_core_facts(_json(ref.root, "site.schema.json"), about["kinds"]), context
        ),
        sections={kind: _section(ref.root, kind, context) for kind in about["sections"]},
        messages=messages,
        templates=templates,
        schemes=schemes,
        css=_css(ref.root, about, tokens, fonts),
        fonts=fonts,
        favicon=_text(ref.root, "favicon.svg"),
        theme_colours={
            name: (modes["light"]["theme"], modes.get("dark", modes["light"])["theme"])
            for name, modes in tokens["schemes"].items()
        },
        about=about.get("about", {}),
        scheme_labels=about.get("schemes", {}),
        scheme_colours={name: _swatch(modes["light"]) for name, modes in tokens["schemes"].items()},
        starter=_starter(ref.root),
    )
    lint_starter(pack)
    return pack


_SHOWN_COLOURS = ("paper", "theme", "ink", "link", "sea", "lamp", "accent")


def _swatch(colours: Mapping[str, str]) -> tuple[str, ...]:
    """A few colours that tell one scheme from another, each once."""
    return tuple(dict.fromkeys(colours[name] for name in _SHOWN_COLOURS if name in colours))


def _starter(root: Traversable) -> Json | None:
    return _json(root, "starter.json") if root.joinpath("starter.json").is_file() else None


def _about(ref: PackRef) -> Json:
    about = _json(ref.root, "pack.json")
    faults = judge(Draft202012Validator(PACK_SCHEMA), about, "")
    if faults:
        raise ValueError(f"pack.json{faults[0].field}: {faults[0].reason}")
    if (about["id"], about["version"], about["api"]) != (ref.id, ref.version, ref.api):
        raise ValueError("pack.json and the offer differ in id, version or api")
    if unknown := set(about["required_sections"]) - set(about["sections"]):
        raise ValueError(f"required section {sorted(unknown)[0]} is not in the pack")
    return about


def _default_first(about: Json) -> tuple[str, ...]:
    default = about["default_locale"]
    return (default, *(locale for locale in about["locales"] if locale != default))


def _text(root: Traversable, path: str) -> str:
    return root.joinpath(*path.split("/")).read_text(encoding="utf-8")


def _json(root: Traversable, path: str) -> Json:
    try:
        read = json.loads(_text(root, path))
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from fault
    if not isinstance(read, dict):
        raise TypeError(f"{path} is not an object")
    return read


def _templates(root: Traversable, kinds: list[str]) -> dict[str, str]:
    named = {name: _text(root, name) for name in (LAYOUT, "notfound.html")}
    is_own = root.joinpath(LEGAL).is_file()
    named[LEGAL] = _text(root if is_own else PARTS, LEGAL)
    parts = root.joinpath("parts")
    if parts.is_dir():
        for part in sorted(parts.iterdir(), key=lambda one: one.name):
            named[f"parts/{part.name}"] = part.read_text(encoding="utf-8")
    for kind in kinds:
        named[f"sections/{kind}"] = _text(root, f"sections/{kind}/template.html")
    return named


def _section(root: Traversable, kind: str, context: SchemaContext) -> SectionType:
    about = _json(root, f"sections/{kind}/section.json")
    if about["type"] != kind:
        raise ValueError(f"sections/{kind}/section.json is of type {about['type']}")
    try:
        content, form = _content(about["schema"], context), read_form(about.get("form"))
    except ValueError as fault:
        raise ValueError(f"sections/{kind}/section.json: {fault}") from fault
    return SectionType(
        type=kind,
        label=about["label"],
        limit=about.get("limit", 0),
        commerce=commerce_with(form, about.get("commerce", "showcase")),
        content=content,
        help=about.get("help", {}),
        form=form,
        vietqr=about.get("vietqr") is True,
    )


def _content(schema: Json, context: SchemaContext) -> ContentType:
    single = expand(schema, context)
    Draft202012Validator.check_schema(single)
    by_locale = stored(single, context)
    return ContentType(single, by_locale, Draft202012Validator(by_locale), compile_shape(single))


def _css(root: Traversable, about: Json, tokens: Json, fonts: tuple[WebFont, ...]) -> str:
    sections = [_json(root, f"sections/{kind}/section.json") for kind in about["sections"]]
    has_form = any("form" in section for section in sections)
    parts = [_text(PARTS, "form.css")] if has_form else []
    parts.append(_text(root, "style.css"))
    for kind in about["sections"]:
        style = root.joinpath("sections", kind, "style.css")
        if style.is_file():
            parts.append(style.read_text(encoding="utf-8"))
    own = "\n".join(lint_css(part) for part in parts)
    faces = "".join(
        f'@font-face{{font-family:"{font.family}";font-weight:{font.weight};font-display:swap;'
        f'src:url("{font.name}") format("woff2")}}'
        for font in fonts
    )
    return f"{faces}{token_css(tokens)}\n{own}"
