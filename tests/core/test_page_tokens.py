"""Page tokens: opaque, of one tenant's list, and worth nothing to anybody else."""

from __future__ import annotations

import base64
import contextlib
import json
import re

import pytest
from haidang.core.errors import Malformed
from haidang.core.server import decode_page_token, encode_page_token
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.dictionaries(st.text(max_size=9), st.text(max_size=30) | st.integers(), max_size=3)


def written(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(VALUES, st.text(max_size=20))
def test_what_went_in_comes_out_and_is_safe_in_a_url(
    values: dict[str, str | int], tenant: str
) -> None:
    token = encode_page_token(values, tenant)

    assert decode_page_token(token, tenant) == values
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


def test_no_token_is_the_beginning() -> None:
    assert decode_page_token("", "t1") == {}


def test_another_tenants_token_is_malformed_and_names_neither() -> None:
    token = encode_page_token({"after": "b.vn"}, "tenant-one")

    with pytest.raises(Malformed) as refused:
        decode_page_token(token, "tenant-two")
    assert (refused.value.reason, refused.value.field) == ("PAGE_TOKEN_INVALID", "page_token")
    assert b"tenant" not in base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


MARK = json.loads(base64.urlsafe_b64decode(encode_page_token({"a": "b"}, "t1") + "=="))[0]


@pytest.mark.parametrize(
    "token",
    [
        "%%%",
        "AAAA",
        "ü",
        "A" * 4096,
        written({}),
        written([MARK]),
        written([MARK, ["a"]]),
        written([MARK, {"after": {"nested": 1}}]),
        written([MARK, {"after": None}]),
        written([MARK, {"after": True}]),
        encode_page_token({"after": "b.vn"}, "t1")[:-3],
        base64.urlsafe_b64encode(b"[" * 1500).decode(),
        base64.urlsafe_b64encode(b"9" * 1500).decode(),
    ],
)
def test_a_token_of_anothers_making_is_malformed(token: str) -> None:
    with pytest.raises(Malformed):
        decode_page_token(token, "t1")


@given(st.text(min_size=1, max_size=60) | st.binary(min_size=1).map(lambda b: b.hex()))
def test_any_text_is_decoded_or_malformed_and_nothing_else(token: str) -> None:
    with contextlib.suppress(Malformed):
        decode_page_token(token, "t1")
