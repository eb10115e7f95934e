"""The Door on a real server: who gets in, and what a refusal says, for all four kinds of call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.api.esign.v1 import esign_pb2, esign_pb2_grpc
from haidang.core.client import channel, error_from
from haidang.core.errors import (
    Absent,
    Conflict,
    HaidangError,
    Malformed,
    Refused,
    Unavailable,
    Unsupported,
    register,
)
from haidang.core.server import (
    PUBLIC,
    Door,
    current_actor,
    decode_page_token,
    encode_page_token,
)
from haidang.core.tenancy import Actor, TokenSigner, TokenVerifier

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
DOMAINS = "/haidang.api.domains.v1.DomainsService/"
ESIGN = "/haidang.api.esign.v1.EsignService/"
OWNER = Actor("lan", "t1", frozenset({"domains.write", "esign.read"}))

register(Conflict, {"TEST_HELD": ("Held.", "Đã có.")})
register(Conflict, {"TEST_CHANGED": ("Changed.", "Đã đổi.")}, grpc_code="ABORTED")


class StillClock:
    def now(self) -> datetime:
        return NOW


def a_key_pair() -> tuple[bytes, bytes]:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public


PRIVATE, PUBLIC_KEY = a_key_pair()


def a_token(
    actor: Actor = OWNER, audience: str = "domains", at: datetime = NOW, key: bytes = PRIVATE
) -> str:
    return TokenSigner(key, "k1").issue(actor, audience, at)


class Domains(domains_pb2_grpc.DomainsServiceServicer):
    """Raises what a test asks for, or answers who called."""

    raises: BaseException | None = None
    waits: asyncio.Event | None = None

    async def GetRegistration(self, request, context):  # type: ignore[no-untyped-def]
        if self.waits is not None:
            await self.waits.wait()
        if self.raises is not None:
            raise self.raises
        return domains_pb2.Registration(name=current_actor().tenant)

    async def CheckAvailability(self, request, context):  # type: ignore[no-untyped-def]
        yield domains_pb2.CheckAvailabilityResponse(domain=current_actor().tenant)
        if self.raises is not None:
            raise self.raises


class Esign(esign_pb2_grpc.EsignServiceServicer):
    async def UploadDocument(self, request_iterator, context):  # type: ignore[no-untyped-def]
        parts = [part async for part in request_iterator]
        return esign_pb2.Document(name=current_actor().tenant, size_bytes=len(parts))


RULES = {
    f"{DOMAINS}GetRegistration": "domains.read",
    f"{DOMAINS}CheckAvailability": "domains.read",
    f"{DOMAINS}QuoteDomain": PUBLIC,
    f"{ESIGN}UploadDocument": "esign.read",
}


@asynccontextmanager
async def a_server(servicer: Domains, **door: Any) -> AsyncIterator[str]:
    verifier = TokenVerifier(PUBLIC_KEY, "domains")
    server = grpc.aio.server(interceptors=[Door(RULES, verifier, clock=StillClock(), **door)])
    domains_pb2_grpc.add_DomainsServiceServicer_to_server(servicer, server)
    esign_pb2_grpc.add_EsignServiceServicer_to_server(Esign(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(0)


def bearing(token: str) -> Callable[[], Awaitable[str]]:
    async def source() -> str:
        return token

    return source


async def refusal(servicer: Domains, token: str | None = None, **door: Any) -> grpc.aio.AioRpcError:
    source = bearing(a_token() if token is None else token)
    async with a_server(servicer, **door) as address, channel(address, source) as opened:
        stub = domains_pb2_grpc.DomainsServiceStub(opened)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetRegistration(domains_pb2.GetRegistrationRequest())
    return refused.value


async def test_a_signed_token_opens_all_kinds_of_call_for_its_tenant() -> None:
    async def parts() -> AsyncIterator[esign_pb2.UploadDocumentRequest]:
        yield esign_pb2.UploadDocumentRequest(chunk=b"a")
        yield esign_pb2.UploadDocumentRequest(chunk=b"b")

    async with a_server(Domains()) as address, channel(address, bearing(a_token())) as opened:
        domains = domains_pb2_grpc.DomainsServiceStub(opened)
        esign = esign_pb2_grpc.EsignServiceStub(opened)

        one = await domains.GetRegistration(domains_pb2.GetRegistrationRequest())
        many = [
            answer.domain
            async for answer in domains.CheckAvailability(domains_pb2.CheckAvailabilityRequest())
        ]
        uploaded = await esign.UploadDocument(parts())

    assert one.name == "t1"
    assert many == ["t1"]
    assert (uploaded.name, uploaded.size_bytes) == ("t1", 2)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        a_token(audience="esign"),
        a_token(at=NOW - timedelta(minutes=6)),
        a_token(key=a_key_pair()[0]),
    ],
    ids=["empty", "nonsense", "unsigned", "other audience", "expired", "other key"],
)
async def test_a_bad_token_is_unauthenticated(token: str) -> None:
    refused = await refusal(Domains(), token)

    assert refused.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_token_once_good_is_not_good_for_ever() -> None:
    verifier = TokenVerifier(PUBLIC_KEY, "domains")
    token = a_token()

    assert verifier.verify(token, NOW) == OWNER
    with pytest.raises(HaidangError):
        verifier.verify(token, NOW + timedelta(minutes=5))


async def test_a_missing_grant_is_permission_denied() -> None:
    stranger = Actor("x", "t1", frozenset({"esign.write"}))

    refused = await refusal(Domains(), a_token(stranger))

    assert refused.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Malformed("FIELD_REQUIRED", field="registrant.tax_code"), "INVALID_ARGUMENT"),
        (Refused("EFFECT_NOT_OPEN"), "FAILED_PRECONDITION"),
        (Absent("OPERATION_ABSENT"), "NOT_FOUND"),
        (Conflict("TEST_HELD"), "ALREADY_EXISTS"),
        (Conflict("TEST_CHANGED"), "ABORTED"),
        (Unavailable("NOT_READY"), "UNAVAILABLE"),
        (Unsupported("CAPABILITY_ABSENT", port="x", capability="y"), "UNIMPLEMENTED"),
    ],
)
async def test_each_error_arrives_with_its_code_and_is_rebuilt(
    error: HaidangError, code: str
) -> None:
    servicer = Domains()
    servicer.raises = error

    refused = await refusal(servicer)
    rebuilt = error_from(refused)

    assert refused.code().name == code
    assert (type(rebuilt), rebuilt.reason, rebuilt.facts) == (
        type(error),
        error.reason,
        error.facts,
    )


async def test_a_refusal_speaks_vietnamese_and_names_its_field() -> None:
    servicer = Domains()
    servicer.raises = Malformed("FIELD_REQUIRED", field="registrant.tax_code")

    status = rpc_status.from_call(await refusal(servicer))
    message, bad = error_details_pb2.LocalizedMessage(), error_details_pb2.BadRequest()
    for detail in status.details:
        for kind in (message, bad):
            if detail.Is(kind.DESCRIPTOR):
                detail.Unpack(kind)

    assert message.locale == "vi"
    assert "Cần điền" in message.message
    assert bad.field_violations[0].field == "registrant.tax_code"


async def test_an_unforeseen_error_is_internal_and_leaks_nothing() -> None:
    servicer = Domains()
    servicer.raises = ValueError("password=hunter2")

    refused = await refusal(servicer)

    assert refused.code() is grpc.StatusCode.INTERNAL
    assert "hunter2" not in f"{refused.details()} {refused.trailing_metadata()}"


async def test_a_stream_that_fails_half_way_says_why() -> None:
    servicer = Domains()
    servicer.raises = Refused("EFFECT_NOT_OPEN")
    async with a_server(servicer) as address, channel(address, bearing(a_token())) as opened:
        stub = domains_pb2_grpc.DomainsServiceStub(opened)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            async for _ in stub.CheckAvailability(domains_pb2.CheckAvailabilityRequest()):
                pass

    assert error_from(refused.value).reason == "EFFECT_NOT_OPEN"


async def test_a_call_without_a_deadline_is_refused() -> None:
    async with a_server(Domains()) as address, grpc.aio.insecure_channel(address) as bare:
        stub = domains_pb2_grpc.DomainsServiceStub(bare)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetRegistration(
                domains_pb2.GetRegistrationRequest(),
                metadata=(("authorization", f"Bearer {a_token()}"),),
            )

    assert error_from(refused.value).reason == "DEADLINE_MISSING"


async def test_a_method_without_a_rule_is_refused() -> None:
    async with a_server(Domains()) as address, channel(address, bearing(a_token())) as opened:
        stub = domains_pb2_grpc.DomainsServiceStub(opened)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetZone(domains_pb2.GetZoneRequest())

    assert error_from(refused.value).reason == "METHOD_UNKNOWN"


async def test_a_full_server_says_so_and_when_to_come_back() -> None:
    servicer = Domains()
    servicer.waits = asyncio.Event()
    async with (
        a_server(servicer, most_calls=1) as address,
        channel(address, bearing(a_token())) as opened,
    ):
        stub = domains_pb2_grpc.DomainsServiceStub(opened)
        first = asyncio.ensure_future(stub.GetRegistration(domains_pb2.GetRegistrationRequest()))
        await asyncio.sleep(0.1)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetRegistration(domains_pb2.GetRegistrationRequest())
        servicer.waits.set()
        await first

    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error_from(refused.value).reason == "SERVER_FULL"


async def test_a_server_that_is_not_there_is_unavailable_not_unknown() -> None:
    async with channel("127.0.0.1:1") as opened:
        stub = domains_pb2_grpc.DomainsServiceStub(opened)
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await stub.GetZone(domains_pb2.GetZoneRequest(), timeout=2)

    assert error_from(failed.value).reason == "SERVICE_UNREACHABLE"


async def test_an_answer_that_does_not_come_in_time_is_unknown() -> None:
    servicer = Domains()
    servicer.waits = asyncio.Event()
    async with a_server(servicer) as address, channel(address, bearing(a_token())) as opened:
        stub = domains_pb2_grpc.DomainsServiceStub(opened)
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await stub.GetRegistration(domains_pb2.GetRegistrationRequest(), timeout=0.2)
        servicer.waits.set()

    assert error_from(failed.value).reason == "SERVICE_DID_NOT_ANSWER"


def test_a_page_token_carries_no_authority() -> None:
    token = encode_page_token({"after": "b.vn"}, "t1")

    assert decode_page_token(token, "t1") == {"after": "b.vn"}
    assert decode_page_token("", "t1") == {}
    for wrong, tenant in ((token, "t2"), ("%%%", "t1"), ("AAAA", "t1"), (token[:-3], "t1")):
        with pytest.raises(Malformed) as refused:
            decode_page_token(wrong, tenant)
        assert refused.value.field == "page_token"
