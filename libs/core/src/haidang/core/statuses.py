"""Errors of the vocabulary as google.rpc.Status, and back. The one seam to gRPC's codes."""

from __future__ import annotations

import json

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from haidang.core.errors import CLASSES, HaidangError, grpc_code_of, registered, sentence

DOMAIN = "haidang.vn"
CLASS_KEY = "_class"
RETRY_SECONDS = 2
LONGEST_FACT = 1000


def status_of(error: HaidangError) -> status_pb2.Status:
    """*error* with ErrorInfo, a Vietnamese LocalizedMessage, and the field at fault."""
    code = grpc.StatusCode[grpc_code_of(error)]
    status = status_pb2.Status(
        code=code.value[0], message=sentence(error.reason, error.facts, "en")
    )
    facts = {key: json.dumps(value, ensure_ascii=False) for key, value in error.facts.items()}
    metadata = {key: text[:LONGEST_FACT] for key, text in facts.items()}
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(
            reason=error.reason,
            domain=DOMAIN,
            metadata={**metadata, CLASS_KEY: type(error).__name__},
        )
    )
    vietnamese = sentence(error.reason, error.facts, "vi")
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
    facts = {key: _fact(text) for key, text in info.metadata.items() if key != CLASS_KEY}
    if info.reason not in registered():
        facts |= {"said_vi": vietnamese.message, "said_en": status.message}
    return CLASSES.get(info.metadata[CLASS_KEY], HaidangError)(info.reason, **facts)


def _fact(text: str) -> str | int | bool | list[str] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str | int | bool | list) or value is None else text
