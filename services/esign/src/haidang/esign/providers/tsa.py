"""An RFC 3161 time-stamp authority over HTTP: one network method. Source: RFC 3161 section 3.4."""

from __future__ import annotations

import aiohttp
from haidang.core.errors import Unavailable
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.providers.bodies import read_at_most
from haidang.esign.providers.settings import TimestampSettings

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
MOST_BYTES = 65_536
OK = 200


class HttpTimestampAuthority:
    """Asks an authority; requests and tokens are made and checked by our own format room."""

    def __init__(self, settings: TimestampSettings) -> None:
        self._url = settings.url
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout_seconds)

    async def request(self, request_der: bytes) -> bytes:
        """Send a DER TimeStampReq, return the DER answer. Raises: Unavailable TSA_UNREACHABLE."""
        headers = {"Content-Type": QUERY, "Accept": REPLY}
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.post(
                    self._url, data=request_der, headers=headers, allow_redirects=False
                ) as response,
            ):
                body = await read_at_most(response, MOST_BYTES)
                if response.status != OK or response.content_type != REPLY:
                    raise Unavailable("TSA_UNREACHABLE")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("TSA_UNREACHABLE") from error
        return body
