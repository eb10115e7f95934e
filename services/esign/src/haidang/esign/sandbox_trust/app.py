"""The sandbox trust service's HTTP: EST enrolment, OCSP, CRLs, certificates, time-stamps."""

from __future__ import annotations

import base64
import binascii
import hmac

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from haidang.esign.sandbox_trust.pki import Held, Pki, is_strong, issue_leaf
from haidang.esign.sandbox_trust.revocation import crl, ocsp_answer
from haidang.esign.sandbox_trust.store import Store
from haidang.esign.sandbox_trust.timestamps import timestamp_answer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LONGEST_REQUEST = 65_536
SANDBOX = {"X-Sandbox": "no legal value"}
CRL_TYPE = "application/pkix-crl"
OCSP_TYPE = "application/ocsp-response"
TSA_TYPE = "application/timestamp-reply"


class TrustService:
    """Enrolment, OCSP, CRLs and certificates over a PKI; enrolment needs *secret*."""

    def __init__(self, pki: Pki, store: Store, secret: str) -> None:
        self._pki = pki
        self._store = store
        self._authorization = f"Bearer {secret}".encode()

    async def enrol(self, request: Request) -> Response:
        """Certify a key once per idempotency key. Source: RFC 7030 section 4.2."""
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, self._authorization):
            return PlainTextResponse("unknown caller", 401, SANDBOX)
        asked = _certificate_request(await _body(request))
        fault = _fault_of(asked)
        key = request.headers.get("idempotency-key", "")
        if asked is None or fault or not key:
            return PlainTextResponse(fault or "an Idempotency-Key is required", 400, SANDBOX)
        # Two requests are the same when name and key are: ECDSA signs anew each time.
        body = asked.tbs_certrequest_bytes
        try:
            issued = self._store.issue_once(key, body, lambda: issue_leaf(self._pki, asked))
        except ValueError:
            return PlainTextResponse("a subject needs a common name that fits", 400, SANDBOX)
        if issued is None:
            return PlainTextResponse("key used for another request", 409, SANDBOX)
        return _certificates([issued, *self._above()])

    async def cacerts(self, _request: Request) -> Response:
        """The certificates above. Source: RFC 7030 section 4.1."""
        return _certificates(self._above())

    async def ocsp(self, request: Request) -> Response:
        """Source: RFC 6960 appendix A."""
        answer = ocsp_answer(self._pki, self._store, await _body(request))
        return Response(answer, 200, SANDBOX, OCSP_TYPE)

    async def root_crl(self, _request: Request) -> Response:
        """What the root revoked: nothing ever."""
        return Response(crl(self._pki.root, {}), 200, SANDBOX, CRL_TYPE)

    async def issuing_crl(self, _request: Request) -> Response:
        """What the issuing authority revoked."""
        answer = crl(self._pki.issuing, self._store.revoked())
        return Response(answer, 200, SANDBOX, CRL_TYPE)

    async def root_crt(self, _request: Request) -> Response:
        """The root's certificate."""
        return _der_of(self._pki.root)

    async def issuing_crt(self, _request: Request) -> Response:
        """The issuing authority's certificate."""
        return _der_of(self._pki.issuing)

    def _above(self) -> list[x509.Certificate]:
        return [self._pki.issuing.certificate, self._pki.root.certificate]


def trust_app(pki: Pki, store: Store, secret: str) -> Starlette:
    """The trust service's addresses."""
    service = TrustService(pki, store, secret)
    return Starlette(
        routes=[
            Route("/.well-known/est/simpleenroll", service.enrol, methods=["POST"]),
            Route("/.well-known/est/cacerts", service.cacerts),
            Route("/ocsp", service.ocsp, methods=["POST"]),
            Route("/root.crl", service.root_crl),
            Route("/issuing.crl", service.issuing_crl),
            Route("/root.crt", service.root_crt),
            Route("/issuing.crt", service.issuing_crt),
        ]
    )


def _fault_of(asked: x509.CertificateSigningRequest | None) -> str:
    """Why a request gets no certificate; empty when it may."""
    if asked is None:
        return "not a PKCS#10 request"
    if not asked.is_signature_valid:
        return "proof of possession wrong"
    return "" if is_strong(asked.public_key()) else "key too weak or of an unknown kind"


def _der_of(held: Held) -> Response:
    """A certificate for whoever builds a path. Source: RFC 2585."""
    der = held.certificate.public_bytes(Encoding.DER)
    return Response(der, 200, SANDBOX, "application/pkix-cert")


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
