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
from haidang.portal.web.editing.drafts import BANK_ACCOUNT, Document
from haidang.portal.web.editing.merging import Merged, merged
from haidang.portal.web.editing.places import (
    NEW,
    Screen,
    entries_at,
    relocated,
    screen_at,
    stored_value,
    with_value,
)
from haidang.portal.web.editing.schema_forms import Field, Json, fields_of, title_of
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms.editor_desk import (
    READ,
    WEBSITE,
    WRITE,
    Opened,
    document_at,
    opened,
    saved,
)
from haidang.portal.web.rooms.editor_pages import (
    conflict_page,
    faults_at,
    fields_at,
    form_page,
    gone_page,
    list_page,
    misread_faults,
    onward,
)
from haidang.portal.web.visit import Visit
from starlette.responses import PlainTextResponse, Response

TICKED = "ticked"
"""Names of the fields of which nothing is sent when nothing is ticked."""
PICK = "pick."
NOT_TEXTS = frozenset({"csrf", "revision", "request_id", "go", TICKED})
MONEY = f"site/{BANK_ACCOUNT}"
"""Where customers' money goes: changed only by who has just proved who they are.
Source: field guide websites section 11, point 37."""
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
        path, money = "/trang-web/{website}/sua/{place:path}", f"/trang-web/{{website}}/sua/{MONEY}"
        return (
            Door("GET", money, self.show, needs=WRITE, names=WEBSITE, fresh=True),
            Door("POST", money, self.save, needs=WRITE, names=WEBSITE, fresh=True),
            Door("GET", path, self.show, needs=READ, names=WEBSITE),
            Door("POST", path, self.save, needs=WRITE, names=WEBSITE),
        )

    async def show(self, visit: Visit) -> Response:
        """The form, or the list, at a place; with what is wrong when asked to look."""
        site = await opened(visit)
        screen = screen_at(site.kit, site.document, _place(visit), site.reader)
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
        site, place = await opened(visit), _place(visit)
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
            return gone_page(visit, site, place, texts)
        attempt = dataclasses.replace(tried[-1], site=kept)
        if visit.is_module:
            return _told(visit, attempt)
        if attempt.merged.clashes:
            return await conflict_page(visit, kept, attempt.screen, attempt.merged, texts)
        return await self._saved(visit, attempt, texts)

    async def _saved(self, visit: Visit, attempt: _Attempt, texts: Mapping[str, str]) -> Response:
        """Onward, or the form again with what is still wrong."""
        site, screen = attempt.site, attempt.screen
        faults = _misread(visit, attempt)
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
        faults = misread_faults(visit, fields, made.misread)
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
        drawn = fields_at(old, now.reader) if old else None
    screen = screen_at(now.kit, now.document, held, now.reader) if held else None
    if screen is None or screen.is_list:
        raise Absent("PLACE_ABSENT")
    fields = fields_at(screen, now.reader)
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


def _told(visit: Visit, attempt: _Attempt) -> Response:
    """The answer to the module, which saves while one types."""
    if attempt.merged.clashes or attempt.merged.is_stale:
        return PlainTextResponse(visit.words.plain("editor.autosave_conflict"), 409)
    headers = {"x-revision": str(attempt.site.revision)}
    if wrong := list(_misread(visit, attempt).values()):
        return PlainTextResponse(wrong[0], 422, headers=headers)
    return PlainTextResponse(visit.words.plain("editor.autosaved"), headers=headers)


def _place(visit: Visit) -> str:
    """The place that the address names; the account's door has it in its own path."""
    return str(visit.request.path_params.get("place", MONEY))


def _misread(visit: Visit, attempt: _Attempt) -> Faults:
    fields = fields_at(attempt.screen, attempt.site.reader)
    return misread_faults(visit, fields, attempt.merged.misread)
