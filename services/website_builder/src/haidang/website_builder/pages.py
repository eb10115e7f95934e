"""Names and sizes of lists as the contract writes them (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from google.protobuf.message import Message
from haidang.core.errors import Malformed
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences

M = TypeVar("M", bound=Message)

DEFAULT_PAGE, LONGEST_PAGE = 50, 100
MOST_BYTES = 3 * 1024 * 1024
"""Of a page's entries together: a message has 4 MiB at most."""


def site_id(name: str) -> str:
    """The id in "websites/{id}"."""
    return name.removeprefix("websites/")


def fitting(messages: Iterable[M]) -> list[M]:
    """The first of *messages* that fit one answer together; one in any case."""
    found: list[M] = []
    left = MOST_BYTES
    for message in messages:
        left -= message.ByteSize()
        if found and left < 0:
            break
        found.append(message)
    return found


def page_size(asked: int) -> int:
    """How many entries a page gets. Raises: Malformed PAGE_SIZE_INVALID."""
    if asked < 0:
        raise Malformed("PAGE_SIZE_INVALID", field="page_size", size=asked)
    return min(asked or DEFAULT_PAGE, LONGEST_PAGE)
