"""Ask authorities about revocation over HTTP: inspection's one socket.

Comes in: a certificate whose path to an anchor already holds, and its issuer. Only hosts
on the allow-list are spoken to, at the addresses the authority itself wrote into the
certificate. Never here: redirects, fetching certificates, judging an answer.
Source: RFC 6960 appendix A; RFC 5280 section 4.2.1.13; field guide section 8, item 16.
"""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from asn1crypto import core, ocsp, x509
from haidang.esign.inspection.algorithms import PARSING_FAULTS

MAX_ANSWER_BYTES = 8 * 1024 * 1024
TIMEOUT_SECONDS = 3.0
MAX_ASKED = 8
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass
class RevocationSession:
    """Speaks to *allowed* ("host:port") and nobody else; at most `MAX_ASKED` questions."""

    allowed: frozenset[str]
    asked: int = 0

    def ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Iterator[bytes]:
        """OCSP answers, then CRLs, about *certificate*, as DER; each asked for when taken."""
        question = _ocsp_question(certificate, issuer)
        for url in _ocsp_urls(certificate):
            yield from self._exchange(url, question)
        for url in _crl_urls(certificate):
            yield from self._exchange(url, None)

    def _exchange(self, url: str, body: bytes | None) -> list[bytes]:
        try:
            target = urlsplit(url)
            port = target.port or _DEFAULT_PORTS.get(target.scheme, 0)
        except ValueError:
            return []
        if f"{target.hostname}:{port}" not in self.allowed or self.asked >= MAX_ASKED:
            return []
        self.asked += 1
        try:
            answer = _request(target, port, body)
        except (OSError, http.client.HTTPException, UnicodeError):  # a path no request can bear
            return []
        return [answer] if answer else []


def _request(target: SplitResult, port: int, body: bytes | None) -> bytes:
    host = target.hostname or ""
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=TIMEOUT_SECONDS)
    try:
        headers = {"Content-Type": "application/ocsp-request"} if body is not None else {}
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("GET" if body is None else "POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read(MAX_ANSWER_BYTES + 1)
        fits = response.status == http.client.OK and len(answer) <= MAX_ANSWER_BYTES
        return answer if fits else b""
    finally:
        connection.close()


def _ocsp_urls(certificate: x509.Certificate) -> list[str]:
    try:
        return list(certificate.ocsp_urls)
    except PARSING_FAULTS:  # an address that is none
        return []


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    try:
        return [point.url for point in certificate.crl_distribution_points if point.url]
    except PARSING_FAULTS:
        return []


def _ocsp_question(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    # SHA-1 here only names the issuer (RFC 5019 section 2.1.1); nothing rests on its strength.
    def hashed(value: bytes) -> bytes:
        return hashlib.new("sha1", value, usedforsecurity=False).digest()

    named = ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": "sha1", "parameters": core.Null()},
            "issuer_name_hash": hashed(issuer.subject.dump()),
            "issuer_key_hash": hashed(bytes(issuer.public_key["public_key"])),
            "serial_number": certificate.serial_number,
        }
    )
    request = ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": named}]}})
    return bytes(request.dump())
