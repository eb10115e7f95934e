"""Paths that come from outside: only ones of this site are followed. Pure."""

from __future__ import annotations

HOME = "/trang-chu"
LONGEST_PATH = 2000


def local_path(text: str, default: str = HOME) -> str:
    """*text* if it is a path of this site, else *default*.

    Browsers read "//host", "/\\host" and white space before a slash as another host, and
    drop tabs and line breaks inside. Source: WHATWG URL Standard, "path or authority state".
    """
    is_ours = (
        text.startswith("/")
        and not text.startswith("//")
        and "\\" not in text
        and len(text) <= LONGEST_PATH
        and text.isprintable()
    )
    return text if is_ours else default
