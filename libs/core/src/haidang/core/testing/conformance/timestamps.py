"""The suite of time-stamp authorities. Needs asn1crypto, as every maker of tokens does."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, ClassVar

from haidang.core.errors import HaidangError
from haidang.core.ports.timestamps import TimestampAuthority
from haidang.core.testing.conformance.suite import PortSuite

NONCE_BITS = 63


def a_request(imprint: bytes, nonce: int) -> bytes:
    """A DER TimeStampReq over a SHA-256 *imprint*. Source: RFC 3161 section 2.4.1."""
    from asn1crypto import algos, tsp

    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": imprint,
            },
            "nonce": nonce,
            "cert_req": True,
        }
    )
    wire: bytes = request.dump()
    return wire


# Any: asn1crypto's values are untyped.
def token_facts(response_der: bytes) -> tuple[str, Any]:
    """(status, TSTInfo or None) of a DER TimeStampResp. Source: RFC 3161 section 2.4.2."""
    from asn1crypto import cms, core, tsp

    class TimeStampResp(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
        """asn1crypto's own demands the token that a rejection does not have."""

        _fields = [  # noqa: RUF012 - asn1crypto reads it so
            ("status", tsp.PKIStatusInfo),
            ("time_stamp_token", cms.ContentInfo, {"optional": True}),
        ]

    response = TimeStampResp.load(response_der)
    status: str = response["status"]["status"].native
    if not response["time_stamp_token"].native:
        return status, None
    signed = response["time_stamp_token"]["content"]
    return status, signed["encap_content_info"]["content"].parsed


# Any: the provider under test.
class TimestampAuthoritySuite(PortSuite):
    """What an RFC 3161 authority must keep."""

    port: ClassVar[type[Any]] = TimestampAuthority
    imprint = hashlib.sha256(b"ban khai").digest()
    read_arguments: ClassVar[dict[str, tuple[Any, ...]]] = {"request": (a_request(imprint, 1),)}

    async def test_a_token_answers_the_very_request(self, provider: Any) -> None:
        nonce = secrets.randbits(NONCE_BITS)

        status, info = token_facts(await provider.request(a_request(self.imprint, nonce)))

        assert status in {"granted", "granted_with_mods"}
        assert info["message_imprint"]["hashed_message"].native == self.imprint
        assert info["nonce"].native == nonce
        assert info["gen_time"].native.tzinfo is not None

    async def test_each_token_has_a_serial_number_of_its_own(self, provider: Any) -> None:
        wire = a_request(self.imprint, 7)

        tokens = [token_facts(await provider.request(wire))[1] for _ in range(2)]

        assert tokens[0]["serial_number"].native != tokens[1]["serial_number"].native

    async def test_a_request_that_is_none_gets_no_token(self, provider: Any) -> None:
        try:
            answer = await provider.request(b"not DER at all")
        except HaidangError:
            return  # said in the vocabulary: as good as a rejection on the wire

        assert token_facts(answer) == ("rejection", None)
