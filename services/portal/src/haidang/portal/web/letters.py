"""What visitors sent, as the pages of `/loi-nhan` show it, find it and save it. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import vietnamese_time
from haidang.core.vietnamese import fold

KINDS = {
    websites_pb2.Enquiry.KIND_ORDER: "order",
    websites_pb2.Enquiry.KIND_TABLE: "table",
    websites_pb2.Enquiry.KIND_BOOKING: "booking",
    websites_pb2.Enquiry.KIND_QUESTION: "question",
}
CODE_CHARACTERS = 6
"""As the visitor read it on the page that said thank you."""

_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{7,20}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for a formula. Source: OWASP, CSV injection."""
_SUMMARY_PARTS = 3
_SHORT = 12
"""Characters of an answer that says little without its question."""
_BOM = "\ufeff"
"""Without it Excel reads Vietnamese as something else."""


@dataclass(frozen=True)
class Answer:
    """One answer; a telephone number also as what a phone and Zalo take."""

    label: str
    value: str
    tel: str = ""
    zalo: str = ""


@dataclass(frozen=True)
class Letter:
    """An enquiry as it is shown."""

    path: str
    website: str
    site_title: str
    code: str
    kind: str
    is_done: bool
    at: datetime
    locale: str
    who: str
    summary: str
    answers: tuple[Answer, ...]

    @property
    def phone(self) -> Answer | None:
        """The first answer that is a telephone number."""
        return next((one for one in self.answers if one.tel), None)

    def speaks_of(self, words: str) -> bool:
        """Whether every word stands in it, with or without diacritics."""
        text = " ".join((self.code, self.site_title, *(one.value for one in self.answers)))
        found = fold(text).casefold()
        digits = re.sub(r"[^0-9]", "", text)
        return all(
            word in found or (word.isdigit() and word in digits)
            for word in fold(words).casefold().split()
        )


def letter_of(enquiry: websites_pb2.Enquiry, site_title: str) -> Letter:
    """*enquiry* as pages show it."""
    site, id = _named(enquiry.name)
    answers = tuple(_answer(one) for one in enquiry.answers)
    named = {one.name: one.value for one in enquiry.answers}
    return Letter(
        path=f"/loi-nhan/{site}/{id}",
        website=site,
        site_title=site_title,
        code=id[:CODE_CHARACTERS].upper(),
        kind=KINDS.get(enquiry.kind, "question"),
        is_done=enquiry.state == websites_pb2.Enquiry.STATE_DONE,
        at=enquiry.create_time.ToDatetime(UTC),
        locale=enquiry.locale,
        who=named.get("name", ""),
        summary=_summary(enquiry.answers),
        answers=answers,
    )


def _named(name: str) -> tuple[str, str]:
    parts = name.split("/")
    return parts[1], parts[-1]


def _answer(one: websites_pb2.EnquiryAnswer) -> Answer:
    is_phone = one.name == "phone" and _PHONE.fullmatch(one.value)
    if not is_phone:
        return Answer(one.label, one.value)
    digits = re.sub(r"[^0-9]", "", one.value)
    national = f"0{digits[2:]}" if digits.startswith("84") else digits
    tel = f"+84{national[1:]}" if national.startswith("0") else f"+{digits}"
    return Answer(one.label, one.value, tel, national if national.startswith("0") else "")


def _summary(answers: Sequence[websites_pb2.EnquiryAnswer]) -> str:
    """A line that tells one from another: what is wanted, else what was written."""
    wanted = [
        f"{one.label.partition(' · ')[0]} × {one.value}"
        for one in answers
        if one.name.startswith("q-")
    ]
    others = [
        f"{one.label} {one.value}" if len(one.value) < _SHORT else one.value.replace("\n", " ")
        for one in answers
        if one.name not in {"name", "phone"}
    ]
    return ", ".join((wanted or others)[:_SUMMARY_PARTS])


def chosen(letters: Iterable[Letter], *, words: str, state: str, website: str) -> list[Letter]:
    """Those that fit, newest first. *state*: "moi", "xong" or "" for both."""
    found = (
        one
        for one in letters
        if (not state or one.is_done == (state == "xong"))
        and (not website or one.website == website)
        and one.speaks_of(words)
    )
    return sorted(found, key=lambda one: one.at, reverse=True)


def as_csv(letters: Sequence[Letter], head: Sequence[str], words: dict[str, str]) -> str:
    """*letters* as a table a spreadsheet opens, one column per question asked.

    *head* names the fixed columns: received, site, code, kind, state. No cell can become
    a formula.
    """
    labels = list(dict.fromkeys(one.label for letter in letters for one in letter.answers))
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_cells([*head, *labels]))
    for letter in letters:
        said = {one.label: one.value for one in letter.answers}
        state = words["done" if letter.is_done else "new"]
        fixed = (
            vietnamese_time(letter.at),
            letter.site_title,
            letter.code,
            words[letter.kind],
            state,
        )
        writer.writerow(_cells([*fixed, *(said.get(label, "") for label in labels)]))
    return _BOM + table.getvalue()


def _cells(texts: Iterable[str]) -> list[str]:
    return [f"'{text}" if text.startswith(_FORMULA) else text for text in texts]
