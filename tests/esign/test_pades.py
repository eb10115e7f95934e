"""The format room: what stands in a signed paper, and what is never signed."""

from __future__ import annotations

import asyncio
import hashlib
import io
from contextlib import suppress
from datetime import timedelta

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from haidang.core.errors import Refused
from haidang.esign.formats import cms, pades
from haidang.esign.formats.pades import prepare, sign_b_b
from haidang.esign.formats.timestamps import timestamp_request, timestamp_token
from haidang.esign.verdicts import Indication
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.esign.judging import AnsweringAuthority, judged
from tests.esign.pki import (
    NOW,
    Identity,
    a_crl,
    a_packed_pdf,
    a_pdf,
    an_identity,
    document_timestamped,
    encrypted,
    hybrid,
    signed,
    the_pki,
    written_pdf,
)

PKI = the_pki()
CHAIN = (PKI.signer.der, PKI.issuing.der, PKI.root.der)
KEY = PKI.signer.key


def by_us(pdf: bytes | None = None, *, signer: Identity = PKI.signer) -> bytes:
    """*pdf* signed at B-B by our own code."""
    chain = (signer.der, *CHAIN[1:])
    return sign_b_b(pdf if pdf is not None else a_pdf(), signer.key, chain, NOW)


def signature_of(pdf: bytes, index: int = -1) -> tuple[dict[str, object], asn1_cms.SignedData]:
    """(signature dictionary, its CMS), read by pyHanko."""
    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[index]
    return found.sig_object, found.signed_data


def an_rsa_signer() -> Identity:
    return an_identity("Công ty ký bằng RSA", PKI.issuing, rsa_bits=2048)


@pytest.mark.parametrize("pdf", [a_pdf(), a_packed_pdf(), a_pdf(pages=3)])
def test_a_paper_we_sign_passes(pdf: bytes) -> None:
    report = judged(by_us(pdf), authority=AnsweringAuthority())

    assert report.indication is Indication.TOTAL_PASSED
    assert [one.level for one in report.signatures] == ["B-B"]
    assert report.signatures[0].covers_whole_document


def test_an_rsa_key_signs_as_well() -> None:
    report = judged(by_us(signer=an_rsa_signer()), authority=AnsweringAuthority())

    assert report.signatures[0].intact is True


def test_earlier_bytes_are_kept() -> None:
    before = by_us()

    assert before.startswith(a_pdf())
    assert by_us(before).startswith(before)


def test_the_dictionary_has_what_the_baseline_asks_and_no_more() -> None:
    prepared = prepare(a_pdf(), CHAIN, NOW, reason="Bản khai")
    pdf = pades.complete(prepared, CHAIN, cms.sign_digest(KEY, prepared.digest))

    dictionary, _ = signature_of(pdf)

    assert set(dictionary) == {
        *("/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange", "/M", "/Reason"),
    }
    assert dictionary["/SubFilter"] == "/ETSI.CAdES.detached"
    assert dictionary["/Reason"] == "Bản khai"


def test_the_cms_has_the_attributes_of_the_baseline_and_no_signing_time() -> None:
    _, signed_data = signature_of(by_us())

    (signer,) = signed_data["signer_infos"]
    attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2"}
    named = attributes["signing_certificate_v2"]["certs"][0]
    assert named["cert_hash"].native == hashlib.sha256(PKI.signer.der).digest()
    assert named["issuer_serial"]["serial_number"].native == PKI.signer.asn1.serial_number
    assert signed_data["encap_content_info"]["content"].native is None
    held = {one.chosen.dump() for one in signed_data["certificates"]}
    assert held == set(CHAIN)


@pytest.mark.parametrize("signer", [PKI.signer, an_rsa_signer()], ids=["P-256", "RSA"])
def test_the_cms_is_der(signer: Identity) -> None:
    chain = (signer.der, *CHAIN[1:])
    attributes = cms.signed_attributes(signer.der, b"\7" * 32)
    value = cms.sign_digest(signer.key, hashlib.sha256(attributes).digest())

    wire = cms.signed_data(chain, attributes, value)

    assert asn1_cms.ContentInfo.load(wire, strict=True).dump(force=True) == wire


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=30, deadline=None)
def test_what_is_signed_is_the_set_of_attributes_not_their_place_in_the_cms(digest: bytes) -> None:
    attributes = cms.signed_attributes(PKI.signer.der, digest)

    wire = cms.signed_data(CHAIN, attributes, b"value")

    signer = asn1_cms.ContentInfo.load(wire)["content"]["signer_infos"][0]
    assert signer["signed_attrs"].untag().dump() == attributes


def test_preparing_is_a_function_of_its_arguments() -> None:
    first = prepare(a_pdf(), CHAIN, NOW)
    later = prepare(a_pdf(), CHAIN, NOW + timedelta(minutes=1))

    assert first == prepare(a_pdf(), CHAIN, NOW)
    assert first.digest != later.digest


def test_a_value_by_another_key_is_not_embedded() -> None:
    prepared = prepare(a_pdf(), CHAIN, NOW)
    other = ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(Refused) as refusal:
        pades.complete(prepared, CHAIN, cms.sign_digest(other, prepared.digest))

    assert refusal.value.reason == "SIGNATURE_NOT_BY_CERTIFICATE"


@pytest.mark.parametrize("value", [b"", b"\0" * 64, b"\x30\x06\x02\x01\x01\x02\x01\x01"])
def test_a_value_that_is_no_signature_is_not_embedded(value: bytes) -> None:
    with pytest.raises(Refused):
        pades.complete(prepare(a_pdf(), CHAIN, NOW), CHAIN, value)


def test_a_value_over_another_digest_is_not_embedded() -> None:
    prepared = prepare(a_pdf(), CHAIN, NOW)
    other = prepare(a_pdf(pages=2), CHAIN, NOW)

    with pytest.raises(Refused):
        pades.complete(prepared, CHAIN, cms.sign_digest(KEY, other.digest))


def test_a_signature_that_outgrows_its_place_is_refused() -> None:
    prepared = prepare(a_pdf(), CHAIN, NOW)
    value = cms.sign_digest(KEY, prepared.digest)

    with pytest.raises(Refused) as refusal:
        pades.complete(prepared, CHAIN, value, timestamp_token=b"\x30" * 30_000)

    assert refusal.value.reason == "SIGNATURE_TOO_LARGE"


@pytest.mark.parametrize(
    "pdf",
    [
        b"",
        b"%PDF-1.7\n%%EOF",
        b"hello",
        a_pdf()[:-40],
        a_pdf() + b"\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        a_pdf().replace(b"startxref\n", b"startxref\n1"),
        a_pdf().replace(b"/Root 1 0 R", b"/Root 7 0 R"),
        a_pdf().replace(b"/Pages 2 0 R", b"/Pages 1 0 R"),
        encrypted(),
        hybrid(),
    ],
    ids=[
        *("empty", "bare", "text", "cut", "tail", "xref", "root", "pages", "encrypted"),
        "hybrid",
    ],
)
def test_what_cannot_be_read_strictly_is_not_signed(pdf: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        by_us(pdf)

    assert (refusal.value.reason, refusal.value.field) == ("DOCUMENT_NOT_SIGNABLE", "document")


def test_what_an_earlier_signer_sealed_is_not_signed() -> None:
    with pytest.raises(Refused) as refusal:
        by_us(signed(certify=1))

    assert (refusal.value.reason, refusal.value.field) == ("DOCUMENT_SEALED", "document")


PAPERS = [a_pdf(), a_packed_pdf(), signed()]


@given(
    st.sampled_from(PAPERS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=3)), min_size=1),
)
@settings(max_examples=150, deadline=None)
def test_a_mutilated_pdf_is_signed_or_refused_and_nothing_else(
    paper: bytes, cuts: list[tuple[float, int, bytes]]
) -> None:
    pdf = bytearray(paper)
    for where, length, put in cuts:
        at = int(where * len(pdf))
        pdf[at : at + length] = put

    with suppress(Refused):
        by_us(bytes(pdf))


def test_nothing_but_the_signature_is_changed() -> None:
    added = by_us(a_pdf())[len(a_pdf()) :]

    for word in (b"/Info", b"/ModDate", b"/Producer", b"/Metadata"):
        assert word not in added


@pytest.mark.parametrize("earlier", [signed(), signed(level="B-LT"), signed(certify=2)])
def test_an_earlier_signature_stays_valid_under_ours(earlier: bytes) -> None:
    report = judged(by_us(earlier), authority=AnsweringAuthority())

    assert [one.intact for one in report.signatures] == [True, True]
    assert report.signatures[1].covers_whole_document


def test_a_paper_with_a_document_timestamp_can_still_be_signed() -> None:
    report = judged(by_us(document_timestamped(signed())), authority=AnsweringAuthority())

    assert [one.intact for one in report.signatures] == [True, True]


def test_the_field_gets_a_name_nobody_has() -> None:
    pdf = by_us(signed(field_name="Signature2"))

    names = {one.field_name for one in PdfFileReader(io.BytesIO(pdf)).embedded_signatures}
    assert names == {"Signature2", "Signature3"}


def test_a_form_field_of_another_kind_keeps_its_name() -> None:
    form = a_pdf().replace(b"/Type /Catalog", b"/Type /Catalog /AcroForm << /Fields [6 0 R] >>", 1)
    bodies = [part.split(b"\nendobj")[0] for part in form.split(b" 0 obj\n")[1:]]
    field = "<< /FT /Tx /T (Signature2) /V (Lan) >>"
    pdf = written_pdf([*(body.decode() for body in bodies), field])

    names = {one.field_name for one in PdfFileReader(io.BytesIO(by_us(pdf))).embedded_signatures}

    assert names == {"Signature3"}


def test_a_key_of_another_kind_is_refused() -> None:
    stranger = ed25519.Ed25519PrivateKey.generate()
    builder = an_identity("Khóa lạ", PKI.issuing)
    der = _certified(stranger, builder)

    with pytest.raises(Refused):
        cms.signature_algorithm(der)


def _certified(key: ed25519.Ed25519PrivateKey, like: Identity) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = like.certificate
    builder = x509.CertificateBuilder(
        certificate.issuer,
        certificate.subject,
        key.public_key(),
        certificate.serial_number,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )
    return builder.sign(key, None).public_bytes(Encoding.DER)


def a_token(signature: bytes, nonce: int) -> bytes:
    """A token by pyHanko's own authority, checked by us."""
    request = tsp.TimeStampReq.load(timestamp_request(signature, nonce))
    answer = asyncio.run(PKI.timestamper().async_request_tsa_response(request))
    return timestamp_token(answer.dump(), signature, nonce)


def test_time_stamp_and_evidence_raise_the_level_and_keep_earlier_bytes() -> None:
    prepared = prepare(a_pdf(), CHAIN, NOW, with_timestamp=True)
    value = cms.sign_digest(KEY, prepared.digest)
    token = a_token(value, 7)
    stamped = pades.complete(prepared, CHAIN, value, timestamp_token=token)
    crls = [a_crl(PKI.root), a_crl(PKI.issuing)]

    finished = pades.with_evidence(stamped, [*CHAIN, PKI.tsa.der], [], crls)

    assert finished.startswith(stamped)
    assert [one.level for one in judged(stamped).signatures] == ["B-T"]
    report = judged(finished)
    assert report.indication is Indication.TOTAL_PASSED
    assert [one.level for one in report.signatures] == ["B-LT"]


def test_the_reserve_holds_the_largest_key_we_make_with_its_time_stamp() -> None:
    key = rsa.generate_private_key(65537, 2048)
    prepared = prepare(a_pdf(), CHAIN, NOW, with_timestamp=True)

    room = (prepared.region_end - prepared.region_start - 2) // 2

    taken = len(cms.signed_data(CHAIN, prepared.attributes_der, cms.sign_digest(key, b"1" * 32)))
    assert room - taken > 5_500
