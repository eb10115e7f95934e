"""What an operator states about a registry connection over EPP, and nothing that loads much.

The plugin loader comes here for the form; `epp_connection` reads the values.
"""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

DEFAULT_PROFILE = "rfc-plain"

CAPABILITIES = frozenset({"idn", "poll", "delegation"})


class EppSettings(BaseModel, extra="forbid", frozen=True):
    """A registry connection. Left empty, address, files and credentials are those that the
    sandbox registry of this machine handed out, which only a sandbox platform accepts."""

    address: str = Field("", description="host:port of the registry; 700 is EPP's port")
    server_name: str = Field("", description="name its certificate must carry; empty: the host")
    server_id: str = Field("", description="svID its greeting must show; empty: any")
    ca_file: str = Field("", description="PEM file of the authorities trusted for it")
    certificate_file: str = Field("", description="our certificate for mutual TLS; empty: none")
    key_file: str = Field("", description="key of that certificate")
    client_id: str = Field("", description="clID; empty: read from credentials_file")
    password: SecretStr = Field(SecretStr(""), description="6 to 16 characters")
    credentials_file: str = Field("", description='JSON {"client_id", "password"}')
    profile: str = Field(DEFAULT_PROFILE, description="namespaces, limits and quirks")
    connect_seconds: float = Field(8.0, gt=0, description="TCP, TLS, greeting and login together")
    question_seconds: float = Field(
        8.0, gt=0, description="wait for answers to reads; below the guard's deadline for reads"
    )
    answer_seconds: float = Field(
        30.0, gt=0, description="exceeds the slowest normal answer; later is outcome unknown"
    )
    idle_seconds: float = Field(120.0, gt=0, description="idle time before a keepalive hello")
    session_seconds: float = Field(82800.0, gt=0, description="age at which a session is renewed")
    skew_seconds: float = Field(300.0, ge=0, description="clock error allowed in finding ours")
