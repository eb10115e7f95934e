"""Inspect one PDF: the inspection's front door.

Comes in: the file's bytes, trust anchors, the instant, optionally a session to ask about
revocation. Goes out: `DocumentFacts`. Runs in the bounded child; an unforeseen exception
leaves it and is that child's end. Never here: a verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import x509
from haidang.esign.facts import (
    CmsFacts,
    DocumentFacts,
    LaterChanges,
    RevocationFacts,
    SignatureFacts,
    TimestampFacts,
)
from haidang.esign.inspection import algorithms
from haidang.esign.inspection.certificates import Anchor, build_path
from haidang.esign.inspection.cms import Digester, ReadCms, read_cms
from haidang.esign.inspection.evidence import collect
from haidang.esign.inspection.revisions import Revision, Source
from haidang.esign.inspection.revocation import Evidence, statements
from haidang.esign.inspection.session import RevocationSession
from haidang.esign.inspection.signatures import (
    TIMESTAMP_SUBFILTER,
    FoundSignature,
    covered_bytes,
    der_of,
    read_byte_range,
    read_dictionary,
    signatures_by_bytes,
    signatures_by_structure,
    stray_byte_ranges,
)
from haidang.esign.inspection.syntax import Dictionary, Name, PdfSyntaxError
from haidang.esign.inspection.timestamps import read_timestamp
from haidang.esign.inspection.updates import Updates

_HEADER = b"%PDF-"
_HEADER_WINDOW = 1024
_END_MARK = b"%%EOF"
_BLANKS = b"\x00\t\n\x0c\r "
_LINE_ENDS = (b"\r\n", b"\r", b"\n")
_SHA1_IN_CMS = "adbe.pkcs7.sha1"


@dataclass
class Inspector:
    """What the inspection of one file shares between its signatures."""

    anchors: tuple[Anchor, ...]
    now: datetime
    session: RevocationSession | None = None
    evidence: Evidence | None = None
    pool: tuple[x509.Certificate, ...] = ()

    def inspect(self, pdf: bytes) -> DocumentFacts:
        """All facts of *pdf*. Source: ETSI EN 319 102-1 clause 5.2 (what is to be known)."""
        if _HEADER not in pdf[:_HEADER_WINDOW]:
            return DocumentFacts(len(pdf), is_pdf=False)
        source = Source(pdf)
        end = _end_of_document(pdf)
        last, found, problem = self._read_structure(source, end)
        if not pdf.startswith(_HEADER):
            problem = problem or "the header does not stand at the start"
        numbers = {one.number for one in found if one.number is not None}
        updates = Updates(source, last, numbers) if last is not None else None
        return DocumentFacts(
            size_bytes=len(pdf),
            is_pdf=True,
            structure_problem=problem,
            encrypted=last is not None and "Encrypt" in last.trailer,
            trailing_bytes=len(pdf) - end,
            trailing_is_blank=not pdf[end:].strip(_BLANKS),
            stray_byte_ranges=stray_byte_ranges(pdf, found),
            certification_level=_certification_level(found, last),
            is_hybrid=last is not None and any(section.hybrid for section in last.chain),
            has_xfa=last is not None and "XFA" in _form(last),
            signatures=tuple(self._signature(source, one, updates) for one in found),
        )

    def _read_structure(
        self, source: Source, end: int
    ) -> tuple[Revision | None, list[FoundSignature], str]:
        try:
            last = Revision(source, end)
            found = signatures_by_structure(last)
            certificates, evidence = collect(last)
            _certification_level(found, last)
            _form(last)
        except PdfSyntaxError as fault:
            return None, signatures_by_bytes(source.pdf), str(fault)
        self.pool, self.evidence = tuple(certificates), evidence
        return last, found, ""

    def _signature(
        self, source: Source, found: FoundSignature, updates: Updates | None
    ) -> SignatureFacts:
        dictionary, byte_range = read_dictionary(found), read_byte_range(source.pdf, found)
        facts = SignatureFacts(
            field=found.field,
            is_document_timestamp=dictionary.sub_filter == TIMESTAMP_SUBFILTER,
            readable=not found.problem and bool(found.dictionary),
            byte_range=byte_range,
            dictionary=dictionary,
            changes=LaterChanges(problem="the file cannot be read without repair"),
            problem=found.problem,
        )
        covered = covered_bytes(source.pdf, byte_range)
        der = der_of(found.dictionary.get("Contents"))
        if not covered or not der:
            return facts
        if updates is not None:
            facts = replace(facts, changes=_changes_after(source, facts.end, updates))
        return self._measured(facts, der, _digester(covered))

    def _measured(self, facts: SignatureFacts, der: bytes, digester: Digester) -> SignatureFacts:
        if facts.is_document_timestamp:
            token = self._timestamp(der, digester, facts.end)
            return replace(facts, document_timestamp=token, cms=token.cms)
        read = read_cms(der, digester, use="sign")
        if facts.dictionary.sub_filter == _SHA1_IN_CMS:
            read = _with_sha1_content(read, digester)
        self._keep(read)
        stamped = _digester([read.signature])
        tokens = tuple(
            self._timestamp(token, stamped, facts.end) for token in read.timestamp_tokens
        )
        proven = [token.generated_at for token in tokens if token.generated_at is not None]
        cms = self._with_path(read, min(proven, default=self.now))
        return replace(facts, cms=cms, timestamps=tokens)

    def _timestamp(self, der: bytes, digester: Digester, covers_to: int) -> TimestampFacts:
        read = read_timestamp(der, digester, covers_to=covers_to)
        self._keep(read.cms)
        moment = read.facts.generated_at or self.now
        return replace(read.facts, cms=self._with_path(read.cms, moment))

    def _keep(self, read: ReadCms) -> None:
        self.pool += read.certificates
        evidence = self.evidence = self.evidence or Evidence()
        for value in read.revocation_values:
            evidence.add(value, "embedded")

    def _with_path(self, read: ReadCms, moment: datetime) -> CmsFacts:
        if read.signer is None:
            return read.facts
        built = build_path(read.signer, self.pool, self.anchors, moment)
        chain = built.certificates
        described = tuple(
            replace(facts, revocation=self._revocation(certificate, issuer))
            for facts, certificate, issuer in zip(
                built.facts.certificates, chain, chain[1:], strict=False
            )
        )
        path = replace(built.facts, certificates=described or built.facts.certificates)
        return replace(read.facts, path=path)

    def _revocation(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> tuple[RevocationFacts, ...]:
        evidence = self.evidence = self.evidence or Evidence()
        known = statements(certificate, issuer, evidence)
        if self.session is None or self._is_current(known):
            return known
        for answer in self.session.ask(certificate, issuer):
            evidence.add(answer, "fetched")
            known = statements(certificate, issuer, evidence)
            if self._is_current(known):
                break
        return known

    def _is_current(self, known: tuple[RevocationFacts, ...]) -> bool:
        return any(one.next_update and one.next_update >= self.now for one in known)


def _end_of_document(pdf: bytes) -> int:
    """Behind the last %%EOF and the one line end that belongs to it."""
    mark = pdf.rfind(_END_MARK)
    if mark < 0:
        return len(pdf)
    end = mark + len(_END_MARK)
    for line_end in _LINE_ENDS:
        if pdf.startswith(line_end, end):
            return end + len(line_end)
    return end


def _changes_after(source: Source, end: int, updates: Updates) -> LaterChanges:
    try:
        signed = Revision(source, end)
        if updates.last.chain[-len(signed.chain) :] != signed.chain:
            return LaterChanges(problem="later revisions do not build on the signed one")
        root = signed.dictionary(signed.trailer.get("Root"))
        return replace(updates.after(signed), signed_has_validation_data="DSS" in root)
    except PdfSyntaxError as fault:
        return LaterChanges(problem=f"the signed revision cannot be read: {fault}")


def _digester(covered: list[bytes]) -> Digester:
    """Digest *covered* by an algorithm's name, each algorithm once."""
    known: dict[str, bytes | None] = {}

    def digest(name: str) -> bytes | None:
        if name not in known:
            known[name] = algorithms.digest(name, covered)
        return known[name]

    return digest


def _with_sha1_content(read: ReadCms, digester: Callable[[str], bytes | None]) -> ReadCms:
    """The old SubFilter signs, as content, the SHA-1 digest of the covered bytes."""
    if read.facts.digest_matches is not True or read.content == digester("sha1"):
        return read
    return replace(read, facts=replace(read.facts, digest_matches=False))


def _form(last: Revision) -> Dictionary:
    return last.dictionary(last.dictionary(last.trailer.get("Root")).get("AcroForm"))


def _certification_level(found: list[FoundSignature], last: Revision | None) -> int:
    """The DocMDP permission (1 to 3) of a certification signature; 0 without one."""
    if last is None:
        return 0
    for one in found:
        for item in last.array(one.dictionary.get("Reference")):
            reference = last.dictionary(item)
            if reference.get("TransformMethod") == Name("DocMDP"):
                parameters: Dictionary = last.dictionary(reference.get("TransformParams"))
                level = parameters.get("P", 2)
                return level if isinstance(level, int) else 1
    return 0
