"""The sandbox trust service's HTTP: EST enrolment, OCSP, CRLs, certificates, time-stamps."""

from __future__ import annotations

import base64
import binascii
import hmac

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from haidang.esign.sandbox_trust.pki import Pki, is_strong, issue_leaf
from haidang.esign.sandbox_trust.revocation import crl, ocsp_answer
from haidang.esign.sandbox_trust.store import Store
from haidang.esign.sandbox_trust.timestamps import timestamp_answer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LONGEST_REQUEST = 65_536
SANDBOX = {"X-Sandbox": "no legal value"}
OCSP_TYPE = "application/ocsp-response"
TSA_TYPE = "application/timestamp-reply"


def trust_app(pki: Pki, store: Store, secret: str) -> Starlette:
    """Enrolment, OCSP, CRLs and certificates over the PKI; enrolment needs *secret*."""

    async def enrol(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
            return PlainTextResponse("unknown caller", 401, SANDBOX)
        key = request.headers.get("idempotency-key", "")
        asked = _certificate_request(await _body(request))
        if asked is None:
            return PlainTextResponse("not a PKCS#10 request", 400, SANDBOX)
        if not key or not asked.is_signature_valid:
            return PlainTextResponse("key missing or proof of possession wrong", 400, SANDBOX)
        if not is_strong(asked.public_key()):
            return PlainTextResponse("key too weak or of an unknown kind", 400, SANDBOX)
        # Two requests are the same when name and key are: ECDSA signs anew each time.
        body = asked.tbs_certrequest_bytes
        try:
            certificate = store.issue_once(key, body, lambda: issue_leaf(pki, asked))
        except ValueError:
            return PlainTextResponse("a subject needs a common name that fits", 400, SANDBOX)
        if certificate is None:
            return PlainTextResponse("key used for another request", 409, SANDBOX)
        return _certificates([certificate, pki.issuing.certificate, pki.root.certificate])

    async def cacerts(_request: Request) -> Response:
        return _certificates([pki.issuing.certificate, pki.root.certificate])

    async def ocsp(request: Request) -> Response:
        answer = ocsp_answer(pki, store, await _body(request))
        return Response(answer, 200, SANDBOX, OCSP_TYPE)

    async def root_crl(_request: Request) -> Response:
        return Response(crl(pki.root, {}), 200, SANDBOX, "application/pkix-crl")

    async def issuing_crl(_request: Request) -> Response:
        return Response(crl(pki.issuing, store.revoked()), 200, SANDBOX, "application/pkix-crl")

    async def root_crt(_request: Request) -> Response:
        der = pki.root.certificate.public_bytes(Encoding.DER)
        return Response(der, 200, SANDBOX, "application/pkix-cert")

    async def issuing_crt(_request: Request) -> Response:
        der = pki.issuing.certificate.public_bytes(Encoding.DER)
        return Response(der, 200, SANDBOX, "application/pkix-cert")

    return Starlette(
        routes=[
            Route("/.well-known/est/simpleenroll", enrol, methods=["POST"]),
            Route("/.well-known/est/cacerts", cacerts),
            Route("/ocsp", ocsp, methods=["POST"]),
            Route("/root.crl", root_crl),
            Route("/issuing.crl", issuing_crl),
            Route("/root.crt", root_crt),
            Route("/issuing.crt", issuing_crt),
        ]
    )


async def _body(request: Request) -> bytes:
    """What was sent, up to the longest request there is; the rest is not waited for."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_REQUEST:
            return b""
    return bytes(body)


def _certificate_request(body: bytes) -> x509.CertificateSigningRequest | None:
    """The base64 PKCS#10 request in *body*. Source: RFC 7030 section 4.2.1."""
    try:
        return x509.load_der_x509_csr(base64.b64decode(body))
    except (ValueError, binascii.Error):
        return None


def _certificates(chain: list[x509.Certificate]) -> Response:
    """A base64 certs-only PKCS#7. Source: RFC 7030 sections 4.1.3 and 4.2.3."""
    answer = base64.encodebytes(pkcs7.serialize_certificates(chain, Encoding.DER))
    headers = {**SANDBOX, "Content-Transfer-Encoding": "base64"}
    return Response(answer, 200, headers, "application/pkcs7-mime; smime-type=certs-only")


def tsa_app(pki: Pki) -> Starlette:
    """The time-stamp authority. Source: RFC 3161 section 3.4."""

    async def stamp(request: Request) -> Response:
        answer = timestamp_answer(pki, await _body(request))
        return Response(answer, 200, SANDBOX, TSA_TYPE)

    return Starlette(routes=[Route("/", stamp, methods=["POST"])])
