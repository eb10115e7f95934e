"""What may be set of the sandbox registry: section `registry`, each field with its reason."""

from __future__ import annotations

import json
from typing import Annotated

from haidang.domains.sandbox_registry.faults import Fault
from pydantic import BaseModel, BeforeValidator, Field


def _orders(value: object) -> object:
    """The environment carries text; a file may carry the list itself."""
    return json.loads(value or "[]") if isinstance(value, str) else value


class RegistrySettings(BaseModel, extra="forbid", frozen=True):
    """Settings of the sandbox registry."""

    client_id: str = Field(
        "haidang-sbx", min_length=3, max_length=16, description="the registrar it accredits"
    )
    lifecycle: str = Field("vn-2022", description="dated day counts, by id; see policy.toml")
    seed: str = Field("haidang", description="draws the moments of deletion; fixed for tests")
    clock_offset_days: float = Field(
        0.0, description="days its clock runs ahead: how a test reaches an expiry"
    )
    mutual_tls: bool = Field(
        False,
        description="require the client certificate it issued; off, so that foreign test "
        "clients may connect",
    )
    max_sessions: int = Field(10, ge=1, description="per registrar; registries allow a handful")
    login_attempts: int = Field(3, ge=1, description="per connection, before 2501 closes it")
    idle_seconds: float = Field(600.0, gt=0, description="silence after which it closes")
    faults: Annotated[tuple[Fault, ...], BeforeValidator(_orders)] = Field(
        (), description="orders obeyed from the start; faults.json in its folder replaces them"
    )
