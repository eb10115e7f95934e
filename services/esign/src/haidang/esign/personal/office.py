"""Papers and keys of a tenant as personal data: seen, handed out, erased with their bytes.

What a trust service issued it keeps itself; what is here goes, keys first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from haidang.core.blobs import BlobFolder
from haidang.core.ports.signing import KeyDiscard, Signer
from haidang.core.privacy import JSON, Holding
from haidang.esign.personal.ledger import PersonalLedger
from haidang.esign.providers.assembler import Assembler

PAPERS, KEYS = "esign.papers", "esign.keys"


class PapersPart:
    """Everything of a tenant in this service but its operations."""

    def __init__(
        self, ledger: PersonalLedger, documents: BlobFolder, assembler: Assembler, signer: Signer
    ) -> None:
        self._ledger = ledger
        self._documents = documents
        self._assembler = assembler
        self._signer = signer

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Papers and keys."""
        held = await self._ledger.held(tenant)
        return (
            Holding(
                PAPERS,
                len(held.papers),
                "Giấy tờ đã ký hoặc đã tải lên, với bằng chứng của chữ ký",
                "Papers signed or uploaded, with the evidence of their signatures",
            ),
            Holding(
                KEYS,
                len(held.keys),
                "Khóa ký số và chứng thư mang tên anh/chị",
                "Signing keys and certificates that bear your name",
            ),
        )

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """What is known of each paper; the files themselves are downloaded one by one."""
        held = await self._ledger.held(tenant)
        certificates = await self._signer.certificates()
        return {
            PAPERS: list(held.papers),
            KEYS: [
                {
                    "subject": one.subject,
                    "issuer": one.issuer,
                    "not_before": one.not_before.isoformat(),
                    "not_after": one.not_after.isoformat(),
                    "chain_base64": list(one.chain_base64),
                }
                for one in certificates
                if one.key_name in held.keys
            ],
        }

    async def erase(self, tenant: str) -> None:
        """Keys, bytes, evidence, then rows: killed half-way, the rows still say what is left.

        Destroying is its own proof and harms nobody twice, so it needs no recorded intent.
        """
        held = await self._ledger.held(tenant)
        for key in held.keys:
            await self._signer.discard(KeyDiscard(key), f"erasure/{key}")
        await self._assembler.forget(held.operations, held.finished)
        for sha256 in held.lone:
            await self._documents.discard_blob(sha256)
        await self._ledger.forget(tenant)
