"""What the offices of this service exchange: frozen values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from haidang.core.ports.signing import SigningSubject
from haidang.esign.levels import Level


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the ledger holds it. `report_json` is the verdict when
    it came in or was completed, or ""."""

    id: str
    file_name: str
    sha256: str
    size_bytes: int
    created_at: datetime
    level: Level | None = None
    source: str = ""
    report_json: str = ""


@dataclass(frozen=True, slots=True)
class SignDocument:
    """Sign an uploaded PDF with the party's held key."""

    document: str
    level: Level
    party: SigningSubject
    reason: str


@dataclass(frozen=True, slots=True)
class DeclareRegistration:
    """Typeset, sign and keep the declaration of who holds a name."""

    domain: str
    unicode_domain: str
    party: SigningSubject
    representative_title: str
    address: str
    email: str
    phone: str
    registered_at: datetime
    expires_at: datetime
    level: Level


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A PDF frozen for signing: where its bytes are kept and what the key signs."""

    sha256: str
    attributes_base64: str
    digest_hex: str
    region_start: int
    region_end: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """Intent to put a signature into a prepared PDF and bring it to *level*."""

    prepared: PreparedDocument
    signature_base64: str
    chain_base64: tuple[str, ...]
    level: Level
    domain: str


@dataclass(frozen=True, slots=True)
class AssemblyReceipt:
    """The finished PDF and the verdict on it, as the contract's report in proto3 JSON."""

    sha256: str
    size_bytes: int
    report_json: str
