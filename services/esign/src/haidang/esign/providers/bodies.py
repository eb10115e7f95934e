"""Reading what another party answers over HTTP: all of it, and never more than agreed."""

from __future__ import annotations

import aiohttp

PIECE_BYTES = 65_536


async def read_at_most(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """The whole body. Raises: aiohttp.ClientPayloadError when it is longer than *most_bytes*."""
    body = bytearray()
    async for piece in response.content.iter_chunked(PIECE_BYTES):
        body += piece
        if len(body) > most_bytes:
            raise aiohttp.ClientPayloadError("longer than agreed")
    return bytes(body)
