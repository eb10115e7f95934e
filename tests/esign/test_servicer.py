"""The contract over the wire: a real server with its Door, a real desk, real parts behind."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from google.longrunning import operations_pb2, operations_pb2_grpc
from haidang.api.esign.v1 import esign_pb2, esign_pb2_grpc
from haidang.core.client import channel, error_from
from haidang.core.errors import HaidangError, sentence
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.operations.served import METHODS as OPERATIONS
from haidang.core.operations.served import OperationsServicer
from haidang.core.server import Door
from haidang.core.statuses import error_of_status
from haidang.core.tenancy import Actor, TokenSigner, TokenVerifier
from haidang.esign.messages import ANSWERS
from haidang.esign.servicer import METHODS, EsignServicer

from tests.esign.house import Office, Trust, an_office
from tests.esign.house import trust as trust  # a fixture
from tests.esign.pki import a_pdf, signed

PARTY = esign_pb2.SigningParty(
    name="Hộ kinh doanh  Nhà Gió Biển",
    identifier="0771 8500 3461",
    representative_name="Nguyễn Thị Hạnh",
)
CHUNK = 65_536


def a_token_pair() -> tuple[bytes, bytes]:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    spki = PublicFormat.SubjectPublicKeyInfo
    return private, key.public_key().public_bytes(Encoding.PEM, spki)


@dataclass
class Served:
    """A running service and callers of two tenants."""

    esign: esign_pb2_grpc.EsignServiceStub
    other: esign_pb2_grpc.EsignServiceStub
    reader: esign_pb2_grpc.EsignServiceStub
    visitor: esign_pb2_grpc.EsignServiceStub
    stranger: esign_pb2_grpc.EsignServiceStub
    operations: operations_pb2_grpc.OperationsStub
    office: Office

    async def ended(self, operation: operations_pb2.Operation) -> esign_pb2.Document:
        """The document an operation ended with. Raises: what it ended with."""
        request = operations_pb2.WaitOperationRequest(name=operation.name)
        request.timeout.FromSeconds(20)
        if not operation.done:
            operation = await self.operations.WaitOperation(request, timeout=30)
        assert operation.done
        if operation.HasField("error"):
            raise error_of_status(operation.error)
        document = esign_pb2.Document()
        assert operation.response.Unpack(document)
        return document


@pytest_asyncio.fixture
async def served(trust: Trust, tmp_path: Path) -> AsyncIterator[Served]:
    private, public = a_token_pair()
    tokens = TokenSigner(private, "k1")

    def source(tenant: str, *grants: str) -> str:
        actor = Actor("owner", tenant, frozenset(grants))
        return tokens.issue(actor, "esign", datetime.now(UTC))

    async with an_office(trust, tmp_path) as found:
        patience = Patience(first_seconds=0.05, unavailable_seconds=0.3)
        settings = DeskSettings("esign", tmp_path, patience=patience)
        desk = await Desk.open(settings, found.database, [found.office])
        door = Door({**METHODS, **OPERATIONS}, TokenVerifier(public, "esign"))
        server = grpc.aio.server(interceptors=[door])
        servicer = EsignServicer(desk, found.office, found.office.verifier)
        esign_pb2_grpc.add_EsignServiceServicer_to_server(servicer, server)
        operations_pb2_grpc.add_OperationsServicer_to_server(
            OperationsServicer(desk, ANSWERS), server
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()

        def caller(token: str) -> grpc.aio.Channel:
            async def give() -> str:
                return token

            return channel(f"127.0.0.1:{port}", give if token else None)

        tokens_of = [
            source("t1", "esign.write"),
            source("t2", "esign.write"),
            source("t1", "esign.read"),
            source("t1", "esign.validate"),
            "",
        ]
        channels = [caller(token) for token in tokens_of]
        stubs = [esign_pb2_grpc.EsignServiceStub(one) for one in channels]
        yield Served(*stubs, operations_pb2_grpc.OperationsStub(channels[0]), found)
        for one in channels:
            await one.close()
        await server.stop(0)
        await desk.close()


def an_upload(pdf: bytes, request_id: str, size: int | None = None) -> Iterator[object]:
    size = len(pdf) if size is None else size
    head = esign_pb2.DocumentHead(
        file_name="../hop-dong.pdf", size_bytes=size, request_id=request_id
    )
    yield esign_pb2.UploadDocumentRequest(head=head)
    for start in range(0, len(pdf), CHUNK):
        yield esign_pb2.UploadDocumentRequest(chunk=pdf[start : start + CHUNK])


def a_judging(pdf: bytes) -> Iterator[object]:
    yield esign_pb2.ValidateDocumentRequest(head=esign_pb2.DocumentHead(file_name="a.pdf"))
    for start in range(0, len(pdf), CHUNK):
        yield esign_pb2.ValidateDocumentRequest(chunk=pdf[start : start + CHUNK])


def an_id() -> str:
    return str(uuid.uuid4())


async def uploaded(served: Served, pdf: bytes | None = None) -> esign_pb2.Document:
    return await served.esign.UploadDocument(an_upload(pdf or a_pdf(), an_id()))


def a_signing(document: str, **changed: object) -> esign_pb2.SignDocumentRequest:
    fields = {
        "request_id": an_id(),
        "document": document,
        "level": esign_pb2.LEVEL_B_LT,
        "party": PARTY,
        "reason": "Đồng ý",
    }
    return esign_pb2.SignDocumentRequest(**{**fields, **changed})


def a_declaration(**changed: object) -> esign_pb2.DeclareRegistrationRequest:
    request = esign_pb2.DeclareRegistrationRequest(
        request_id=an_id(),
        domain="nha-gio-bien.vn",
        unicode_domain="nha-gio-bien.vn",
        party=PARTY,
        address="27/4 đường Hải Đăng, Phường Vũng Tàu, TP. Hồ Chí Minh",
        email="chao@nha-gio-bien.vn",
        phone="0901 234 567",
        representative_title="Chủ hộ kinh doanh",
        level=esign_pb2.LEVEL_B_LT,
    )
    request.registered_time.FromDatetime(datetime(2026, 11, 23, 5, tzinfo=UTC))
    request.expire_time.FromDatetime(datetime(2027, 11, 23, 5, tzinfo=UTC))
    request.MergeFrom(esign_pb2.DeclareRegistrationRequest(**changed))  # type: ignore[arg-type]
    return request


async def refused(call: object) -> HaidangError:
    """What *call* is refused with."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call  # type: ignore[misc]
    return error_from(failure.value)


async def content(served: Served, name: str) -> bytes:
    request = esign_pb2.DownloadDocumentRequest(name=name)
    parts = [part.chunk async for part in served.esign.DownloadDocument(request)]
    assert all(len(part) <= CHUNK for part in parts)
    return b"".join(parts)


async def test_a_paper_goes_up_is_signed_comes_down_and_passes(served: Served) -> None:
    source = await uploaded(served)

    document = await served.ended(await served.esign.SignDocument(a_signing(source.name)))

    pdf = await content(served, document.name)
    assert hashlib.sha256(pdf).hexdigest() == document.sha256
    assert document.source_document == source.name
    assert source.file_name == "hop-dong.pdf"
    assert document.report.indication == esign_pb2.INDICATION_TOTAL_PASSED
    judged = await served.esign.ValidateDocument(a_judging(pdf))
    assert judged.indication == esign_pb2.INDICATION_TOTAL_PASSED
    assert [one.level for one in judged.signatures] == [esign_pb2.LEVEL_B_LT]
    assert "HỢP LỆ" in judged.summary_vi
    assert "HAS NO LEGAL VALUE" in judged.summary_en
    assert judged.document_change == esign_pb2.DOCUMENT_CHANGE_ALLOWED
    [signature] = judged.signatures
    assert (signature.sandbox, signature.intact, signature.valid_at_signing) == (True, True, True)
    assert signature.timestamp_time == signature.signed_time


async def test_a_declaration_is_made_and_found_among_documents_and_signers(served: Served) -> None:
    document = await served.ended(await served.esign.DeclareRegistration(a_declaration()))

    listed = await served.esign.ListDocuments(esign_pb2.ListDocumentsRequest())
    got = await served.esign.GetDocument(esign_pb2.GetDocumentRequest(name=document.name))
    signers = await served.esign.ListSigners(esign_pb2.ListSignersRequest())
    assert [one.name for one in listed.documents] == [document.name]
    assert got == document
    assert document.file_name == "ban-khai-nha-gio-bien.vn.pdf"
    assert [one.legal_standing_vi for one in signers.signers] == [
        "thử nghiệm: không có giá trị pháp lý"
    ]
    assert "Hộ kinh doanh Nhà Gió Biển" in signers.signers[0].subject


async def test_the_same_request_at_once_is_one_paper(served: Served) -> None:
    request = a_declaration()

    started = await asyncio.gather(*(served.esign.DeclareRegistration(request) for _ in range(5)))

    assert len({(await served.ended(one)).name for one in started}) == 1
    listed = await served.esign.ListDocuments(esign_pb2.ListDocumentsRequest())
    assert len(listed.documents) == 1


async def test_the_same_request_with_another_body_is_refused(served: Served) -> None:
    request = a_declaration()
    await served.ended(await served.esign.DeclareRegistration(request))
    request.address = "Nơi khác"

    error = await refused(served.esign.DeclareRegistration(request))

    assert error.reason == "IDEMPOTENCY_MISMATCH"


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"level": esign_pb2.LEVEL_UNSPECIFIED}, "LEVEL_MISSING", "level"),
        ({"party": None}, "PARTY_INCOMPLETE", "party.name"),
        (
            {"party": esign_pb2.SigningParty(name="Lan", identifier="3500123457")},
            "TAX_CODE_INVALID",
            "party.identifier",
        ),
        ({"request_id": "mot"}, "REQUEST_ID_INVALID", "request_id"),
    ],
)
async def test_bad_input_is_said_in_vietnamese_at_its_field(
    served: Served, changed: dict[str, object], reason: str, field: str
) -> None:
    error = await refused(served.esign.SignDocument(a_signing("documents/x", **changed)))

    assert (error.reason, error.field) == (reason, field)
    assert sentence(error.reason, error.facts).endswith(".")


@pytest.mark.parametrize(
    ("cleared", "reason"),
    [
        ("domain", "FIELD_REQUIRED"),
        ("registered_time", "FIELD_REQUIRED"),
        ("expire_time", "FIELD_REQUIRED"),
        ("level", "LEVEL_MISSING"),
    ],
)
async def test_a_declaration_needs_its_facts(served: Served, cleared: str, reason: str) -> None:
    request = a_declaration()
    request.ClearField(cleared)  # type: ignore[arg-type]

    error = await refused(served.esign.DeclareRegistration(request))

    assert (error.reason, error.field) == (reason, cleared)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "DOCUMENT_HEAD_MISSING"),
        ([esign_pb2.UploadDocumentRequest(chunk=b"%PDF-1.7")], "DOCUMENT_HEAD_MISSING"),
        (
            list(an_upload(a_pdf(), an_id())) + list(an_upload(b"", an_id())),
            "DOCUMENT_HEAD_MISSING",
        ),
        (list(an_upload(b"", an_id())), "DOCUMENT_EMPTY"),
        (list(an_upload(b"Kinh gui", an_id())), "NOT_A_PDF"),
        (list(an_upload(b"%PDF-1.7", an_id(), size=20_000_001)), "DOCUMENT_TOO_LARGE"),
        (list(an_upload(b"%PDF-" + b"0" * 20_000_000, an_id())), "DOCUMENT_TOO_LARGE"),
        (list(an_upload(a_pdf(), "mot")), "REQUEST_ID_INVALID"),
    ],
    ids=["nothing", "headless", "two heads", "empty", "text", "declared long", "long", "request"],
)
async def test_what_may_not_come_in_is_refused_and_not_kept(
    served: Served, messages: list[object], reason: str
) -> None:
    error = await refused(served.esign.UploadDocument(iter(messages)))

    assert error.reason == reason
    listed = await served.esign.ListDocuments(esign_pb2.ListDocumentsRequest())
    assert list(listed.documents) == []


async def test_an_operation_that_cannot_be_done_ends_with_the_reason(served: Served) -> None:
    locked = await asyncio.to_thread(signed, certify=1)
    source = await uploaded(served, locked)

    operation = await served.esign.SignDocument(a_signing(source.name))

    with pytest.raises(HaidangError) as refusal:
        await served.ended(operation)
    assert refusal.value.reason == "DOCUMENT_SEALED"


async def test_nobody_sees_another_tenants_papers(served: Served) -> None:
    source = await uploaded(served)

    get = esign_pb2.GetDocumentRequest(name=source.name)
    assert (await refused(served.other.GetDocument(get))).reason == "DOCUMENT_ABSENT"
    stream = served.other.DownloadDocument(esign_pb2.DownloadDocumentRequest(name=source.name))
    with pytest.raises(grpc.aio.AioRpcError):
        await anext(aiter(stream))
    theirs = await served.other.ListDocuments(esign_pb2.ListDocumentsRequest())
    assert list(theirs.documents) == []
    signers = await served.other.ListSigners(esign_pb2.ListSignersRequest())
    assert list(signers.signers) == []


async def test_a_reader_does_not_write_and_a_stranger_does_not_read(served: Served) -> None:
    upload = served.reader.UploadDocument(an_upload(a_pdf(), an_id()))
    assert (await refused(upload)).reason == "NOT_PERMITTED"
    listing = served.stranger.ListDocuments(esign_pb2.ListDocumentsRequest())
    assert (await refused(listing)).reason == "TOKEN_MISSING"


async def test_a_visitor_has_a_file_judged_and_sees_nothing_else(served: Served) -> None:
    source = await uploaded(served)

    judged = await served.visitor.ValidateDocument(a_judging(a_pdf()))

    assert judged.sub_indication == "SIGNED_DATA_NOT_FOUND"
    assert [one.reason for one in judged.findings] == ["NO_SIGNATURE"]
    get = esign_pb2.GetDocumentRequest(name=source.name)
    closed = (
        served.visitor.ListDocuments(esign_pb2.ListDocumentsRequest()),
        served.visitor.GetDocument(get),
        served.visitor.ListSigners(esign_pb2.ListSignersRequest()),
        served.visitor.UploadDocument(an_upload(a_pdf(), an_id())),
        served.visitor.SignDocument(a_signing(source.name)),
    )
    assert {(await refused(call)).reason for call in closed} == {"NOT_PERMITTED"}
    stream = served.visitor.DownloadDocument(esign_pb2.DownloadDocumentRequest(name=source.name))
    assert (await refused(anext(aiter(stream)))).reason == "NOT_PERMITTED"


async def test_what_is_judged_is_not_kept(served: Served) -> None:
    before = set(served.office.folder.rglob("*"))

    await served.visitor.ValidateDocument(a_judging(a_pdf(pages=4)))

    assert set(served.office.folder.rglob("*")) == before


async def test_documents_come_in_pages_newest_first(served: Served) -> None:
    made = [(await uploaded(served, a_pdf(pages=pages))).name for pages in (1, 2, 3)]

    first = await served.esign.ListDocuments(esign_pb2.ListDocumentsRequest(page_size=2))
    rest = await served.esign.ListDocuments(
        esign_pb2.ListDocumentsRequest(page_size=2, page_token=first.next_page_token)
    )

    names = [one.name for one in (*first.documents, *rest.documents)]
    assert names == made[::-1]
    assert rest.next_page_token == ""


async def test_a_negative_page_is_refused(served: Served) -> None:
    listing = served.esign.ListDocuments(esign_pb2.ListDocumentsRequest(page_size=-1))

    assert (await refused(listing)).field == "page_size"


@pytest.mark.parametrize("pdf", [b"hello", a_pdf()], ids=["text", "unsigned"])
async def test_judging_an_unsigned_file_is_a_report_and_keeps_nothing(
    served: Served, pdf: bytes
) -> None:
    report = await served.esign.ValidateDocument(a_judging(pdf))

    assert report.indication != esign_pb2.INDICATION_TOTAL_PASSED
    listed = await served.esign.ListDocuments(esign_pb2.ListDocumentsRequest())
    assert list(listed.documents) == []


async def test_judging_begins_with_a_head_and_has_a_size(served: Served) -> None:
    headless = [esign_pb2.ValidateDocumentRequest(chunk=a_pdf())]
    too_long = esign_pb2.DocumentHead(size_bytes=20_000_001)

    for messages, reason in (
        (headless, "DOCUMENT_HEAD_MISSING"),
        ([esign_pb2.ValidateDocumentRequest(head=too_long)], "DOCUMENT_TOO_LARGE"),
    ):
        assert (await refused(served.esign.ValidateDocument(iter(messages)))).reason == reason
