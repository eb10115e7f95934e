"""Calls to the services as the visitor: five-minute tokens of their own actor and role."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from typing import Any

import grpc
from google.longrunning import operations_pb2_grpc
from haidang.api.domains.v1 import domains_pb2_grpc
from haidang.api.esign.v1 import esign_pb2_grpc
from haidang.api.journeys.v1 import journeys_pb2_grpc
from haidang.api.operations.v1 import operations_pb2_grpc as operator_grpc
from haidang.api.privacy.v1 import privacy_pb2_grpc
from haidang.api.websites.v1 import websites_pb2_grpc
from haidang.core.client import error_from
from haidang.core.clock import Clock
from haidang.core.tenancy import Actor
from haidang.portal.tokens import LIFETIME, IssuedToken, TokenOffice

SERVICES = ("domains", "websites", "esign", "journeys")
KEPT_TOKENS = 2048
CALL_SECONDS = 10.0

Metadata = tuple[tuple[str, str], ...]


class Service:
    """One service as one actor: `await service.Method(request)`; errors are the vocabulary's."""

    # Any: a stub's methods are generic in messages; the caller names the method and its answer.
    def __init__(self, stub: Any, metadata: Metadata) -> None:
        self._stub = stub
        self._metadata = metadata

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._stub, method)

        async def answered(request: Any, *, timeout: float = CALL_SECONDS) -> Any:  # noqa: ASYNC109 - gRPC's own word
            try:
                return await call(request, timeout=timeout, metadata=self._metadata)
            except grpc.aio.AioRpcError as error:
                raise error_from(error) from error

        return answered

    async def stream(
        self,
        method: str,
        request: Any,
        *,
        timeout: float = CALL_SECONDS,  # noqa: ASYNC109 - as above
    ) -> AsyncIterator[Any]:
        """The answers of a streaming method as they come."""
        call = getattr(self._stub, method)
        try:
            async for answer in call(request, timeout=timeout, metadata=self._metadata):
                yield answer
        except grpc.aio.AioRpcError as error:
            raise error_from(error) from error


class Calls:
    """Channels to the four services, and the tokens to enter them with."""

    def __init__(
        self, channels: Mapping[str, grpc.aio.Channel], tokens: TokenOffice, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._clock = clock
        self._held: OrderedDict[tuple[Actor, str], IssuedToken] = OrderedDict()
        self._stubs = {
            "domains": domains_pb2_grpc.DomainsServiceStub(channels["domains"]),
            "websites": websites_pb2_grpc.WebsitesServiceStub(channels["websites"]),
            "esign": esign_pb2_grpc.EsignServiceStub(channels["esign"]),
            "journeys": journeys_pb2_grpc.JourneysServiceStub(channels["journeys"]),
        }
        self._operators = {
            name: operator_grpc.OperatorServiceStub(channel) for name, channel in channels.items()
        }
        self._privacy = {
            name: privacy_pb2_grpc.PrivacyServiceStub(channel) for name, channel in channels.items()
        }
        self._operations = {
            name: operations_pb2_grpc.OperationsStub(channel) for name, channel in channels.items()
        }

    def operator(self, name: str, actor: Actor) -> Service:
        """The operator's view of the operations of the service called *name*."""
        return Service(self._operators[name], self._metadata(actor, name))

    def privacy(self, name: str, actor: Actor) -> Service:
        """What the service called *name* holds of the actor's tenant."""
        return Service(self._privacy[name], self._metadata(actor, name))

    def service(self, name: str, actor: Actor) -> Service:
        """The service called *name* as *actor*."""
        return Service(self._stubs[name], self._metadata(actor, name))

    def operations(self, name: str, actor: Actor) -> Service:
        """The operations that the service called *name* issued, as *actor*."""
        return Service(self._operations[name], self._metadata(actor, name))

    def _metadata(self, actor: Actor, audience: str) -> Metadata:
        held = self._held.get((actor, audience))
        if held is None or held.expires_at - self._clock.now() < LIFETIME / 2:
            held = self._held[actor, audience] = self._tokens.issue(actor, audience)
            while len(self._held) > KEPT_TOKENS:
                self._held.popitem(last=False)
        return (("authorization", f"Bearer {held.text}"),)
