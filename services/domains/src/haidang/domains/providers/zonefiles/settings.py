"""What an operator states about zone files: light, so that offers stay cheap to list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field


class ZoneFileSettings(BaseModel, extra="forbid", frozen=True):
    """Where zone files lie and which name servers a delegation names.

    The default name servers are placeholders of the sandbox; a real delegation needs
    public hosts.
    """

    folder: Path
    nameservers: Annotated[tuple[str, ...], Field(min_length=1)] = (
        "ns1.haidang-sandbox.vn",
        "ns2.haidang-sandbox.vn",
    )
