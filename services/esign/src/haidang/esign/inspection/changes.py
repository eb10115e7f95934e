"""Explain every object that the next revision adds or alters; what is left is an objection.

Comes in: a revision and the one that follows it. Default is
to deny: only further signatures, validation data and document time-stamps are explained,
each by its structure. Never here: a verdict. Source: ISO 32000-2 clause 12.8.2.2.
"""

from __future__ import annotations

from haidang.esign.inspection import allowed
from haidang.esign.inspection.revisions import Revision
from haidang.esign.inspection.syntax import (
    Dictionary,
    Name,
    PdfSyntaxError,
    Ref,
    Stream,
    Text,
)
from haidang.esign.inspection.values import differing, references, same


class Explanation:
    """The walk over two revisions; `objections` holds what no rule explains."""

    def __init__(self, before: Revision, after: Revision, signatures: set[int]) -> None:
        self.before = before
        self.after = after
        self.section = after.chain[0]
        self.signatures = signatures
        self.objections: list[str] = []
        self.new: set[int] = set()
        self.changed: set[int] = set()
        self.explained: set[int] = set()
        self.widgets: set[int] = set()

    def run(self) -> list[str]:
        """Explain all, and say in English what could not be."""
        try:
            self._classify()
            self._explain_trailer()
            self._explain_catalog()
            self._explain_pages()
            self._explain_containers()
            self._check_old_references()
        except PdfSyntaxError as fault:
            self.objections.append(f"a later revision cannot be read: {fault}")
        for number in sorted((self.new | self.changed) - self.explained):
            self.objections.append(f"object {number} was added or altered")
        return self.objections

    def object_to(self, sentence: str) -> None:
        self.objections.append(sentence)

    def _classify(self) -> None:
        for number in self.section.entries:
            was, now = self.before.entries.get(number), self.after.entries[number]
            existed = was is not None and not was.is_free
            if now.is_free:
                if existed:
                    self.object_to(f"object {number} was deleted")
            elif not existed:
                self.new.add(number)
            elif was != now and not self._is_rewritten_alike(number):
                self.changed.add(number)

    def _is_rewritten_alike(self, number: int) -> bool:
        reference_before = Ref(number, self._generation(self.before, number))
        reference_after = Ref(number, self._generation(self.after, number))
        return reference_before == reference_after and same(
            self.before.value(reference_before), self.after.value(reference_after)
        )

    @staticmethod
    def _generation(revision: Revision, number: int) -> int:
        entry = revision.entries[number]
        return 0 if entry.is_in_stream else entry.extra

    # -- trailer and catalog ------------------------------------------------------------

    def _explain_trailer(self) -> None:
        old, new = self.before.trailer, self.after.trailer
        for key in differing(old, new) - allowed.TRAILER_MAY_CHANGE:
            self.object_to(f"the trailer's /{key} changed")
        if "Encrypt" in new:
            self.object_to("the document is encrypted")
        was, now = old.get("Info"), new.get("Info")
        if isinstance(now, Ref) and now.number in self.new | self.changed:
            old_info, new_info = self.before.value(was), self.after.value(now)
            if self._is_plain_info(old_info, new_info):
                self.explained.add(now.number)
        elif not same(was, now):
            self.object_to("the document information was replaced")

    @staticmethod
    def _is_plain_info(old: object, new: object) -> bool:
        if not isinstance(new, Dictionary):
            return False
        before = old if isinstance(old, Dictionary) else Dictionary()
        changed = differing(before, new)
        return changed <= allowed.INFO_MAY_CHANGE and all(
            isinstance(new.get(key, Text()), Text) for key in changed
        )

    def _explain_catalog(self) -> None:
        root = self.after.trailer.get("Root")
        old, new = self.before.dictionary(root), self.after.dictionary(root)
        if isinstance(root, Ref) and root.number in self.changed:
            self.explained.add(root.number)
        for key in differing(old, new) - allowed.CATALOG_MAY_CHANGE:
            self.object_to(f"the catalog's /{key} changed")
        for key in ("Extensions", "Version"):
            if references(new.get(key)) and not same(old.get(key), new.get(key)):
                self.object_to(f"the catalog's /{key} changed")
        self._explain_metadata(new.get("Metadata"))
        self._explain_form(old.get("AcroForm"), new.get("AcroForm"))
        self._explain_evidence(old.get("DSS"), new.get("DSS"))

    def _explain_metadata(self, value: object) -> None:
        """XMP is never drawn; its stream may be rewritten if it is nothing else besides."""
        if not isinstance(value, Ref) or value.number not in self.changed:
            return
        stream = self.after.value(value)
        if (
            isinstance(stream, Stream)
            and stream.dictionary.get("Type") == Name("Metadata")
            and stream.dictionary.keys() <= allowed.METADATA_KEYS
            and self._is_held_only_as(value.number, "Metadata")
        ):
            self.explained.add(value.number)

    # -- form and signature fields ------------------------------------------------------

    def _touch(self, value: object) -> None:
        if isinstance(value, Ref):
            self.explained.add(value.number)

    def _explain_form(self, was: object, now: object) -> None:
        if same(was, now) and not (isinstance(now, Ref) and now.number in self.changed):
            form = self.after.dictionary(now)
            self._explain_fields(self.before.dictionary(was), form)
            return
        old, new = self.before.dictionary(was), self.after.dictionary(now)
        may_change = allowed.FORM_MAY_CHANGE if old else allowed.FORM_MAY_CHANGE | {"DR", "DA"}
        for key in differing(old, new) - may_change:
            self.object_to(f"the form's /{key} changed")
        if not isinstance(new.get("SigFlags", 0), int):
            self.object_to("the form's /SigFlags is not a number")
        self._touch(now)
        self._explain_fields(old, new)

    def _explain_fields(self, old_form: Dictionary, new_form: Dictionary) -> None:
        listed_before = self.before.array(old_form.get("Fields"))
        listed = self.after.array(new_form.get("Fields"))
        self._touch(new_form.get("Fields"))
        kept = listed[: len(listed_before)]
        if not same(kept, listed_before):
            self.object_to("form fields were removed or reordered")
            return
        for item in listed[len(listed_before) :]:
            if isinstance(item, Ref) and item.number in self.new:
                self._explain_new_field(item)
            else:
                self.object_to("a form field was added that is not a new signature field")
        for number in sorted(self.changed - self.explained):
            self._explain_filled_field(number)

    def _explain_new_field(self, item: Ref) -> None:
        field = self.after.dictionary(item)
        plain = (
            field.get("FT") == Name("Sig")
            and field.get("Subtype", Name("Widget")) == Name("Widget")
            and field.keys() <= allowed.FIELD_KEYS
        )
        if not plain or not self._is_invisible(field):
            self.object_to("a field was added that shows something or is no plain signature field")
            return
        self.widgets.add(item.number)
        self.explained.add(item.number)
        for key in ("AP", "MK", "Lock", "SV", "Border", "BS"):
            self._explain_new_below(field.get(key))
        self._explain_signature(field.get("V"))

    def _is_invisible(self, field: Dictionary) -> bool:
        rectangle = self.after.array(field.get("Rect"))
        if "Rect" not in field:
            return True
        numbers = [item for item in rectangle if isinstance(item, int | float)]
        if len(numbers) != allowed.RECTANGLE_NUMBERS:
            return False
        left, bottom, right, top = numbers
        return bool(left == right and bottom == top)

    def _explain_filled_field(self, number: int) -> None:
        entry = Ref(number, self._generation(self.after, number))
        old, new = self.before.dictionary(entry), self.after.dictionary(entry)
        if old.get("FT") != Name("Sig") or "V" in old or "V" not in new:
            return
        if differing(old, new) <= allowed.FILLED_FIELD_MAY_CHANGE and self._is_invisible(old):
            self.explained.add(number)
            for key in ("AP", "MK"):
                self._explain_new_below(new.get(key))
            self._explain_signature(new["V"])

    def _explain_signature(self, value: object) -> None:
        dictionary = self.after.value(value)
        root = self.after.trailer.get("Root")
        targets = {root.number} if isinstance(root, Ref) else set[int]()
        if (
            not isinstance(value, Ref)
            or not isinstance(dictionary, Dictionary)
            or value.number not in self.new & self.signatures
            or not dictionary.keys() <= allowed.SIGNATURE_KEYS
            or not references(dictionary) <= targets
        ):
            self.object_to("a signature was added that is not a plain signature dictionary")
            return
        self.explained.add(value.number)

    def _explain_new_below(self, value: object) -> None:
        waiting = list(references(value))
        while waiting:
            number = waiting.pop()
            if number in self.new and number not in self.explained:
                self.explained.add(number)
                reference = Ref(number, self._generation(self.after, number))
                waiting.extend(references(self.after.value(reference)))

    # -- validation data ----------------------------------------------------------------

    def _explain_evidence(self, was: object, now: object) -> None:
        evidence = self.after.dictionary(now)
        if now is None:
            if was is not None:
                self.object_to("validation data was removed")
            return
        if not evidence.keys() <= allowed.DSS_KEYS:
            self.object_to("validation data holds foreign entries")
            return
        self._explain_evidence_part(now)
        vri = evidence.get("VRI")
        self._explain_evidence_part(vri)
        for entry in self.after.dictionary(vri).values():
            self._explain_evidence_part(entry)
            record = self.after.value(entry)
            if not isinstance(record, Dictionary | Name) or (
                isinstance(record, Dictionary) and not record.keys() <= allowed.VRI_KEYS
            ):
                self.object_to("validation data holds foreign entries")
                return
            if isinstance(record, Dictionary):
                self._explain_evidence_lists(record)
        self._explain_evidence_lists(evidence)

    def _explain_evidence_lists(self, holder: Dictionary) -> None:
        for key in ("Certs", "OCSPs", "CRLs", "Cert", "OCSP", "CRL"):
            self._explain_evidence_part(holder.get(key))
            for item in self.after.array(holder.get(key)):
                self._explain_evidence_stream(item)
        self._explain_evidence_stream(holder.get("TS"))

    def _explain_evidence_part(self, value: object) -> None:
        if not isinstance(value, Ref) or value.number in self.explained:
            return
        if value.number in self.new or (
            value.number in self.changed and value.number not in self._old_document()
        ):
            self.explained.add(value.number)

    def _explain_evidence_stream(self, value: object) -> None:
        if not isinstance(value, Ref) or value.number not in self.new:
            return
        stream = self.after.value(value)
        if isinstance(stream, Stream) and stream.dictionary.keys() <= allowed.EVIDENCE_STREAM_KEYS:
            self.explained.add(value.number)
            length = stream.dictionary.get("Length")
            if isinstance(length, Ref) and isinstance(self.after.value(length), int):
                self.explained |= {length.number} & self.new

    def _old_document(self) -> set[int]:
        """Objects the signed revision shows by any way but its validation data."""
        trailer = self.before.trailer
        root = self.before.dictionary(trailer.get("Root"))
        waiting = [
            number for key, value in root.items() if key != "DSS" for number in references(value)
        ]
        reached: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number not in reached and number in self.before.entries:
                reached.add(number)
                reference = Ref(number, self._generation(self.before, number))
                waiting.extend(references(self.before.value(reference)))
        return reached

    # -- pages, containers, old references ----------------------------------------------

    def _explain_pages(self) -> None:
        for number in sorted(self.changed - self.explained):
            reference = Ref(number, self._generation(self.after, number))
            old, new = self.before.value(reference), self.after.value(reference)
            if isinstance(old, Dictionary) and isinstance(new, Dictionary):
                is_page = old.get("Type") == Name("Page") and differing(old, new) <= {"Annots"}
                if is_page and self._only_adds_widgets(old.get("Annots"), new.get("Annots")):
                    self.explained.add(number)
                    if isinstance(annotations := new.get("Annots"), Ref):
                        self.explained |= {annotations.number} & self.new
        for number in sorted(self.changed - self.explained):
            reference = Ref(number, self._generation(self.after, number))
            if self._is_held_only_as(number, "Annots") and self._only_adds_widgets(
                reference, reference
            ):
                self.explained.add(number)

    def _only_adds_widgets(self, was: object, now: object) -> bool:
        listed_before, listed = self.before.array(was), self.after.array(now)
        added = listed[len(listed_before) :]
        return same(listed[: len(listed_before)], listed_before) and all(
            isinstance(item, Ref) and item.number in self.widgets for item in added
        )

    def _is_held_only_as(self, number: int, role: str) -> bool:
        """Whether every reference the earlier revision makes to *number* is a direct /role."""
        holders = [
            (key, value)
            for holder in self.before.entries
            for key, value in self._old_items(holder)
            if number in references(value)
        ]
        return bool(holders) and all(
            key == role and isinstance(value, Ref) for key, value in holders
        )

    def _old_items(self, number: int) -> list[tuple[str, object]]:
        if self.before.entries[number].is_free:
            return []
        value = self.before.value(Ref(number, self._generation(self.before, number)))
        if isinstance(value, Stream):
            value = value.dictionary
        return list(value.items()) if isinstance(value, Dictionary) else [("", value)]

    def _explain_containers(self) -> None:
        packed_in = {e.place for e in self.section.entries.values() if e.is_in_stream}
        if self.section.number is not None:
            packed_in.add(self.section.number)
        self.explained |= self.new & packed_in

    def _check_old_references(self) -> None:
        """A number the signed revision already refers to must not come alive later."""
        if not self.new:
            return
        for number in self.before.entries:
            for _, value in self._old_items(number):
                for target in references(value) & self.new:
                    self.object_to(f"object {target} was referred to before it was added")
