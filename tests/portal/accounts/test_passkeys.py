"""Passkeys: made, used, named, removed; a challenge is for one browser, once, for minutes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from haidang.core.errors import HaidangError, Malformed, Refused, Unauthenticated
from haidang.portal.accounts import Session

from tests.portal.accounts.authenticator import PRESENT, Authenticator, text, wire
from tests.portal.accounts.office import ELSEWHERE, Office

BROWSER = "the visitor cookie of one browser"


async def with_passkey(office: Office, **device: Any) -> tuple[Session, Authenticator]:
    session, phone = await office.user(), Authenticator(**device)
    passkeys = office.accounts.passkeys
    made = phone.create(await passkeys.creation_options(session))
    await passkeys.create(session, made, "  Điện thoại của   Lan ")
    return session, phone


async def signed_in(office: Office, phone: Authenticator) -> Session:
    passkeys = office.accounts.passkeys
    answer = phone.get(passkeys.options(BROWSER))
    return await office.session((await passkeys.sign_in(answer, BROWSER, ELSEWHERE)).token)


async def refused(kind: type[HaidangError], awaited: Any) -> str:
    with pytest.raises(kind) as refusal:
        await awaited
    return refusal.value.reason


async def test_a_passkey_signs_its_user_in_without_being_told_who_it_is(office: Office) -> None:
    session, phone = await with_passkey(office)

    again = await signed_in(office, phone)

    assert again.user_id == session.user_id
    [kept] = await office.accounts.passkeys.all_of(session)
    assert (kept.name, kept.sign_count, kept.used_at) == (
        "Điện thoại của Lan",
        1,
        office.clock.now(),
    )


async def test_options_ask_for_a_discoverable_key_and_a_verified_user(office: Office) -> None:
    session, _ = await with_passkey(office)
    options = json.loads(await office.accounts.passkeys.creation_options(session))

    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert len(options["excludeCredentials"]) == 1
    asked = json.loads(office.accounts.passkeys.options(BROWSER))
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials"), "a list would tell who has an account"


async def test_an_answer_is_good_once(office: Office) -> None:
    _, phone = await with_passkey(office, is_still=True)
    passkeys = office.accounts.passkeys
    answer = phone.get(passkeys.options(BROWSER))
    await passkeys.sign_in(answer, BROWSER, ELSEWHERE)

    assert (
        await refused(Unauthenticated, passkeys.sign_in(answer, BROWSER, ELSEWHERE))
        == "PASSKEY_WRONG"
    )


async def test_an_answer_is_good_for_five_minutes(office: Office) -> None:
    _, phone = await with_passkey(office)
    passkeys = office.accounts.passkeys
    answer = phone.get(passkeys.options(BROWSER))
    office.clock.advance(300)

    assert (
        await refused(Unauthenticated, passkeys.sign_in(answer, BROWSER, ELSEWHERE))
        == "PASSKEY_WRONG"
    )


async def test_an_answer_is_good_in_the_browser_that_asked(office: Office) -> None:
    _, phone = await with_passkey(office)
    passkeys = office.accounts.passkeys
    answer = phone.get(passkeys.options("another browser"))

    assert (
        await refused(Unauthenticated, passkeys.sign_in(answer, BROWSER, ELSEWHERE))
        == "PASSKEY_WRONG"
    )


async def test_an_answer_of_one_purpose_is_worth_nothing_for_another(office: Office) -> None:
    session, phone = await with_passkey(office)
    passkeys = office.accounts.passkeys
    answer = phone.get(passkeys.options(session.id, "get"))

    assert await refused(Unauthenticated, passkeys.prove(session, answer)) == "PASSKEY_WRONG"


@pytest.mark.parametrize(
    "difference",
    [
        {"origin": "http://evil.example"},
        {"host": "evil.example"},
        {"flags": PRESENT},
    ],
    ids=["another origin", "another host", "nobody verified"],
)
async def test_what_another_site_or_nobodys_finger_made_is_refused(
    office: Office, difference: dict[str, Any]
) -> None:
    session, phone = await with_passkey(office)
    for name, value in difference.items():
        setattr(phone, name, value)
    passkeys = office.accounts.passkeys

    assert await refused(Unauthenticated, signed_in(office, phone)) == "PASSKEY_WRONG"
    other = Authenticator(**difference)
    made = other.create(await passkeys.creation_options(session))
    assert await refused(Malformed, passkeys.create(session, made, "Khóa")) == "PASSKEY_UNREADABLE"


async def test_a_copied_key_betrays_itself_by_its_counter(office: Office) -> None:
    _, phone = await with_passkey(office)
    for _ in range(3):
        await signed_in(office, phone)
    phone.count = 1

    assert await refused(Unauthenticated, signed_in(office, phone)) == "PASSKEY_WRONG"


async def test_a_device_without_a_counter_works_again_and_again(office: Office) -> None:
    _, phone = await with_passkey(office, is_still=True)

    for _ in range(3):
        await signed_in(office, phone)


async def test_a_signature_that_was_touched_is_refused(office: Office) -> None:
    _, phone = await with_passkey(office)
    answer = json.loads(phone.get(office.accounts.passkeys.options(BROWSER)))
    signed = bytearray(wire(answer["response"]["signature"]))
    signed[-1] ^= 1
    answer["response"]["signature"] = text(bytes(signed))

    assert (
        await refused(
            Unauthenticated,
            office.accounts.passkeys.sign_in(json.dumps(answer), BROWSER, ELSEWHERE),
        )
        == "PASSKEY_WRONG"
    )


async def test_a_removed_passkey_opens_nothing(office: Office) -> None:
    session, phone = await with_passkey(office)
    [kept] = await office.accounts.passkeys.all_of(session)
    await office.accounts.passkeys.remove(session, kept.id)

    assert await refused(Unauthenticated, signed_in(office, phone)) == "PASSKEY_WRONG"


async def test_nobody_touches_anothers_passkey(office: Office) -> None:
    lan, _ = await with_passkey(office)
    binh = await office.user("0902222222", "Bình")
    [kept] = await office.accounts.passkeys.all_of(lan)

    await office.accounts.passkeys.remove(binh, kept.id)
    await office.accounts.passkeys.rename(binh, kept.id, "của Bình")

    assert await office.accounts.passkeys.all_of(lan) == (kept,)


async def test_anothers_passkey_proves_nothing(office: Office) -> None:
    _, phone = await with_passkey(office)
    binh = await office.user("0902222222", "Bình")
    passkeys = office.accounts.passkeys
    answer = phone.get(passkeys.options(binh.id, "prove"))

    assert await refused(Unauthenticated, passkeys.prove(binh, answer)) == "PASSKEY_WRONG"


async def test_a_passkey_proves_its_user_again(office: Office) -> None:
    session, phone = await with_passkey(office)
    office.clock.advance(700)
    passkeys = office.accounts.passkeys

    token = await passkeys.prove(session, phone.get(passkeys.options(session.id, "prove")))

    assert office.accounts.sessions.is_fresh(await office.session(token))


async def test_one_passkey_belongs_to_one_account(office: Office) -> None:
    _, phone = await with_passkey(office)
    binh = await office.user("0902222222", "Bình")
    made = phone.create(await office.accounts.passkeys.creation_options(binh))

    assert (
        await refused(Refused, office.accounts.passkeys.create(binh, made, "Khóa"))
        == "PASSKEY_KNOWN"
    )


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"response": 1}',
        '{"response": {"clientDataJSON": "AA"}}',
        '{"response": {"clientDataJSON": "bnVsbA"}}',
        '{"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOjF9"}}',
        "[" * 40_000,
        "x" * 40_000,
    ],
)
async def test_what_is_no_passkey_is_told_so(office: Office, credential: str) -> None:
    session = await office.user()
    passkeys = office.accounts.passkeys

    for awaited in (
        passkeys.sign_in(credential, BROWSER, ELSEWHERE),
        passkeys.create(session, credential, "Khóa"),
        passkeys.prove(session, credential),
    ):
        assert await refused(Malformed, awaited) == "PASSKEY_UNREADABLE"


@pytest.mark.parametrize(
    ("name", "reason"), [("  ", "PASSKEY_NAME_MISSING"), ("x" * 101, "PASSKEY_NAME_LONG")]
)
async def test_a_passkey_has_a_name(office: Office, name: str, reason: str) -> None:
    session, _ = await with_passkey(office)
    [kept] = await office.accounts.passkeys.all_of(session)

    assert reason == await refused(
        Malformed, office.accounts.passkeys.rename(session, kept.id, name)
    )
