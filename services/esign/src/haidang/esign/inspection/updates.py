"""Account for every byte that follows a signed revision.

Comes in: the file, the signed revision, the last revision. The bytes between must be whole
revisions: objects, their cross-reference section, startxref, %%EOF, each object listed and
each listing met. Then `changes` explains the objects of each step. Never here: a verdict.
"""

from __future__ import annotations

import re
from itertools import pairwise

from haidang.esign.facts import LaterChanges
from haidang.esign.inspection.changes import Explanation
from haidang.esign.inspection.revisions import Revision, Source
from haidang.esign.inspection.syntax import PdfSyntaxError, read_header, read_indirect

_BLANK = re.compile(rb"[\x00\t\n\x0c\r ]*")
_CLOSING = re.compile(rb"startxref(?:\r\n|\r|\n)(\d{1,12})(?:\r\n|\r|\n)%%EOF(?=[\r\n]|\Z)")
MAX_OBJECTIONS = 8
"""A report names this many objections; more tell nobody more."""


class Updates:
    """The steps from revision to revision of one file; each is explained once."""

    def __init__(self, source: Source, last: Revision, signatures: set[int]) -> None:
        self.source = source
        self.last = last
        self.signatures = signatures
        self._explained: dict[tuple[int, int], list[str]] = {}

    def after(self, signed: Revision) -> LaterChanges:
        """What was added after *signed*, and what of it no rule explains."""
        evidence = "DSS" in self.last.dictionary(self.last.trailer.get("Root"))
        try:
            revisions = self._revisions_from(signed)
        except PdfSyntaxError as fault:
            return LaterChanges(
                later_revisions=1,
                objections=(f"the added bytes are not whole revisions: {fault}",),
                has_validation_data=evidence,
            )
        objections = [
            objection for old, new in pairwise(revisions) for objection in self._step(old, new)
        ]
        return LaterChanges(
            later_revisions=len(revisions) - 1,
            objections=tuple(objections[:MAX_OBJECTIONS]),
            has_validation_data=evidence,
        )

    def _revisions_from(self, signed: Revision) -> list[Revision]:
        revisions = [signed]
        at = signed.end
        while _past_blank(self.source.pdf, at) < self.last.end:
            at = _end_of_revision(self.source.pdf, at)
            revisions.append(Revision(self.source, at))
        if revisions[-1].chain != self.last.chain:
            raise PdfSyntaxError("they do not end with the last revision")
        return revisions

    def _step(self, old: Revision, new: Revision) -> list[str]:
        key = (old.chain[0].offset, new.chain[0].offset)
        if key not in self._explained:
            self._explained[key] = _explain_step(old, new, self.signatures)
        return self._explained[key]


def _past_blank(pdf: bytes, at: int) -> int:
    blank = _BLANK.match(pdf, at)
    return blank.end() if blank else at


def _end_of_revision(pdf: bytes, at: int) -> int:
    """Where the first `startxref N %%EOF` after *at* ends; strings and streams cannot fool
    it into a pass, for the revision that would end there must then read whole."""
    found = _CLOSING.search(pdf, at)
    if found is None:
        raise PdfSyntaxError(f"no revision ends after {at}")
    return found.end()


def _explain_step(old: Revision, new: Revision, signatures: set[int]) -> list[str]:
    if new.chain[1:] != old.chain:
        return ["a later revision does not build on the one before it"]
    section = new.chain[0]
    if section.hybrid or section.offset < old.end:
        return ["a later cross-reference section is ambiguous or misplaced"]
    try:
        met = _objects_between(old.end, new)
    except PdfSyntaxError as fault:
        return [f"the added bytes are not a whole revision: {fault}"]
    listed = {
        entry.place: number
        for number, entry in section.entries.items()
        if not entry.is_free and not entry.is_in_stream
    }
    if section.number is not None:
        listed[section.offset] = section.number
    if listed != met:
        return ["a later revision lists other objects than it holds"]
    return Explanation(old, new, signatures).run()


def _objects_between(at: int, new: Revision) -> dict[int, int]:
    """Offsets of the objects written from *at* to the end of *new*, with their numbers.

    Raises: PdfSyntaxError for any byte that is no object, cross-reference or closing.
    """
    pdf, section = new.source.pdf, new.chain[0]
    met: dict[int, int] = {}
    while (at := _past_blank(pdf, at)) < new.end:
        if at == section.offset and section.number is None:
            at = section.end
        elif closing := _CLOSING.match(pdf, at):
            if _past_blank(pdf, closing.end()) < new.end:
                raise PdfSyntaxError("a revision closes twice")
            at = closing.end()
        elif header := read_header(pdf, at):
            met[at] = header[0]
            at = read_indirect(pdf, at, new.value).end
        else:
            raise PdfSyntaxError(f"unexpected bytes at {at}")
    return met
