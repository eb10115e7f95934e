"""Signing: prepare, have the key sign, assemble. The workshop of papers.

Preparing freezes bytes, certificate and time before anything is signed; what the key is
given is the digest of the signed attributes. The finished document is judged by our own
validator before it is handed out, and its evidence is kept.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime

from haidang.core.blobs import BlobFolder
from haidang.core.clock import Clock
from haidang.core.errors import Malformed, Unsupported
from haidang.core.operations import Run, operation
from haidang.core.operations.desk import valid_request_id
from haidang.core.ports.signing import (
    Enrolment,
    HeldCertificate,
    Signer,
    SigningRequest,
    SigningSubject,
)
from haidang.esign import lines
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.documents.declarations import declaration_pdf
from haidang.esign.formats import cms, pades
from haidang.esign.intake import require_signable
from haidang.esign.ledger import DocumentLedger
from haidang.esign.levels import Level
from haidang.esign.providers.assembler import Assembler
from haidang.esign.report_messages import report_json
from haidang.esign.values import (
    Assembly,
    DeclareRegistration,
    PreparedDocument,
    SignDocument,
    StoredDocument,
)
from haidang.esign.verdicts import conclude
from haidang.esign.verification import Verifier

MOST_MB = 20
MEGABYTE = 1_000_000
PDF_MAGIC = b"%PDF-"
MAGIC_WITHIN_BYTES = 1024
ID_CHARACTERS = 24
STEPS = ("enrol", "sign", "assemble")
DECLARATION_REASON = "Bản khai đăng ký tên miền"


class SigningOffice:
    """The office for documents and signatures."""

    def __init__(
        self,
        ledger: DocumentLedger,
        signer: Signer,
        assembler: Assembler,
        documents: BlobFolder,
        verifier: Verifier,
        clock: Clock,
        *,
        sandbox: bool,
    ) -> None:
        self.ledger = ledger
        self.signer = signer
        self.assembler = assembler
        self.documents = documents
        self.verifier = verifier
        self.clock = clock
        self.sandbox = sandbox

    async def upload(
        self, tenant: str, request_id: str, file_name: str, chunks: AsyncIterator[bytes]
    ) -> StoredDocument:
        """Keep a PDF. The same request with the same bytes is the same document.

        A stranger's file is opened by the bounded worker first: what it cannot read, and
        what was changed after it was signed, does not come in. The verdict is kept with it.

        Raises: Malformed DOCUMENT_TOO_LARGE, DOCUMENT_EMPTY, IDEMPOTENCY_MISMATCH; as
            `require_signable`; Unavailable VERIFY_WORKER_UNREACHABLE.
        """
        request = valid_request_id(request_id)
        pdf = await whole(chunks)
        if PDF_MAGIC not in pdf[:MAGIC_WITHIN_BYTES]:
            raise Malformed("NOT_A_PDF", field="file")
        facts, now = await self.verifier.inspect(pdf)
        verdict = conclude(facts, now)
        require_signable(facts, verdict)
        identifier = _identifier(f"{tenant}\n{request}")
        sha256 = await self.documents.write_blob(pdf)
        name = lines.file_name(file_name)
        fresh = StoredDocument(
            identifier, name, sha256, len(pdf), now, report_json=report_json(verdict)
        )
        held = await self.ledger.keep(tenant, fresh)
        if held.sha256 != sha256:
            raise Malformed("IDEMPOTENCY_MISMATCH", field="request_id")
        return held

    async def content(self, tenant: str, id: str) -> bytes:
        """A document's bytes. Raises: Absent DOCUMENT_ABSENT."""
        held = await self.ledger.document(tenant, id)
        return await self.documents.read_blob(held.sha256)

    async def signers(self, tenant: str) -> list[HeldCertificate]:
        """The certificates that sign for the tenant."""
        names = set(await self.ledger.key_names(tenant))
        return [one for one in await self.signer.certificates() if one.key_name in names]

    @operation("esign.sign/1", steps=STEPS)
    async def sign(self, run: Run, command: SignDocument) -> StoredDocument:
        """Sign an uploaded PDF with the party's held key.

        Raises: Absent DOCUMENT_ABSENT; Refused DOCUMENT_NOT_SIGNABLE, ENROLMENT_REFUSED;
            Unavailable; Unsupported LEVEL_NOT_OFFERED.
        """
        source = await run.read(self.ledger.document, run.tenant, command.document)
        return await self._signed(
            run,
            source.sha256,
            command.party,
            command.level,
            file_name=source.file_name,
            reason=command.reason,
            source=source.id,
        )

    @operation("esign.declare/1", steps=STEPS)
    async def declare(self, run: Run, command: DeclareRegistration) -> StoredDocument:
        """Typeset the declaration, sign it, keep it with its evidence. Raises: as `sign`."""
        sha256 = await run.read(self.typeset, run.tenant, command, run.now)
        return await self._signed(
            run,
            sha256,
            command.party,
            command.level,
            file_name=lines.file_name(f"ban-khai-{command.domain}.pdf"),
            reason=DECLARATION_REASON,
            domain=command.domain,
        )

    async def typeset(self, tenant: str, command: DeclareRegistration, now: datetime) -> str:
        """The declaration's digest; its bytes are kept."""
        pdf = await asyncio.to_thread(declaration_pdf, command, now, sandbox=self.sandbox)
        return await self._kept(tenant, pdf)

    async def _kept(self, tenant: str, pdf: bytes) -> str:
        """Keep bytes on the way to a paper, as this tenant's."""
        await self.ledger.note_working(tenant, hashlib.sha256(pdf).hexdigest())
        return await self.documents.write_blob(pdf)

    async def _signed(
        self,
        run: Run,
        sha256: str,
        party: SigningSubject,
        level: Level,
        *,
        file_name: str,
        reason: str,
        source: str = "",
        domain: str = "",
    ) -> StoredDocument:
        if level is Level.B_LTA:
            raise Unsupported("LEVEL_NOT_OFFERED", field="level", level=level.written)
        identifier = run.id.removeprefix("operations/")[:ID_CHARACTERS]
        settles = self.ledger.signing(run.tenant, identifier, file_name, source, run.now)
        held = await run.effect(
            "enrol",
            Enrolment(key_name(run.tenant, party), party),
            ask=self.signer.find_enrolment,
            act=self.signer.enrol,
            settle=settles.enrolled,
        )
        frozen_at = (run.now, reason, level)
        prepared = await run.read(self.prepare, run.tenant, sha256, held, *frozen_at)
        signature = await run.effect(
            "sign",
            signing_request(held, prepared),
            ask=self.signer.find_signature,
            act=self.signer.sign,
            settle=settles.signed,
        )
        return await run.effect(
            "assemble",
            Assembly(prepared, signature.signature_base64, held.chain_base64, level, domain),
            ask=self.assembler.find_assembled,
            act=self.assembler.assemble,
            settle=settles.completed,
        )

    async def prepare(
        self,
        tenant: str,
        sha256: str,
        held: HeldCertificate,
        now: datetime,
        reason: str,
        level: Level,
    ) -> PreparedDocument:
        """Freeze a document for signing; its bytes are kept by their digest.

        Raises: Refused DOCUMENT_NOT_SIGNABLE.
        """
        pdf = await self.documents.read_blob(sha256)
        chain = tuple(base64.b64decode(one) for one in held.chain_base64)
        prepared = await asyncio.to_thread(
            pades.prepare, pdf, chain, now, reason=reason, with_timestamp=level >= Level.B_T
        )
        return PreparedDocument(
            sha256=await self._kept(tenant, prepared.pdf),
            attributes_base64=base64.b64encode(prepared.attributes_der).decode(),
            digest_hex=prepared.digest.hex(),
            region_start=prepared.region_start,
            region_end=prepared.region_end,
        )


def require_size(size_bytes: int) -> None:
    """Refuse early what announces itself as too large. Raises: Malformed DOCUMENT_TOO_LARGE."""
    if size_bytes > MOST_MB * MEGABYTE:
        raise Malformed("DOCUMENT_TOO_LARGE", field="file", most=MOST_MB)


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    """All of an upload. Raises: Malformed DOCUMENT_TOO_LARGE, DOCUMENT_EMPTY."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        require_size(len(content))
    if not content:
        raise Malformed("DOCUMENT_EMPTY", field="file")
    return bytes(content)


def key_name(tenant: str, party: SigningSubject) -> str:
    """The key of a party of a tenant: derived, so that nobody signs with another's key."""
    return _identifier(f"{tenant}\n{party.identifier}\n{party.name}")


def signing_request(held: HeldCertificate, prepared: PreparedDocument) -> SigningRequest:
    """What the key is asked: one digest, for exactly this certificate."""
    leaf = base64.b64decode(held.chain_base64[0])
    return SigningRequest(
        key_name=held.key_name,
        certificate_sha256=hashlib.sha256(leaf).hexdigest(),
        digest_hex=prepared.digest_hex,
        digest_algorithm=cms.DIGEST,
        signature_algorithm=held.signature_algorithm,
    )


def _identifier(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS]
