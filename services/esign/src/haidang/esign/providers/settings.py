"""What operators state about signers and time-stamp authorities: light, for cheap offers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, SecretStr


class SoftwareKeySettings(BaseModel, extra="forbid", frozen=True):
    """Keys held in this process, sealed on disk, certified by a service that speaks EST.

    `trust_url`: where certificates are asked for. `credentials`: the file with its secret.
    `passphrase`: seals the keys on disk; empty means a file beside them, mode 0600.
    `key_kind`: of new keys; P-256 by default, being the faster. `legal_standing`: what
    signatures count for, in Vietnamese; shown beside every certificate.
    """

    trust_url: str
    credentials: Path
    passphrase: SecretStr | None = None
    key_kind: Literal["ec-p256", "rsa-2048"] = "ec-p256"
    legal_standing: str = "thử nghiệm: không có giá trị pháp lý"


class TimestampSettings(BaseModel, extra="forbid", frozen=True):
    """*url* of an RFC 3161 authority; *timeout_seconds* for one answer.

    Ten seconds by default: an authority answers in well under one, and the guard's own
    deadline for a read is as long.
    """

    url: str
    timeout_seconds: float = 10.0
