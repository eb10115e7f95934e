"""Fetches what long-term validation needs: OCSP answers and CRLs of a path, over HTTP.

Only hosts on the allow-list are asked, because the addresses stand in certificates that
strangers wrote. An answer is judged by `formats/revocation.py` before it is handed out.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from haidang.core.clock import Clock
from haidang.core.errors import Unavailable
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.formats.revocation import (
    require_good_crl,
    require_good_ocsp,
    require_valid_now,
)
from haidang.esign.providers.bodies import read_at_most

TIMEOUT_SECONDS = 8.0
MOST_BYTES = 4_000_000
OK = 200

Path = list[x509.Certificate]
"""A certification path: each certificate is followed by its issuer."""


@dataclass(frozen=True, slots=True)
class RevocationEvidence:
    """DER answers for every certificate below a root."""

    ocsp_responses: tuple[bytes, ...]
    crls: tuple[bytes, ...]


@dataclass
class _Gathering:
    """Answers so far; nobody is asked the same thing twice."""

    session: aiohttp.ClientSession
    now: datetime
    ocsp_responses: dict[int, bytes] = field(default_factory=dict)
    crls: dict[str, bytes] = field(default_factory=dict)


class EvidenceSource:
    """Asks the services named in certificates, if they are on the list."""

    def __init__(self, allowed_hosts: frozenset[str], clock: Clock) -> None:
        self._allowed = allowed_hosts
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)

    async def of_paths(self, paths: list[Path]) -> RevocationEvidence:
        """Good standing of every certificate of *paths* but their roots: OCSP, else CRL.

        Raises: Refused CERTIFICATE_REVOKED; Unavailable REVOCATION_UNREACHABLE, for a
            level is a contract and never lowered.
        """
        async with aiohttp.ClientSession(timeout=self._timeout) as session:
            gathering = _Gathering(session, self._clock.now())
            for path in paths:
                for certificate, issuer in itertools.pairwise(path):
                    await self._ask_about(gathering, certificate, issuer)
        return RevocationEvidence(
            tuple(gathering.ocsp_responses.values()), tuple(gathering.crls.values())
        )

    async def require_good_standing(self, path: Path) -> None:
        """Ask about the first certificate of *path*, as must be done before it signs.

        Raises: Refused CERTIFICATE_NOT_VALID, CERTIFICATE_REVOKED; Unavailable
            REVOCATION_UNREACHABLE. Source: Circular 15/2025/TT-BKHCN art. 5 and App. II
            (which would allow a warning where the status cannot be asked).
        """
        require_valid_now(path[0], self._clock.now())
        await self.of_paths([path[:2]])

    async def _ask_about(
        self, gathering: _Gathering, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> None:
        url = _ocsp_url(certificate)
        if url is not None:
            if certificate.serial_number not in gathering.ocsp_responses:
                body = _ocsp_request(certificate, issuer)
                answer = await self._fetched(gathering.session, url, body)
                require_good_ocsp(answer, certificate, issuer, gathering.now)
                gathering.ocsp_responses[certificate.serial_number] = answer
            return
        url = _crl_url(certificate)
        if url is None:
            raise Unavailable("REVOCATION_UNREACHABLE")
        if url not in gathering.crls:
            gathering.crls[url] = await self._fetched(gathering.session, url, None)
        require_good_crl(gathering.crls[url], certificate, issuer, gathering.now)

    async def _fetched(self, session: aiohttp.ClientSession, url: str, body: bytes | None) -> bytes:
        if _host_of(url) not in self._allowed:
            raise Unavailable("REVOCATION_UNREACHABLE")
        method = "GET" if body is None else "POST"
        headers = {} if body is None else {"Content-Type": "application/ocsp-request"}
        try:
            async with session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                answer = await read_at_most(response, MOST_BYTES)
                if response.status != OK:
                    raise Unavailable("REVOCATION_UNREACHABLE")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("REVOCATION_UNREACHABLE") from error
        return answer


def _host_of(url: str) -> str:
    """host:port of a web address; empty for anything else, which is on no list."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in {"http", "https"} else ""


def _ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA256())
    return builder.build().public_bytes(Encoding.DER)


def _ocsp_url(certificate: x509.Certificate) -> str | None:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return None
    for place in found.value:
        if place.access_method == AuthorityInformationAccessOID.OCSP:
            return str(place.access_location.value)
    return None


def _crl_url(certificate: x509.Certificate) -> str | None:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return None
    names = [name for point in points for name in (point.full_name or ())]
    return str(names[0].value) if names else None
