"""The frame codec: bytes of a stream to whole messages, messages to hardened XML trees.

Pure. Client and sandbox registry both come here, and it is all they share. Nothing
here knows a command. Entities, DTDs and the network are never touched.
"""

from __future__ import annotations

import haidang.domains.epp.reasons  # noqa: F401 - registers what this room raises
from haidang.core.errors import Malformed
from lxml import etree

HEADER_BYTES = 4
"""RFC 5734 section 4: the total length, big-endian, itself included."""

MAX_FRAME_BYTES = 4 * 1024 * 1024
"""Above what any registry seen sends (Namingo refuses at 4 MB, Nomulus at 10 MB)."""


def _frame_end(header: bytes | bytearray) -> int:
    end = int.from_bytes(header[:HEADER_BYTES], "big")
    if not HEADER_BYTES < end <= MAX_FRAME_BYTES:
        raise Malformed("FRAME_LENGTH", bytes=end)
    return end


def take_frame(buffer: bytes) -> tuple[bytes | None, bytes]:
    """Split the first whole message off *buffer*: (message or None, rest).

    The length prefix counts its own four bytes; a frame without a message is refused.

    Raises:
        Malformed: FRAME_LENGTH.

    Source: RFC 5734 section 4.
    """
    if len(buffer) < HEADER_BYTES:
        return None, buffer
    end = _frame_end(buffer)
    return (buffer[HEADER_BYTES:end], buffer[end:]) if len(buffer) >= end else (None, buffer)


def put_frame(message: bytes) -> bytes:
    """Prefix *message* with its length.

    Raises:
        Malformed: FRAME_LENGTH, where the other side would have to refuse it.
    """
    end = HEADER_BYTES + len(message)
    if not HEADER_BYTES < end <= MAX_FRAME_BYTES:
        raise Malformed("FRAME_LENGTH", bytes=end)
    return end.to_bytes(HEADER_BYTES, "big") + message


class FrameBuffer:
    """Collects chunks of a stream, however cut, and gives up whole messages in order."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """Add *chunk*; answer the messages it completes. Raises: Malformed FRAME_LENGTH."""
        self._rest += chunk
        messages: list[bytes] = []
        while len(self._rest) >= HEADER_BYTES:
            end = _frame_end(self._rest)
            if len(self._rest) < end:
                break
            messages.append(bytes(self._rest[HEADER_BYTES:end]))
            del self._rest[:end]
        return messages

    @property
    def is_mid_frame(self) -> bool:
        """Whether a message has begun and not ended: an end of stream now is a loss."""
        return bool(self._rest)


def _hardened() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


_PARSER = _hardened()


def read_xml(message: bytes) -> etree._Element:
    """Parse *message*; answer its root element.

    Raises:
        Malformed: XML_ILL_FORMED; XML_DOCTYPE (a document type has no place in EPP and
            is the door of every entity attack).
    """
    try:
        root = etree.fromstring(message, _PARSER)
    except etree.XMLSyntaxError as fault:
        raise Malformed("XML_ILL_FORMED") from fault
    except ValueError as fault:  # an encoding declaration that contradicts the bytes
        raise Malformed("XML_ILL_FORMED") from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("XML_DOCTYPE")
    return root
