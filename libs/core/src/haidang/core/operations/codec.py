"""Values to journal text and back: JSON by pydantic, sealed with the operation's own key."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet
from haidang.core.errors import Absent, Malformed, register
from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema

register(
    Absent,
    {
        "OPERATION_ERASED": (
            "The content of this operation was erased.",
            "Nội dung của yêu cầu này đã được xóa theo đề nghị.",
        ),
    },
)
register(
    Malformed,
    {
        "RECEIPT_INVALID": (
            "The receipt does not fit at {field}: {detail}.",
            "Biên nhận chưa đúng ở mục {field}: {detail}.",
        ),
    },
)


# Any: an annotation may be any type form; pydantic decides.
@lru_cache(maxsize=512)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


# Any: as above.
def encode(value: object, annotation: Any) -> str:
    """*value* as JSON text, by its annotation."""
    return _adapter(annotation).dump_json(value).decode()


# Any: as above.
def decode(text: str, annotation: Any) -> Any:
    """The value that `encode` wrote, rebuilt by the same annotation."""
    return _adapter(annotation).validate_json(text)


# Any: as above.
@lru_cache(maxsize=512)
def schema_of(annotation: Any) -> str:
    """The JSON Schema of what *annotation* describes, as JSON text; "" where there is none."""
    try:
        return json.dumps(_adapter(annotation).json_schema(), ensure_ascii=False)
    except PydanticInvalidForJsonSchema:
        return ""


# Any: as above.
def require_receipt(text: str, annotation: Any) -> None:
    """Refuse a JSON text that is no receipt of this type; what was typed is never repeated.

    Raises: Malformed RECEIPT_INVALID at its field.
    """
    try:
        _adapter(annotation).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(["receipt", *(str(part) for part in first["loc"])])
        raise Malformed("RECEIPT_INVALID", field=field, detail=first["msg"]) from None


def canonical_sha256(text: str) -> str:
    """Digest of a JSON text with sorted keys: equal for equal requests."""
    sorted_text = json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(sorted_text.encode()).hexdigest()


def new_seal_key() -> str:
    """A fresh key for one operation's values."""
    return Fernet.generate_key().decode()


class Seal:
    """Seals texts with one operation's key. Without the key nothing opens: erased."""

    def __init__(self, key: str | None) -> None:
        self._fernet = Fernet(key) if key else None

    def close(self, text: str) -> str:
        """Sealed form of *text*. Raises: Absent OPERATION_ERASED."""
        return self._opened().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text that was sealed. Raises: Absent OPERATION_ERASED."""
        return self._opened().decrypt(sealed.encode()).decode()

    def _opened(self) -> Fernet:
        if self._fernet is None:
            raise Absent("OPERATION_ERASED")
        return self._fernet
