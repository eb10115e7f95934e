"""Time-stamp authorities: one network method; requests and tokens are built and checked by us."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from haidang.core.ports.marks import reads


@runtime_checkable
class TimestampAuthority(Protocol):
    """An RFC 3161 authority. Asking twice yields two tokens and harms nothing: a read."""

    @reads
    async def request(self, request_der: bytes) -> bytes:
        """Send a DER TimeStampReq, return the DER TimeStampResp. Raises: Unavailable."""
        ...
