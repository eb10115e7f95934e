"""Values to journal text and back: JSON by pydantic, sealed with the operation's own key."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet
from haidang.core.errors import Absent, register
from pydantic import TypeAdapter

register(
    Absent,
    {
        "OPERATION_ERASED": (
            "The content of this operation was erased.",
            "Nội dung của yêu cầu này đã được xóa theo đề nghị.",
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
