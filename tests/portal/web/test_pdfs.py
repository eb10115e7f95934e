"""A file is saved under its own name, whatever is in it, and is never shown within our site."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from haidang.portal.web.pdfs import attachment, judging_parts, upload_parts
from hypothesis import given
from hypothesis import strategies as st

PLAIN = 'attachment; filename="'


def saved(name: str) -> tuple[str, str]:
    """(the plain name, the exact name) in the header for *name*."""
    header = attachment(name)["Content-Disposition"]
    plain, exact = header.removeprefix(PLAIN).split("\"; filename*=UTF-8''")
    return plain, unquote(exact)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("hop-dong.pdf", "hop-dong.pdf"),
        ("Hợp đồng số 3.pdf", "Hop dong so 3.pdf"),
        ('a".pdf\r\nSet-Cookie: x=1', "a_.pdf__Set-Cookie_ x_1"),
        ("…", "_"),
        ("", "tai-lieu.pdf"),
        ("../../etc/passwd", ".._.._etc_passwd"),
    ],
)
def test_old_browsers_get_a_plain_name(name: str, plain: str) -> None:
    assert saved(name)[0] == plain


@given(st.text(max_size=60))
def test_any_name_comes_back_whole_and_breaks_no_header(name: str) -> None:
    headers = attachment(name)

    encodable = name.encode(errors="replace").decode()
    assert saved(name)[1] == encodable
    for value in headers.values():
        assert value.isascii()
        assert value.isprintable()


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
async def test_bytes_travel_in_pieces_after_their_head(size: int) -> None:
    pdf = bytes(range(256)) * (size // 256 + 1)
    pdf = pdf[:size]

    up = [one async for one in upload_parts("a.pdf", pdf, "r")]
    judged = [one async for one in judging_parts(pdf)]

    for parts in (up, judged):
        assert parts[0].head.size_bytes == size
        assert b"".join(one.chunk for one in parts[1:]) == pdf
        assert all(0 < len(one.chunk) <= 65_536 for one in parts[1:])
    assert (up[0].head.file_name, up[0].head.request_id) == ("a.pdf", "r")
    assert judged[0].head.file_name == ""
