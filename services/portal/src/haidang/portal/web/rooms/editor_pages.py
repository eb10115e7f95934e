"""How the editor's forms and lists are drawn, and where what is wrong is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from haidang.portal.web.editing.merging import Merged
from haidang.portal.web.editing.places import Screen, place_of, screen_at
from haidang.portal.web.editing.schema_forms import (
    Field,
    Json,
    Reader,
    fields_of,
    texts_of,
    title_of,
    widget_of,
)
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms.editor_desk import (
    WRITE,
    Opened,
    findings_of,
    is_error,
    photos_in,
    sentence_of,
)
from haidang.portal.web.visit import Visit
from starlette.responses import PlainTextResponse, Response

FACTS = "site"


def fields_at(screen: Screen, reader: Reader) -> list[Field]:
    """The fields of the form at *screen*.

    The site's lists and larger facts are not in its own form: each has a screen, reached
    from the website's. What must be given comes first there.
    """
    fields = fields_of(screen.schema, screen.value, reader)
    if screen.place != FACTS:
        return fields
    properties = screen.schema["properties"]
    own = [one for one in fields if widget_of(properties[one.path[0]]) not in {"list", "object"}]
    return sorted(own, key=lambda one: not one.required)


def onward(site: Opened, screen: Screen) -> str:
    """Where one goes after a form: to the list or form above it, else to the website."""
    return f"{site.home}/sua/{screen.above}" if screen.above else site.home


async def faults_at(visit: Visit, site: Opened, place: str) -> Faults:
    """What stands in the way of publishing at *place*, at its inputs."""
    faults = Faults()
    for finding in await findings_of(visit, site):
        at, name = place_of(site.kit, site.document, finding.field)
        if at == place and is_error(finding):
            faults.add(_input(site, place, name), sentence_of(finding, visit.locale))
    return faults


def _input(site: Opened, place: str, name: str) -> str:
    """The input of the form at *place* that *name*, a path in its object, means."""
    screen = screen_at(site.kit, site.document, place, site.reader)
    if screen is None or screen.is_list:
        return ""
    fields = fields_at(screen, site.reader)
    names = [one for field in fields for one in (texts_of([field]) or [field.name])]
    near = [one for one in names if one == name or one.startswith(f"{name}.")]
    return (near or [one for one in names if name.startswith(f"{one}.")] or [""])[0]


def misread_faults(visit: Visit, fields: list[Field], misread: Mapping[str, str]) -> Faults:
    """Texts that could not be kept, each at its input. *misread*: input to kind of value."""
    faults = Faults()
    labels = {entry.name: field.label for field in fields for entry in field.inputs}
    for name, kind in misread.items():
        faults.add(name, visit.words(f"editor.misread_{kind}", label=labels[name]))
    return faults


def gone_page(visit: Visit, site: Opened, place: str, texts: Mapping[str, str]) -> Response:
    """What was being edited is not there any more: the typed texts are shown to be kept."""
    if visit.is_module:
        return PlainTextResponse(visit.words.plain("editor.gone"), 409)
    kept = [text for name, text in texts.items() if text.strip()]
    return visit.page("editor_gone.html", 409, site=site, kept=kept)


async def form_page(
    visit: Visit,
    site: Opened,
    screen: Screen,
    *,
    faults: Faults,
    texts: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The form at *screen*; *texts* are shown instead of what is stored."""
    fields = fields_at(screen, site.reader)
    return visit.page(
        "editor_form.html",
        status,
        site=site,
        screen=screen,
        fields=fields,
        texts={**texts_of(fields), **(texts or {})},
        faults=faults,
        photos=await photos_in(visit, screen.value),
        may_write=visit.may(WRITE),
        heading=_heading(visit, screen),
        onward=onward(site, screen),
        kind=_kind(site, screen),
        titles=_titles(fields, site),
        preview=preview_of(site, screen),
    )


def preview_of(site: Opened, screen: Screen) -> str:
    """Where the page that the form belongs to is previewed."""
    pack = site.kit.name.removeprefix("packs/")
    page, parts = "/", screen.place.split("/")
    if parts[0] == "pages":
        page = site.document["pages"][int(parts[1])]["path"]
    return f"{site.home}/xem/{pack}{page}"


def _kind(site: Opened, screen: Screen) -> object:
    """The kind of section whose own form this is."""
    if not screen.section or not screen.place.endswith("/data"):
        return None
    parts = screen.place.split("/")
    sections = site.document["pages"][int(parts[1])]["sections"]
    kind = next(one["type"] for one in sections if one["id"] == screen.section)
    return site.kit.kinds.get(kind)


def _titles(fields: list[Field], site: Opened) -> dict[str, list[str]]:
    """What the lists of a form hold, by the field's name: what each entry is called."""
    return {
        field.name: [
            title_of(field.schema.get("items", {}), one, site.reader) for one in field.value
        ]
        for field in fields
        if field.widget == "list" and isinstance(field.value, list)
    }


def _heading(visit: Visit, screen: Screen) -> str:
    named = {"business": "editor.business", "site": "editor.facts"}
    if screen.place in named:
        return visit.words(named[screen.place])
    if screen.is_new:
        return visit.words("editor.new_entry")
    if not screen.label and screen.place.startswith("pages/"):
        return visit.words("editor.page_words")
    return screen.label or visit.words("editor.unnamed")


async def conflict_page(
    visit: Visit, site: Opened, screen: Screen, found: Merged, texts: Mapping[str, str]
) -> Response:
    """Both texts of every input that two people changed; the rest goes along unseen."""
    stored = texts_of(fields_at(screen, site.reader))
    applied = texts_of(fields_at(replace(screen, value=found.value), site.reader))
    mine = {one.entry.name for one in found.clashes} | set(found.misread)
    hidden = {
        name: text
        for name, text in texts.items()
        if name in mine or applied.get(name) != stored.get(name)
    }
    return visit.page(
        "editor_conflict.html",
        409,
        site=site,
        screen=screen,
        heading=_heading(visit, screen),
        clashes=found.clashes,
        hidden=hidden,
    )


async def list_page(
    visit: Visit, site: Opened, screen: Screen, *, faults: Faults, status: int = 200
) -> Response:
    """The entries of a list, in order."""
    entries = [
        {"title": title_of(screen.entry_schema, one, site.reader), "photo": first_photo(one)}
        for one in screen.value
    ]
    return visit.page(
        "editor_list.html",
        status,
        site=site,
        screen=screen,
        entries=entries,
        faults=faults,
        photos=await photos_in(visit, screen.value),
        may_write=visit.may(WRITE),
        heading=_heading(visit, screen),
        onward=onward(site, screen),
        takes_photos=photo_key(screen) is not None,
        most=screen.schema.get("maxItems", 0),
        add=add_words(screen, visit),
    )


def add_words(screen: Screen, visit: Visit) -> str:
    """What the button that adds an entry says."""
    ui = screen.schema.get("x-ui", {})
    own = ui.get("add", {}) if isinstance(ui, Mapping) else {}
    said = own.get(visit.locale) or own.get("vi")
    return said or visit.words("editor.add_entry")


def first_photo(value: Json) -> str:
    """The first photo an entry names; ""."""
    parts = value.values() if isinstance(value, dict) else [value]
    return next((one for one in parts if isinstance(one, str) and one.startswith("media/")), "")


def photo_key(screen: Screen) -> str | None:
    """The key under which an entry of this list holds its photo, if entries are photos.

    "" when the entries themselves are photos; None when a photo alone is no entry.
    """
    entry = screen.entry_schema
    if entry.get("x-type") == "image":
        return ""
    keys = [
        key for key, part in entry.get("properties", {}).items() if part.get("x-type") == "image"
    ]
    is_enough = len(keys) == 1 and set(entry.get("required", [])) <= set(keys)
    return keys[0] if is_enough else None
