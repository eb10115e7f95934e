"""One form or one list of the editor: `/trang-web/{website}/sua/{place}`.

Saving never loses a text: what somebody else saved meanwhile is merged field by field, and
where both changed the same field both texts are shown. Whatever can be stored is stored,
even if it is not yet fit to be published; what is still wrong is said at its field.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

from haidang.core.errors import Absent
from haidang.core.vietnamese import slug
from haidang.portal.web.doors import Door
from haidang.portal.web.editing.drafts import Document
from haidang.portal.web.editing.merging import Merged, merged
from haidang.portal.web.editing.places import (
    NEW,
    Screen,
    entries_at,
    place_of,
    relocated,
    screen_at,
    stored_value,
    with_value,
)
from haidang.portal.web.editing.schema_forms import Field, Json, fields_of, texts_of, title_of
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms.editor_desk import (
    READ,
    WEBSITE,
    WRITE,
    Opened,
    document_at,
    findings_of,
    is_error,
    opened,
    photos_in,
    saved,
    sentence_of,
)
from haidang.portal.web.visit import Visit
from starlette.responses import PlainTextResponse, Response

TICKED = "ticked"
"""Names of the fields of which nothing is sent when nothing is ticked."""
PICK = "pick."
NOT_TEXTS = frozenset({"csrf", "revision", "request_id", "go", TICKED})
ONWARD = re.compile(r"(?:sua|anh)/[a-z0-9_./-]{1,300}")
"""Where a form may lead after it is kept: another screen of the same website."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One form sent in, put on the draft as it is now."""

    site: Opened
    screen: Screen
    merged: Merged
    document: Document


class EditorForms:
    """Forms and lists out of the pack's schemas."""

    def doors(self) -> tuple[Door, ...]:
        """One address for every place of a draft."""
        path = "/trang-web/{website}/sua/{place:path}"
        return (
            Door("GET", path, self.show, needs=READ, names=WEBSITE),
            Door("POST", path, self.save, needs=WRITE, names=WEBSITE),
        )

    async def show(self, visit: Visit) -> Response:
        """The form, or the list, at a place; with what is wrong when asked to look."""
        site = await opened(visit)
        screen = screen_at(site.kit, site.document, visit["place"], site.reader)
        if screen is None:
            raise Absent("PLACE_ABSENT")
        faults = Faults()
        if visit.asked("soi"):
            faults = await faults_at(visit, site, screen.place)
        if screen.is_list:
            return await list_page(visit, site, screen, faults=faults)
        return await form_page(visit, site, screen, faults=faults)

    async def save(self, visit: Visit) -> Response:
        """Keep what was typed. Sent by the module while one types, or by the person."""
        site, place = await opened(visit), visit["place"]
        before = await document_at(visit, site, visit.typed.get("revision", ""))
        if place.endswith(f"/{NEW}"):
            return await self._add(visit, site, place, before)
        texts, picked = sent_texts(visit), sent_picks(visit)
        tried: list[_Attempt] = []

        def edit(now: Opened) -> Document | None:
            tried.append(_attempt(now, place, before, texts, picked))
            one = tried[-1].merged
            is_blocked = bool(one.clashes) or (visit.is_module and one.is_stale)
            return None if is_blocked else tried[-1].document

        try:
            kept = await saved(visit, site, edit, place)
        except Absent as gone:
            if gone.reason != "PLACE_ABSENT":
                raise
            return _gone(visit, site, place, texts)
        attempt = dataclasses.replace(tried[-1], site=kept)
        if visit.is_module:
            return _told(visit, attempt)
        if attempt.merged.clashes:
            return await _conflict_page(visit, attempt, texts)
        return await self._saved(visit, attempt, texts)

    async def _saved(self, visit: Visit, attempt: _Attempt, texts: Mapping[str, str]) -> Response:
        """Onward, or the form again with what is still wrong."""
        site, screen = attempt.site, attempt.screen
        faults = misread_faults(visit, attempt)
        go = visit.typed.get("go", "")
        if go and not faults and ONWARD.fullmatch(go):
            return visit.go(f"{site.home}/{go}")
        for name, said in (await faults_at(visit, site, screen.place)).items():
            faults.add(name, said)
        if not faults:
            return visit.go(onward(site, screen), luu="1")
        fresh = screen_at(site.kit, site.document, screen.place, site.reader) or screen
        wrong = {name: texts[name] for name in attempt.merged.misread}
        return await form_page(visit, site, fresh, faults=faults, texts=wrong, status=422)

    async def _add(
        self, visit: Visit, site: Opened, place: str, before: Document | None
    ) -> Response:
        """Append an entry; the same form sent twice appends it once."""
        screen = screen_at(site.kit, site.document, place, site.reader)
        if screen is None:
            raise Absent("PLACE_ABSENT")
        fields = fields_of(screen.schema, {}, site.reader)
        texts = sent_texts(visit)
        made = merged(fields, fields, {}, texts, {})
        attempt = _Attempt(site, screen, made, site.document)
        faults = misread_faults(visit, attempt)
        if faults or not made.value:
            if not faults:
                faults.add(
                    fields[0].inputs[0].name if fields[0].inputs else "",
                    visit.words("editor.entry_empty"),
                )
            return await form_page(visit, site, screen, faults=faults, texts=texts, status=422)
        above = place.rpartition("/")[0]
        old = entries_at(before, above) if before is not None else []

        def edit(now: Opened) -> Document | None:
            entries = entries_at(now.document, above)
            value = stored_value(screen, _with_id(screen, made.value, entries, site))
            if any(one not in old and _alike(one, value) for one in entries):
                return None
            return with_value(now.document, place, value)

        kept = await saved(visit, site, edit, above)
        number = len(entries_at(kept.document, above)) - 1
        if any(one.widget == "image" for one in fields):
            return visit.go(f"{kept.home}/sua/{above}/{number}", luu="1")
        return visit.go(f"{kept.home}/sua/{above}", luu="1")


def _attempt(
    now: Opened,
    place: str,
    before: Document | None,
    texts: Mapping[str, str],
    picked: Mapping[str, str],
) -> _Attempt:
    """The form sent in, put on the draft *now*. Raises: Absent PLACE_ABSENT."""
    held: str | None = place
    drawn: list[Field] | None = None
    if before is not None:
        held = relocated(before, now.document, place)
        old = screen_at(now.kit, before, place, now.reader)
        drawn = fields_of(old.schema, old.value, now.reader) if old else None
    screen = screen_at(now.kit, now.document, held, now.reader) if held else None
    if screen is None or screen.is_list:
        raise Absent("PLACE_ABSENT")
    fields = fields_of(screen.schema, screen.value, now.reader)
    found = merged(drawn, fields, screen.value, texts, picked)
    value = stored_value(screen, found.value)
    document = with_value(now.document, screen.place, value)
    return _Attempt(now, screen, found, now.document if found.value == screen.value else document)


def _with_id(screen: Screen, value: Json, entries: list[Json], site: Opened) -> Json:
    """*value* with an id of its own, made from its name, where the schema wants one."""
    wanted = screen.schema.get("properties", {}).get("id")
    if wanted is None or value.get("id"):
        return value
    stem = slug(title_of(screen.schema, value, site.reader))[:32].strip("-") or "muc"
    taken = {one.get("id") for one in entries if isinstance(one, dict)}
    ids = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return {"id": next(one for one in ids if one not in taken), **value}


def _alike(one: Json, other: Json) -> bool:
    """Whether two entries say the same, whatever their ids."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {k: v for k, v in one.items() if k != "id"} == {
            k: v for k, v in other.items() if k != "id"
        }
    return bool(one == other)


def sent_texts(visit: Visit) -> dict[str, str]:
    """What was typed, by input; several ticks of one field in one text."""
    texts: dict[str, list[str]] = {name: [] for name in visit.typed.all(TICKED)}
    for name, text in visit.typed.pairs():
        if name not in NOT_TEXTS and not name.startswith(PICK):
            texts.setdefault(name, []).append(text)
    return {name: " ".join(parts) for name, parts in texts.items()}


def sent_picks(visit: Visit) -> dict[str, str]:
    """Which of two texts was chosen, by input."""
    pairs = visit.typed.pairs()
    return {name.removeprefix(PICK): one for name, one in pairs if name.startswith(PICK)}


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
    fields = fields_of(screen.schema, screen.value, site.reader)
    names = [one for field in fields for one in (texts_of([field]) or [field.name])]
    near = [one for one in names if one == name or one.startswith(f"{name}.")]
    return (near or [one for one in names if name.startswith(f"{one}.")] or [""])[0]


def misread_faults(visit: Visit, attempt: _Attempt) -> Faults:
    """Texts that could not be kept, each at its input."""
    faults = Faults()
    fields = fields_of(attempt.screen.schema, attempt.screen.value, attempt.site.reader)
    labels = {entry.name: field.label for field in fields for entry in field.inputs}
    for name, kind in attempt.merged.misread.items():
        faults.add(name, visit.words(f"editor.misread_{kind}", label=labels[name]))
    return faults


def _told(visit: Visit, attempt: _Attempt) -> Response:
    """The answer to the module, which saves while one types."""
    if attempt.merged.clashes or attempt.merged.is_stale:
        return PlainTextResponse(visit.words.plain("editor.autosave_conflict"), 409)
    headers = {"x-revision": str(attempt.site.revision)}
    if wrong := list(misread_faults(visit, attempt).values()):
        return PlainTextResponse(wrong[0], 422, headers=headers)
    return PlainTextResponse(visit.words.plain("editor.autosaved"), headers=headers)


def _gone(visit: Visit, site: Opened, place: str, texts: Mapping[str, str]) -> Response:
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
    fields = fields_of(screen.schema, screen.value, site.reader)
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
    """Where the page that the form belongs to is previewed, at its section."""
    pack = site.kit.name.removeprefix("packs/")
    page, parts = "/", screen.place.split("/")
    if parts[0] == "pages":
        page = site.document["pages"][int(parts[1])]["path"]
    mark = f"#{screen.section}" if screen.section else ""
    return f"{site.home}/xem/{pack}{page}{mark}"


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


async def _conflict_page(visit: Visit, attempt: _Attempt, texts: Mapping[str, str]) -> Response:
    """Both texts of every input that two people changed; the rest goes along unseen."""
    site, screen = attempt.site, attempt.screen
    clashing = {one.entry.name for one in attempt.merged.clashes}
    fields = fields_of(screen.schema, screen.value, site.reader)
    stored = texts_of(fields)
    applied = texts_of(fields_of(screen.schema, attempt.merged.value, site.reader))
    hidden = {
        name: text
        for name, text in texts.items()
        if name in clashing or applied.get(name) != stored.get(name)
    }
    return visit.page(
        "editor_conflict.html",
        409,
        site=site,
        screen=screen,
        heading=_heading(visit, screen),
        clashes=attempt.merged.clashes,
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
