"""What an operator states about zone files: light, so that offers stay cheap to list."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel


class ZoneFileSettings(BaseModel, extra="forbid", frozen=True):
    """Where zone files lie and which name servers a delegation names.

    The default name servers are placeholders of the sandbox; a real delegation needs
    public hosts.
    """

    folder: Path
    nameservers: tuple[str, ...] = ("ns1.haidang-sandbox.vn", "ns2.haidang-sandbox.vn")
