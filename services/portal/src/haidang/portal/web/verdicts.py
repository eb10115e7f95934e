"""Verdicts as pages show them: one standing with a shape, and whole sentences. Pure.

Comes in: the contract's report. The rooms of papers and the public check show the same.
Never here: judging; what the service says is only put into words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from haidang.api.esign.v1 import esign_pb2
from haidang.portal.web.pages import written_clock, written_day
from haidang.portal.web.words import Words

NO_SIGNATURE = "SIGNED_DATA_NOT_FOUND"
NOTE_KINDS = {
    esign_pb2.INDICATION_TOTAL_FAILED: "bad",
    esign_pb2.INDICATION_INDETERMINATE: "wait",
}
SAID_OTHERWISE = frozenset({"NO_SIGNATURE", "SANDBOX_ANCHOR"})
"""Findings that the page says by itself, in larger letters."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict in a word: `kind` is the chip's, `key` of the sentences "verdict.<key>"."""

    kind: str
    key: str


UNSIGNED = Standing("plain", "unsigned")
UNJUDGED = Standing("plain", "unjudged")
PASSED = Standing("good", "passed")
PASSED_IN_SANDBOX = Standing("good", "passed_sandbox")
FAILED = Standing("bad", "failed")
UNCLEAR = Standing("wait", "unclear")


@dataclass(frozen=True, slots=True)
class Note:
    """A finding: how grave, and what it says."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ToldSignature:
    """One signature: who, how it stands, what is known of it as (what, sentence), notes."""

    signer: str
    standing: Standing
    rows: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A whole verdict."""

    standing: Standing
    checked_at: datetime
    change: str
    signatures: tuple[ToldSignature, ...]
    notes: tuple[Note, ...]
    is_sandbox: bool


def standing_of(document: esign_pb2.Document) -> Standing:
    """How a kept document stands, by the verdict kept with it."""
    return _standing(document.report) if document.HasField("report") else UNJUDGED


def signers_of(report: esign_pb2.ValidationReport) -> str:
    """Who signed, in their order, each once."""
    return ", ".join(dict.fromkeys(one.signer for one in report.signatures if one.signer))


def told(report: esign_pb2.ValidationReport, words: Words) -> Told:
    """*report* in *words*."""
    change = esign_pb2.DocumentChange.Name(report.document_change)
    about_file = {finding.reason for finding in report.findings}
    return Told(
        standing=_standing(report),
        checked_at=report.validation_time.ToDatetime(UTC),
        change=change.removeprefix("DOCUMENT_CHANGE_"),
        signatures=tuple(_signature(one, words, about_file) for one in report.signatures),
        notes=_notes(report.findings, words),
        is_sandbox=any(one.sandbox for one in report.signatures),
    )


def _standing(report: esign_pb2.ValidationReport) -> Standing:
    if report.indication == esign_pb2.INDICATION_TOTAL_FAILED:
        return FAILED
    if report.indication == esign_pb2.INDICATION_TOTAL_PASSED and report.signatures:
        is_sandbox = any(one.sandbox for one in report.signatures)
        return PASSED_IN_SANDBOX if is_sandbox else PASSED
    if report.sub_indication == NO_SIGNATURE and not report.signatures:
        return UNSIGNED
    return UNCLEAR


def _signature_standing(signature: esign_pb2.SignatureReport) -> Standing:
    if signature.indication == esign_pb2.INDICATION_TOTAL_PASSED:
        return PASSED_IN_SANDBOX if signature.sandbox else PASSED
    if signature.indication == esign_pb2.INDICATION_TOTAL_FAILED:
        return FAILED
    return UNCLEAR


def _signature(
    signature: esign_pb2.SignatureReport, words: Words, about_file: set[str]
) -> ToldSignature:
    own = [one for one in signature.findings if one.reason not in about_file]
    return ToldSignature(
        signer=signature.signer or words("verdict.nameless"),
        standing=_signature_standing(signature),
        rows=tuple(_rows(signature, words)),
        notes=_notes(own, words),
    )


def _rows(signature: esign_pb2.SignatureReport, words: Words) -> Iterable[tuple[str, str]]:
    """Source: Circular 15/2025/TT-BKHCN article 6: what a verdict must at least say."""
    is_told = signature.sandbox or signature.organisation == signature.signer
    if signature.organisation and not is_told:
        said = words("verdict.unit_of", name=signature.organisation)
        yield words("verdict.unit"), said
    if signature.issuer:
        yield words("verdict.issuer"), words("verdict.issued_by", name=signature.issuer)
    yield words("verdict.time"), _time(signature, words)
    yield words("verdict.integrity"), words(f"verdict.intact_{_known(signature, 'intact')}")
    then = _known(signature, "valid_at_signing")
    yield words("verdict.certificate"), words(f"verdict.valid_{then}")
    if signature.HasField("not_before_time") and signature.HasField("not_after_time"):
        start, end = _day(signature.not_before_time), _day(signature.not_after_time)
        yield words("verdict.period"), words("verdict.period_text", start=start, end=end)
    level = esign_pb2.Level.Name(signature.level).removeprefix("LEVEL_")
    yield words("verdict.level"), words(f"verdict.level_{level}")


def _time(signature: esign_pb2.SignatureReport, words: Words) -> str:
    if not signature.HasField("signed_time"):
        return words("verdict.time_unknown")
    at = signature.signed_time.ToDatetime(UTC)
    key = "verdict.time_proven" if signature.HasField("timestamp_time") else "verdict.time_stated"
    return words(key, clock=written_clock(at), day=written_day(at))


def _known(signature: esign_pb2.SignatureReport, field: str) -> str:
    if not signature.HasField(field):  # type: ignore[arg-type]  # one of two names
        return "unknown"
    return "yes" if getattr(signature, field) else "no"


def _notes(findings: Iterable[esign_pb2.ReportFinding], words: Words) -> tuple[Note, ...]:
    found: dict[str, str] = {}
    for one in findings:
        if one.reason in SAID_OTHERWISE:
            continue
        text = one.message_vi if words.locale == "vi" else one.message_en
        found.setdefault(text, NOTE_KINDS.get(one.indication, "plain"))
    return tuple(Note(kind, text) for text, kind in found.items())


def _day(stamp: Timestamp) -> str:
    return written_day(stamp.ToDatetime(UTC))
