"""The verifier: worker or no worker, the same verdict; what stands in the way is said."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from haidang.core.errors import Malformed, Unavailable
from haidang.core.settings import Platform
from haidang.esign.finding_kinds import Indication, SubIndication
from haidang.esign.inspection.session import MAX_ASKED, RevocationSession
from haidang.esign.verification import (
    VerificationSettings,
    Verifier,
    anchors_from,
    open_verifier,
    sandbox_root,
    trust_of,
    validate_locally,
)
from haidang.esign.verify_wire import MAX_PDF_BYTES

from tests.esign.judging import JUDGED_AT, judged, reasons
from tests.esign.pki import NOW, TestPki, a_pdf, an_identity, an_ocsp_answer, signed, the_pki
from tests.esign.test_verify_worker import worker as worker  # a fixture

ANCHORS = (the_pki().anchor,)


class FixedClock:
    def now(self) -> datetime:
        return JUDGED_AT


def a_verifier(socket: Path) -> Verifier:
    return Verifier(socket, ANCHORS, frozenset(), FixedClock())


def test_the_running_worker_and_a_process_of_its_own_agree(worker: Path) -> None:
    paper = signed(level="B-LT")

    by_worker = asyncio.run(a_verifier(worker).validate(paper))

    assert by_worker.indication == Indication.TOTAL_PASSED
    assert validate_locally(paper, ANCHORS, JUDGED_AT) == by_worker
    assert judged(paper) == by_worker


async def test_without_a_worker_the_verifier_says_it_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refusal:
        await a_verifier(tmp_path / "verify.sock").validate(a_pdf())

    assert refusal.value.reason == "VERIFY_WORKER_UNREACHABLE"


async def test_a_file_beyond_the_limit_is_a_verdict(tmp_path: Path) -> None:
    report = await a_verifier(tmp_path / "absent").validate(b"%PDF-" + b"0" * MAX_PDF_BYTES)

    assert (
        report.indication,
        report.sub_indication,
    ) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)


def test_without_an_anchor_no_chain_is_found() -> None:
    report = validate_locally(signed(level="B-LT"), (), JUDGED_AT)

    assert report.indication == Indication.INDETERMINATE
    assert report.sub_indication == SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def a_state(tmp_path: Path) -> Path:
    root = sandbox_root(tmp_path)
    root.parent.mkdir(parents=True)
    root.write_text(the_pki().root.pem)
    return tmp_path


def test_the_sandbox_root_of_a_platform_is_believed_and_marked(tmp_path: Path) -> None:
    place = Platform(a_state(tmp_path), addresses={"trust": "127.0.0.1:1"})

    anchors, hosts = trust_of(place, VerificationSettings())

    assert [(the_pki().root.der, True)] == [(one.der, one.sandbox) for one in anchors]
    assert frozenset({"127.0.0.1:1"}) == hosts


def test_a_platform_without_sandbox_does_not_believe_the_sandbox_root(tmp_path: Path) -> None:
    place = Platform(a_state(tmp_path), sandbox=False)
    also_listed = VerificationSettings(anchors=(sandbox_root(place.state),))

    assert ((), frozenset()) == trust_of(place, VerificationSettings())
    believed, _ = trust_of(place, also_listed)
    assert [one.sandbox for one in believed] == [False]


def test_a_platform_whose_trust_service_is_not_running_asks_nobody(tmp_path: Path) -> None:
    verifier = open_verifier(Platform(a_state(tmp_path)), VerificationSettings(), FixedClock())

    assert frozenset() == verifier.allowed_hosts


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\n!!\n", "hello"])
def test_an_anchor_file_without_certificates_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "root.pem"
    path.write_text(text)

    with pytest.raises(Malformed) as refusal:
        anchors_from(path)

    assert refusal.value.reason == "ANCHOR_INVALID"


class Responder:
    """A small OCSP responder on loopback; answers what it was told, and counts."""

    def __init__(self) -> None:
        self.answer, self.asked, self.status = b"", 0, 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked += 1
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(outer.answer)

            do_GET = do_POST  # noqa: N815  # the name http.server calls

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def responder():  # type: ignore[no-untyped-def]  # a generator fixture
    running = Responder()
    yield running
    running.server.shutdown()


def an_online_pki(responder: Responder) -> TestPki:
    """A PKI whose signer names the responder, and whose issuing authority is the root."""
    pki = TestPki()
    pki.issuing = pki.root
    pki.signer = an_identity("Trần Văn Nam", pki.root, ocsp_url=f"http://{responder.host}/ocsp")
    return pki


def test_a_plain_signature_passes_when_the_authority_can_be_asked(responder: Responder) -> None:
    pki = an_online_pki(responder)
    responder.answer, responder.status = an_ocsp_answer(pki.signer, pki.root), 200
    paper = signed(pki=pki)

    asked = validate_locally(paper, (pki.anchor,), JUDGED_AT, frozenset({responder.host}))
    not_allowed = validate_locally(paper, (pki.anchor,), JUDGED_AT)

    assert asked.indication == Indication.TOTAL_PASSED
    assert not_allowed.sub_indication == SubIndication.TRY_LATER


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, b""), (200, b"nonsense"), (302, b"moved"), (500, b"broken")],
)
def test_a_useless_answer_leaves_the_verdict_open(
    responder: Responder, status: int, answer: bytes
) -> None:
    pki = an_online_pki(responder)
    responder.answer, responder.status = answer, status

    report = validate_locally(
        signed(pki=pki), (pki.anchor,), JUDGED_AT, frozenset({responder.host})
    )

    assert (
        report.indication,
        report.sub_indication,
    ) == (Indication.INDETERMINATE, SubIndication.TRY_LATER)
    assert "REVOCATION_UNKNOWN" in reasons(report)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost/",
        "file:///etc/passwd",
        "ldap://x/",
        "http://[::1",
        "http://127.0.0.1:99999/",
    ],
)
def test_nobody_outside_the_allow_list_is_asked(responder: Responder, url: str) -> None:
    root = an_identity("Gốc", is_ca=True)
    leaf = an_identity("Lá", root, ocsp_url=url)
    before = responder.asked

    session = RevocationSession(frozenset({responder.host}))

    assert list(session.ask(leaf.asn1, root.asn1)) == []
    assert before == responder.asked
    assert session.asked == 0


def test_a_session_asks_only_so_often(responder: Responder) -> None:
    pki = an_online_pki(responder)
    responder.answer, responder.status = an_ocsp_answer(pki.signer, pki.root, at=NOW), 200
    session = RevocationSession(frozenset({responder.host}))

    answers = [list(session.ask(pki.signer.asn1, pki.root.asn1)) for _ in range(MAX_ASKED + 2)]

    assert sum(bool(answer) for answer in answers) == MAX_ASKED
