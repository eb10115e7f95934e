"""Errors of the vocabulary as google.rpc.Status, and back. The one seam to gRPC's codes."""

from __future__ import annotations

import json
from collections.abc import Mapping

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from haidang.core.errors import CLASSES, Fact, HaidangError, grpc_code_of, registered, sentence

DOMAIN = "haidang.vn"
CLASS_KEY = "_class"
RETRY_SECONDS = 2
LONGEST_FACT = 300
MOST_METADATA_BYTES = 2000
"""A status travels in HTTP/2 headers, of which gRPC reads 8 KiB; more and it would be lost
whole. The sentences repeat the facts, in bytes that base64 and percent signs multiply."""


def status_of(error: HaidangError) -> status_pb2.Status:
    """*error* with ErrorInfo, a Vietnamese LocalizedMessage, and the field at fault.

    Facts too long to travel are shortened, in the sentences as well.
    """
    code = grpc.StatusCode[grpc_code_of(error)]
    facts = {key: _shortened(value) for key, value in error.facts.items()}
    status = status_pb2.Status(code=code.value[0], message=sentence(error.reason, facts, "en"))
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(
            reason=error.reason,
            domain=DOMAIN,
            metadata={**_metadata(facts), CLASS_KEY: type(error).__name__},
        )
    )
    vietnamese = sentence(error.reason, facts, "vi")
    status.details.add().Pack(error_details_pb2.LocalizedMessage(locale="vi", message=vietnamese))
    if error.field is not None:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=vietnamese
        )
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    if code is grpc.StatusCode.UNAVAILABLE:
        delay = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=RETRY_SECONDS))
        status.details.add().Pack(delay)
    return status


def _shortened(value: Fact) -> Fact:
    if isinstance(value, str) and len(value) > LONGEST_FACT:
        return value[: LONGEST_FACT - 1] + "…"
    if isinstance(value, list):
        kept, room = [], LONGEST_FACT
        for one in value:
            room -= len(one)
            if room < 0:
                return [*kept, "…"]
            kept.append(one)
    return value


def _metadata(facts: Mapping[str, Fact]) -> dict[str, str]:
    """The facts as JSON texts, as many as there is room for."""
    metadata: dict[str, str] = {}
    room = MOST_METADATA_BYTES
    for key, value in facts.items():
        text = json.dumps(value, ensure_ascii=False)
        room -= len(key) + len(text.encode())
        if room < 0:
            break
        metadata[key] = text
    return metadata


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
