"""Fetches what long-term validation needs: OCSP answers and CRLs of a chain, over HTTP.

Only hosts on the allow-list are asked, because the addresses stand in certificates.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID
from haidang.core.errors import Unavailable
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences

TIMEOUT_SECONDS = 10.0
MOST_BYTES = 1_000_000
OK = 200


@dataclass(frozen=True, slots=True)
class RevocationEvidence:
    """DER answers for every certificate below a root."""

    ocsp_responses: tuple[bytes, ...]
    crls: tuple[bytes, ...]


class EvidenceSource:
    """Asks the services named in certificates, if they are on the list."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        self._allowed = allowed_hosts
        self._timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)

    async def of_chains(self, chains: list[list[x509.Certificate]]) -> RevocationEvidence:
        """Evidence for every certificate of *chains* but their roots.

        Raises: Unavailable REVOCATION_UNREACHABLE; a level is a contract, never lowered.
        """
        responses: dict[bytes, bytes] = {}
        crls: dict[str, bytes] = {}
        async with aiohttp.ClientSession(timeout=self._timeout) as session:
            for chain in chains:
                for certificate, issuer in itertools.pairwise(chain):
                    is_authority = _is_authority(certificate)
                    if is_authority and (url := _crl_url(certificate)):
                        if url not in crls:
                            crls[url] = await self._get(session, url)
                    elif (url := _ocsp_url(certificate)) is not None:
                        key = certificate.public_bytes(Encoding.DER)
                        if key not in responses:
                            responses[key] = await self._ocsp(session, url, certificate, issuer)
                    else:
                        raise Unavailable("REVOCATION_UNREACHABLE")
        return RevocationEvidence(tuple(responses.values()), tuple(crls.values()))

    async def _ocsp(
        self,
        session: aiohttp.ClientSession,
        url: str,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
    ) -> bytes:
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA256())
        body = builder.build().public_bytes(Encoding.DER)
        answer = await self._fetch(session, url, body)
        if ocsp.load_der_ocsp_response(answer).response_status is not (
            ocsp.OCSPResponseStatus.SUCCESSFUL
        ):
            raise Unavailable("REVOCATION_UNREACHABLE")
        return answer

    async def _get(self, session: aiohttp.ClientSession, url: str) -> bytes:
        return await self._fetch(session, url, None)

    async def _fetch(self, session: aiohttp.ClientSession, url: str, body: bytes | None) -> bytes:
        if urlsplit(url).netloc not in self._allowed:
            raise Unavailable("REVOCATION_UNREACHABLE")
        method = "GET" if body is None else "POST"
        headers = {} if body is None else {"Content-Type": "application/ocsp-request"}
        try:
            async with session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status != OK:
                    raise Unavailable("REVOCATION_UNREACHABLE")
                return await response.content.read(MOST_BYTES)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("REVOCATION_UNREACHABLE") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _ocsp_url(certificate: x509.Certificate) -> str | None:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return None
    for place in access.value:
        if place.access_method == AuthorityInformationAccessOID.OCSP:
            return str(place.access_location.value)
    return None


def _crl_url(certificate: x509.Certificate) -> str | None:
    try:
        points = certificate.extensions.get_extension_for_oid(
            ExtensionOID.CRL_DISTRIBUTION_POINTS
        ).value
    except x509.ExtensionNotFound:
        return None
    assert isinstance(points, x509.CRLDistributionPoints)
    names = [name for point in points for name in (point.full_name or ())]
    return str(names[0].value) if names else None
