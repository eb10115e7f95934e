"""The template environment: strict, escaping, fuelled, with plain data only (pure).

One environment per pack and language, compiled once and kept. Templates see dicts,
lists, strings and numbers, never objects with methods.
Source: field guide websites section 3 rule 6 and section 9.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape
from importlib.resources import files

import minijinja
from haidang.core.errors import Refused
from haidang.website_builder.packs import Pack
from haidang.website_builder.written import FILTERS

FUEL = 400_000
"""Instructions one template may take: a page of fifty photos takes under a tenth."""

_KEPT_ENVIRONMENTS = 64

PARTS = ("contact_bar.html", "legal_footer.html")

Plain = Mapping[str, object]


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
    for name, source in pack.templates.items():
        env.add_template(name, source)
    folder = files("haidang.website_builder").joinpath("parts")
    for part in PARTS:
        env.add_template(f"core/{part}", folder.joinpath(part).read_text("utf-8"))
    for name, function in FILTERS.items():
        env.add_filter(name, function)  # type: ignore[arg-type]  # Callable[[object], str]
    _add_functions(env, pack, locale)
    return env


def _add_functions(env: minijinja.Environment, pack: Pack, locale: str) -> None:
    said = {**pack.messages[pack.locales[0]], **pack.messages[locale]}
    words = core_words(locale)

    def contact_bar(site: Plain) -> str:
        return minijinja.safe(env.render_template("core/contact_bar.html", site=site, m=words))

    def legal_footer(site: Plain) -> str:
        return minijinja.safe(
            env.render_template("core/legal_footer.html", site=site, m=words, page_locale=locale)
        )

    env.add_global("t", lambda key: said[key])
    env.add_global("picture", picture)
    env.add_global("contact_bar", contact_bar)
    env.add_global("legal_footer", legal_footer)
    env.add_global("sections", lambda page: minijinja.safe(page["body"]))
    env.add_global("structured_data", lambda page: minijinja.safe(page["data_block"]))


def picture(photo: Plain | None, *, sizes: str = "100vw", eager: bool = False) -> str:
    """A <picture> with every rendition, its size known so that nothing jumps."""
    if not photo:
        return minijinja.safe("")
    sources = photo["sources"]
    assert isinstance(sources, list)
    wide = escape(sizes)
    offered = "".join(
        f'<source type="{one["type"]}" srcset="{one["srcset"]}" sizes="{wide}">'
        for one in sources[:-1]
    )
    loading = 'fetchpriority="high"' if eager else 'loading="lazy" decoding="async"'
    return minijinja.safe(
        f'<picture>{offered}<img src="{photo["src"]}" srcset="{sources[-1]["srcset"]}" '
        f'sizes="{wide}" width="{photo["width"]}" height="{photo["height"]}" '
        f'alt="{escape(str(photo["alt"]))}" {loading}></picture>'
    )


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
