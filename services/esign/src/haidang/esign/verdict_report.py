"""Say a verdict: in Vietnamese for people, as plain values for programs.

Pure. Comes in: a `ValidationReport`. Source: Circular 15/2025/TT-BKHCN Art. 6 (issuer,
signer, managing unit, signing time or time-stamp, integrity, validity at signing time,
validity period). Never here: judging.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from haidang.esign.finding_kinds import Indication
from haidang.esign.verdicts import DocumentVerdict, SignatureVerdict, ValidationReport

_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_CONCLUSIONS = {
    Indication.TOTAL_PASSED: "HỢP LỆ",
    Indication.TOTAL_FAILED: "KHÔNG HỢP LỆ",
    Indication.INDETERMINATE: "CHƯA ĐỦ CƠ SỞ ĐỂ KẾT LUẬN",
}
_DOCUMENTS = {
    DocumentVerdict.UNCHANGED: "không thay đổi kể từ khi ký",
    DocumentVerdict.CHANGED_ALLOWED: "chỉ thêm chữ ký, dấu thời gian hoặc dữ liệu kiểm chứng",
    DocumentVerdict.CHANGED_FORBIDDEN: "đã bị thay đổi sau khi ký",
    DocumentVerdict.UNCLEAR: "không xác định được",
}
_INTACT = {
    True: "nội dung được ký còn nguyên vẹn",
    False: "nội dung được ký đã bị thay đổi hoặc chữ ký sai",
    None: "không kiểm tra được",
}
_VALID_THEN = {
    True: "chứng thư có hiệu lực, không bị thu hồi",
    False: "chưa xác nhận được hoặc không có hiệu lực",
    None: "không xác định được (chưa tìm thấy tổ chức chứng thực tin cậy)",
}
_SANDBOX = (
    "*** THỬ NGHIỆM (SANDBOX): chữ ký do tổ chức chứng thực thử nghiệm xác nhận, "
    "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ. ***"
)
_UNKNOWN = "không rõ"


def summary_vi(report: ValidationReport) -> str:
    """The whole verdict in Vietnamese, times in Vietnam."""
    lines = ["KẾT QUẢ KIỂM TRA CHỮ KÝ SỐ"]
    if any(one.sandbox for one in report.signatures):
        lines.append(_SANDBOX)
    lines += [
        f"Kết luận: {_conclusion(report.indication, report.sub_indication)}",
        f"Tài liệu: {_DOCUMENTS[report.document]}",
        f"Số chữ ký: {len(report.signatures)}; dấu thời gian tài liệu: "
        f"{report.document_timestamps}",
        f"Thời điểm kiểm tra: {_written(report.validated_at)}",
    ]
    if not report.signatures:
        lines += [f"- {finding.message_vi}" for finding in report.document_findings]
    for index, signature in enumerate(report.signatures, start=1):
        lines += ["", f"Chữ ký {index}", *(f"  {line}" for line in _signature_lines(signature))]
    return "\n".join(lines)


def _conclusion(indication: Indication, sub_indication: str) -> str:
    words = " / ".join(part for part in (indication.value, sub_indication) if part)
    return f"{_CONCLUSIONS[indication]} ({words})"


def _signature_lines(signature: SignatureVerdict) -> list[str]:
    period = f"{_written(signature.not_before)} – {_written(signature.not_after)}"
    messages = dict.fromkeys(finding.message_vi for finding in signature.findings)
    lines = [
        f"Kết luận: {_conclusion(signature.indication, signature.sub_indication)}",
        f"Người ký: {signature.signer or _UNKNOWN}",
        f"Đơn vị của người ký: {signature.organisation or _UNKNOWN}",
        f"Tổ chức cấp và quản lý chứng thư: {signature.issuer or _UNKNOWN}",
        _time_line(signature),
        f"Tính toàn vẹn: {_INTACT[signature.intact]}",
        f"Hiệu lực chứng thư tại thời điểm ký: {_VALID_THEN[signature.valid_at_signing]}",
        f"Thời hạn chứng thư: {period}",
        f"Mức chữ ký: {'PAdES ' + signature.level if signature.level else 'không theo PAdES'}",
    ]
    return lines + [f"- {message}" for message in messages]


def _time_line(signature: SignatureVerdict) -> str:
    if signature.timestamped_at is not None:
        return f"Thời điểm ký (theo dấu thời gian): {_written(signature.timestamped_at)}"
    return f"Thời điểm ký (do người ký khai báo): {_written(signature.declared_at)}"


def _written(instant: datetime | None) -> str:
    if instant is None:
        return _UNKNOWN
    return instant.astimezone(_VIETNAM).strftime("%H:%M:%S %d/%m/%Y")


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
