"""Accounts on both databases: signing in, sessions and their ends, recovery, passwords."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa
from haidang.core.errors import (
    Conflict,
    HaidangError,
    Malformed,
    Refused,
    Unauthenticated,
    Unavailable,
)
from haidang.portal.accounts import Role
from haidang.portal.accounts import ledger as people
from haidang.portal.accounts.keys import ledger as keys
from haidang.portal.accounts.operators import ledger as operators
from haidang.portal.accounts.passkeys import ledger as passkeys
from haidang.portal.accounts.teams import ledger as teams
from haidang.portal.accounts.throttle import ledger as throttle
from haidang.portal.accounts.values import Origin

from tests.portal.accounts.office import ELSEWHERE, HOME, PASSWORD, POLICY, Office

NEW = "bon mon do trong bep 7"
DAY_SECONDS = 24 * 3600


async def refused(kind: type[HaidangError], awaited: object) -> HaidangError:
    with pytest.raises(kind) as refusal:
        await awaited  # type: ignore[misc]
    return refusal.value


async def test_the_tables_are_as_the_migration_made_them(office: Office) -> None:
    async with office.database.reading() as session:
        for module in (people, teams, passkeys, keys, operators, throttle):
            for table in module.metadata.tables.values():
                found = await session.execute(sa.select(sa.text("*")).select_from(table))
                assert set(found.keys()) == set(table.columns.keys())


async def test_a_user_begins_as_the_owner_of_a_business_of_their_own(office: Office) -> None:
    lan = await office.user()

    assert lan.role is Role.OWNER
    assert office.accounts.actor(lan).tenant == lan.tenant
    assert [one.tenant_name for one in await office.accounts.teams.businesses(lan)] == [
        "Nguyễn Thị Lan"
    ]


async def test_no_secret_is_kept_as_it_is(office: Office) -> None:
    admission, codes = await office.signed_up()
    async with office.database.reading() as session:
        rows = []
        for module in (people, teams, passkeys, keys, operators, throttle):
            for table in module.metadata.tables.values():
                rows += (await session.execute(sa.select(table))).all()

    text = str(rows)
    for secret in (PASSWORD, admission.token, admission.device, *codes):
        assert secret not in text
        assert secret.replace("-", "") not in text
    assert "$argon2id$" in text


async def test_two_who_sign_up_at_once_with_one_number_are_one_account(office: Office) -> None:
    answers = await asyncio.gather(
        *(
            office.accounts.sign_up("0901234567", f"Lan {n}", PASSWORD, HOME, request_id=f"r{n}")
            for n in range(3)
        ),
        return_exceptions=True,
    )

    taken = [one for one in answers if isinstance(one, Conflict)]
    assert [one.reason for one in taken] == ["IDENTIFIER_TAKEN"] * 2


@pytest.mark.parametrize("identifier", ["0901234567", "0911111111", "kein identifier", ""])
async def test_wrong_and_unknown_are_one_refusal(office: Office, identifier: str) -> None:
    await office.signed_up()

    error = await refused(Unauthenticated, office.sign_in(identifier, "not the password"))

    assert (error.reason, error.facts) == ("SIGN_IN_WRONG", {})


async def test_an_unknown_account_costs_as_much_work_as_a_wrong_password(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.signed_up()
    passwords, compared = office.accounts._passwords, []
    verified = passwords._verified

    def counted(stored: str, password: str) -> bool:
        compared.append(stored.rsplit("$", 2)[0])  # the parameters, which are the work
        return verified(stored, password)

    monkeypatch.setattr(passwords, "_verified", counted)
    for identifier in ("0901234567", "0911111111"):
        await refused(Unauthenticated, office.sign_in(identifier, "not the password"))

    assert len(compared) == 2
    assert compared[0] == compared[1]


async def test_a_full_queue_of_hashes_refuses_instead_of_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("haidang.portal.accounts.passwords.MOST_WAITING", 1)
    answers = await asyncio.gather(
        *(office.accounts._passwords.hashed(PASSWORD) for _ in range(3)), return_exceptions=True
    )

    assert sum(isinstance(one, Unavailable) for one in answers) == 2


async def test_one_spelling_of_a_password_is_as_good_as_another(office: Office) -> None:
    composed, decomposed = "mật ong rừng tràm", "mật ong rừng tràm"
    await office.accounts.sign_up("lan@example.vn", "Lan", composed, HOME, request_id="r")

    assert await office.sign_in("LAN@example.vn", decomposed)


async def test_a_session_ends_after_two_idle_weeks(office: Office) -> None:
    token = (await office.signed_up())[0].token
    office.clock.advance(14 * DAY_SECONDS - 1)
    assert await office.accounts.session(token) is not None  # and was seen just now
    office.clock.advance(14 * DAY_SECONDS)

    assert await office.accounts.session(token) is None


async def test_a_session_ends_for_good_after_sixty_days(office: Office) -> None:
    token = (await office.signed_up())[0].token
    for _ in range(59):
        office.clock.advance(DAY_SECONDS)
        assert await office.accounts.session(token) is not None
    office.clock.advance(DAY_SECONDS)

    assert await office.accounts.session(token) is None


async def test_a_page_view_is_not_a_write(office: Office) -> None:
    token = (await office.signed_up())[0].token
    office.clock.advance(60)
    await office.accounts.session(token)

    assert (await office.session(token)).seen_at < office.clock.now()


async def test_signing_out_everywhere_keeps_this_browser_alone(office: Office) -> None:
    here = await office.user()
    elsewhere = (await office.sign_in()).token

    await office.accounts.sessions.end_others(here)

    assert await office.accounts.session(elsewhere) is None
    assert [one.id for one in await office.accounts.sessions.all_of(here)] == [here.id]


async def test_nobody_ends_anothers_session(office: Office) -> None:
    lan, binh = await office.user(), await office.user("0902222222", "Bình")

    await office.accounts.sessions.end(binh, lan.id)

    assert lan.id in [one.id for one in await office.accounts.sessions.all_of(lan)]


async def test_a_device_says_what_it_is(office: Office) -> None:
    lan = await office.user()

    assert [one.device for one in await office.accounts.sessions.all_of(lan)] == [
        "Chrome · Android"
    ]


async def test_a_proof_grows_stale_and_is_given_again(office: Office) -> None:
    token = (await office.signed_up())[0].token
    session = await office.session(token)
    assert office.accounts.sessions.is_fresh(session)
    office.clock.advance(600)
    assert not office.accounts.sessions.is_fresh(session)

    await refused(Unauthenticated, office.accounts.prove(session, "not the password"))
    fresh = await office.session(await office.accounts.prove(session, PASSWORD))

    assert office.accounts.sessions.is_fresh(fresh)


async def test_a_rotated_token_soon_ends_and_a_double_tap_is_not_signed_out(
    office: Office,
) -> None:
    token = (await office.signed_up())[0].token
    before = await office.session(token)
    lost = await office.accounts.prove(before, PASSWORD)
    kept = await office.accounts.prove(await office.session(token), PASSWORD)

    assert await office.accounts.session(lost) is None, "its answer never came to the browser"
    after = await office.session(kept)
    assert [one.id for one in await office.accounts.sessions.all_of(after)] == [after.id]
    office.clock.advance(30)
    assert await office.accounts.session(token) is None
    assert await office.accounts.session(kept) is not None


async def test_a_recovery_code_works_once_and_ends_every_session(office: Office) -> None:
    admission, codes = await office.signed_up()

    recovered = await office.accounts.recover("0901234567", codes[3].lower(), NEW, ELSEWHERE)

    assert await office.accounts.session(admission.token) is None
    assert await office.accounts.session(recovered.token) is not None
    assert await office.sign_in(password=NEW)
    await refused(Unauthenticated, office.sign_in(password=PASSWORD))
    again = office.accounts.recover("0901234567", codes[3], "some other words 8", ELSEWHERE)
    error = await refused(Unauthenticated, again)
    assert (error.reason, error.field) == ("CODE_WRONG", "code")
    assert (await office.accounts.profile(await office.session(recovered.token))).codes_left == 9


async def test_a_code_used_at_once_by_two_is_used_by_one(office: Office) -> None:
    _, codes = await office.signed_up()

    answers = await asyncio.gather(
        *(
            office.accounts.recover("0901234567", codes[0], f"{NEW} {n}", ELSEWHERE)
            for n in range(3)
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Unauthenticated) for one in answers) == 2


async def test_a_code_is_worth_nothing_for_another_account(office: Office) -> None:
    _, codes = await office.signed_up()
    await office.signed_up("0902222222", "Bình")

    for identifier in ("0902222222", "0903333333"):
        error = await refused(
            Unauthenticated, office.accounts.recover(identifier, codes[0], NEW, ELSEWHERE)
        )
        assert error.reason == "CODE_WRONG"


async def test_a_refused_password_costs_no_code(office: Office) -> None:
    _, codes = await office.signed_up()

    weak = office.accounts.recover("0901234567", codes[0], "12345678", ELSEWHERE)
    error = await refused(Malformed, weak)

    assert (error.reason, error.field) == ("PASSWORD_COMMON", "new_password")
    assert await office.accounts.recover("0901234567", codes[0], NEW, ELSEWHERE)


async def test_new_codes_make_the_old_ones_worthless(office: Office) -> None:
    admission, old = await office.signed_up()
    fresh = await office.accounts.new_codes(await office.session(admission.token))

    await refused(Unauthenticated, office.accounts.recover("0901234567", old[0], NEW, ELSEWHERE))
    assert await office.accounts.recover("0901234567", fresh[0], NEW, ELSEWHERE)


async def test_another_password_ends_every_other_session(office: Office) -> None:
    here = await office.user()
    elsewhere = (await office.sign_in()).token

    token = await office.accounts.change_password(here, PASSWORD, NEW)

    assert await office.accounts.session(elsewhere) is None
    assert await office.accounts.session(token) is not None
    assert await office.sign_in(password=NEW)


async def test_a_password_is_not_changed_without_the_present_one(office: Office) -> None:
    here = await office.user()

    error = await refused(
        Unauthenticated, office.accounts.change_password(here, "not the password", NEW)
    )

    assert (error.reason, error.field) == ("PASSWORD_WRONG", "present_password")
    assert await office.sign_in()


async def test_a_hash_of_dated_parameters_is_made_anew_at_sign_in(office: Office) -> None:
    await office.signed_up()
    before = await office.accounts.ledger.user_called("+84901234567")
    from haidang.portal.accounts.passwords import Passwords

    office.accounts._passwords = Passwords(replace(POLICY, argon2_memory_kib=16))
    await office.sign_in()
    after = await office.accounts.ledger.user_called("+84901234567")

    assert before is not None
    assert after is not None
    assert ("m=8," in before.password_hash, "m=16," in after.password_hash) == (True, True)


async def test_strangers_who_fail_wait_longer_and_longer(office: Office) -> None:
    await office.signed_up()
    for _ in range(5):
        await refused(Unauthenticated, office.sign_in(password="wrong password"))
    waits = []
    for _ in range(4):
        error = await refused(Refused, office.sign_in())
        waits.append(error.facts["seconds"])
        office.clock.advance(int(error.facts["seconds"]))
        await refused(Unauthenticated, office.sign_in(password="wrong password"))

    assert waits == [2, 4, 8, 16]


async def test_tries_at_once_all_count(office: Office) -> None:
    await office.signed_up()

    answers = await asyncio.gather(
        *(office.sign_in(password=f"wrong password {n}") for n in range(20)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Unauthenticated) for one in answers) == 5
    assert sum(isinstance(one, Refused) for one in answers) == 15


async def test_strangers_failures_delay_neither_a_known_device_nor_another_network(
    office: Office,
) -> None:
    admission, _ = await office.signed_up()
    known = replace(ELSEWHERE, device=admission.device)
    for _ in range(60):
        with pytest.raises((Unauthenticated, Refused)):
            await office.sign_in(password="wrong password")
        office.clock.advance(1)

    await refused(Refused, office.sign_in())
    assert await office.sign_in(origin=known)
    assert await office.sign_in(origin=Origin("198.51.100.0/24"))


async def test_a_known_device_that_guesses_waits_too(office: Office) -> None:
    admission, _ = await office.signed_up()
    known = replace(HOME, device=admission.device)
    for _ in range(5):
        await refused(Unauthenticated, office.sign_in(password="wrong one", origin=known))

    await refused(Refused, office.sign_in(origin=known))


async def test_a_device_known_to_one_account_is_a_strangers_at_another(office: Office) -> None:
    admission, _ = await office.signed_up()
    await office.signed_up("0902222222", "Bình")
    for _ in range(5):
        await refused(Unauthenticated, office.sign_in("0902222222", "wrong one"))

    stranger = replace(ELSEWHERE, device=admission.device)
    await refused(Refused, office.sign_in("0902222222", origin=stranger))


async def test_one_network_that_tries_many_accounts_is_slowed(office: Office) -> None:
    refusals = 0
    for n in range(60):
        try:
            await office.sign_in(f"09{n:08}", "wrong password")
        except Refused:
            refusals += 1
        except Unauthenticated:
            pass

    assert refusals == 20


async def test_a_success_forgives_ones_own_failures(office: Office) -> None:
    await office.signed_up()
    for _ in range(3):
        for _ in range(4):
            await refused(Unauthenticated, office.sign_in(password="wrong password"))
        await office.sign_in()


async def test_a_restart_forgives_nothing_that_costs_a_delay(office: Office) -> None:
    await office.signed_up()
    for _ in range(5):
        await refused(Unauthenticated, office.sign_in(password="wrong password"))
    office.clock.advance(2)
    await refused(Unauthenticated, office.sign_in(password="wrong password"))

    again = office.after_a_restart()

    error = await refused(Refused, again.sign_in())
    assert error.facts["seconds"] == 4
    office.clock.advance(DAY_SECONDS)
    assert await again.sign_in()
    again.accounts.close()


async def test_what_the_throttle_keeps_names_nobody(office: Office) -> None:
    await office.signed_up()
    for _ in range(7):
        with pytest.raises((Unauthenticated, Refused)):
            await office.sign_in(password="wrong password")
        office.clock.advance(60)
    async with office.database.reading() as session:
        rows = str((await session.execute(sa.select(throttle.failures))).all())

    assert len(rows) > 10
    assert "901234567" not in rows
    assert "203.0.113" not in rows


async def test_the_memory_of_failures_is_bounded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("haidang.portal.accounts.throttle.office.MOST_COUNTS", 10)
    await office.signed_up()
    for n in range(30):
        await refused(Unauthenticated, office.sign_in(origin=Origin(f"n{n}"), password="wrong"))

    assert len(office.accounts.throttle._counted) <= 10
