"""Software keys: sealed on disk, certified once, the same signature for the same effect."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID
from haidang.core.clock import SystemClock
from haidang.core.errors import Absent, HaidangError, OutcomeUnknown, Refused, Unavailable
from haidang.core.ports.signing import Enrolment, HeldCertificate, SigningRequest
from haidang.core.testing.clocks import FakeClock
from haidang.esign.providers.settings import SoftwareKeySettings
from haidang.esign.providers.software_key import SoftwareKey
from pydantic import SecretStr

from tests.esign.house import LAN, Trust
from tests.esign.house import trust as trust  # a fixture

ENROLMENT = Enrolment("khoa-lan", LAN)


def a_request(held: HeldCertificate, said: bytes = b"to khai") -> SigningRequest:
    leaf = base64.b64decode(held.chain_base64[0])
    return SigningRequest(
        held.key_name,
        hashlib.sha256(leaf).hexdigest(),
        hashlib.sha256(said).hexdigest(),
        "sha256",
        held.signature_algorithm,
    )


async def enrolled(signer: SoftwareKey, folder: Path) -> HeldCertificate:
    return await signer.enrol(ENROLMENT, f"operations/{folder.parent.name}{folder.name}/enrol")


async def test_keys_and_passphrase_are_private_and_sealed(trust: Trust, tmp_path: Path) -> None:
    await enrolled(trust.signer(tmp_path), tmp_path)

    files = list((tmp_path / "keys").iterdir())

    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    with pytest.raises(TypeError):
        load_pem_private_key((tmp_path / "keys" / "khoa-lan.key.pem").read_bytes(), None)


async def test_a_passphrase_from_the_settings_is_never_written_down(
    trust: Trust, tmp_path: Path
) -> None:
    signer = trust.signer(tmp_path, passphrase=SecretStr("mot-hai-ba-bon"))

    held = await enrolled(signer, tmp_path)

    assert not (tmp_path / "keys" / "passphrase").exists()
    stranger = trust.signer(tmp_path, passphrase=SecretStr("nam-sau-bay-tam"))
    with pytest.raises(ValueError, match="password"):
        await stranger.sign(a_request(held), "operations/1/sign")


async def test_the_certificate_names_the_party_and_says_it_is_a_sandbox(
    trust: Trust, tmp_path: Path
) -> None:
    held = await enrolled(trust.signer(tmp_path), tmp_path)

    chain = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in held.chain_base64]
    assert LAN.name in held.subject
    assert LAN.identifier in held.subject
    assert all("KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in one.subject.rfc4514_string() for one in chain)
    for below, above in zip(chain, [*chain[1:], chain[-1]], strict=True):
        below.verify_directly_issued_by(above)


async def test_a_name_longer_than_a_subject_allows_is_cut(trust: Trust, tmp_path: Path) -> None:
    name = "Công ty trách nhiệm hữu hạn một thành viên đầu tư thương mại và sản xuất hồ tiêu"
    enrolment = Enrolment("khoa-dai", replace(LAN, name=name))

    held = await trust.signer(tmp_path).enrol(enrolment, f"operations/{tmp_path.name}/enrol")

    leaf = x509.load_der_x509_certificate(base64.b64decode(held.chain_base64[0]))
    (common_name,) = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.startswith(str(common_name.value))
    assert len(str(common_name.value).encode()) <= 64


async def test_the_same_effect_gives_the_same_value_and_another_a_new_one(
    trust: Trust, tmp_path: Path
) -> None:
    signer = trust.signer(tmp_path)
    request = a_request(await enrolled(signer, tmp_path))

    values = await asyncio.gather(*(signer.sign(request, "operations/1/sign") for _ in range(8)))
    other = await signer.sign(request, "operations/2/sign")

    assert len({one.signature_base64 for one in values}) == 1
    assert other.signature_base64 != values[0].signature_base64
    store = sqlite3.connect(tmp_path / "effects-software-key.sqlite")
    rows = store.execute("SELECT effect, domain, operation FROM journal ORDER BY 3").fetchall()
    store.close()
    assert rows == [
        ("signature.create", "", "operations/1"),
        ("signature.create", "", "operations/2"),
    ]


async def test_a_key_is_unsealed_once(trust: Trust, tmp_path: Path) -> None:
    signer = trust.signer(tmp_path)
    held = await enrolled(signer, tmp_path)
    (tmp_path / "keys" / "khoa-lan.key.pem").unlink()

    receipt = await signer.sign(a_request(held), "operations/1/sign")

    assert receipt.signature_base64


@pytest.mark.parametrize("name", ["../khoa", "khoa/lan", "KHOA", "", "k" * 81])
async def test_a_name_that_would_leave_the_folder_is_no_key(
    trust: Trust, tmp_path: Path, name: str
) -> None:
    with pytest.raises(Absent) as refusal:
        await trust.signer(tmp_path).enrol(Enrolment(name, LAN), "operations/1/enrol")

    assert refusal.value.reason == "SIGNING_KEY_ABSENT"


async def test_an_expired_certificate_is_renewed_for_the_same_key(
    trust: Trust, tmp_path: Path
) -> None:
    held = await enrolled(trust.signer(tmp_path), tmp_path)
    settings = SoftwareKeySettings(
        trust_url=trust.url, credentials=trust.state / "trust" / "credentials.json"
    )
    later = SoftwareKey(settings, tmp_path, FakeClock(datetime.now(UTC) + timedelta(days=400)))
    effect = f"operations/{tmp_path.name}-later/enrol"

    assert await later.find_enrolment(ENROLMENT, effect) is None
    renewed = await later.enrol(ENROLMENT, effect)

    old, new = (
        x509.load_der_x509_certificate(base64.b64decode(one.chain_base64[0]))
        for one in (held, renewed)
    )
    assert old.serial_number != new.serial_number
    assert old.public_key() == new.public_key()


async def test_the_certificate_is_found_by_the_heir_of_a_killed_process(
    trust: Trust, tmp_path: Path
) -> None:
    held = await enrolled(trust.signer(tmp_path), tmp_path)

    assert await trust.signer(tmp_path).certificates() == [held]


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def a_trust_service(answer: Answer, folder: Path) -> AsyncIterator[SoftwareKey]:
    """A signer whose trust service answers by *answer*."""
    app = web.Application()
    app.router.add_post("/.well-known/est/simpleenroll", answer)
    (folder / "credentials.json").write_text('{"secret": "bi-mat"}')
    async with TestServer(app) as server:
        settings = SoftwareKeySettings(
            trust_url=str(server.make_url("")).rstrip("/"),
            credentials=folder / "credentials.json",
        )
        yield SoftwareKey(settings, folder, SystemClock())


def answering(status: int, body: bytes = b"") -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body)

    return answer


async def hanging_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (answering(400), Refused, "ENROLMENT_REFUSED"),
        (answering(401), Refused, "ENROLMENT_REFUSED"),
        (answering(409), Refused, "ENROLMENT_REFUSED"),
        (answering(202), OutcomeUnknown, "ENROLMENT_NOT_ANSWERED"),
        (answering(500), OutcomeUnknown, "ENROLMENT_NOT_ANSWERED"),
        (answering(200, b"rubbish"), OutcomeUnknown, "ENROLMENT_NOT_ANSWERED"),
        (answering(200, b"x" * 300_000), OutcomeUnknown, "ENROLMENT_NOT_ANSWERED"),
        (hanging_up, OutcomeUnknown, "ENROLMENT_NOT_ANSWERED"),
    ],
)
async def test_what_a_trust_service_may_answer_is_said_in_the_vocabulary(
    tmp_path: Path, answer: Answer, kind: type[HaidangError], reason: str
) -> None:
    async with a_trust_service(answer, tmp_path) as signer:
        with pytest.raises(kind) as refusal:
            await signer.enrol(ENROLMENT, "operations/1/enrol")

        assert refusal.value.reason == reason
        assert await signer.certificates() == []


async def test_the_secret_and_the_effect_go_along(tmp_path: Path) -> None:
    seen: dict[str, str] = {}

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.update(request.headers)
        return web.Response(status=400)

    async with a_trust_service(answer, tmp_path) as signer:
        with pytest.raises(Refused):
            await signer.enrol(ENROLMENT, "operations/1/enrol")

    assert seen["Idempotency-Key"] == "operations/1/enrol"
    assert seen["Authorization"] == "Bearer bi-mat"


async def test_without_its_credentials_nothing_is_sent(trust: Trust, tmp_path: Path) -> None:
    signer = trust.signer(tmp_path, credentials=tmp_path / "absent.json")

    with pytest.raises(Unavailable):
        await signer.enrol(ENROLMENT, "operations/1/enrol")


async def test_a_redirect_is_a_refusal_and_takes_the_secret_nowhere(tmp_path: Path) -> None:
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(status=200)

    other = web.Application()
    other.router.add_route("*", "/{anything:.*}", elsewhere)
    async with TestServer(other) as thief:

        async def redirect(_request: web.Request) -> web.StreamResponse:
            raise web.HTTPTemporaryRedirect(thief.make_url("/"))

        async with a_trust_service(redirect, tmp_path) as signer:
            with pytest.raises(Refused) as refusal:
                await signer.enrol(ENROLMENT, "operations/1/enrol")

    assert refusal.value.reason == "ENROLMENT_REFUSED"
    assert seen == []


async def test_a_lost_key_is_not_replaced_behind_its_certificate(
    trust: Trust, tmp_path: Path
) -> None:
    held = await enrolled(trust.signer(tmp_path), tmp_path)
    (tmp_path / "keys" / "khoa-lan.key.pem").unlink()
    heir = trust.signer(tmp_path)

    with pytest.raises(Absent) as refusal:
        await heir.sign(a_request(held), "operations/1/sign")

    assert refusal.value.reason == "SIGNING_KEY_ABSENT"
    assert not (tmp_path / "keys" / "khoa-lan.key.pem").exists()
    assert await heir.find_signature(a_request(held), "operations/1/sign") is None


@pytest.mark.parametrize(
    "changed",
    [
        {"certificate_sha256": "0" * 64},
        {"digest_algorithm": "sha512"},
        {"signature_algorithm": "sha256_rsa"},
    ],
)
async def test_what_was_made_for_another_key_is_not_signed(
    trust: Trust, tmp_path: Path, changed: dict[str, str]
) -> None:
    signer = trust.signer(tmp_path)
    request = replace(a_request(await enrolled(signer, tmp_path)), **changed)

    with pytest.raises(Refused) as refusal:
        await signer.sign(request, "operations/1/sign")

    assert refusal.value.reason == "SIGNATURE_NOT_BY_CERTIFICATE"


async def test_neither_secret_nor_passphrase_is_logged(
    trust: Trust, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    signer = trust.signer(tmp_path, passphrase=SecretStr("mot-hai-ba-bon"))
    request = a_request(await enrolled(signer, tmp_path))
    await signer.sign(request, "operations/1/sign")
    secret = json.loads((trust.state / "trust" / "credentials.json").read_text())["secret"]

    assert secret not in caplog.text
    assert "mot-hai-ba-bon" not in caplog.text


def test_settings_do_not_show_their_passphrase(tmp_path: Path) -> None:
    settings = SoftwareKeySettings(
        trust_url="http://a", credentials=tmp_path, passphrase=SecretStr("mot-hai-ba-bon")
    )

    assert "mot-hai-ba-bon" not in repr(settings) + settings.model_dump_json()
