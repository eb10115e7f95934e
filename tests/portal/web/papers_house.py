"""Papers for tests of rooms: the e-sign service as a site sees it, with its own judging."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.core.errors import Absent
from haidang.core.statuses import status_of
from haidang.esign.inspection.document import Inspector
from haidang.esign.report_messages import report_message
from haidang.esign.verdicts import conclude

from tests.portal.web.house import House

PAPER, SIGNED = "a1" * 12, "b2" * 12
OPERATION = "c3" * 16
NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
FILE_NAME = "Hợp đồng “thuê nhà”; 2027.pdf"


async def collected(parts: AsyncIterator[Any]) -> tuple[Any, bytes]:
    """The head of a streamed request, and its bytes."""
    head, content = None, b""
    async for part in parts:
        if part.WhichOneof("part") == "head":
            head = part.head
        content += part.chunk
    return head, content


def judged(pdf: bytes, *, sandbox: bool = False) -> esign_pb2.ValidationReport:
    """What the service concludes about *pdf*, without trust and in this very process."""
    report = report_message(conclude(Inspector((), NOW).inspect(pdf), NOW))
    for signature in report.signatures:
        signature.sandbox = sandbox
    return report


def passed(*, sandbox: bool = True, signer: str = "Hộ kinh doanh Nhà Gió Biển") -> Any:
    """A report of one signature in order."""
    good = esign_pb2.INDICATION_TOTAL_PASSED
    report = esign_pb2.ValidationReport(indication=good)
    report.document_change = esign_pb2.DOCUMENT_CHANGE_NONE
    report.validation_time.FromDatetime(NOW)
    signature = report.signatures.add(
        signer=signer, issuer="Hải Đăng SANDBOX Issuing CA", level=esign_pb2.LEVEL_B_LT,
        indication=good, intact=True, valid_at_signing=True, sandbox=sandbox,
    )  # fmt: skip
    for moment in ("signed_time", "timestamp_time", "not_before_time", "not_after_time"):
        getattr(signature, moment).FromDatetime(NOW)
    return report


def a_document(id: str = PAPER, **changed: Any) -> esign_pb2.Document:
    """An uploaded paper that nobody signed yet."""
    document = esign_pb2.Document(
        name=f"documents/{id}", file_name=FILE_NAME, sha256="ab" * 32, size_bytes=1_234_567
    )
    document.create_time.FromDatetime(NOW)
    document.report.indication = esign_pb2.INDICATION_INDETERMINATE
    document.report.sub_indication = "SIGNED_DATA_NOT_FOUND"
    document.report.validation_time.FromDatetime(NOW)
    for field, value in changed.items():
        if field == "report":
            document.report.CopyFrom(value)
        else:
            setattr(document, field, value)
    return document


def a_signed_document(**changed: Any) -> esign_pb2.Document:
    """A paper that was signed here."""
    fields = {
        "level": esign_pb2.LEVEL_B_LT,
        "source_document": f"documents/{PAPER}",
        "report": passed(),
    }
    return a_document(SIGNED, **{**fields, **changed})


def a_registration(**changed: str) -> domains_pb2.Registration:
    """A held name and its holder."""
    holder = {
        "name": "Hộ kinh doanh Nhà Gió Biển",
        "tax_code": "077185003461",
        "representative_name": "Nguyễn Thị Hạnh",
    }
    return domains_pb2.Registration(
        domain="nha-gio-bien.vn", registrant=domains_pb2.Registrant(**{**holder, **changed})
    )


def an_operation(
    done: Any = None, *, state: Any = metadata_pb2.OperationMetadata.STATE_RUNNING
) -> operations_pb2.Operation:
    """A signing: running, ended with a document, or with an error of the vocabulary."""
    operation = operations_pb2.Operation(name=f"operations/{OPERATION}", done=done is not None)
    metadata = metadata_pb2.OperationMetadata(state=state)
    settled, waiting = metadata_pb2.Step.STATE_SETTLED, metadata_pb2.Step.STATE_WAITING
    for name, step_state in (("enrol", settled), ("sign", waiting), ("assemble", waiting)):
        step = metadata.steps.add(name=name, state=step_state)
        if step_state == settled:
            step.end_time.FromDatetime(NOW)
    operation.metadata.Pack(metadata)
    if isinstance(done, esign_pb2.Document):
        operation.response.Pack(done)
    elif done is not None:
        operation.error.CopyFrom(status_of(done))
    return operation


class Desk:
    """The e-sign service of one house: documents by id, and what was uploaded."""

    def __init__(self, house: House, *documents: esign_pb2.Document) -> None:
        self.documents = {one.name: one for one in documents or (a_document(),)}
        self.uploads: list[tuple[Any, bytes]] = []
        self.content = b"%PDF-1.7 tep\n" * 20_000
        house.calls.answers |= {
            "esign.ListDocuments": self.listed,
            "esign.GetDocument": self.found,
            "esign.DownloadDocument": self.pieces,
            "esign.UploadDocument": self.upload,
            "esign.ValidateDocument": self.judge,
            "domains.ListRegistrations": domains_pb2.ListRegistrationsResponse(
                registrations=[a_registration(), a_registration()]
            ),
            "esign.SignDocument": an_operation(),
            "operations.esign.GetOperation": an_operation(),
        }

    def listed(self, request: Any) -> esign_pb2.ListDocumentsResponse:
        return esign_pb2.ListDocumentsResponse(documents=self.documents.values())

    def found(self, request: Any) -> Any:
        return self.documents.get(request.name, Absent("DOCUMENT_ABSENT"))

    def pieces(self, request: Any) -> Any:
        if request.name not in self.documents:
            return Absent("DOCUMENT_ABSENT")
        parts = (self.content[at : at + 65_536] for at in range(0, len(self.content), 65_536))
        return [esign_pb2.DownloadDocumentResponse(chunk=part) for part in parts]

    async def upload(self, parts: Any) -> esign_pb2.Document:
        head, content = await collected(parts)
        self.uploads.append((head, content))
        sha256 = hashlib.sha256(content).hexdigest()
        document = a_document(sha256=sha256, file_name=head.file_name)
        self.documents[document.name] = document
        return document

    async def judge(self, parts: Any) -> esign_pb2.ValidationReport:
        _, content = await collected(parts)
        return judged(content)
