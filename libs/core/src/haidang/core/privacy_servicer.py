"""privacy.v1: messages to values and back, for the tenant of the credential."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from haidang.api.privacy.v1 import privacy_pb2, privacy_pb2_grpc
from haidang.core.erasures import Erasures, Plan
from haidang.core.privacy import Holding
from haidang.core.server import Context, current_actor

CHUNK_BYTES = 64 * 1024
SERVICE = "/haidang.api.privacy.v1.PrivacyService/"
METHODS: Mapping[str, str] = {
    f"{SERVICE}{name}": "data.write"
    for name in ("PlanErasure", "ExportPersonalData", "ErasePersonalData")
}


class PrivacyServicer(privacy_pb2_grpc.PrivacyServiceServicer):
    """What this service holds of the caller's tenant."""

    def __init__(self, erasures: Erasures) -> None:
        self._erasures = erasures

    async def PlanErasure(
        self, request: privacy_pb2.PlanErasureRequest, context: Context
    ) -> privacy_pb2.Erasure:
        return erasure_message(await self._erasures.plan(current_actor().tenant))

    async def ExportPersonalData(
        self, request: privacy_pb2.ExportPersonalDataRequest, context: Context
    ) -> AsyncIterator[privacy_pb2.ExportPersonalDataResponse]:
        async for text in self._erasures.export(current_actor().tenant):
            whole = text.encode()
            for start in range(0, len(whole), CHUNK_BYTES):
                chunk = whole[start : start + CHUNK_BYTES]
                yield privacy_pb2.ExportPersonalDataResponse(chunk=chunk)

    async def ErasePersonalData(
        self, request: privacy_pb2.ErasePersonalDataRequest, context: Context
    ) -> privacy_pb2.Erasure:
        done = await self._erasures.erase(
            current_actor().tenant, request.request_id, but=request.on_behalf_of
        )
        return erasure_message(done)


def erasure_message(plan: Plan) -> privacy_pb2.Erasure:
    """*plan* as the contract's message."""
    return privacy_pb2.Erasure(
        holdings=[_holding(one) for one in plan.holdings], running_operations=plan.running
    )


def _holding(holding: Holding) -> privacy_pb2.Holding:
    message = privacy_pb2.Holding(
        kind=holding.kind, count=holding.count, text_vi=holding.vi, text_en=holding.en
    )
    if holding.kept is not None:
        kept = holding.kept
        message.kept.CopyFrom(
            privacy_pb2.Keeping(
                why_vi=kept.why_vi,
                why_en=kept.why_en,
                citation=kept.citation,
                confidence=kept.confidence,
                until=kept.until.isoformat() if kept.until else "",
            )
        )
    return message


__all__ = ["METHODS", "PrivacyServicer", "erasure_message"]
