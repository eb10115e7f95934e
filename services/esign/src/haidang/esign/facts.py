"""Plain facts about a signed PDF: what the bounded worker hands to the rules.

Pure values, JSON both ways, no opinion in them: `gates` and `verdicts` judge. Who
comes in: the worker that fills them, the rules and tests that read them. Never here:
bytes of the document, a library's yes or no standing for a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class AlgorithmFacts:
    """An algorithm in use. `signature` is "rsa_pkcs1v15", "rsa_pss", "ecdsa", "ed25519",
    another name as found, or "" for a digest alone; `bits` is the key's size (0: none)."""

    use: str
    signature: str
    digest: str
    bits: int = 0


@dataclass(frozen=True)
class RevocationFacts:
    """One authentic statement about one certificate, signed by whom its issuer allows."""

    kind: str
    status: str
    this_update: datetime
    next_update: datetime | None = None
    revoked_at: datetime | None = None
    reason: str = ""
    source: str = "embedded"


@dataclass(frozen=True)
class CertificateFacts:
    """One certificate. Names are for display; `sha256` identifies it.

    `key_usage` in asn1crypto's words, `extended_key_usage` as dotted OIDs; None: absent.
    """

    subject: str
    issuer: str
    sha256: str
    not_before: datetime
    not_after: datetime
    algorithm: AlgorithmFacts
    key_usage: tuple[str, ...] | None = None
    extended_key_usage: tuple[str, ...] | None = None
    extended_key_usage_critical: bool = False
    organisation: str = ""
    revocation: tuple[RevocationFacts, ...] = ()


@dataclass(frozen=True)
class PathFacts:
    """A certification path, leaf first, without the anchor (unless the leaf is the anchor).

    `problem` is "", "NO_PATH", "CONSTRAINTS" (the path breaks RFC 5280) or "GENERAL".
    """

    certificates: tuple[CertificateFacts, ...] = ()
    anchor: str = ""
    anchor_sha256: str = ""
    sandbox: bool = False
    problem: str = "NO_PATH"
    detail: str = ""


@dataclass(frozen=True)
class CmsFacts:
    """A CMS SignedData with its one signer, measured against the bytes it should cover.

    `digest_matches` compares the recomputed digest with the signed one; None when the
    algorithm is unknown to us. `value_matches` is the signature value under the signer's
    key, None likewise. `signing_certificate` is "v2", "v1" or "" (attribute absent).
    """

    problem: str = ""
    is_der: bool = True
    signer_count: int = 1
    content_type: str = ""
    encapsulated: bool = False
    has_signed_attributes: bool = True
    has_message_digest: bool = True
    attributes_consistent: bool = True
    digest_matches: bool | None = None
    value_matches: bool | None = None
    signing_certificate: str = ""
    signing_certificate_matches: bool = False
    signing_time: datetime | None = None
    commitment: bool = False
    policy: bool = False
    algorithms: tuple[AlgorithmFacts, ...] = ()
    signer: CertificateFacts | None = None
    path: PathFacts = PathFacts()


@dataclass(frozen=True)
class TimestampFacts:
    """An RFC 3161 token: its CMS, and what it says. `covers_to` is the byte it covers up to."""

    cms: CmsFacts
    generated_at: datetime | None = None
    imprint_matches: bool | None = None
    imprint_digest: str = ""
    covers_to: int = 0


@dataclass(frozen=True)
class ByteRangeFacts:
    """How /ByteRange lies over the file. `values` is None unless it is four integers."""

    values: tuple[int, ...] | None = None
    contents_span: tuple[int, int] | None = None
    contents_is_plain_hex: bool = False
    contents_bytes: int = 0
    padding_is_zero: bool = False


@dataclass(frozen=True)
class DictionaryFacts:
    """What the signature dictionary itself claims."""

    sub_filter: str = ""
    filter: str = ""
    type: str = ""
    has_cert: bool = False
    has_reason: bool = False
    declared_at: datetime | None = None
    declared_at_is_malformed: bool = False
    repeated_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class LaterChanges:
    """What follows the signed revision. `objections` are plain sentences, in English.

    `problem` is set when the signed revision or the file cannot be read strictly, so
    that nothing can be said about later changes. `has_validation_data`: the file has a
    /DSS; `signed_has_validation_data`: the signed revision itself had one.
    """

    later_revisions: int = 0
    problem: str = ""
    objections: tuple[str, ...] = ()
    has_validation_data: bool = False
    signed_has_validation_data: bool = False


@dataclass(frozen=True)
class SignatureFacts:
    """One signature or document time-stamp of the file."""

    field: str
    is_document_timestamp: bool
    readable: bool
    byte_range: ByteRangeFacts
    dictionary: DictionaryFacts
    changes: LaterChanges
    cms: CmsFacts | None = None
    timestamps: tuple[TimestampFacts, ...] = ()
    document_timestamp: TimestampFacts | None = None
    problem: str = ""

    @property
    def end(self) -> int:
        """The byte the signature covers up to; 0 when unknown."""
        values = self.byte_range.values
        return values[2] + values[3] if values else 0


@dataclass(frozen=True)
class DocumentFacts:
    """One inspected file.

    `failure` is "" or why inspection ended early: "TIMEOUT", "MEMORY", "CRASH",
    "TOO_LARGE". `structure_problem` is "" only for a file read without any repair.
    `stray_byte_ranges` counts /ByteRange keys that belong to no signature found. `has_xfa`:
    the form is drawn by a programme within the file, so that readers differ in what they show.
    `is_hybrid`: a second cross-reference shows other objects to newer readers (ISO 32000-1,
    7.5.8.4).
    """

    size_bytes: int
    is_pdf: bool
    failure: str = ""
    structure_problem: str = ""
    encrypted: bool = False
    trailing_bytes: int = 0
    trailing_is_blank: bool = True
    stray_byte_ranges: int = 0
    certification_level: int = 0
    has_xfa: bool = False
    is_hybrid: bool = False
    signatures: tuple[SignatureFacts, ...] = ()
