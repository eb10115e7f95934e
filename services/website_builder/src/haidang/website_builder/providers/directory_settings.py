"""What an operator states about the directory target: light, so that offers stay cheap."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel


class DirectorySettings(BaseModel, extra="forbid", frozen=True):
    """*folder*: what the edge reads. *uri_form*: address of a site, with {domain}."""

    folder: Path
    uri_form: str = "https://{domain}/"
