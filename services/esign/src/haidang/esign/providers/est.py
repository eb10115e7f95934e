"""Enrolment over Secure Transport, client side: a certificate request in, a path out.

One network method. The effect id goes along as `Idempotency-Key`, so that a request
repeated after a lost answer yields the certificate of then. No redirect is followed: the
secret goes to the service it is for and to no other. Source: RFC 7030 section 4.2.
"""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from haidang.core.errors import OutcomeUnknown, Refused, Unavailable
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.providers.bodies import read_at_most

ENROL = "/.well-known/est/simpleenroll"
TIMEOUT_SECONDS = 15.0
MOST_BYTES = 262_144
OK, RETRY_LATER, SERVER_ERROR = 200, 202, 500


class EstClient:
    """Asks the trust service at *url* with the secret in the file *credentials*."""

    def __init__(self, url: str, credentials: Path) -> None:
        self._url = url + ENROL
        self._credentials = credentials
        self._timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)

    async def enrol(self, request_der: bytes, idempotency_key: str) -> list[x509.Certificate]:
        """The certificates issued for a DER PKCS#10 request, in no particular order.

        Raises: Refused ENROLMENT_REFUSED; Unavailable TRUST_SERVICE_UNREACHABLE;
            OutcomeUnknown ENROLMENT_NOT_ANSWERED.
        """
        status, body = await self._posted(base64.encodebytes(request_der), idempotency_key)
        if status >= SERVER_ERROR or status == RETRY_LATER:
            raise OutcomeUnknown("ENROLMENT_NOT_ANSWERED")
        if status != OK:
            raise Refused("ENROLMENT_REFUSED", detail=str(status))
        try:
            return pkcs7.load_der_pkcs7_certificates(base64.b64decode(body))
        except (ValueError, binascii.Error) as error:
            raise OutcomeUnknown("ENROLMENT_NOT_ANSWERED") from error

    async def _posted(self, body: bytes, idempotency_key: str) -> tuple[int, bytes]:
        try:
            secret = json.loads(self._credentials.read_text())["secret"]
        except (OSError, ValueError, KeyError) as error:
            raise Unavailable("TRUST_SERVICE_UNREACHABLE") from error
        headers = {
            "Authorization": f"Bearer {secret}",
            "Idempotency-Key": idempotency_key,
            "Content-Type": "application/pkcs10",
            "Content-Transfer-Encoding": "base64",
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.post(
                    self._url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                return response.status, await read_at_most(response, MOST_BYTES)
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("TRUST_SERVICE_UNREACHABLE") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutcomeUnknown("ENROLMENT_NOT_ANSWERED") from error
