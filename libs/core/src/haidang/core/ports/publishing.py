"""Publish targets: where a website's files are really served from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from haidang.core.ports.marks import EffectId, acts, needs, reads


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file: lower-case hex SHA-256 of its bytes and of its encodings ("" when none)."""

    sha256: str
    size_bytes: int
    type: str
    br_sha256: str = ""
    gz_sha256: str = ""


@dataclass(frozen=True, slots=True)
class FormChoice:
    """Something that may be asked for by number.

    `price` is in dong for one, 0 when it is to be asked; `cost` is how a page writes it.
    """

    id: str
    label: str
    cost: str = ""
    price: int = 0


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of a form on a published page, and its limits.

    `type` is text, tel, email, date, time, number, textarea or quantities. `most` and
    `least` bound a number's value, the characters of a text, or the count of each choice;
    0 leaves the type's own limit. Quantities arrive as one input "q-<id>" per choice.
    """

    name: str
    type: str
    label: str
    required: bool = False
    most: int = 0
    least: int = 0
    choices: tuple[FormChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """A form that a server may take a POST for, judged by its fields alone.

    `kind` is order, table, booking or question; an order is shown for review before it is
    taken. `sent` is the page to go to afterwards, `again` the page's shell in which faults
    are told, `back` where the form stands. `phone` is E.164, for when nothing can be taken
    in. `words` are the site's own around the fields. What is sent is kept `kept_months`.
    """

    kind: str
    section: str
    locale: str
    fields: tuple[FormField, ...]
    sent: str
    again: str
    back: str
    phone: str
    kept_months: int
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LetterAnswer:
    """One answer: the input's name, its label as the visitor read it, the text given."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a visitor sent through a form of *site*: that visitor's personal data.

    The same form sent twice by one tap has one `id`. `received_at` is aware UTC.
    """

    id: str
    site: str
    received_at: datetime
    kind: str
    section: str
    locale: str
    kept_months: int
    answers: tuple[LetterAnswer, ...]

    @property
    def name(self) -> str:
        """Its name at the target: "{site}/{id}"."""
        return f"{self.site}/{self.id}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A complete, immutable manifest. `hosts` are A-labels; paths start with "/".

    `headers` are sent with every file; `forms` are by the path they are posted to.
    Source: field guide websites section 6.
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
    forms: Mapping[str, PublishedForm] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Intent to take *site* off the web for good: every host it is on, and all its files."""

    site: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawalReceipt:
    """The site is nowhere, and nothing of it is kept that no other site has, too."""

    site: str


@runtime_checkable
class BlobSource(Protocol):
    """Where a target fetches the bytes a manifest names; handed to it when it is built."""

    async def read_blob(self, sha256: str) -> bytes:
        """The bytes with this digest. Raises: Absent BLOB_ABSENT."""
        ...


@runtime_checkable
class PublishTarget(Protocol):
    """Content-addressed storage with an atomically switched live pointer.

    A target without the capability "forms" serves files only and refuses a deployment
    that has forms. Raises from `upload`: Unsupported FORMS_NOT_TAKEN.
    """

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

    @acts(find="find_withdrawal")
    async def withdraw(self, withdrawal: Withdrawal, effect_id: EffectId) -> WithdrawalReceipt: ...

    @reads
    async def find_withdrawal(
        self, withdrawal: Withdrawal, effect_id: EffectId
    ) -> WithdrawalReceipt | None: ...

    @needs("forms")
    @reads
    async def letters(self, kept: tuple[str, ...]) -> tuple[Letter, ...]:
        """Some of the letters that wait, oldest first; () when none does.

        Those named in *kept* lie safely elsewhere and are let go of first: a poll and its
        acknowledgement in one. May be repeated at will; an unknown name is nothing.
        """
        ...
