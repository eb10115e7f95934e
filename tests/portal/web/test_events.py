"""Streams of events: what ends one, whatever the services say while it is open."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from haidang.core.errors import Absent, HaidangError, Unavailable
from haidang.portal.web.events import Event, stream


async def events(error: HaidangError) -> AsyncIterator[Event]:
    yield Event("1", "<p>Đang đăng ký</p>")
    raise error


@pytest.mark.parametrize("error", [Unavailable("NOT_READY"), Absent("OPERATION_ABSENT")])
async def test_an_error_of_a_service_ends_the_stream_where_it_is(error: HaidangError) -> None:
    told = [piece async for piece in stream(events(error)).body_iterator]

    assert "".join(map(str, told)).endswith("event: message\ndata: <p>Đang đăng ký</p>\n\n")
