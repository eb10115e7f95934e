"""Tokens: whom they speak for, where, how long; and the key that signs them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from haidang.core.errors import HaidangError, Unauthenticated, Unavailable
from haidang.core.tenancy import Actor, TokenSigner, TokenVerifier, new_api_key
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.tokens import (
    AUDIENCES,
    KEY_ID,
    LIFETIME,
    CallCredentials,
    TokenOffice,
    signing_key,
)

OWNER = Actor("lan", "t1", frozenset({"domains.write"}))


class Office:
    """A token office in *folder* and what belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(NOON)
        self.keys = folder / "api-keys.json"
        self.public = folder / "token.pem"
        self.pem = signing_key(folder, self.public)
        self.office = TokenOffice(TokenSigner(self.pem, KEY_ID), self.keys, self.clock)

    def an_api_key(self, **changed: object) -> str:
        """A key listed in the file."""
        _, text, kept = new_api_key()
        entry = {"hash": kept, "actor": "lan", "tenant": "t1", "grants": ["domains.write"]}
        known = json.loads(self.keys.read_text()) if self.keys.exists() else []
        self.keys.write_text(json.dumps([*known, {**entry, **changed}]))
        return text

    def verified(self, token: str, audience: str = "domains") -> Actor:
        """As the service *audience* reads it, with the public half alone."""
        return TokenVerifier(self.public.read_bytes(), audience).verify(token, self.clock.now())


@pytest.fixture
def house(tmp_path: Path) -> Office:
    return Office(tmp_path)


def refused(house: Office, token: str, audience: str = "domains") -> str:
    with pytest.raises(Unauthenticated) as refusal:
        house.verified(token, audience)
    return refusal.value.reason


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_token_speaks_for_the_keys_holder_at_its_audience(house: Office, audience: str) -> None:
    issued = house.office.exchange(house.an_api_key(), audience)

    assert house.verified(issued.text, audience) == OWNER
    assert issued.expires_at == NOON + LIFETIME


def test_a_token_is_worth_nothing_elsewhere(house: Office) -> None:
    issued = house.office.exchange(house.an_api_key(), "domains")

    assert refused(house, issued.text, "esign") == "TOKEN_INVALID"


def test_a_token_ends_after_five_minutes(house: Office) -> None:
    issued = house.office.issue(OWNER, "domains")

    house.clock.advance(LIFETIME.total_seconds() - 1)
    assert house.verified(issued.text) == OWNER
    house.clock.advance(1)

    assert refused(house, issued.text) == "TOKEN_INVALID"


def test_a_token_signed_by_another_key_is_refused(house: Office, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    forged = Office(tmp_path / "other").office.issue(OWNER, "domains")

    assert refused(house, forged.text) == "TOKEN_INVALID"


def test_a_token_changed_on_the_way_is_refused(house: Office) -> None:
    head, body, tail = house.office.issue(OWNER, "domains").text.split(".")
    other = house.office.issue(Actor("lan", "t2", OWNER.grants), "domains").text.split(".")[1]

    assert refused(house, f"{head}.{other}.{tail}") == "TOKEN_INVALID"
    assert body != other


def test_a_token_keyed_with_the_public_half_is_refused(house: Office) -> None:
    claims = {"iss": "haidang-portal", "aud": "domains", "sub": "x", "tenant": "t1", "grants": []}
    exp = int((NOON + timedelta(hours=1)).timestamp())
    secret = house.public.read_bytes().splitlines()[1]  # jwt itself refuses a whole PEM

    for forged in (
        jwt.encode({**claims, "exp": exp}, secret, algorithm="HS256"),
        jwt.encode({**claims, "exp": exp}, None, algorithm="none"),
    ):
        assert refused(house, forged) == "TOKEN_INVALID"


@pytest.mark.parametrize("audience", ["", "payments", "Domains", "domains "])
def test_no_token_is_issued_for_an_unknown_audience(house: Office, audience: str) -> None:
    key = house.an_api_key()

    with pytest.raises(Unauthenticated) as refusal:
        house.office.exchange(key, audience)

    assert refusal.value.reason == "API_KEY_INVALID"


def test_a_wrong_key_is_refused(house: Office) -> None:
    key = house.an_api_key()

    for wrong in ("", key[:-1], key + "x", key.upper(), "hd_live_x_y"):
        with pytest.raises(Unauthenticated) as refusal:
            house.office.exchange(wrong, "domains")
        assert refusal.value.reason == "API_KEY_INVALID"


def test_without_a_list_nobody_holds_a_key(house: Office) -> None:
    with pytest.raises(Unauthenticated):
        house.office.exchange("hd_live_a_b", "domains")


def test_a_key_taken_off_the_list_is_worth_nothing_at_once(house: Office) -> None:
    key = house.an_api_key()
    house.office.exchange(key, "domains")

    house.keys.write_text("[]")

    with pytest.raises(Unauthenticated):
        house.office.exchange(key, "domains")


UNREADABLE = {
    "half written": "[{",
    "no list": '{"hash": "x"}',
    "entries that are none": "[1]",
    "an entry without its hash": '[{"actor": "lan"}]',
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_list_that_cannot_be_read_is_no_refusal_of_the_key(house: Office, text: str) -> None:
    key = house.an_api_key()
    house.keys.write_text(text)

    with pytest.raises(HaidangError) as refusal:
        house.office.exchange(key, "domains")

    assert isinstance(refusal.value, Unavailable)
    assert refusal.value.reason == "KEYS_UNREADABLE"


def test_a_folder_in_place_of_the_list_is_said_so(house: Office) -> None:
    house.keys.mkdir()

    with pytest.raises(Unavailable):
        house.office.exchange("hd_live_a_b", "domains")


def test_the_signing_key_is_made_once_and_only_its_owner_reads_it(house: Office) -> None:
    again = signing_key(house.folder, house.public)

    assert again == house.pem
    assert (house.folder / "token-key.pem").stat().st_mode & 0o777 == 0o600
    assert house.public.stat().st_mode & 0o777 == 0o644
    assert b"PRIVATE" not in house.public.read_bytes()


def test_a_leftover_of_a_crash_does_not_open_the_signing_key_to_others(tmp_path: Path) -> None:
    leftover = tmp_path / "token-key.new"
    leftover.write_bytes(b"half")
    leftover.chmod(0o666)

    signing_key(tmp_path, tmp_path / "token.pem")

    assert (tmp_path / "token-key.pem").stat().st_mode & 0o777 == 0o600


def test_call_credentials_speak_for_the_tenant_and_are_kept_while_fresh(house: Office) -> None:
    credentials = CallCredentials(house.office, "domains", house.clock)

    first, other = credentials("t1"), credentials("t2")
    house.clock.advance(LIFETIME.total_seconds() / 2)
    assert credentials("t1") == first
    house.clock.advance(1)

    fresh = credentials("t1")
    assert fresh != first != other
    (_, value), *_ = fresh
    actor = house.verified(value.removeprefix("Bearer "))
    assert (actor.id, actor.tenant) == ("portal", "t1")
