"""The error vocabulary: what may go wrong, said once.

Every room raises one of these classes with a stable reason; only the Door turns
them into gRPC codes. A reason is registered once, beside the rules that raise
it, with an English and a Vietnamese sentence; facts fill the sentences' braces.
Nothing here knows gRPC beyond the names of its codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

Fact = str | int | bool | list[str] | None
"""Facts are public: never a secret, never personal data."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A registered reason: class, gRPC code name, and its sentence in two languages."""

    reason: str
    error: type[HaidangError]
    grpc_code: str
    en: str
    vi: str


_REASONS: dict[str, Reason] = {}


class HaidangError(Exception):
    """Root of the vocabulary. `reason` is stable UPPER_SNAKE; `facts` are public.

    The fact `field`, where given, is the dotted path of the input that caused it.
    """

    grpc_code: ClassVar[str] = "INTERNAL"

    def __init__(self, reason: str, **facts: Fact) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts: dict[str, Fact] = facts

    def __str__(self) -> str:
        return f"{self.reason}: {sentence(self.reason, self.facts, 'en')}"

    @property
    def field(self) -> str | None:
        """Dotted path of the input at fault, such as "registrant.tax_code"."""
        found = self.facts.get("field")
        return found if isinstance(found, str) else None


class Malformed(HaidangError):
    """Breaks syntax; never worth repeating."""

    grpc_code = "INVALID_ARGUMENT"


class Refused(HaidangError):
    """Well formed, forbidden now; repeat after a change."""

    grpc_code = "FAILED_PRECONDITION"


class Absent(HaidangError):
    """Not there."""

    grpc_code = "NOT_FOUND"


class Conflict(HaidangError):
    """Already held (ALREADY_EXISTS) or changed meanwhile (ABORTED), as the reason says."""

    grpc_code = "ALREADY_EXISTS"


class Unauthenticated(HaidangError):
    """The caller did not say who they are, or not credibly."""

    grpc_code = "UNAUTHENTICATED"


class Forbidden(HaidangError):
    """Not yours."""

    grpc_code = "PERMISSION_DENIED"


class Unsupported(HaidangError):
    """A capability the provider did not declare."""

    grpc_code = "UNIMPLEMENTED"


class Unavailable(HaidangError):
    """The other side is down or full, and nothing was sent; repeat with delay."""

    grpc_code = "UNAVAILABLE"


class OutcomeUnknown(HaidangError):
    """Sent, no answer heard. Never resent blindly: ask first."""

    grpc_code = "UNKNOWN"


CLASSES: Mapping[str, type[HaidangError]] = {
    c.__name__: c
    for c in (
        Malformed,
        Refused,
        Absent,
        Conflict,
        Unauthenticated,
        Forbidden,
        Unsupported,
        Unavailable,
        OutcomeUnknown,
    )
}


def register(
    error: type[HaidangError],
    reasons: Mapping[str, tuple[str, str]],
    *,
    grpc_code: str | None = None,
) -> None:
    """Register *reasons*, each mapped to (English sentence, Vietnamese sentence).

    Sentences may name facts in braces, as in "{name}"; a missing fact shows as "…".
    Registering the same reason twice with different content is a defect: ValueError.
    """
    for reason, (en, vi) in reasons.items():
        entry = Reason(reason, error, grpc_code or error.grpc_code, en, vi)
        if _REASONS.setdefault(reason, entry) != entry:
            raise ValueError(f"reason {reason} is registered twice")


def registered() -> Mapping[str, Reason]:
    """Every reason registered so far, by its name."""
    return dict(_REASONS)


def grpc_code_of(error: HaidangError) -> str:
    """Name of the gRPC status code for *error*; the reason may overrule the class."""
    entry = _REASONS.get(error.reason)
    return entry.grpc_code if entry else error.grpc_code


class _Facts(dict[str, Fact]):
    def __missing__(self, key: str) -> str:
        return "…"


def _shown(fact: Fact) -> str:
    return ", ".join(fact) if isinstance(fact, list) else str(fact)


def sentence(reason: str, facts: Mapping[str, Fact], language: str = "vi") -> str:
    """The sentence of *reason* in "vi" or "en", filled with *facts*.

    A reason registered in another service brings its sentences as facts `said_vi` and
    `said_en`; any other unregistered reason answers a plain sentence that names it.
    """
    entry = _REASONS.get(reason)
    if entry is None and (said := facts.get(f"said_{language}")):
        return str(said)
    if entry is None:
        return reason if language == "en" else f"Yêu cầu chưa thực hiện được ({reason})."
    template = entry.vi if language == "vi" else entry.en
    return template.format_map(_Facts({key: _shown(fact) for key, fact in facts.items()}))


def to_facts(error: HaidangError) -> dict[str, object]:
    """A JSON-ready value that `from_facts` turns back into the same error."""
    return {"class": type(error).__name__, "reason": error.reason, "facts": dict(error.facts)}


def from_facts(value: Mapping[str, object]) -> HaidangError:
    """Rebuild an error from `to_facts`; an unknown class becomes HaidangError."""
    facts = value.get("facts")
    return CLASSES.get(str(value["class"]), HaidangError)(
        str(value["reason"]), **(facts if isinstance(facts, dict) else {})
    )


register(
    Malformed,
    {
        "FIELD_REQUIRED": ("{field} is required.", "Cần điền mục {field}."),
        "FIELD_INVALID": ("{field} is not valid: {detail}.", "Mục {field} chưa đúng: {detail}."),
        "NUMBER_NOT_FINITE": (
            "{field} holds a number that is none: infinity or NaN.",
            "Mục {field} có một số không phải là số hữu hạn.",
        ),
        "REQUEST_ID_INVALID": (
            "request_id must be a UUID.",
            "Mã yêu cầu (request_id) phải là một UUID.",
        ),
        "IDEMPOTENCY_MISMATCH": (
            "This request_id was used before with another body.",
            "Mã yêu cầu này đã dùng cho một nội dung khác; hãy gửi lại với mã mới.",
        ),
        "PAGE_TOKEN_INVALID": ("The page token is not valid.", "Mã trang không hợp lệ."),
    },
)
register(
    Absent,
    {
        "OPERATION_ABSENT": ("There is no such operation.", "Không tìm thấy yêu cầu này."),
    },
)
register(
    Unavailable,
    {
        "DEADLINE_BEFORE_ANSWER": (
            "{port} did not answer in time.",
            "Bên liên quan ({port}) chưa trả lời kịp; chúng tôi sẽ hỏi lại.",
        ),
        "BREAKER_OPEN": (
            "{port} failed repeatedly and is given a pause.",
            "Bên liên quan ({port}) đang gặp sự cố; chúng tôi tạm chờ rồi thử lại.",
        ),
        "BULKHEAD_FULL": (
            "{port} is busy.",
            "Bên liên quan ({port}) đang quá tải; xin chờ trong giây lát.",
        ),
        "SERVER_FULL": (
            "The server is at its limit of concurrent calls.",
            "Hệ thống đang bận; xin thử lại sau ít giây.",
        ),
        "NOT_READY": (
            "The service is not ready.",
            "Dịch vụ chưa sẵn sàng; xin thử lại sau ít giây.",
        ),
    },
)
register(
    OutcomeUnknown,
    {
        "ACT_UNFORESEEN": (
            "{port} failed in an unforeseen way; whether it acted is being asked.",
            "Chưa rõ kết quả ở {port}; chúng tôi đang hỏi lại, anh/chị không cần gửi lại.",
        ),
        "ACT_CUT_OFF": (
            "{port} was cut off after sending.",
            "Mất liên lạc với {port} sau khi gửi; chúng tôi đang hỏi lại kết quả.",
        ),
    },
)
register(
    Unauthenticated,
    {
        "TOKEN_MISSING": ("A bearer token is required.", "Cần đăng nhập trước khi thực hiện."),
        "TOKEN_INVALID": (
            "The token is not valid here.",
            "Phiên đăng nhập không hợp lệ hoặc đã hết hạn; xin đăng nhập lại.",
        ),
        "API_KEY_INVALID": (
            "The API key is not valid.",
            "Khóa truy cập không đúng hoặc đã bị thu hồi.",
        ),
    },
)
register(
    Forbidden,
    {
        "NOT_PERMITTED": (
            "This credential may not {verb}.",
            "Tài khoản này không có quyền thực hiện việc đó.",
        ),
    },
)
register(
    Unsupported,
    {
        "CAPABILITY_ABSENT": (
            "{port} does not offer {capability}.",
            "Nhà cung cấp {port} không hỗ trợ việc này ({capability}).",
        ),
        "FORMS_NOT_TAKEN": (
            "This publish target serves pages only; it takes in no forms.",
            "Nơi đăng trang này chỉ hiển thị trang, chưa nhận được biểu mẫu; "
            "hãy bỏ phần có biểu mẫu hoặc báo cho người vận hành.",
        ),
    },
)
