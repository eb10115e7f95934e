"""Gates: plain rules over a file's facts that a signature must pass before it is believed.

Pure. Comes in: `DocumentFacts`. Goes out: findings. Every rule states a property of the
format; none knows a particular file. The conservative rule: whatever follows the signed
revision and is not a further signature, validation data or a document time-stamp leaves
the verdict INDETERMINATE.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

from haidang.esign.facts import ByteRangeFacts, CmsFacts, DocumentFacts, SignatureFacts
from haidang.esign.findings import Finding

SUPPORTED_SUBFILTERS = frozenset(
    {"ETSI.CAdES.detached", "ETSI.RFC3161", "adbe.pkcs7.detached", "adbe.pkcs7.sha1"}
)
_CONTENT_TYPES = {"ETSI.RFC3161": "tst_info"}
_SIGNATURE_TYPES = {"ETSI.RFC3161": frozenset({"", "DocTimeStamp", "Sig"})}
_NO_CHANGES = 1
DECLARED_TIME_TOLERANCE = timedelta(minutes=5)
"""How far /M and the CMS signing-time may lie apart; both are read off the same clock."""


def judge_document(document: DocumentFacts) -> list[Finding]:
    """Gates G2 to G5: findings about the file as a whole; they weigh on every signature."""
    if document.failure:
        return [Finding("INSPECTION_FAILED", document.failure)]
    if not document.is_pdf:
        return [Finding("FILE_NOT_PDF")]
    if not document.signatures and document.encrypted:
        # What cannot be read may be a signature, or the lock's own seal (ISO/TS 32004).
        return [Finding("DOCUMENT_ENCRYPTED")]
    if not document.signatures:
        hidden = document.stray_byte_ranges > 0
        return [Finding("SIGNATURE_HIDDEN" if hidden else "NO_SIGNATURE")]
    findings = []
    if document.structure_problem:
        findings.append(Finding("STRUCTURE_UNCLEAR", document.structure_problem))
    if document.encrypted:
        findings.append(Finding("DOCUMENT_ENCRYPTED"))
    if document.trailing_bytes:
        findings.append(Finding("TRAILING_BYTES"))
    if document.stray_byte_ranges:
        findings.append(Finding("STRAY_SIGNATURE"))
    if _ranges_cross(document.signatures):
        findings.append(Finding("BYTE_RANGES_CROSS"))
    return findings


def _ranges_cross(signatures: tuple[SignatureFacts, ...]) -> bool:
    """Whether two signatures' ranges are anything but nested, the outer's gap apart."""
    known = [one for one in signatures if one.byte_range.values]
    return any(_cross(one, other) for one, other in combinations(known, 2))


def _cross(one: SignatureFacts, other: SignatureFacts) -> bool:
    inner, outer = sorted((one, other), key=lambda signature: signature.end)
    gap = outer.byte_range.values
    assert gap is not None
    return inner.end > gap[1]


def judge_signature(signature: SignatureFacts, document: DocumentFacts) -> list[Finding]:
    """Gates G1, G6 and G8 for one signature or document time-stamp."""
    if not signature.readable:
        return [Finding("SIGNATURE_UNREADABLE", signature.problem)]
    findings = [
        *_judge_byte_range(signature.byte_range, document.size_bytes),
        *_judge_dictionary(signature),
    ]
    if signature.cms is not None:
        findings += _judge_cms(signature, signature.cms)
    elif not findings:
        findings.append(Finding("CONTENTS_MALFORMED", "empty"))
    return findings + _judge_changes(signature, document)


def _judge_byte_range(byte_range: ByteRangeFacts, size_bytes: int) -> list[Finding]:
    fault = _byte_range_fault(byte_range, size_bytes)
    if fault:
        return [Finding("BYTE_RANGE_MALFORMED", fault)]
    if not byte_range.contents_bytes:
        return [Finding("CONTENTS_MALFORMED", "no signature value")]
    if not byte_range.contents_is_plain_hex:
        return [Finding("CONTENTS_MALFORMED", "not a plain hexadecimal string")]
    return [] if byte_range.padding_is_zero else [Finding("PADDING_NOT_ZERO")]


def _byte_range_fault(byte_range: ByteRangeFacts, size_bytes: int) -> str:
    values = byte_range.values
    if values is None:
        return "not four integers"
    start, first_length, second, second_length = values
    if min(values) < 0:
        return "a negative number"
    if start != 0:
        return "does not start at the first byte"
    if not first_length or not second_length:
        return "an empty stretch"
    if second + second_length > size_bytes:
        return "runs beyond the file"
    if byte_range.contents_span != (first_length, second):
        return "the gap is not exactly the signature value"
    return ""


def _judge_dictionary(signature: SignatureFacts) -> list[Finding]:
    dictionary = signature.dictionary
    findings = []
    if dictionary.sub_filter not in SUPPORTED_SUBFILTERS:
        findings.append(Finding("SUBFILTER_UNSUPPORTED", dictionary.sub_filter))
    if dictionary.repeated_keys:
        findings.append(Finding("DICTIONARY_INCONSISTENT", "an entry is given twice"))
    types = _SIGNATURE_TYPES.get(dictionary.sub_filter, frozenset({"", "Sig"}))
    if dictionary.type not in types:
        findings.append(Finding("DICTIONARY_INCONSISTENT", "/Type and /SubFilter"))
    return findings


def _judge_cms(signature: SignatureFacts, cms: CmsFacts) -> list[Finding]:
    if cms.problem:
        return [Finding("CMS_MALFORMED", cms.problem)]
    expected = _CONTENT_TYPES.get(signature.dictionary.sub_filter, "data")
    findings = []
    if cms.content_type != expected:
        findings.append(Finding("DICTIONARY_INCONSISTENT", "/SubFilter and CMS content type"))
    declared, signed = signature.dictionary.declared_at, cms.signing_time
    if declared and signed and abs(declared - signed) > DECLARED_TIME_TOLERANCE:
        findings.append(Finding("DICTIONARY_INCONSISTENT", "/M and CMS signing-time"))
    if cms.encapsulated and signature.dictionary.sub_filter.endswith(".detached"):
        findings.append(Finding("DICTIONARY_INCONSISTENT", "detached, yet with content"))
    return findings


def _judge_changes(signature: SignatureFacts, document: DocumentFacts) -> list[Finding]:
    changes = signature.changes
    if changes.problem:
        return [Finding("STRUCTURE_UNCLEAR", changes.problem)]
    findings = [Finding("CHANGED_AFTER_SIGNING", one) for one in changes.objections]
    if not changes.later_revisions and signature.end < document.size_bytes:
        findings.append(Finding("TRAILING_BYTES"))
    later = [one for one in document.signatures if one.end > signature.end]
    added_by_hand = any(not one.is_document_timestamp for one in later)
    if document.certification_level == _NO_CHANGES and added_by_hand:
        findings.append(Finding("CERTIFICATION_FORBIDS_CHANGE"))
    if changes.later_revisions and not findings:
        findings.append(Finding("LATER_SIGNATURES"))
    return findings


def covers_whole_document(signature: SignatureFacts, document: DocumentFacts) -> bool:
    """Whether every byte of the file, the signature value apart, is signed."""
    fault = _byte_range_fault(signature.byte_range, document.size_bytes)
    return not fault and signature.end == document.size_bytes


def baseline_faults(signature: SignatureFacts) -> list[str]:
    """Which PAdES baseline requirements of level B-B the signature misses, in English.

    Source: ETSI EN 319 142-1 clause 6.3, table 1.
    """
    cms, dictionary = signature.cms, signature.dictionary
    if cms is None or cms.problem:
        return ["no readable CMS"]
    faults = {
        "the SubFilter is not ETSI.CAdES.detached": dictionary.sub_filter != "ETSI.CAdES.detached",
        "the CMS is not DER": not cms.is_der,
        "the CMS encapsulates content": cms.encapsulated,
        "the content type is not data": cms.content_type != "data",
        "message-digest is missing": not cms.has_message_digest,
        "signing-certificate is missing": not cms.signing_certificate,
        "the CMS has a signing-time": cms.signing_time is not None,
        "the dictionary has no usable /M": dictionary.declared_at is None,
        "the dictionary has no /Filter": not dictionary.filter,
        "the dictionary has /Cert": dictionary.has_cert,
        "both /Reason and a commitment or policy": dictionary.has_reason
        and (cms.commitment or cms.policy),
    }
    return [fault for fault, holds in faults.items() if holds]
