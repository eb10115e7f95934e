"""Frames: any chunking gives the same messages; hostile lengths and XML are refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from haidang.core.errors import Malformed
from haidang.domains.epp.frames import (
    HEADER_BYTES,
    MAX_FRAME_BYTES,
    FrameBuffer,
    put_frame,
    read_xml,
    take_frame,
)
from hypothesis import given
from hypothesis import strategies as some

MESSAGES = some.lists(some.binary(min_size=1, max_size=300), max_size=6)


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(wire), *(place % (len(wire) + 1) for place in places)})
    return [wire[start:end] for start, end in pairwise(edges)]


@given(MESSAGES, some.lists(some.integers(min_value=0), max_size=40))
def test_any_chunking_gives_the_same_messages(messages: list[bytes], places: list[int]) -> None:
    wire = b"".join(put_frame(message) for message in messages)
    buffer = FrameBuffer()

    found = [message for chunk in cut(wire, places) for message in buffer.feed(chunk)]

    assert found == messages
    assert not buffer.is_mid_frame


@given(MESSAGES, some.binary(max_size=3))
def test_taking_frames_one_by_one_leaves_the_rest(messages: list[bytes], tail: bytes) -> None:
    rest = b"".join(put_frame(message) for message in messages) + tail

    for message in messages:
        taken, rest = take_frame(rest)
        assert taken == message

    assert take_frame(rest) == (None, tail)


def test_a_header_split_two_and_two_is_awaited() -> None:
    wire = put_frame(b"<epp/>")
    buffer = FrameBuffer()

    assert buffer.feed(wire[:2]) == []
    assert buffer.feed(wire[2:4]) == []
    assert buffer.feed(wire[4:]) == [b"<epp/>"]


def test_the_end_in_the_middle_of_a_frame_can_be_told() -> None:
    buffer = FrameBuffer()
    buffer.feed(put_frame(b"<epp/>")[:-1])

    assert buffer.is_mid_frame


@pytest.mark.parametrize("length", [0, 1, 3, 4, MAX_FRAME_BYTES + 1, 2**32 - 1])
def test_a_length_no_message_can_have_is_refused(length: int) -> None:
    header = length.to_bytes(HEADER_BYTES, "big")

    with pytest.raises(Malformed) as refusal:
        take_frame(header)
    with pytest.raises(Malformed):
        FrameBuffer().feed(header + b"x")

    assert refusal.value.reason == "FRAME_LENGTH"


def test_the_longest_frame_is_taken_and_one_byte_more_is_not_sent() -> None:
    longest = bytes(MAX_FRAME_BYTES - HEADER_BYTES)

    assert FrameBuffer().feed(put_frame(longest)) == [longest]
    with pytest.raises(Malformed):
        put_frame(longest + b"x")
    with pytest.raises(Malformed):
        put_frame(b"")


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"<epp",
        b"<epp/><epp/>",
        b"\xff\xfe<",
        b"<epp>&undefined;</epp>",
        b'<?xml version="1.0" encoding="utf-99"?><epp/>',
    ],
)
def test_ill_formed_xml_is_malformed(wire: bytes) -> None:
    with pytest.raises(Malformed):
        read_xml(wire)


@pytest.mark.parametrize(
    "subset",
    [
        '[<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]',
        '[<!ENTITY file SYSTEM "file:///etc/hostname">]',
        'SYSTEM "http://127.0.0.1:9/epp.dtd"',
        "",
    ],
)
def test_a_document_type_is_refused_whatever_it_says(subset: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_xml(f"<!DOCTYPE epp {subset}><epp>x</epp>".encode())

    assert refusal.value.reason == "XML_DOCTYPE"


def test_a_million_laughs_stay_unlaughed() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))

    with pytest.raises(Malformed):
        read_xml(f'<!DOCTYPE epp [<!ENTITY e0 "ha">{entities}]><epp>&e11;</epp>'.encode())
