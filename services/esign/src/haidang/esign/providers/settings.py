"""What operators state about signers and time-stamp authorities: light, for cheap offers."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, SecretStr


class SoftwareKeySettings(BaseModel, extra="forbid", frozen=True):
    """Keys held in this process, sealed on disk, certified by a service that speaks EST.

    `trust_url`: where certificates are asked for. `credentials`: the file with its secret.
    `passphrase`: seals the keys on disk; empty means a file beside them, mode 0600.
    """

    trust_url: str
    credentials: Path
    passphrase: SecretStr | None = None
    legal_standing: str = "thử nghiệm: không có giá trị pháp lý"


class TimestampSettings(BaseModel, extra="forbid", frozen=True):
    """*url* of an RFC 3161 authority; *timeout_seconds* for one answer."""

    url: str
    timeout_seconds: float = 10.0
