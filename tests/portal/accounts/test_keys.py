"""API keys, operator links, and a user's own data, on both databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from haidang.core.errors import Absent, HaidangError, Malformed, Refused, Unauthenticated
from haidang.core.tenancy import Actor, TokenSigner, TokenVerifier
from haidang.portal.accounts.operators.links import new_link
from haidang.portal.operator_command import LASTS
from haidang.portal.tokens import KEY_ID, TokenOffice, signing_key

from tests.portal.accounts.office import POLICY, SECRET, Office
from tests.portal.accounts.test_teams import joined

DAY_SECONDS = 24 * 3600


async def refused(kind: type[HaidangError], awaited: Any) -> HaidangError:
    with pytest.raises(kind) as refusal:
        await awaited
    return refusal.value


async def made(office: Office, session: Any, **changed: Any) -> tuple[Any, str]:
    options: dict[str, Any] = {
        "name": "Máy bán hàng",
        "scopes": ["websites.write", "domains.read"],
        "days": 30,
        "request_id": "r",
        **changed,
    }
    return await office.accounts.keys.make(session, **options)


async def test_a_key_speaks_for_its_business_within_its_scopes(office: Office) -> None:
    owner = await office.user()
    key, text = await made(office, owner)

    assert text.startswith(f"hd_live_{key.id}_")
    assert await office.accounts.keys.actor(text) == Actor(
        f"key-{key.id}", owner.tenant, frozenset({"websites.write", "domains.read"})
    )
    [listed] = await office.accounts.keys.keys(owner)
    assert listed.used_at == office.clock.now()


async def test_the_token_service_takes_it_beside_the_machines_own(
    office: Office, tmp_path: Path
) -> None:
    owner = await office.user()
    key, text = await made(office, owner)
    folder = tmp_path / "tokens"
    folder.mkdir()
    pem = signing_key(folder, folder / "token.pem")
    tokens = TokenOffice(TokenSigner(pem, KEY_ID), folder / "api-keys.json", office.clock)
    await refused(Unauthenticated, tokens.admit(text, "domains"))

    tokens.keyholder = office.accounts.keys.actor
    issued = await tokens.admit(text, "domains")

    verifier = TokenVerifier((folder / "token.pem").read_bytes(), "domains")
    assert verifier.verify(issued.text, office.clock.now()).id == f"key-{key.id}"
    await refused(Unauthenticated, tokens.admit(text, "the moon"))


async def test_a_revoked_key_is_none(office: Office) -> None:
    owner = await office.user()
    key, text = await made(office, owner)
    await office.accounts.keys.revoke(owner, key.id)

    assert await office.accounts.keys.actor(text) is None
    error = await refused(Absent, office.accounts.keys.revoke(owner, key.id))
    assert error.reason == "KEY_ABSENT"


async def test_a_key_ends_on_its_day(office: Office) -> None:
    owner = await office.user()
    _, text = await made(office, owner)
    office.clock.advance(30 * DAY_SECONDS - 1)
    assert await office.accounts.keys.actor(text) is not None
    office.clock.advance(1)

    assert await office.accounts.keys.actor(text) is None


async def test_nobody_revokes_anothers_key(office: Office) -> None:
    lan, binh = await office.user(), await office.user("0902222222", "Bình")
    key, text = await made(office, lan)

    await refused(Absent, office.accounts.keys.revoke(binh, key.id))

    assert await office.accounts.keys.actor(text) is not None
    assert await office.accounts.keys.keys(binh) == ()


async def test_sent_twice_it_is_one_key_and_the_later_text_holds(office: Office) -> None:
    owner = await office.user()
    (_, lost), (_, kept) = await made(office, owner), await made(office, owner)

    assert len(await office.accounts.keys.keys(owner)) == 1
    assert await office.accounts.keys.actor(lost) is None
    assert await office.accounts.keys.actor(kept) is not None


@pytest.mark.parametrize(
    "text",
    ["", "hd_live_", "hd_live_000000000000_" + "A" * 43, "x" * 10_000, "hd_live_é_x", "\x00"],
)
async def test_what_is_no_key_speaks_for_nobody(office: Office, text: str) -> None:
    assert await office.accounts.keys.actor(text) is None


async def test_a_key_with_one_letter_changed_is_none(office: Office) -> None:
    _, text = await made(office, await office.user())

    assert await office.accounts.keys.actor(text[:-1] + ("A" if text[-1] != "A" else "B")) is None


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"name": " "}, "KEY_NAME_MISSING", "name"),
        ({"name": "x" * 101}, "KEY_NAME_LONG", "name"),
        ({"scopes": []}, "KEY_SCOPE_MISSING", "scopes"),
        ({"scopes": ["team.write", "*", "data.write"]}, "KEY_SCOPE_MISSING", "scopes"),
        ({"days": 0}, "KEY_EXPIRY_INVALID", "days"),
        ({"days": 367}, "KEY_EXPIRY_INVALID", "days"),
        ({"days": -1}, "KEY_EXPIRY_INVALID", "days"),
    ],
)
async def test_a_fault_is_told_at_its_field(
    office: Office, changed: dict[str, Any], reason: str, field: str
) -> None:
    error = await refused(Malformed, made(office, await office.user(), **changed))

    assert (error.reason, error.field) == (reason, field)


async def test_a_business_has_at_most_twenty_keys_at_work(office: Office) -> None:
    owner = await office.user()
    for n in range(20):
        await made(office, owner, request_id=f"r{n}")

    await refused(Refused, made(office, owner, request_id="one more"))


async def test_an_operator_link_makes_one_user_an_operator_once(office: Office) -> None:
    lan, binh = await office.user(), await office.user("0902222222", "Bình")
    link = new_link(SECRET, office.clock.now() + LASTS)
    operators = office.accounts.operators

    token = await operators.promote(lan, link)

    assert (await office.session(token)).is_operator
    assert (await office.accounts.profile(lan)).events[0].kind == "operator_made"
    error = await refused(Absent, operators.promote(binh, link))
    assert error.reason == "OPERATOR_LINK_ABSENT"
    assert not (await office.session((await office.sign_in("0902222222")).token)).is_operator


async def test_an_operator_link_ends_after_ten_minutes(office: Office) -> None:
    lan = await office.user()
    link = new_link(SECRET, office.clock.now() + LASTS)
    office.clock.advance(LASTS.total_seconds())

    await refused(Absent, office.accounts.operators.promote(lan, link))
    assert POLICY.operator_link_lasts == LASTS


@pytest.mark.parametrize("link", ["", "khong-co", "A" * 70, "ễ", "A" * 5000])
async def test_a_made_up_operator_link_is_none(office: Office, link: str) -> None:
    lan = await office.user()

    await refused(Absent, office.accounts.operators.promote(lan, link))
    forged = new_link(b"another secret", office.clock.now() + LASTS)
    await refused(Absent, office.accounts.operators.promote(lan, forged))


async def test_an_export_is_all_of_it_but_the_secrets(office: Office) -> None:
    admission, codes = await office.signed_up()
    lan = await office.session(admission.token)

    text = json.dumps(await office.accounts.export_user(lan.user_id), ensure_ascii=False)

    for known in ("Nguyễn Thị Lan", "+84901234567", "Chrome · Android", "signed_up", "owner"):
        assert known in text
    assert not any(secret in text for secret in (admission.token, *codes, "argon2"))


async def test_an_erased_user_leaves_nothing_and_takes_their_own_business_along(
    office: Office,
) -> None:
    lan = await office.user()
    await made(office, lan)
    await office.accounts.teams.invite(lan, "editor", request_id="r")

    assert await office.accounts.tenants_to_erase(lan.user_id) == (lan.tenant,)
    assert await office.accounts.erase_user(lan.user_id) == (lan.tenant,)

    await refused(Absent, office.accounts.export_user(lan.user_id))
    await refused(Unauthenticated, office.sign_in())
    assert await office.accounts.keys.ledger.keys(lan.tenant) == ()
    assert await office.user(), "the number is free again"


async def test_a_sole_owner_with_others_around_is_not_erased(office: Office) -> None:
    owner = await office.user()
    editor = await joined(office, owner, "editor", "0902222222")

    error = await refused(Refused, office.accounts.erase_user(owner.user_id))
    assert error.reason == "LAST_OWNER"

    await office.accounts.erase_user(editor.user_id)
    assert await office.accounts.erase_user(owner.user_id) == (owner.tenant,)


async def test_an_erased_business_leaves_its_members_users(office: Office) -> None:
    owner = await office.user()
    editor = await joined(office, owner, "editor", "0902222222")
    await office.accounts.erase_tenant(owner.tenant)

    again = await office.session((await office.sign_in()).token)
    other = await office.session((await office.sign_in("0902222222")).token)

    assert again.tenant != owner.tenant, "a fresh one of their own"
    assert other.tenant not in {owner.tenant, again.tenant}
    assert other.user_id == editor.user_id
