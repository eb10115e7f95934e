"""The template environment: strict, escaping, fuelled, with plain data only (pure).

One environment per pack and language, compiled once and kept. Templates see dicts,
lists, strings and numbers, never objects with methods.
Source: field guide websites section 3 rule 6 and section 9.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from typing import cast

import minijinja
from haidang.core.errors import Refused
from haidang.website_builder.packs import Pack
from haidang.website_builder.written import FILTERS

FUEL = 400_000
"""Instructions one template may take: a page of fifty photos takes under a tenth."""

_KEPT_ENVIRONMENTS = 64

EAGER = 'fetchpriority="high"></picture>'
LAZY = 'loading="lazy" decoding="async"></picture>'
BODY = "<!--haidang:body-->"
"""Where the layout wants the sections. No content can write it: `<` is always escaped."""
CONTACT_BAR, STRUCTURED_DATA = "<!--haidang:contact-bar-->", "<!--haidang:structured-data-->"
"""Where the layout wants markup made before it: long texts never pass through a template."""

PARTS = ("contact_bar.html", "legal_footer.html")

Plain = Mapping[str, object]


_escaped = lru_cache(maxsize=256)(escape)
_PICTURE = re.compile(r"\{\{\s*picture\(([a-z_.]+), sizes=\"([^\"{}<>]*)\"(, eager=true)?\)\s*\}\}")
_MESSAGE = re.compile(r"\bt\(\s*(?:'([^']+)'|\"([^\"]+)\")\s*\)")
_OWN_LOOP = re.compile(
    r"\{%-?\s*for\s+(\w+)\s+in\s+page\.(?:alternates|preload|menu|anchors|languages)\s*-?%\}"
    r"(?:(?!\{%-?\s*(?:for|set|macro|with|import|from)\b).)*?\{%-?\s*endfor\b",
    re.DOTALL,
)
_OWN_ADDRESS = re.compile(r"\b(page\.(?:canonical|css|home|image))\|safe_url\b")


@cache
def core_messages() -> Mapping[str, Mapping[str, str]]:
    """The platform's own words on a site, by locale."""
    text = files("haidang.website_builder").joinpath("parts", "messages.json").read_text("utf-8")
    read = json.loads(text)
    assert isinstance(read, dict)
    return read


def core_words(locale: str) -> Mapping[str, str]:
    """The platform's words in *locale*, in English where we do not have it."""
    return core_messages().get(locale) or core_messages()["en"]


@lru_cache(maxsize=_KEPT_ENVIRONMENTS)
def environment(pack: Pack, locale: str) -> minijinja.Environment:
    """The environment of *pack* in *locale*, with every template compiled."""
    env = minijinja.Environment(
        debug=False,
        undefined_behavior="strict",
        auto_escape_callback=lambda name: True,
        fuel=FUEL,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said = {**pack.messages[pack.locales[0]], **pack.messages[locale]}
    for name, source in pack.templates.items():
        env.add_template(name, with_own_addresses(with_pictures(with_words(source, said))))
    folder = files("haidang.website_builder").joinpath("parts")
    for part in (*PARTS, "head.html"):
        source = folder.joinpath(part).read_text("utf-8")
        env.add_template(f"core/{part}", with_own_addresses(source))
    for name, function in FILTERS.items():
        env.add_filter(name, function)  # type: ignore[arg-type]  # Callable[[object], str]
    env.add_global("picture", picture)
    env.add_global("form", lambda section: minijinja.safe(section["form"]))
    env.add_global("legal_footer", lambda site: minijinja.safe(site["legal_footer"]))
    env.add_global("contact_bar", lambda site: minijinja.safe(CONTACT_BAR))
    env.add_global("sections", lambda page: minijinja.safe(BODY))
    env.add_global("structured_data", lambda page: minijinja.safe(STRUCTURED_DATA))
    return env


def with_own_addresses(source: str) -> str:
    """*source* without `safe_url` on the addresses that rendering itself made.

    Only those of `page`, and inside loops over its lists in which nothing else is bound.
    """

    def trusted(loop: re.Match[str]) -> str:
        return re.sub(rf"(?<![\w.])({loop[1]}(?:\.href)?)\|safe_url\b", r"\1", loop[0])

    return _OWN_ADDRESS.sub(r"\1", _OWN_LOOP.sub(trusted, source))


def with_words(source: str, said: Mapping[str, str]) -> str:
    """*source* with every `t("key")` as the text itself: words cost nothing at render.

    The text becomes a string of the template, so it is escaped like any value.
    """

    def literal(found: re.Match[str]) -> str:
        return json.dumps(said[found[1] or found[2]], ensure_ascii=False)

    return _MESSAGE.sub(literal, source)


def with_pictures(source: str) -> str:
    """*source* with each plain `picture(…)` written out: one call into Python less.

    Sizes are the template's own text; every piece of a photo is markup made by `shapes`.
    """

    def written_out(found: re.Match[str]) -> str:
        photo, sizes, eager = found.groups()
        return (
            f"{{% if {photo} %}}{{% for piece in {photo}.pieces %}}{{{{ piece }}}}"
            f"{{% if not loop.last %}}{sizes}{{% endif %}}{{% endfor %}}"
            f"{EAGER if eager else LAZY}{{% endif %}}"
        )

    return _PICTURE.sub(written_out, source)


def picture(photo: Plain | None, *, sizes: str = "100vw", eager: bool = False) -> str:
    """A <picture> with every rendition, its size known so that nothing jumps."""
    if not photo:
        return minijinja.safe("")
    pieces = cast("list[str]", photo["pieces"])
    return minijinja.safe(_escaped(sizes).join(pieces) + (EAGER if eager else LAZY))


def draw(pack: Pack, locale: str, template: str, **context: object) -> str:
    """Render one template of the pack.

    Raises:
        Refused: PAGE_TOO_HEAVY when the fuel ran out; PACK_TEMPLATE_FAILED otherwise.
    """
    try:
        return environment(pack, locale).render_template(template, **context)
    except minijinja.TemplateError as fault:
        if fault.kind == "OutOfFuel":
            raise Refused("PAGE_TOO_HEAVY", template=template) from fault
        detail = f"{fault.kind} line {fault.line}"
        raise Refused(
            "PACK_TEMPLATE_FAILED", pack=pack.id, template=template, detail=detail
        ) from fault


def draw_parts(pack: Pack, locale: str, site: Plain) -> dict[str, str]:
    """The contact bar and the legal footer: the platform's own, the same on every page."""
    words = core_words(locale)
    return {
        part.removesuffix(".html"): draw(
            pack, locale, f"core/{part}", site=site, m=words, page_locale=locale
        )
        for part in PARTS
    }


def draw_page(pack: Pack, locale: str, body: str, *, page: Plain, site: Plain) -> str:
    """The layout around *body*."""
    return assembled(draw(pack, locale, "layout.html", page=page, site=site), body, page, site)


def assembled(layout: str, body: str, page: Plain, site: Plain) -> str:
    """*layout* with the contact bar, the structured data and the sections in their places."""
    bar, data = str(site["contact_bar"]), str(page["data_block"])
    head = layout.replace(CONTACT_BAR, bar).replace(STRUCTURED_DATA, data)
    return head.replace(BODY, body)
