"""The kinds of finding: what each means for the verdict, and its two sentences.

Pure data. Who comes in: `findings`. Never here: how a finding is come by.
Indications and sub-indications in the words of ETSI EN 319 102-1 clause 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Indication(StrEnum):
    """The main status of a validation. Source: ETSI EN 319 102-1 clause 5.1.3."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class SubIndication(StrEnum):
    """Why not passed. Source: ETSI EN 319 102-1 clause 5.1.3, tables 5 and 6."""

    NONE = ""
    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"


_FAILED = Indication.TOTAL_FAILED
_UNCLEAR = Indication.INDETERMINATE
_NOTE = Indication.TOTAL_PASSED
_S = SubIndication


@dataclass(frozen=True)
class FindingKind:
    """What a finding means: the worst indication it still allows, and its sentences."""

    indication: Indication
    sub_indication: SubIndication
    en: str
    vi: str


# In order of precedence: of several findings with one indication, the first listed rules.
KINDS: dict[str, FindingKind] = {
    "FILE_NOT_PDF": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The file is not a PDF.",
        "Tệp này không phải là tệp PDF.",
    ),
    "INSPECTION_FAILED": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The file could not be inspected within its limits ({detail}).",
        "Không thể đọc tệp trong giới hạn an toàn; tệp có thể bị hỏng "
        "hoặc được cố ý làm sai cấu trúc.",
    ),
    "SIGNATURE_HIDDEN": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The bytes speak of a signature, but none can be found by the document's structure.",
        "Trong tệp có dấu vết chữ ký nhưng không tìm thấy chữ ký nào theo cấu trúc tài liệu; "
        "tệp đáng ngờ.",
    ),
    "SIGNATURE_UNREADABLE": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The signature dictionary cannot be read ({detail}).",
        "Không đọc được nội dung chữ ký.",
    ),
    "BYTE_RANGE_MALFORMED": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The signed byte range is malformed ({detail}).",
        "Phạm vi dữ liệu được ký sai quy cách.",
    ),
    "BYTE_RANGES_CROSS": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The byte ranges of two signatures cross.",
        "Phạm vi được ký của hai chữ ký chồng chéo nhau.",
    ),
    "CONTENTS_MALFORMED": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The signature value is missing or malformed ({detail}).",
        "Giá trị chữ ký bị thiếu hoặc sai quy cách.",
    ),
    "CMS_MALFORMED": FindingKind(
        _FAILED,
        _S.FORMAT_FAILURE,
        "The signature is not a readable CMS structure ({detail}).",
        "Chữ ký không đúng cấu trúc CMS.",
    ),
    "DIGEST_DIFFERS": FindingKind(
        _FAILED,
        _S.HASH_FAILURE,
        "The signed bytes were changed: the recomputed digest differs.",
        "Nội dung đã ký bị thay đổi: giá trị băm tính lại không khớp.",
    ),
    "SIGNATURE_VALUE_WRONG": FindingKind(
        _FAILED,
        _S.SIG_CRYPTO_FAILURE,
        "The signature value does not verify with the signer's key.",
        "Giá trị chữ ký không khớp với khóa của người ký.",
    ),
    "ATTRIBUTES_INCONSISTENT": FindingKind(
        _FAILED,
        _S.SIG_CRYPTO_FAILURE,
        "The signed attributes contradict the signature.",
        "Các thuộc tính được ký mâu thuẫn với chữ ký.",
    ),
    "SIGNED_AFTER_REVOCATION": FindingKind(
        _FAILED,
        _S.REVOKED,
        "The signer's certificate was revoked before the signature was made.",
        "Chứng thư của người ký đã bị thu hồi trước khi ký.",
    ),
    "SIGNED_AFTER_EXPIRY": FindingKind(
        _FAILED,
        _S.EXPIRED,
        "The signature was made after the signer's certificate expired.",
        "Chữ ký được tạo sau khi chứng thư của người ký hết hạn.",
    ),
    "SIGNED_BEFORE_ISSUE": FindingKind(
        _FAILED,
        _S.NOT_YET_VALID,
        "The signature was made before the signer's certificate became valid.",
        "Chữ ký được tạo trước khi chứng thư của người ký có hiệu lực.",
    ),
    "NO_SIGNATURE": FindingKind(
        _UNCLEAR,
        _S.SIGNED_DATA_NOT_FOUND,
        "The document carries no signature.",
        "Tài liệu không có chữ ký số nào.",
    ),
    "CHANGED_AFTER_SIGNING": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "The document was changed after signing ({detail}).",
        "Tài liệu đã được thêm hoặc thay đổi nội dung sau khi ký.",
    ),
    "STRUCTURE_UNCLEAR": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "The file cannot be read without repairing it ({detail}).",
        "Cấu trúc tệp không chuẩn, phải sửa chữa mới đọc được.",
    ),
    "TRAILING_BYTES": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "Bytes follow the end of the document.",
        "Có dữ liệu nằm sau điểm kết thúc của tài liệu.",
    ),
    "PADDING_NOT_ZERO": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "Foreign bytes stand in the unsigned space behind the signature value.",
        "Có dữ liệu lạ nằm trong phần đệm không được ký của chữ ký.",
    ),
    "STRAY_SIGNATURE": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "The file holds traces of a signature the document's structure does not show.",
        "Trong tệp có dấu vết của một chữ ký không thuộc cấu trúc tài liệu.",
    ),
    "DOCUMENT_ENCRYPTED": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "The document is encrypted and cannot be inspected.",
        "Tài liệu bị mã hóa nên không kiểm tra được.",
    ),
    "CERTIFICATION_FORBIDS_CHANGE": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "The author certified that nothing may be added, yet something was.",
        "Người chứng nhận không cho phép thêm bất cứ nội dung nào, nhưng tài liệu đã được thêm.",
    ),
    "SUBFILTER_UNSUPPORTED": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "Signatures of the kind {detail} are not supported.",
        "Chưa hỗ trợ kiểm tra chữ ký loại {detail}.",
    ),
    "DICTIONARY_INCONSISTENT": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "The signature dictionary and the signature contradict each other ({detail}).",
        "Thông tin kèm theo chữ ký mâu thuẫn với chính chữ ký.",
    ),
    "DECLARED_TIME_DOUBTFUL": FindingKind(
        _UNCLEAR,
        _S.SIG_CONSTRAINTS_FAILURE,
        "The signing time the signer states cannot be right.",
        "Thời điểm ký do người ký khai báo không thể đúng.",
    ),
    "SIGNING_CERTIFICATE_MISSING": FindingKind(
        _UNCLEAR,
        _S.NO_SIGNING_CERTIFICATE_FOUND,
        "The signer's certificate is not in the signature.",
        "Không tìm thấy chứng thư của người ký.",
    ),
    "SIGNING_CERTIFICATE_DIFFERS": FindingKind(
        _UNCLEAR,
        _S.NO_SIGNING_CERTIFICATE_FOUND,
        "The signature names another certificate than the one that verifies it.",
        "Chữ ký chỉ định một chứng thư khác với chứng thư đi kèm.",
    ),
    "NO_TRUSTED_ISSUER": FindingKind(
        _UNCLEAR,
        _S.NO_CERTIFICATE_CHAIN_FOUND,
        "The signer's certificate does not lead to a trusted authority.",
        "Chứng thư của người ký không dẫn tới tổ chức chứng thực nào được tin cậy.",
    ),
    "PATH_BREAKS_RULES": FindingKind(
        _UNCLEAR,
        _S.CHAIN_CONSTRAINTS_FAILURE,
        "The certification path breaks a rule ({detail}).",
        "Đường dẫn chứng thực vi phạm quy tắc.",
    ),
    "PATH_NOT_CHECKED": FindingKind(
        _UNCLEAR,
        _S.CERTIFICATE_CHAIN_GENERAL_FAILURE,
        "The certification path could not be checked ({detail}).",
        "Không kiểm tra được đường dẫn chứng thực.",
    ),
    "KEY_USAGE_FORBIDS": FindingKind(
        _UNCLEAR,
        _S.CHAIN_CONSTRAINTS_FAILURE,
        "The signer's certificate is not meant for signing documents.",
        "Chứng thư của người ký không dành cho việc ký tài liệu.",
    ),
    "ISSUER_REVOKED": FindingKind(
        _UNCLEAR,
        _S.REVOKED_CA_NO_POE,
        "An issuing authority's certificate is revoked.",
        "Chứng thư của tổ chức cấp đã bị thu hồi.",
    ),
    "SIGNER_REVOKED": FindingKind(
        _UNCLEAR,
        _S.REVOKED_NO_POE,
        "The signer's certificate is revoked, and nothing proves the signature is older.",
        "Chứng thư của người ký đã bị thu hồi và không có bằng chứng chữ ký có trước đó.",
    ),
    "SIGNER_EXPIRED": FindingKind(
        _UNCLEAR,
        _S.OUT_OF_BOUNDS_NO_POE,
        "The signer's certificate has expired, and nothing proves when the signature was made.",
        "Chứng thư của người ký đã hết hạn và không có bằng chứng về thời điểm ký.",
    ),
    "SIGNER_EXPIRED_NOT_REVOKED": FindingKind(
        _UNCLEAR,
        _S.OUT_OF_BOUNDS_NOT_REVOKED,
        "The signer's certificate has expired without being revoked, and nothing proves when "
        "the signature was made.",
        "Chứng thư của người ký đã hết hạn (chưa từng bị thu hồi) và không có bằng chứng về "
        "thời điểm ký.",
    ),
    "SIGNER_NOT_YET_VALID": FindingKind(
        _UNCLEAR,
        _S.OUT_OF_BOUNDS_NO_POE,
        "The signer's certificate is not valid yet.",
        "Chứng thư của người ký chưa đến thời hạn hiệu lực.",
    ),
    "ISSUER_OUT_OF_BOUNDS": FindingKind(
        _UNCLEAR,
        _S.OUT_OF_BOUNDS_NO_POE,
        "An issuing authority's certificate was not valid at the time in question.",
        "Chứng thư của tổ chức cấp không có hiệu lực tại thời điểm xét.",
    ),
    "CERTIFICATE_ON_HOLD": FindingKind(
        _UNCLEAR,
        _S.TRY_LATER,
        "A certificate is on hold.",
        "Một chứng thư đang bị tạm dừng.",
    ),
    "REVOCATION_UNKNOWN": FindingKind(
        _UNCLEAR,
        _S.TRY_LATER,
        "Whether a certificate was revoked could not be learnt ({detail}).",
        "Chưa kiểm tra được tình trạng thu hồi của chứng thư; xin thử lại sau.",
    ),
    "ALGORITHM_REFUSED": FindingKind(
        _UNCLEAR,
        _S.CRYPTO_CONSTRAINTS_FAILURE,
        "An algorithm in use is not acceptable ({detail}).",
        "Thuật toán được dùng không còn được chấp nhận ({detail}).",
    ),
    "ALGORITHM_REFUSED_NO_POE": FindingKind(
        _UNCLEAR,
        _S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
        "An algorithm in use is not acceptable today, and nothing proves the signature "
        "older ({detail}).",
        "Thuật toán được dùng nay không còn được chấp nhận và không có bằng chứng chữ ký có "
        "từ trước ({detail}).",
    ),
    "ALGORITHM_UNKNOWN": FindingKind(
        _UNCLEAR,
        _S.CRYPTO_CONSTRAINTS_FAILURE,
        "An algorithm in use cannot be checked here ({detail}).",
        "Chưa kiểm tra được thuật toán được dùng ({detail}).",
    ),
    "SANDBOX_ANCHOR": FindingKind(
        _NOTE,
        _S.NONE,
        "SANDBOX: the trusted authority is a test authority; the signature has no legal value.",
        "THỬ NGHIỆM: tổ chức chứng thực chỉ dùng để thử; chữ ký không có giá trị pháp lý.",
    ),
    "ALGORITHM_DEVIATES": FindingKind(
        _NOTE,
        _S.NONE,
        "An algorithm deviates from the recommendation ({detail}).",
        "Thuật toán khác với khuyến nghị ({detail}).",
    ),
    "NOT_BASELINE": FindingKind(
        _NOTE,
        _S.NONE,
        "The signature does not conform to a PAdES baseline level ({detail}).",
        "Chữ ký chưa theo đúng một mức cơ bản của PAdES.",
    ),
    "TIMESTAMP_UNUSABLE": FindingKind(
        _NOTE,
        _S.NONE,
        "A time-stamp proves no time ({detail}).",
        "Một dấu thời gian không chứng minh được thời điểm.",
    ),
    "LATER_SIGNATURES": FindingKind(
        _NOTE,
        _S.NONE,
        "Further signatures, time-stamps or validation data were added after this signature.",
        "Sau chữ ký này, tài liệu được thêm chữ ký, dấu thời gian hoặc dữ liệu kiểm chứng.",
    ),
}
