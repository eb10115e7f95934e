"""The EPP provider against the sandbox registry over TLS: what each method promises."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from haidang.core.errors import (
    Absent,
    Conflict,
    Forbidden,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from haidang.core.ports.marks import mark_of
from haidang.core.ports.registry import Availability, Delegation, Registry
from haidang.domains.epp.values import transaction_prefix
from haidang.domains.providers.epp_registry import EppRegistry
from haidang.domains.providers.epp_settings import EppSettings

from tests.domains.sandbox_house import (
    A_DAY,
    SandboxHouse,
    a_contact,
    a_creation,
    a_renewal,
    a_sparing_seed,
    find_then_act,
    registered,
)


async def test_a_name_is_registered_found_and_shown(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        creation = a_creation()
        contact = await client.create_contact(a_contact(), "operations/1/contact")

        receipt = await client.create(creation, "operations/1/create")

        record = await client.info("bienxanh.vn")
        assert record is not None
        assert record.contact_id == contact.contact_id == "HD0000000001"
        assert record.nameservers == creation.nameservers
        assert record.statuses == {"ok"}
        assert record.expires_at == receipt.expires_at
        assert receipt.expires_at.year == receipt.created_at.year + 1
        assert await client.find_creation(creation, "operations/1/create") == receipt


async def test_the_registrys_journal_can_be_joined_to_our_effects(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        await registered(house.client())

        effects = [(effect, name) for effect, name, _, _ in house.journal()]
        operations = [operation for _, _, operation, _ in house.journal()]
        assert effects == [("contact.create", ""), ("domain.create", "bienxanh.vn")]
        assert operations[1].startswith(transaction_prefix("operations/0/create") + "-")


async def test_check_answers_each_name_in_order_over_several_commands(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await registered(client)
        names = [f"quan-{number}.vn" for number in range(120)]
        names[60] = "bienxanh.vn"

        answers = await client.check(names)

        assert [answer.name for answer in answers] == names
        assert answers[60].availability is Availability.TAKEN
        assert {a.availability for a in answers if a.name != "bienxanh.vn"} == {
            Availability.AVAILABLE
        }
        assert answers[0].source == "epp:Hai Dang SANDBOX"


async def test_a_name_in_vietnamese_letters_is_registered_by_its_a_label(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()

        await registered(client, name="xn--ph-rbt.vn")

        assert (await client.info("xn--ph-rbt.vn")) is not None


async def test_a_taken_name_is_a_conflict(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await registered(client)
        await client.create_contact(a_contact("HD0000000002"), "operations/2/contact")
        later = a_creation(contact_id="HD0000000002")

        assert await client.find_creation(later, "operations/2/create") is None
        with pytest.raises(Conflict) as conflict:
            await client.create(later, "operations/2/create")

        assert conflict.value.reason == "NAME_TAKEN"
        assert conflict.value.facts["epp_code"] == 2302
        assert conflict.value.facts["name"] == "bienxanh.vn"
        assert str(conflict.value.facts["sv_trid"]).startswith("SANDBOX-")


async def test_creating_again_what_is_ours_answers_the_same_receipt(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        creation = a_creation()
        first_contact = await client.create_contact(a_contact(), "operations/1/contact")
        first = await client.create(creation, "operations/1/create")

        again = await client.create(creation, "operations/1/create")

        assert again == first
        assert await client.create_contact(a_contact(), "operations/1/contact") == first_contact
        assert house.count("domain.create") == house.count("contact.create") == 1


async def test_another_partys_contact_under_our_id_is_a_conflict(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await client.create_contact(a_contact(), "operations/1/contact")
        other = a_contact(email="ai-khac@vidu.example")

        assert await client.find_contact(other, "operations/2/contact") is None
        with pytest.raises(Conflict) as conflict:
            await client.create_contact(other, "operations/2/contact")

        assert conflict.value.reason == "CONTACT_ID_TAKEN"


async def test_a_renewal_moves_the_expiry_once(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        renewal = a_renewal("bienxanh.vn", await registered(client), years=2)
        assert await client.find_renewal(renewal, "operations/3/renew") is None

        first = await client.renew(renewal, "operations/3/renew")
        again = await client.renew(renewal, "operations/3/renew")

        assert first.expires_at.date() == renewal.new_expires_at.date()
        assert again == first
        assert house.count("domain.renew") == 1


async def test_an_expiry_that_is_neither_old_nor_new_is_left_to_a_person(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        expires_at = await registered(client)
        await client.renew(a_renewal("bienxanh.vn", expires_at, years=3), "operations/4/renew")

        with pytest.raises(OutcomeUnknown) as unknown:
            await client.find_renewal(a_renewal("bienxanh.vn", expires_at), "operations/5/renew")

        assert unknown.value.reason == "REGISTRY_EXPIRY_UNEXPECTED"
        assert house.count("domain.renew") == 1


async def test_a_renewal_after_day_25_is_refused(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        expires_at = await registered(house.client())
        await house.stop()
        seed = a_sparing_seed("bienxanh.vn", expires_at)
        await house.start(clock_offset_days=365 + 26, seed=seed)

        with pytest.raises(Refused) as refusal:
            await house.client().renew(a_renewal("bienxanh.vn", expires_at), "operations/6/renew")

        assert refusal.value.reason == "REGISTRY_RENEWAL_CLOSED"
        assert house.count("domain.renew") == 0


async def test_an_absent_name_is_said_to_be_absent(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        renewal = a_renewal("khongco.vn", datetime(2027, 11, 24, tzinfo=UTC))

        assert await client.info("khongco.vn") is None
        assert await client.find_renewal(renewal, "operations/7/renew") is None
        with pytest.raises(Absent):
            await client.renew(renewal, "operations/7/renew")


async def test_a_name_of_another_registrar_is_not_ours_to_renew(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        expires_at = await registered(house.client())
        house.store.set_password("khac-sbx", "mat-khau-khac")
        other = house.client(client_id="khac-sbx", password="mat-khau-khac", credentials_file="")

        with pytest.raises(Forbidden) as refusal:
            await other.renew(a_renewal("bienxanh.vn", expires_at), "operations/8/renew")

        assert refusal.value.reason == "NAME_NOT_SPONSORED"
        assert await other.find_creation(a_creation(), "operations/8/create") is None


async def test_a_delegation_is_changed_by_its_difference(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await registered(client)
        wanted = Delegation("bienxanh.vn", ("ns2.haidang.example", "ns3.haidang.example"))
        assert await client.find_delegation(wanted, "operations/9/delegate") is None

        await client.delegate(wanted, "operations/9/delegate")
        await client.delegate(wanted, "operations/9/delegate")

        record = await client.info("bienxanh.vn")
        assert record is not None
        assert set(record.nameservers) == set(wanted.nameservers)
        assert await client.find_delegation(wanted, "operations/9/delegate") is not None
        assert house.count("domain.update") == 1


async def test_the_same_delegation_twice_at_once_is_done_and_refused_to_nobody(
    tmp_path: Path,
) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await registered(client)
        wanted = Delegation("bienxanh.vn", ("ns3.haidang.example",))

        first, second = await asyncio.gather(
            *(client.delegate(wanted, "operations/9/delegate") for _ in range(2))
        )

        assert first == second
        assert house.count("domain.update") == 1


async def test_a_refused_delegation_that_did_not_happen_is_refused(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await registered(client)
        house.order({"verb": "domain.update", "when": "code-2306"})

        with pytest.raises(Refused) as refusal:
            await client.delegate(
                Delegation("bienxanh.vn", ("ns3.haidang.example",)), "operations/9/delegate"
            )

        assert refusal.value.reason == "REGISTRY_POLICY"


async def test_a_message_is_polled_until_it_is_acknowledged(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        assert await client.poll() is None
        house.store.queue("haidang-sbx", "bienxanh.vn expired", datetime.now(UTC))

        message = await client.poll()

        assert message is not None
        assert (message.count, message.text) == (1, "bienxanh.vn expired")
        effect = "operations/10/ack"
        assert await client.find_acknowledgement(message.message_id, effect) is None
        assert await client.acknowledge(message.message_id, effect) == message.message_id
        assert await client.acknowledge(message.message_id, effect) == message.message_id
        assert await client.find_acknowledgement(message.message_id, effect) == message.message_id
        assert await client.poll() is None


async def test_a_registry_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await registered(client)
        await house.stop()

        for _ in range(2):
            with pytest.raises(Unavailable):
                await client.info("bienxanh.vn")

        await house.start()


async def test_a_wrong_password_is_tried_once_and_then_paused(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client(client_id="haidang-sbx", password="khong-dung", credentials_file="")

        for _ in range(3):
            with pytest.raises(Unavailable) as refusal:
                await client.info("bienxanh.vn")
            assert refusal.value.reason == "REGISTRY_LOGIN_REFUSED"


async def test_new_credentials_are_tried_at_once(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        good = (house.folder / "credentials.json").read_text()
        (house.folder / "credentials.json").write_text(
            '{"client_id": "haidang-sbx", "password": "khong-dung"}'
        )
        client = house.client()
        with pytest.raises(Unavailable):
            await client.info("bienxanh.vn")

        (house.folder / "credentials.json").write_text(good)

        assert await client.info("bienxanh.vn") is None


async def test_a_server_that_is_not_who_it_should_be_gets_no_credentials(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path / "a") as house, SandboxHouse(tmp_path / "b") as other:
        misnamed = house.client(server_name="registry.example")
        untrusted = house.client(ca_file=str(other.folder / "tls" / "ca.pem"))
        unexpected = house.client(server_id="Another registry")

        for client in (misnamed, untrusted, unexpected):
            with pytest.raises(Unavailable) as refusal:
                await client.info("bienxanh.vn")
            assert refusal.value.reason == "REGISTRY_UNREACHABLE"


async def test_mutual_tls_lets_only_certificate_holders_in(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, mutual_tls=True) as house:
        certificate = str(house.folder / "tls" / "client.pem")
        key = str(house.folder / "tls" / "client-key.pem")

        assert await house.client(certificate_file=certificate, key_file=key).check(["a-b.vn"])
        with pytest.raises(Unavailable):
            await house.client().check(["a-b.vn"])


async def test_bad_values_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()

        with pytest.raises(Malformed) as refusal:
            await client.create_contact(a_contact("AB"), "operations/11/contact")

        assert refusal.value.reason == "EPP_VALUE"
        assert refusal.value.field == "id"
        assert house.journal() == []


async def test_many_commands_share_one_session(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, max_sessions=1) as house:
        client = house.client()

        answers = await asyncio.gather(*(client.info(f"quan-{n}.vn") for n in range(40)))

        assert answers == [None] * 40


async def test_a_session_beyond_the_registrys_limit_is_unavailable(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, max_sessions=1) as house:
        await house.client().info("bienxanh.vn")

        with pytest.raises(Unavailable) as refusal:
            await house.client().info("bienxanh.vn")

        assert refusal.value.reason == "REGISTRY_SESSION_LIMIT"


async def test_an_old_session_is_renewed_before_the_next_command(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, max_sessions=1) as house:
        client = house.client(session_seconds=0.001)

        for _ in range(3):
            await asyncio.sleep(0.01)
            assert await client.info("bienxanh.vn") is None


async def test_a_session_the_registry_closed_for_idleness_is_opened_again(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, idle_seconds=0.05) as house:
        client = house.client()
        await client.info("bienxanh.vn")
        await asyncio.sleep(0.2)

        assert await client.info("bienxanh.vn") is None


async def test_keepalives_hold_an_idle_session_open(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, idle_seconds=0.5, max_sessions=1) as house:
        client = house.client(idle_seconds=0.1)
        await client.info("bienxanh.vn")
        first = client._session._connection
        await asyncio.sleep(1)

        await client.info("bienxanh.vn")

        assert client._session._connection is first


async def test_a_registry_whose_clock_runs_ahead_does_not_confuse_finding(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, clock_offset_days=-40) as house:
        client = house.client()
        creation = a_creation()
        await client.create_contact(a_contact(), "operations/12/contact")
        receipt = await client.create(creation, "operations/12/create")

        assert receipt.created_at < creation.intended_at - 30 * A_DAY
        assert await client.find_creation(creation, "operations/12/create") == receipt
        older = a_creation(intended_at=creation.intended_at + timedelta(days=1))
        assert await client.find_creation(older, "operations/13/create") is None


async def test_ask_then_act_registers_and_renews_once(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        contact, creation = a_contact(), a_creation()
        for _ in range(2):
            await find_then_act(client.find_contact, client.create_contact, contact, "o/1/contact")
            await find_then_act(client.find_creation, client.create, creation, "o/1/create")

        assert house.count("domain.create") == house.count("contact.create") == 1


def test_the_provider_implements_every_marked_method_of_the_port() -> None:
    for name in dir(Registry):
        if name.startswith("_"):
            continue
        assert mark_of(getattr(EppRegistry, name)) == mark_of(getattr(Registry, name)), name


def test_settings_never_show_the_password() -> None:
    settings = EppSettings(address="a:700", ca_file="ca.pem", client_id="abc", password="hush-hush")

    assert "hush-hush" not in repr(settings) + settings.model_dump_json()
