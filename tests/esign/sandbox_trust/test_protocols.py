"""The sandbox trust service by its protocols alone: EST, OCSP, CRLs, time-stamps."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from haidang.esign.sandbox_trust.pki import MARK, Pki, issue_leaf, open_pki
from haidang.esign.sandbox_trust.revocation import crl, ocsp_answer
from haidang.esign.sandbox_trust.store import Store
from haidang.esign.sandbox_trust.timestamps import POLICY, TimeStampResp, timestamp_answer

from tests.esign.house import Trust
from tests.esign.house import trust as trust  # a fixture

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
URL = "http://127.0.0.1:1"


def a_csr(key: Key, name: str = "Hồ Tiêu Châu Đức") -> x509.CertificateSigningRequest:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(key, hashes.SHA256())


def a_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return open_pki(tmp_path, URL)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def issued(pki: Pki, store: Store, key: Key | None = None) -> x509.Certificate:
    csr = a_csr(key or a_key())
    found = store.issue_once(
        uuid.uuid4().hex, csr.tbs_certrequest_bytes, lambda: issue_leaf(pki, csr)
    )
    assert found is not None
    return found


def test_every_certificate_says_it_is_worth_nothing(pki: Pki, store: Store) -> None:
    everything = [pki.root, pki.issuing, pki.ocsp, pki.tsa]

    for certificate in [*(one.certificate for one in everything), issued(pki, store)]:
        assert MARK in certificate.subject.rfc4514_string()
        assert MARK in certificate.issuer.rfc4514_string()


def test_certificates_are_for_what_they_are_for(pki: Pki, store: Store) -> None:
    def purposes(certificate: x509.Certificate) -> x509.Extension[x509.ExtendedKeyUsage]:
        return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)

    stamping, answering = purposes(pki.tsa.certificate), purposes(pki.ocsp.certificate)
    assert (stamping.critical, list(stamping.value)) == (True, [ExtendedKeyUsageOID.TIME_STAMPING])
    assert list(answering.value) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    leaf = issued(pki, store)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.content_commitment, usage.key_cert_sign) == (True, False)
    basic = pki.issuing.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.value.ca, basic.value.path_length) == (True, 0)


def test_certificates_point_at_the_service_itself(pki: Pki, store: Store) -> None:
    access = issued(pki, store).extensions.get_extension_for_class(x509.AuthorityInformationAccess)

    assert {one.access_location.value for one in access.value} == {
        f"{URL}/ocsp",
        f"{URL}/issuing.crt",
    }


def asked(certificate: x509.Certificate, issuer: x509.Certificate, **more: bytes) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    if "nonce" in more:
        builder = builder.add_extension(x509.OCSPNonce(more["nonce"]), False)
    return builder.build().public_bytes(Encoding.DER)


def test_an_issued_certificate_is_good_until_it_is_revoked(pki: Pki, store: Store) -> None:
    leaf = issued(pki, store)
    question = asked(leaf, pki.issuing.certificate, nonce=b"0123456789abcdef")

    before = ocsp.load_der_ocsp_response(ocsp_answer(pki, store, question))
    store.revoke(leaf.serial_number)
    after = ocsp.load_der_ocsp_response(ocsp_answer(pki, store, question))

    assert before.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert after.certificate_status is ocsp.OCSPCertStatus.REVOKED
    nonce = before.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    assert nonce == b"0123456789abcdef"
    assert before.next_update_utc is not None
    assert before.next_update_utc > datetime.now(UTC)


def test_ocsp_answers_are_signed_by_the_delegate(pki: Pki, store: Store) -> None:
    question = asked(issued(pki, store), pki.issuing.certificate)

    answer = ocsp.load_der_ocsp_response(ocsp_answer(pki, store, question))

    assert answer.certificates == [pki.ocsp.certificate]
    pki.ocsp.key.public_key().verify(
        answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256())
    )


def test_nothing_is_said_about_strangers(pki: Pki, store: Store, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = open_pki(tmp_path / "other", URL)
    not_issued = issue_leaf(pki, a_csr(a_key()))

    for question, status in (
        (asked(not_issued, pki.issuing.certificate), "UNAUTHORIZED"),
        (asked(issued(pki, store), other.issuing.certificate), "UNAUTHORIZED"),
        (b"hello", "MALFORMED_REQUEST"),
    ):
        answer = ocsp.load_der_ocsp_response(ocsp_answer(pki, store, question))
        assert answer.response_status.name == status


def test_hostile_questions_are_answered_and_stop_nothing(pki: Pki, store: Store) -> None:
    question = asked(issued(pki, store), pki.issuing.certificate, nonce=b"0123456789abcdef")

    for at in range(len(question)):
        for flip in (0x01, 0x55, 0xFF):
            broken = bytearray(question)
            broken[at] ^= flip
            assert ocsp.load_der_ocsp_response(ocsp_answer(pki, store, bytes(broken)))


def test_a_question_about_two_certificates_is_malformed(pki: Pki, store: Store) -> None:
    one = asn1_ocsp.OCSPRequest.load(asked(issued(pki, store), pki.issuing.certificate))
    (first,) = one["tbs_request"]["request_list"]
    both = asn1_ocsp.OCSPRequest({"tbs_request": {"request_list": [first, first]}}).dump()

    answer = ocsp.load_der_ocsp_response(ocsp_answer(pki, store, both))

    assert answer.response_status.name == "MALFORMED_REQUEST"


def test_a_revoked_certificate_is_on_the_list(pki: Pki, store: Store) -> None:
    kept, gone = issued(pki, store), issued(pki, store)
    store.revoke(gone.serial_number)

    listed = x509.load_der_x509_crl(crl(pki.issuing, store.revoked()))

    assert listed.is_signature_valid(pki.issuing.key.public_key())
    assert [one.serial_number for one in listed] == [gone.serial_number]
    assert listed.get_revoked_certificate_by_serial_number(kept.serial_number) is None


def a_timestamp_request(**changed: object) -> bytes:
    fields: dict[str, object] = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": hashlib.sha256(b"to khai").digest(),
        },
        "cert_req": True,
    }
    wire: bytes = tsp.TimeStampReq({**fields, **changed}).dump()
    return wire


def an_imprint(algorithm: str, digest: bytes) -> dict[str, object]:
    return {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"req_policy": "1.2.3.4"}, "unaccepted_policy"),
        ({"message_imprint": an_imprint("sha1", b"1" * 20)}, "bad_alg"),
        ({"message_imprint": an_imprint("md5", b"1" * 16)}, "bad_alg"),
        ({"message_imprint": an_imprint("sha256", b"1" * 31)}, "bad_data_format"),
        (
            {"extensions": [{"extn_id": "1.2.3", "critical": True, "extn_value": b"\5\0"}]},
            "unaccepted_extensions",
        ),
    ],
)
def test_a_request_it_cannot_keep_is_rejected_with_the_reason(
    pki: Pki, changed: dict[str, object], reason: str
) -> None:
    answer = answer_of(pki, a_timestamp_request(**changed))

    assert answer["status"]["status"].native == "rejection"
    assert answer["status"]["fail_info"].native == {reason}


def answer_of(pki: Pki, request: bytes) -> TimeStampResp:
    return TimeStampResp.load(timestamp_answer(pki, request))


@pytest.mark.parametrize("wire", [b"", b"hello", b"\x30\x00"])
def test_what_is_no_request_is_rejected(pki: Pki, wire: bytes) -> None:
    answer = answer_of(pki, wire)

    assert answer["status"]["fail_info"].native == {"bad_request"}


def test_hostile_requests_for_stamps_are_answered_and_stop_nothing(pki: Pki) -> None:
    request = a_timestamp_request(nonce=2**60)

    for at in range(len(request)):
        for flip in (0x01, 0x20, 0x55, 0xFF):
            broken = bytearray(request)
            broken[at] ^= flip
            assert answer_of(pki, bytes(broken))["status"]["status"].native


def test_its_own_policy_is_accepted_and_certificates_come_only_when_asked(pki: Pki) -> None:
    with_own = answer_of(pki, a_timestamp_request(req_policy=POLICY, cert_req=False))

    signed = with_own["time_stamp_token"]["content"]
    assert signed["encap_content_info"]["content"].parsed["policy"].native == POLICY
    assert signed["certificates"].native is None


# --- EST over HTTP -----------------------------------------------------------------------


def posted(
    trust: Trust, body: bytes, key: str = "", secret: str | None = None
) -> tuple[int, bytes]:
    if secret is None:
        text = (trust.state / "trust" / "credentials.json").read_text()
        secret = json.loads(text)["secret"]
    request = urllib.request.Request(
        f"{trust.url}/.well-known/est/simpleenroll",
        data=body,
        headers={"Authorization": f"Bearer {secret}", **({"Idempotency-Key": key} if key else {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=9) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def encoded(csr: x509.CertificateSigningRequest) -> bytes:
    return base64.b64encode(csr.public_bytes(Encoding.DER))


def journal_of(trust: Trust) -> list[tuple[str, str]]:
    store = sqlite3.connect(trust.state / "trust" / "store.sqlite")
    rows = store.execute("SELECT effect, operation FROM journal").fetchall()
    store.close()
    return rows


def test_enrolment_gives_a_path_to_the_root_and_is_journalled(trust: Trust) -> None:
    key = a_key()

    status, body = posted(trust, encoded(a_csr(key)), "operations/est-1/enrol")

    found = pkcs7.load_der_pkcs7_certificates(base64.b64decode(body))
    assert status == 200
    assert len(found) == 3
    assert key.public_key() in [one.public_key() for one in found]
    assert ("certificate.issue", "operations/est-1/enrol") in journal_of(trust)


def test_the_same_request_signed_anew_is_the_same_certificate(trust: Trust) -> None:
    key = a_key()

    first = posted(trust, encoded(a_csr(key)), "operations/est-2/enrol")
    second = posted(trust, encoded(a_csr(key)), "operations/est-2/enrol")

    assert first == second
    assert [row[1] for row in journal_of(trust)].count("operations/est-2/enrol") == 1


def test_a_key_used_for_another_request_is_a_conflict(trust: Trust) -> None:
    posted(trust, encoded(a_csr(a_key())), "operations/est-3/enrol")

    status, _ = posted(trust, encoded(a_csr(a_key())), "operations/est-3/enrol")

    assert status == 409


def tampered() -> bytes:
    der = bytearray(a_csr(a_key()).public_bytes(Encoding.DER))
    at = der.index("Hồ Tiêu".encode())
    der[at] = ord("h")
    return base64.b64encode(bytes(der))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"!!!",
        base64.b64encode(b"hello"),
        tampered(),
        encoded(a_csr(rsa.generate_private_key(65537, 1024))),
        encoded(a_csr(ec.generate_private_key(ec.SECP224R1()))),
        encoded(a_csr(a_key(), "")),
        b"A" * 70_000,
    ],
    ids=["empty", "noise", "text", "tampered", "RSA-1024", "P-224", "nameless", "long"],
)
def test_what_is_no_sound_request_gets_no_certificate(trust: Trust, body: bytes) -> None:
    before = journal_of(trust)

    status, _ = posted(trust, body, "operations/est-4/enrol")

    assert status == 400
    assert journal_of(trust) == before


def test_strangers_and_requests_without_a_key_get_none(trust: Trust) -> None:
    csr = encoded(a_csr(a_key()))

    assert posted(trust, csr, "operations/est-5/enrol", secret="khac")[0] == 401
    assert posted(trust, csr)[0] == 400


def fetched(url: str) -> tuple[bytes, str]:
    with urllib.request.urlopen(url, timeout=9) as answer:
        return answer.read(), str(answer.headers["X-Sandbox"])


def test_whatever_is_fetched_says_sandbox(trust: Trust) -> None:
    root, said = fetched(f"{trust.url}/root.crt")
    revoked, _ = fetched(f"{trust.url}/root.crl")
    issuing, _ = fetched(f"{trust.url}/issuing.crt")
    chain, _ = fetched(f"{trust.url}/.well-known/est/cacerts")

    anchor = x509.load_der_x509_certificate(root)
    assert said == "no legal value"
    assert x509.load_der_x509_crl(revoked).issuer == anchor.subject
    x509.load_der_x509_certificate(issuing).verify_directly_issued_by(anchor)
    assert len(pkcs7.load_der_pkcs7_certificates(base64.b64decode(chain))) == 2
    fresh = x509.load_der_x509_crl(fetched(f"{trust.url}/issuing.crl")[0])
    assert fresh.next_update_utc is not None
    assert fresh.next_update_utc - datetime.now(UTC) > timedelta(hours=1)
