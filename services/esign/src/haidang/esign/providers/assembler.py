"""The assembler: signature into PDF, time-stamp, revocation information, verdict, storage.

Each finished document is noted by effect id, so that a repeat finds it. The evidence a
verdict rests on is kept beside the document (Circular 15/2025/TT-BKHCN art. 5, S10).
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from pathlib import Path

from asn1crypto import cms
from cryptography import x509
from google.protobuf import json_format
from haidang.core.blobs import BlobFolder
from haidang.core.clock import Clock
from haidang.core.errors import Unsupported
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.core.ports.timestamps import TimestampAuthority
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.formats import pades
from haidang.esign.levels import Level
from haidang.esign.providers.effect_log import EffectLog
from haidang.esign.providers.evidence import EvidenceSource, RevocationEvidence
from haidang.esign.report_messages import report_message
from haidang.esign.values import Assembly, AssemblyReceipt
from haidang.esign.verification import Verifier
from pydantic import TypeAdapter

NONCE_BITS = 64
RECEIPT = TypeAdapter(AssemblyReceipt)


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
        """Bring the prepared PDF to its level and keep it.

        Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE, TIMESTAMP_REFUSED; Unavailable
            TSA_UNREACHABLE, REVOCATION_UNREACHABLE; Unsupported LEVEL_NOT_OFFERED.
        """
        if assembly.level is Level.B_LTA:
            raise Unsupported("LEVEL_NOT_OFFERED", level=assembly.level.written)
        prepared = await self._documents.read_blob(assembly.prepared.sha256)
        pdf, evidence = await self._finished(assembly, prepared)
        report = report_message(await self._verifier.validate(pdf))
        report_json = json_format.MessageToJson(report, indent=None, ensure_ascii=False)
        sha256 = await self._documents.write_blob(pdf)
        await asyncio.to_thread(self._keep, sha256, assembly, evidence, report_json)
        receipt = AssemblyReceipt(sha256, len(pdf), report_json)
        noted = self._log.note(
            "document.complete",
            effect_id,
            RECEIPT.dump_json(receipt).decode(),
            domain=assembly.domain,
        )
        return RECEIPT.validate_json(noted)

    @reads
    async def find_assembled(
        self, assembly: Assembly, effect_id: EffectId
    ) -> AssemblyReceipt | None:
        """The document finished under *effect_id*, if any."""
        noted = self._log.receipt(effect_id)
        return RECEIPT.validate_json(noted) if noted else None

    async def _finished(
        self, assembly: Assembly, pdf: bytes
    ) -> tuple[bytes, RevocationEvidence | None]:
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
        token = await self._token(signature) if assembly.level >= Level.B_T else None
        signed = pades.complete(prepared, chain, signature, timestamp=token)
        if assembly.level < Level.B_LT or token is None:
            return signed, None
        stamped_by = _certificates(token)
        evidence = await self._evidence.of_chains(
            [[x509.load_der_x509_certificate(one) for one in chain], _path(stamped_by, chain)]
        )
        certificates = list(dict.fromkeys([*chain, *stamped_by]))
        finished = pades.with_evidence(
            signed, certificates, list(evidence.ocsp_responses), list(evidence.crls)
        )
        return finished, evidence

    async def _token(self, signature: bytes) -> cms.ContentInfo:
        nonce = secrets.randbits(NONCE_BITS)
        answer = await self._tsa.request(pades.timestamp_request(signature, nonce))
        return pades.timestamp_token(answer, signature, nonce)

    def _keep(
        self,
        sha256: str,
        assembly: Assembly,
        evidence: RevocationEvidence | None,
        report_json: str,
    ) -> None:
        """Signing certificate, status answers and verdict, beside the document."""

        def texts(found: tuple[bytes, ...]) -> list[str]:
            return [base64.b64encode(one).decode() for one in found]

        kept = {
            "document_sha256": sha256,
            "certificates": assembly.chain_base64,
            "ocsp": texts(evidence.ocsp_responses) if evidence else [],
            "crls": texts(evidence.crls) if evidence else [],
            "report": json.loads(report_json),
        }
        path = self._folder / f"{sha256}.json"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(kept, ensure_ascii=False))
        fresh.rename(path)


def _certificates(token: cms.ContentInfo) -> list[bytes]:
    return [one.chosen.dump() for one in token["content"]["certificates"]]


def _path(stamped_by: list[bytes], chain: tuple[bytes, ...]) -> list[x509.Certificate]:
    """The authority's certificates in order, up to a root that our own chain also knows."""
    known = [x509.load_der_x509_certificate(one) for one in dict.fromkeys([*stamped_by, *chain])]
    issuers = {one.issuer for one in known}
    path = [x509.load_der_x509_certificate(stamped_by[0])]
    for one in stamped_by:
        found = x509.load_der_x509_certificate(one)
        if found.subject not in issuers:
            path = [found]
    while path[-1].issuer != path[-1].subject:
        above = [one for one in known if one.subject == path[-1].issuer]
        if not above:
            break
        path.append(above[0])
    return path
