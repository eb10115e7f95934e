"""The assembler: signature into PDF, time-stamp, revocation information, verdict, storage.

Each finished document is noted by effect id, so that a repeat finds it. The evidence a
verdict rests on is kept beside the document (Circular 15/2025/TT-BKHCN art. 5, S10).
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from haidang.core.blobs import BlobFolder
from haidang.core.clock import Clock
from haidang.core.errors import Refused, Unsupported
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.core.ports.timestamps import TimestampAuthority
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.finding_kinds import Indication
from haidang.esign.formats import pades
from haidang.esign.formats.timestamps import (
    authority_chain,
    timestamp_request,
    timestamp_token,
)
from haidang.esign.levels import Level
from haidang.esign.providers.effect_log import EffectLog
from haidang.esign.providers.evidence import EvidenceSource, RevocationEvidence
from haidang.esign.providers.private_files import write_private
from haidang.esign.report_messages import report_json
from haidang.esign.values import Assembly, AssemblyReceipt
from haidang.esign.verdicts import ValidationReport
from haidang.esign.verification import Verifier
from pydantic import TypeAdapter

NONCE_BITS = 64
RECEIPT = TypeAdapter(AssemblyReceipt)
NO_EVIDENCE = RevocationEvidence((), ())


@dataclass(frozen=True, slots=True)
class _Finished:
    """A finished paper and what it rests on; the token is empty below B-T."""

    pdf: bytes
    timestamp_token: bytes = b""
    evidence: RevocationEvidence = NO_EVIDENCE


class Assembler:
    """Finishes signed documents."""

    def __init__(
        self,
        documents: BlobFolder,
        tsa: TimestampAuthority,
        evidence: EvidenceSource,
        verifier: Verifier,
        *,
        state: Path,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._tsa = tsa
        self._evidence = evidence
        self._verifier = verifier
        self._folder = state / "evidence"
        self._folder.mkdir(exist_ok=True, mode=0o700)
        self._log = EffectLog(state / "effects-assembler.sqlite", clock)

    @acts(find="find_assembled")
    async def assemble(self, assembly: Assembly, effect_id: EffectId) -> AssemblyReceipt:
        """Bring the prepared PDF to its level and keep it. A level is never lowered.

        Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE, TIMESTAMP_REFUSED, CERTIFICATE_REVOKED,
            LEVEL_NOT_REACHED; Unavailable TSA_UNREACHABLE, REVOCATION_UNREACHABLE,
            VERIFY_WORKER_UNREACHABLE; Unsupported LEVEL_NOT_OFFERED.
        """
        if assembly.level is Level.B_LTA:
            raise Unsupported("LEVEL_NOT_OFFERED", level=assembly.level.written)
        prepared = await self._documents.read_blob(assembly.prepared.sha256)
        finished = await self._finished(assembly, prepared)
        verdict = await self._verifier.validate(finished.pdf)
        require_level(verdict, assembly.level)
        report = report_json(verdict)
        sha256 = await self._documents.write_blob(finished.pdf)
        await asyncio.to_thread(self._keep, sha256, assembly, finished, report)
        receipt = AssemblyReceipt(sha256, len(finished.pdf), report)
        text = RECEIPT.dump_json(receipt).decode()
        noted = await self._log.note("document.complete", effect_id, text, domain=assembly.domain)
        return RECEIPT.validate_json(noted)

    @reads
    async def find_assembled(
        self, assembly: Assembly, effect_id: EffectId
    ) -> AssemblyReceipt | None:
        """The document finished under *effect_id*, if any."""
        noted = await self._log.receipt(effect_id)
        return RECEIPT.validate_json(noted) if noted else None

    async def forget(self, operations: Iterable[str], sha256s: Iterable[str]) -> None:
        """Forget the receipts of *operations* and the evidence of finished papers."""
        await self._log.forget(operations)
        for sha256 in sha256s:
            await asyncio.to_thread((self._folder / f"{sha256}.json").unlink, missing_ok=True)

    async def _finished(self, assembly: Assembly, pdf: bytes) -> _Finished:
        chain = tuple(base64.b64decode(one) for one in assembly.chain_base64)
        signature = base64.b64decode(assembly.signature_base64)
        frozen = assembly.prepared
        prepared = pades.Prepared(
            pdf,
            base64.b64decode(frozen.attributes_base64),
            bytes.fromhex(frozen.digest_hex),
            frozen.region_start,
            frozen.region_end,
        )
        if assembly.level < Level.B_T:
            return _Finished(pades.complete(prepared, chain, signature))
        token = await self._token(signature)
        signed = pades.complete(prepared, chain, signature, timestamp_token=token)
        if assembly.level < Level.B_LT:
            return _Finished(signed, token)
        stamped_by = authority_chain(token)
        evidence = await self._evidence.of_paths([_path(chain), _path((*stamped_by, *chain))])
        finished = await asyncio.to_thread(
            pades.with_evidence,
            signed,
            list(dict.fromkeys([*chain, *stamped_by])),
            list(evidence.ocsp_responses),
            list(evidence.crls),
        )
        return _Finished(finished, token, evidence)

    async def _token(self, signature: bytes) -> bytes:
        nonce = secrets.randbits(NONCE_BITS)
        answer = await self._tsa.request(timestamp_request(signature, nonce))
        return timestamp_token(answer, signature, nonce)

    def _keep(self, sha256: str, assembly: Assembly, finished: _Finished, report: str) -> None:
        """Signing certificate, status answers, time-stamp and verdict, beside the document."""

        def texts(found: tuple[bytes, ...]) -> list[str]:
            return [base64.b64encode(one).decode() for one in found]

        kept = {
            "document_sha256": sha256,
            "certificates": list(assembly.chain_base64),
            "ocsp": texts(finished.evidence.ocsp_responses),
            "crls": texts(finished.evidence.crls),
            "timestamp_token": base64.b64encode(finished.timestamp_token).decode(),
            "report": json.loads(report),
        }
        text = json.dumps(kept, ensure_ascii=False)
        write_private(self._folder / f"{sha256}.json", text.encode())


def require_level(verdict: ValidationReport, level: Level) -> None:
    """Raises: Refused LEVEL_NOT_REACHED unless the last signature has all that *level* asks.

    INDETERMINATE is let pass: whether an authority is believed here is the operator's choice.
    """
    last = verdict.signatures[-1] if verdict.signatures else None
    reached = [one for one in Level if last is not None and one.written == last.level]
    is_broken = last is None or last.indication is Indication.TOTAL_FAILED
    if is_broken or not reached or reached[0] < level:
        raise Refused("LEVEL_NOT_REACHED", level=level.written)


def _path(ders: tuple[bytes, ...]) -> list[x509.Certificate]:
    """From the first certificate up to a root, as far as *ders* reach."""
    known = [x509.load_der_x509_certificate(der) for der in dict.fromkeys(ders)]
    path = known[:1]
    while path[-1].issuer != path[-1].subject and len(path) < len(known):
        above = [one for one in known if one.subject == path[-1].issuer]
        if not above:
            break
        path.append(above[0])
    return path
