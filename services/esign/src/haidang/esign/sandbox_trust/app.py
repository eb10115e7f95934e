"""The sandbox trust service's HTTP: EST enrolment, OCSP, CRLs, certificates, time-stamps."""

from __future__ import annotations

import base64
import binascii
import hmac

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from haidang.esign.sandbox_trust.pki import Pki, issue_leaf
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
        body = await request.body()
        try:
            der = base64.b64decode(body, validate=False)
            asked = x509.load_der_x509_csr(der)
        except (ValueError, binascii.Error):
            return PlainTextResponse("not a PKCS#10 request", 400, SANDBOX)
        if not key or not asked.is_signature_valid or len(body) > LONGEST_REQUEST:
            return PlainTextResponse("key missing or proof of possession wrong", 400, SANDBOX)
        certificate = store.issue_once(key, der, lambda: issue_leaf(pki, asked))
        if certificate is None:
            return PlainTextResponse("key used for another request", 409, SANDBOX)
        chain = [certificate, pki.issuing.certificate, pki.root.certificate]
        answer = base64.encodebytes(pkcs7.serialize_certificates(chain, Encoding.DER))
        return Response(answer, 200, SANDBOX, "application/pkcs7-mime; smime-type=certs-only")

    async def ocsp(request: Request) -> Response:
        body = await request.body()
        return Response(ocsp_answer(pki, store, body[:LONGEST_REQUEST]), 200, SANDBOX, OCSP_TYPE)

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
            Route("/ocsp", ocsp, methods=["POST"]),
            Route("/root.crl", root_crl),
            Route("/issuing.crl", issuing_crl),
            Route("/root.crt", root_crt),
            Route("/issuing.crt", issuing_crt),
        ]
    )


def tsa_app(pki: Pki) -> Starlette:
    """The time-stamp authority. Source: RFC 3161 section 3.4."""

    async def stamp(request: Request) -> Response:
        body = await request.body()
        answer = timestamp_answer(pki, body[:LONGEST_REQUEST])
        return Response(answer, 200, SANDBOX, TSA_TYPE)

    return Starlette(routes=[Route("/", stamp, methods=["POST"])])
