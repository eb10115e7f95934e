"""Names of operations and of the requests that start them. Pure."""

from __future__ import annotations

import hashlib
import uuid

from haidang.core.errors import Malformed

NAME_HEX_CHARACTERS = 32


def operation_name(tenant: str, request_id: str) -> str:
    """The name of the operation that (tenant, request_id) starts: "operations/<hex>"."""
    digest = hashlib.sha256(f"{tenant}\n{request_id}".encode()).hexdigest()
    return f"operations/{digest[:NAME_HEX_CHARACTERS]}"


def valid_request_id(text: str) -> str:
    """*text* as a canonical UUID. Raises: Malformed REQUEST_ID_INVALID."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise Malformed("REQUEST_ID_INVALID", field="request_id") from error
