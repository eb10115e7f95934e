"""Settings of the portal's built-in providers: light, so that offers stay cheap to list."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, SecretStr, model_validator


class BankSettings(BaseModel, extra="forbid", frozen=True):
    """Where the bank is. `secret` wins over `credentials`, the file a sandbox bank wrote."""

    url: str
    secret: SecretStr | None = None
    credentials: Path | None = None

    @model_validator(mode="after")
    def _has_a_secret(self) -> BankSettings:
        if self.secret is None and self.credentials is None:
            raise ValueError("either secret or credentials is required")
        return self
