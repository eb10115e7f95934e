"""Errors of the vocabulary as google.rpc.Status, and back. The one seam to gRPC's codes."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping
from urllib.parse import quote

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from haidang.core.errors import CLASSES, Fact, HaidangError, grpc_code_of, registered, sentence

DOMAIN = "haidang.vn"
CLASS_KEY = "_class"
RETRY_SECONDS = 2
SAID = "said_"
"""Facts that only repeat the sentences, for a process that lacks the reason."""
LONGEST_FACTS = (1000, 200, 40)
MOST_HEADER_BYTES = 7000
"""A status travels in HTTP/2 trailers, of which gRPC reads 8 KiB; a bigger one is lost whole."""


def status_of(error: HaidangError) -> status_pb2.Status:
    """*error* with ErrorInfo, a Vietnamese LocalizedMessage, and the field at fault.

    Facts too long to travel are shortened, in the sentences as well.
    """
    for longest in LONGEST_FACTS:
        facts = {key: _shortened(value, longest) for key, value in error.facts.items()}
        status = _status(error, facts)
        if _header_bytes(status) <= MOST_HEADER_BYTES:
            break
    return status


def _status(error: HaidangError, facts: Mapping[str, Fact]) -> status_pb2.Status:
    code = grpc.StatusCode[grpc_code_of(error)]
    status = status_pb2.Status(code=code.value[0], message=sentence(error.reason, facts, "en"))
    metadata = {
        key: json.dumps(value, ensure_ascii=False)
        for key, value in facts.items()
        if not key.startswith(SAID)
    }
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(
            reason=error.reason,
            domain=DOMAIN,
            metadata={**metadata, CLASS_KEY: type(error).__name__},
        )
    )
    vietnamese = sentence(error.reason, facts, "vi")
    status.details.add().Pack(error_details_pb2.LocalizedMessage(locale="vi", message=vietnamese))
    if isinstance(field := facts.get("field"), str):
        violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=vietnamese)
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    if code is grpc.StatusCode.UNAVAILABLE:
        delay = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=RETRY_SECONDS))
        status.details.add().Pack(delay)
    return status


def _shortened(value: Fact, longest: int) -> Fact:
    """*value* in at most *longest* characters; a list loses its last items."""
    if isinstance(value, str) and len(value) > longest:
        return value[: longest - 1] + "…"
    if isinstance(value, list) and sum(map(len, value)) > longest:
        ends = itertools.accumulate(map(len, value))
        return [*(one for one, end in zip(value, ends, strict=True) if end <= longest), "…"]
    return value


def _header_bytes(status: status_pb2.Status) -> int:
    """What *status* takes as grpc-message (percent-encoded) and details (base64)."""
    return len(quote(status.message)) + len(base64.b64encode(status.SerializeToString()))


def error_of_status(status: status_pb2.Status) -> HaidangError:
    """The error that `status_of` wrote; a foreign status becomes a plain HaidangError.

    A reason that is not registered in this process keeps the sentences it came with.
    """
    info, vietnamese = error_details_pb2.ErrorInfo(), error_details_pb2.LocalizedMessage()
    for detail in status.details:
        if detail.TypeName() == info.DESCRIPTOR.full_name:
            detail.Unpack(info)
        elif detail.TypeName() == vietnamese.DESCRIPTOR.full_name:
            detail.Unpack(vietnamese)
    if info.domain != DOMAIN:
        return HaidangError("INTERNAL_DEFECT")
    error = CLASSES.get(info.metadata.get(CLASS_KEY, ""), HaidangError)(info.reason)
    error.facts = {key: _fact(text) for key, text in info.metadata.items() if key != CLASS_KEY}
    if info.reason not in registered():
        error.facts |= {"said_vi": vietnamese.message, "said_en": status.message}
    return error


def _fact(text: str) -> Fact:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):  # another's metadata
        return text
    match value:
        case str() | bool() | int() | None:
            return value
        case [*items]:
            return [str(item) for item in items]
    return text
