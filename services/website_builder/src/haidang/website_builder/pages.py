"""Names and sizes of lists as the contract writes them (pure)."""

from __future__ import annotations

from haidang.core.errors import Malformed
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences

DEFAULT_PAGE, LONGEST_PAGE = 50, 100


def site_id(name: str) -> str:
    """The id in "websites/{id}"."""
    return name.removeprefix("websites/")


def page_size(asked: int) -> int:
    """How many entries a page gets. Raises: Malformed PAGE_SIZE_INVALID."""
    if asked < 0:
        raise Malformed("PAGE_SIZE_INVALID", field="page_size", size=asked)
    return min(asked or DEFAULT_PAGE, LONGEST_PAGE)
