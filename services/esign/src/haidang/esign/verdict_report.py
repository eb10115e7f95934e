"""Say a verdict: in Vietnamese and English for people, as plain values for programs.

Pure. Comes in: a `ValidationReport`. Source: Circular 15/2025/TT-BKHCN Art. 6 (issuer,
signer, managing unit, signing time or time-stamp, integrity, validity at signing time,
validity period). Never here: judging.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from haidang.esign.finding_kinds import Indication
from haidang.esign.findings import Finding
from haidang.esign.verdicts import DocumentVerdict, SignatureVerdict, ValidationReport

_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class _Language:
    """Every sentence of a verdict in one language."""

    title: str
    sandbox: str
    unknown: str
    conclusion: str
    document: str
    counts: str
    checked: str
    heading: str
    signer: str
    unit: str
    issuer: str
    time_stamped: str
    time_declared: str
    integrity: str
    validity: str
    period: str
    level: str
    no_level: str
    conclusions: Mapping[Indication, str]
    documents: Mapping[DocumentVerdict, str]
    intact: Mapping[bool | None, str]
    valid_then: Mapping[bool | None, str]

    def finding(self, finding: Finding) -> str:
        """What a finding says in this language."""
        return finding.message_vi if self is _VI else finding.message_en


_VI = _Language(
    title="KẾT QUẢ KIỂM TRA CHỮ KÝ SỐ",
    sandbox="*** THỬ NGHIỆM (SANDBOX): chữ ký do tổ chức chứng thực thử nghiệm xác nhận, "
    "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ. ***",
    unknown="không rõ",
    conclusion="Kết luận: {conclusion} ({words})",
    document="Tài liệu: {document}",
    counts="Số chữ ký: {signatures}; dấu thời gian tài liệu: {stamps}",
    checked="Thời điểm kiểm tra: {at}",
    heading="Chữ ký {n}",
    signer="Người ký: {name}",
    unit="Đơn vị của người ký: {name}",
    issuer="Tổ chức cấp và quản lý chứng thư: {name}",
    time_stamped="Thời điểm ký (theo dấu thời gian): {at}",
    time_declared="Thời điểm ký (do người ký khai báo): {at}",
    integrity="Tính toàn vẹn: {intact}",
    validity="Hiệu lực chứng thư tại thời điểm ký: {valid}",
    period="Thời hạn chứng thư: {start} – {end}",
    level="Mức chữ ký: PAdES {level}",
    no_level="Mức chữ ký: không theo PAdES",
    conclusions={
        Indication.TOTAL_PASSED: "HỢP LỆ",
        Indication.TOTAL_FAILED: "KHÔNG HỢP LỆ",
        Indication.INDETERMINATE: "CHƯA ĐỦ CƠ SỞ ĐỂ KẾT LUẬN",
    },
    documents={
        DocumentVerdict.UNCHANGED: "không thay đổi kể từ khi ký",
        DocumentVerdict.CHANGED_ALLOWED: "chỉ thêm chữ ký, dấu thời gian hoặc dữ liệu kiểm chứng",
        DocumentVerdict.CHANGED_FORBIDDEN: "đã bị thay đổi sau khi ký",
        DocumentVerdict.UNCLEAR: "không xác định được",
    },
    intact={
        True: "nội dung được ký còn nguyên vẹn",
        False: "nội dung được ký đã bị thay đổi hoặc chữ ký sai",
        None: "không kiểm tra được",
    },
    valid_then={
        True: "chứng thư có hiệu lực, không bị thu hồi",
        False: "chưa xác nhận được hoặc không có hiệu lực",
        None: "không xác định được (chưa tìm thấy tổ chức chứng thực tin cậy)",
    },
)
_EN = _Language(
    title="VERDICT ON DIGITAL SIGNATURES",
    sandbox="*** SANDBOX: a test authority certified the signer; the signature HAS NO LEGAL "
    "VALUE. ***",
    unknown="unknown",
    conclusion="Conclusion: {conclusion} ({words})",
    document="Document: {document}",
    counts="Signatures: {signatures}; document time-stamps: {stamps}",
    checked="Checked at: {at} (Vietnam time)",
    heading="Signature {n}",
    signer="Signer: {name}",
    unit="Unit of the signer: {name}",
    issuer="Authority that issued and manages the certificate: {name}",
    time_stamped="Signed at (proven by a time-stamp): {at}",
    time_declared="Signed at (as the signer states): {at}",
    integrity="Integrity: {intact}",
    validity="Certificate at signing time: {valid}",
    period="Certificate valid: {start} – {end}",
    level="Level: PAdES {level}",
    no_level="Level: not a PAdES baseline level",
    conclusions={
        Indication.TOTAL_PASSED: "VALID",
        Indication.TOTAL_FAILED: "NOT VALID",
        Indication.INDETERMINATE: "NOT ENOUGH TO CONCLUDE",
    },
    documents={
        DocumentVerdict.UNCHANGED: "not changed since it was signed",
        DocumentVerdict.CHANGED_ALLOWED: "only signatures, time-stamps or validation data added",
        DocumentVerdict.CHANGED_FORBIDDEN: "changed after it was signed",
        DocumentVerdict.UNCLEAR: "could not be told",
    },
    intact={
        True: "what was signed is as it was",
        False: "what was signed was changed, or the signature is wrong",
        None: "could not be checked",
    },
    valid_then={
        True: "valid and not revoked",
        False: "not confirmed, or not valid",
        None: "could not be told (no trusted authority found)",
    },
)


def summary_vi(report: ValidationReport) -> str:
    """The whole verdict in Vietnamese, times in Vietnam."""
    return _summary(report, _VI)


def summary_en(report: ValidationReport) -> str:
    """The whole verdict in English, times in Vietnam."""
    return _summary(report, _EN)


def _summary(report: ValidationReport, say: _Language) -> str:
    lines = [say.title]
    if any(one.sandbox for one in report.signatures):
        lines.append(say.sandbox)
    counts = {"signatures": len(report.signatures), "stamps": report.document_timestamps}
    lines += [
        _conclusion(report.indication, report.sub_indication, say),
        say.document.format(document=say.documents[report.document]),
        say.counts.format(**counts),
        say.checked.format(at=_written(report.validated_at, say)),
    ]
    if not report.signatures:
        lines += [f"- {say.finding(finding)}" for finding in report.document_findings]
    for n, signature in enumerate(report.signatures, start=1):
        said = (f"  {line}" for line in _signature_lines(signature, say))
        lines += ["", say.heading.format(n=n), *said]
    return "\n".join(lines)


def _conclusion(indication: Indication, sub_indication: str, say: _Language) -> str:
    words = " / ".join(part for part in (indication.value, sub_indication) if part)
    return say.conclusion.format(conclusion=say.conclusions[indication], words=words)


def _signature_lines(signature: SignatureVerdict, say: _Language) -> list[str]:
    start, end = _written(signature.not_before, say), _written(signature.not_after, say)
    messages = dict.fromkeys(say.finding(finding) for finding in signature.findings)
    lines = [
        _conclusion(signature.indication, signature.sub_indication, say),
        say.signer.format(name=signature.signer or say.unknown),
        say.unit.format(name=signature.organisation or say.unknown),
        say.issuer.format(name=signature.issuer or say.unknown),
        _time_line(signature, say),
        say.integrity.format(intact=say.intact[signature.intact]),
        say.validity.format(valid=say.valid_then[signature.valid_at_signing]),
        say.period.format(start=start, end=end),
        say.level.format(level=signature.level) if signature.level else say.no_level,
    ]
    return lines + [f"- {message}" for message in messages]


def _time_line(signature: SignatureVerdict, say: _Language) -> str:
    if signature.timestamped_at is not None:
        return say.time_stamped.format(at=_written(signature.timestamped_at, say))
    return say.time_declared.format(at=_written(signature.declared_at, say))


def _written(instant: datetime | None, say: _Language) -> str:
    if instant is None:
        return say.unknown
    try:
        local = instant.astimezone(_VIETNAM)
    except OverflowError:  # what a certificate without an end says. RFC 5280 section 4.1.2.5
        local = instant
    return local.strftime("%H:%M:%S %d/%m/%Y")


def as_promised(report: ValidationReport) -> dict[str, object]:
    """The JSON that `haidang verify-signature --json` promises to other tools.

    Instants are ISO 8601 in UTC, null where unknown; `level` and `sub_indication` are ""
    where there is none; each finding has `reason`, `message_vi` and `message_en`.
    """
    return {
        "indication": report.indication.value,
        "sub_indication": report.sub_indication.value,
        "signatures": [_promised_signature(one) for one in report.signatures],
    }


def _promised_signature(signature: SignatureVerdict) -> dict[str, object]:
    return {
        "signer": signature.signer,
        "level": signature.level,
        "signed_at": signature.signed_at.isoformat() if signature.signed_at else None,
        "covers_whole_document": signature.covers_whole_document,
        "findings": [
            {
                "reason": finding.reason,
                "message_vi": finding.message_vi,
                "message_en": finding.message_en,
            }
            for finding in signature.findings
        ],
    }
