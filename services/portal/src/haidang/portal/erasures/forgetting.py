"""Services asked to forget a tenant, and asked what they hold: privacy.v1 over the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import grpc
from haidang.api.privacy.v1 import privacy_pb2, privacy_pb2_grpc
from haidang.core.client import error_from
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.portal.erasures.values import ErasedLine, Forgetting, Forgotten, KeptBy

FORGET_SECONDS = 60.0

Metadata = tuple[tuple[str, str], ...]


class Services:
    """The services by name. *authorize* answers the call credentials of a tenant."""

    def __init__(
        self,
        channels: Mapping[str, grpc.aio.Channel],
        authorize: Mapping[str, Callable[[str], Metadata]],
    ) -> None:
        self._stubs = {
            name: privacy_pb2_grpc.PrivacyServiceStub(channel) for name, channel in channels.items()
        }
        self._authorize = authorize

    @acts(find="find_forgotten")
    async def forget(self, intent: Forgetting, effect_id: EffectId) -> Forgotten:
        """Have one service forget.

        Raises: Refused PRIVACY_OPERATIONS_RUNNING; Unavailable; OutcomeUnknown.
        """
        request = privacy_pb2.ErasePersonalDataRequest(
            request_id=intent.request_id, on_behalf_of=intent.on_behalf_of
        )
        metadata = self._authorize[intent.service](intent.tenant)
        try:
            answer = await self._stubs[intent.service].ErasePersonalData(
                request, timeout=FORGET_SECONDS, metadata=metadata
            )
        except grpc.aio.AioRpcError as error:
            raise error_from(error) from error
        return Forgotten(lines_of(intent.service, answer))

    @reads
    async def find_forgotten(self, intent: Forgetting, effect_id: EffectId) -> Forgotten | None:
        """Never known: asking again by the same id is as good, and erases nothing twice."""
        return None


def lines_of(service: str, erasure: privacy_pb2.Erasure) -> tuple[ErasedLine, ...]:
    """The lines of a service's answer."""
    return tuple(
        ErasedLine(
            service,
            one.kind,
            one.count,
            one.text_vi,
            one.text_en,
            _kept(one.kept) if one.HasField("kept") else None,
        )
        for one in erasure.holdings
    )


def _kept(kept: privacy_pb2.Keeping) -> KeptBy:
    return KeptBy(kept.why_vi, kept.why_en, kept.citation, kept.confidence, kept.until)
