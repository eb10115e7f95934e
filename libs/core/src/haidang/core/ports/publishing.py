"""Publish targets: where a website's files are really served from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from haidang.core.ports.marks import EffectId, acts, reads


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file: lower-case hex SHA-256 of its bytes and of its encodings ("" when none)."""

    sha256: str
    size_bytes: int
    type: str
    br_sha256: str = ""
    gz_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A complete, immutable manifest. `hosts` are A-labels; paths start with "/".

    `headers` are sent with every file. Source: field guide websites section 6.
    """

    site: str
    id: str
    revision: int
    pack: str
    legal_profile: str
    hosts: tuple[str, ...]
    files: Mapping[str, PublishedFile]
    headers: Mapping[str, str]
    redirects: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UploadReceipt:
    """The target holds every blob and the manifest."""

    site: str
    deployment: str
    blobs: int


@dataclass(frozen=True, slots=True)
class Activation:
    """Intent to make *deployment* the live one on *hosts*.

    Sequence numbers only grow: an activation older than the live one changes nothing.
    """

    site: str
    deployment: str
    sequence: int
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActivationReceipt:
    """What is live now, and the address to open."""

    site: str
    deployment: str
    uri: str


@runtime_checkable
class BlobSource(Protocol):
    """Where a target fetches the bytes a manifest names; handed to it when it is built."""

    async def read_blob(self, sha256: str) -> bytes:
        """The bytes with this digest. Raises: Absent BLOB_ABSENT."""
        ...


@runtime_checkable
class PublishTarget(Protocol):
    """Content-addressed storage with an atomically switched live pointer."""

    @acts(find="find_upload")
    async def upload(self, deployment: Deployment, effect_id: EffectId) -> UploadReceipt: ...

    @reads
    async def find_upload(
        self, deployment: Deployment, effect_id: EffectId
    ) -> UploadReceipt | None: ...

    @acts(find="find_activation")
    async def activate(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt: ...

    @reads
    async def find_activation(
        self, activation: Activation, effect_id: EffectId
    ) -> ActivationReceipt | None: ...
