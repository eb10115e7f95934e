"""Revocation information is believed only from whom it may come, and only while fresh."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from haidang.core.errors import HaidangError, Refused, Unavailable
from haidang.core.testing.clocks import FakeClock
from haidang.esign.formats.revocation import (
    require_good_crl,
    require_good_ocsp,
    require_valid_now,
)
from haidang.esign.providers.evidence import EvidenceSource

from tests.esign.pki import (
    DAY,
    NOW,
    YEAR,
    Identity,
    a_crl,
    an_identity,
    an_ocsp_answer,
    the_pki,
)

PKI = the_pki()
LEAF, ISSUING = PKI.signer, PKI.issuing
REVOKED = x509.ReasonFlags.key_compromise


def an_ocsp_responder(issuer: Identity = ISSUING, **changed: object) -> Identity:
    usage = {"extended_usage": ExtendedKeyUsageOID.OCSP_SIGNING, **changed}
    return an_identity("Trả lời OCSP", issuer, **usage)  # type: ignore[arg-type]


@pytest.mark.parametrize("responder", [None, an_ocsp_responder()], ids=["issuer", "delegate"])
def test_a_good_answer_is_believed(responder: Identity | None) -> None:
    answer = an_ocsp_answer(LEAF, ISSUING, responder=responder)

    require_good_ocsp(answer, LEAF.certificate, ISSUING.certificate, NOW)


def test_a_fresh_answer_that_promises_no_next_one_is_believed() -> None:
    answer = an_ocsp_answer(LEAF, ISSUING, until=None)

    require_good_ocsp(answer, LEAF.certificate, ISSUING.certificate, NOW)


def test_certificates_of_the_path_may_be_sent_along() -> None:
    answer = an_ocsp_answer(LEAF, ISSUING, responder=an_ocsp_responder(), along=(ISSUING, PKI.root))

    require_good_ocsp(answer, LEAF.certificate, ISSUING.certificate, NOW)


@pytest.mark.parametrize("kind", ["OCSP", "CRL"])
def test_a_mutilated_answer_is_no_answer(kind: str) -> None:
    """Whatever a library makes of it, the caller is told in the vocabulary."""
    whole = an_ocsp_answer(LEAF, ISSUING) if kind == "OCSP" else a_crl(ISSUING)
    judge = require_good_ocsp if kind == "OCSP" else require_good_crl

    for at in range(0, len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0x55
        with suppress(HaidangError):
            judge(bytes(broken), LEAF.certificate, ISSUING.certificate, NOW)


def revoked_by_ocsp() -> bytes:
    status = ocsp.OCSPCertStatus.REVOKED
    return an_ocsp_answer(LEAF, ISSUING, status=status, revoked_at=NOW - DAY)


ELSEWHERE = an_identity("CA khác", is_ca=True)


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (revoked_by_ocsp(), Refused, "CERTIFICATE_REVOKED"),
        (
            an_ocsp_answer(LEAF, ISSUING, status=ocsp.OCSPCertStatus.UNKNOWN),
            *(Unavailable, "REVOCATION_UNREACHABLE"),
        ),
        (an_ocsp_answer(PKI.tsa, ISSUING), Unavailable, "REVOCATION_UNREACHABLE"),
        (
            an_ocsp_answer(LEAF, ISSUING, at=NOW - DAY, until=NOW - timedelta(hours=1)),
            *(Unavailable, "REVOCATION_UNREACHABLE"),
        ),
        (
            an_ocsp_answer(LEAF, ISSUING, at=NOW + timedelta(hours=1)),
            *(Unavailable, "REVOCATION_UNREACHABLE"),
        ),
        (
            an_ocsp_answer(LEAF, ISSUING, responder=an_ocsp_responder(ELSEWHERE)),
            *(Unavailable, "REVOCATION_UNREACHABLE"),
        ),
        (
            an_ocsp_answer(
                LEAF,
                ISSUING,
                responder=an_ocsp_responder(extended_usage=ExtendedKeyUsageOID.CODE_SIGNING),
            ),
            *(Unavailable, "REVOCATION_UNREACHABLE"),
        ),
        (
            an_ocsp_answer(LEAF, ISSUING, at=NOW - timedelta(hours=2), until=None),
            *(Unavailable, "REVOCATION_UNREACHABLE"),
        ),
        (
            an_ocsp_answer(
                LEAF, ISSUING, responder=an_ocsp_responder(not_after=NOW - timedelta(minutes=1))
            ),
            *(Unavailable, "REVOCATION_UNREACHABLE"),
        ),
        (an_ocsp_answer(LEAF, ELSEWHERE), Unavailable, "REVOCATION_UNREACHABLE"),
        (b"hello", Unavailable, "REVOCATION_UNREACHABLE"),
    ],
    ids=[
        *("revoked", "unknown", "another", "stale", "future"),
        *("foreign delegate", "unauthorised delegate"),
        *("old without a promise", "expired delegate", "foreign issuer", "noise"),
    ],
)
def test_any_other_answer_is_not(answer: bytes, kind: type[HaidangError], reason: str) -> None:
    with pytest.raises(kind) as refusal:
        require_good_ocsp(answer, LEAF.certificate, ISSUING.certificate, NOW)

    assert refusal.value.reason == reason


def test_a_list_that_does_not_name_it_is_believed() -> None:
    other = an_identity("Người khác", ISSUING)
    listed = a_crl(ISSUING, ((other, NOW - DAY, REVOKED),))

    require_good_crl(listed, LEAF.certificate, ISSUING.certificate, NOW)


@pytest.mark.parametrize(
    ("listed", "kind"),
    [
        (a_crl(ISSUING, ((LEAF, NOW - DAY, REVOKED),)), Refused),
        (a_crl(ISSUING, until=NOW - timedelta(minutes=1)), Unavailable),
        (a_crl(PKI.root), Unavailable),
        (a_crl(an_identity("CA cấp thử nghiệm", is_ca=True)), Unavailable),
        (b"hello", Unavailable),
    ],
    ids=["revoked", "stale", "another issuer", "same name, another key", "noise"],
)
def test_any_other_list_is_not(listed: bytes, kind: type[HaidangError]) -> None:
    with pytest.raises(kind):
        require_good_crl(listed, LEAF.certificate, ISSUING.certificate, NOW)


@pytest.mark.parametrize("now", [NOW - 2 * DAY, NOW + 2 * YEAR])
def test_a_certificate_outside_its_period_does_not_sign(now: object) -> None:
    with pytest.raises(Refused) as refusal:
        require_valid_now(LEAF.certificate, now)  # type: ignore[arg-type]

    assert refusal.value.reason == "CERTIFICATE_NOT_VALID"


@asynccontextmanager
async def a_responder(status: int = 200) -> AsyncIterator[tuple[TestServer, list[Identity]]]:
    """A server at whose /ocsp the identities put into the list are answered about."""
    about: list[Identity] = []

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=an_ocsp_answer(about[-1], ISSUING))

    app = web.Application()
    app.router.add_post("/ocsp", answer)
    async with TestServer(app) as server:
        yield server, about


async def test_a_host_that_is_not_listed_is_never_asked() -> None:
    async with a_responder() as (server, about):
        about.append(an_identity("Lan", ISSUING, ocsp_url=str(server.make_url("/ocsp"))))
        path = [about[0].certificate, ISSUING.certificate]
        listed = frozenset({f"{server.host}:{server.port}"})

        found = await EvidenceSource(listed, FakeClock(NOW)).of_paths([path, path])
        with pytest.raises(Unavailable):
            await EvidenceSource(frozenset(), FakeClock(NOW)).of_paths([path])

    assert len(found.ocsp_responses) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1/ocsp",
        "http:///ocsp",
        "file:///etc/passwd",
        "ldap://{at}/ocsp",
        "//{at}/ocsp",
        "http://lan@{at}/ocsp",
        "http://{at}.evil.test/ocsp",
        "http://{at}\\@evil.test/ocsp",
        "http://evil.test/ocsp?{at}",
        "http://evil.test#@{at}/ocsp",
    ],
)
async def test_an_address_that_only_looks_listed_is_never_asked(url: str) -> None:
    async with a_responder() as (server, about):
        at = f"{server.host}:{server.port}"
        about.append(an_identity("Lan", ISSUING, ocsp_url=url.format(at=at)))
        source = EvidenceSource(frozenset({at}), FakeClock(NOW))

        with pytest.raises(Unavailable) as refusal:
            await source.of_paths([[about[0].certificate, ISSUING.certificate]])

    assert refusal.value.reason == "REVOCATION_UNREACHABLE"


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(body=an_ocsp_answer(leaf, ISSUING))

    async def redirect(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("/elsewhere")

    app = web.Application()
    app.router.add_post("/ocsp", redirect)
    app.router.add_post("/elsewhere", elsewhere)
    async with TestServer(app) as server:
        leaf = an_identity("Lan", ISSUING, ocsp_url=str(server.make_url("/ocsp")))
        source = EvidenceSource(frozenset({f"{server.host}:{server.port}"}), FakeClock(NOW))
        with pytest.raises(Unavailable):
            await source.of_paths([[leaf.certificate, ISSUING.certificate]])

    assert asked == []


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_responder_in_trouble_is_unavailable(status: int) -> None:
    async with a_responder(status) as (server, about):
        about.append(an_identity("Lan", ISSUING, ocsp_url=str(server.make_url("/ocsp"))))
        source = EvidenceSource(frozenset({f"{server.host}:{server.port}"}), FakeClock(NOW))

        with pytest.raises(Unavailable):
            await source.require_good_standing([about[0].certificate, ISSUING.certificate])


async def test_a_certificate_that_names_nobody_to_ask_is_not_taken_on_trust() -> None:
    source = EvidenceSource(frozenset(), FakeClock(NOW))

    with pytest.raises(Unavailable):
        await source.of_paths([[LEAF.certificate, ISSUING.certificate]])
