"""Well-typed messages that nobody should send, made from the contracts' own descriptors.

`Messages(seed)` makes them; `storm(stub, service, ...)` sends some to every method and
returns what was no answer: a code or reason outside of the vocabulary.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from random import Random
from typing import Any

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import struct_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from haidang.api.operations.v1.operations_pb2 import OperationMetadata as Metadata
from haidang.core.client import error_from
from haidang.core.errors import grpc_code_of, registered
from haidang.core.server import encode_page_token

from tests import hostile

TENANT = "t1"
WHOLE = (0, 1, -1, 2, 10, 101, 2**31 - 1, -(2**31))
LARGE = (*WHOLE, 2**63 - 1, -(2**63), 10**18, 253_402_300_800, -62_135_596_801)
NUMBERS = (0.0, -0.0, 1.5, float("nan"), float("inf"), -float("inf"), 1e308, -1e400, 5e-324)
TEXTS = tuple(text for text in hostile.TEXTS if not any("\ud800" <= c <= "\udfff" for c in text))
TOKENS = (
    {"start": 10**30},
    {"start": -1},
    {"start": "x"},
    {"after": "\x00"},
    {"after": 10**30},
    {"before": 10**30},
    {"before": -1},
    {"before": "9999-12-31T23:59:59+00:00", "id": ""},
    {"at": "9999-12-31T23:59:59-14:00", "name": "x"},
    {"at": "0001-01-01T00:00:00+14:00", "name": "x"},
    {"at": "2026-11-23T05:00:00", "name": 1},
    {"at": 1, "name": 2, "id": 3},
)
DEEPEST = 90
"""Levels of a Struct that protobuf itself still reads; it takes a hundred."""
MANY = 10_000
SECONDS = 10.0
NEVER = {"UNKNOWN", "INTERNAL", "DEADLINE_EXCEEDED"}


class Messages:
    """Random messages, the same for the same seed."""

    def __init__(self, seed: int, names: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.random = Random(seed)
        self.names = names or {}

    def message(self, descriptor: Descriptor, depth: int = 0) -> Message:
        """A message of *descriptor*'s type with some fields filled, whatever they say."""
        message = GetMessageClass(descriptor)()
        for field in descriptor.fields:
            if self.random.random() < 0.75:
                self._fill(message, field, depth)
        return message

    def changed(self, valid: Message) -> Message:
        """*valid* with one or two fields changed, at any depth."""
        message = type(valid)()
        message.CopyFrom(valid)
        for _ in range(self.random.randrange(1, 3)):
            inside: Any = message
            while True:
                field = self.random.choice(inside.DESCRIPTOR.fields)
                is_one = field.message_type and not field.is_repeated
                if not is_one or self.random.random() < 0.2 or not inside.HasField(field.name):
                    break
                inside = getattr(inside, field.name)
                if not inside.DESCRIPTOR.fields:
                    break
            inside.ClearField(field.name)
            self._fill(inside, field, 0)
        return message

    def _fill(self, message: Any, field: FieldDescriptor, depth: int) -> None:
        kind = field.message_type
        if kind and kind.GetOptions().map_entry:
            self._fill_map(getattr(message, field.name), kind, depth)
        elif field.is_repeated:
            count = MANY if not depth and self.random.random() < 0.03 else self.random.randrange(4)
            values = [self._value(field, depth) for _ in range(min(count, 4))]
            getattr(message, field.name).extend((values * (count // 4 + 1))[:count])
        elif kind:
            if depth < 6:
                getattr(message, field.name).CopyFrom(self._value(field, depth))
        else:
            setattr(message, field.name, self._value(field, depth))

    def _fill_map(self, into: Any, kind: Descriptor, depth: int) -> None:
        of_key, of_value = kind.fields_by_name["key"], kind.fields_by_name["value"]
        for _ in range(self.random.randrange(4)):
            key, value = self._value(of_key, depth), self._value(of_value, depth)
            if of_value.message_type:
                into[key].CopyFrom(value)
            else:
                into[key] = value

    def _value(self, field: FieldDescriptor, depth: int) -> Any:
        choose = self.random.choice
        match field.cpp_type:
            case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_BYTES:
                return choose((b"", b"\x00", b"%PDF-1.7", b"\xff" * 70_000, b"GIF89a"))
            case FieldDescriptor.CPPTYPE_STRING:
                return self._text(field.name)
            case FieldDescriptor.CPPTYPE_MESSAGE:
                return self._inner(field.message_type, depth)
            case FieldDescriptor.CPPTYPE_BOOL:
                return choose((True, False))
            case FieldDescriptor.CPPTYPE_ENUM:
                return choose((0, 1, 2, 3, 99, -1, 2**31 - 1))
            case FieldDescriptor.CPPTYPE_INT32:
                return choose(WHOLE)
            case FieldDescriptor.CPPTYPE_INT64:
                return choose(LARGE)
            case FieldDescriptor.CPPTYPE_UINT32 | FieldDescriptor.CPPTYPE_UINT64:
                return choose((0, 1, 2**32 - 1))
        return choose(NUMBERS)

    def _text(self, name: str) -> str:
        known = self.names.get(name, ())
        if name == "request_id" and self.random.random() < 0.7:
            return str(uuid.UUID(int=self.random.getrandbits(128)))
        if name == "page_token" and self.random.random() < 0.7:
            return encode_page_token(self.random.choice(TOKENS), TENANT)
        if known and self.random.random() < 0.5:
            return self.random.choice(known)
        return hostile.LONG if self.random.random() < 0.01 else self.random.choice(TEXTS)

    def _inner(self, kind: Descriptor, depth: int) -> Message:
        if kind.full_name == "google.protobuf.Struct":
            return self._struct()
        if kind.full_name in {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
            nanos = self.random.choice((0, -1, 999_999_999, 10**9, -(2**31)))
            seconds = self.random.choice(LARGE)
            return GetMessageClass(kind)(seconds=seconds, nanos=nanos)
        return self.message(kind, depth + 1)

    def _struct(self) -> struct_pb2.Struct:
        struct = struct_pb2.Struct()
        for key in ("site", "pages", *self.random.choices(TEXTS, k=2)):
            value = struct.fields[key]
            match self.random.randrange(7):
                case 0:
                    value.number_value = self.random.choice(NUMBERS)
                case 1:
                    value.string_value = self._text("")
                case 2:
                    self._deep(value, self.random.choice((3, 20, DEEPEST // 2)))
                case 3:
                    value.list_value.values.extend([struct_pb2.Value(bool_value=True)] * MANY)
                case 4:
                    value.null_value = struct_pb2.NULL_VALUE
                case 5:
                    value.struct_value.fields["vi"].string_value = self._text("")
        return struct

    def _deep(self, value: struct_pb2.Value, levels: int) -> None:
        for level in range(levels):
            if level % 2:
                value = value.list_value.values.add()
            else:
                value = value.struct_value.fields["pages"]
        value.number_value = 1


async def storm(
    stub: Any,  # Any: the stub of *service*
    service: ServiceDescriptor,
    messages: Messages,
    rounds: int,
    *,
    valid: Mapping[str, Callable[[], Message]] | None = None,
) -> list[str]:
    """Call every method of *service* *rounds* times: what was said outside of the vocabulary.

    A method named in *valid* is called with that message changed, every second time.
    """
    found: list[str] = []
    for round_ in range(rounds):
        for method in service.methods:
            make = (valid or {}).get(method.name)
            request = messages.message(method.input_type)
            if make is not None and round_ % 2:
                request = messages.changed(make())
            said = await _said(getattr(stub, method.name), method, request, messages)
            if said:
                text = str(request)[:600]
                found.append(f"{method.name} {said}: {text}")
    return found


async def _said(call: Any, method: Any, request: Message, messages: Messages) -> str:
    """What is wrong with the answer to *request*; "" when nothing is."""
    sent: Any = request
    if method.client_streaming:
        sent = _parts([request, *(messages.message(method.input_type) for _ in range(3))])
    try:
        answer = call(sent, timeout=SECONDS)
        if method.server_streaming:
            async for _ in answer:
                pass
        else:
            await answer
    except grpc.aio.AioRpcError as error:
        return _judged(error)
    return ""


def _judged(failure: grpc.aio.AioRpcError) -> str:
    error = error_from(failure)
    code = failure.code().name
    if code in NEVER:
        return f"{code} {error.reason} {(failure.details() or '')[:200]}"
    if error.reason not in registered() and not error.facts.get("said_vi"):
        return f"{code} without a sentence: {error.reason}"
    if grpc_code_of(error) != code:
        return f"{code} for {error.reason}"
    return ""


async def _parts(messages: list[Message]) -> AsyncIterator[Message]:
    for message in messages:
        yield message


async def unended(operations: operations_pb2_grpc.OperationsStub) -> list[str]:
    """Operations that the messages began and that come to no end: something is half made."""
    token, found = "", []
    while True:
        request = operations_pb2.ListOperationsRequest(page_token=token, page_size=100)
        answer = await operations.ListOperations(request)
        for one in answer.operations:
            wait = operations_pb2.WaitOperationRequest(name=one.name)
            wait.timeout.FromSeconds(5)
            ended = await operations.WaitOperation(wait, timeout=SECONDS)
            metadata = Metadata()
            ended.metadata.Unpack(metadata)
            if not ended.done:
                found.append(f"{one.name} {metadata}")
        token = answer.next_page_token
        if not token:
            return found
