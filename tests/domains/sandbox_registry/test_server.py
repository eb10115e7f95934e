"""The sandbox registry from outside: sessions, order, precise codes, durable effects."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from haidang.domains.epp.frames import put_frame
from haidang.domains.sandbox_registry.lifecycle import deletion_at
from haidang.domains.sandbox_registry.policy import load_policy

from tests.domains.sandbox_house import (
    RawClient,
    SandboxHouse,
    a_command,
    a_login,
    a_sparing_seed,
    an_object,
    registered,
)

INFO = an_object("info", "domain", "<domain:name>bienxanh.vn</domain:name>")


def code_of(answer: bytes) -> int:
    return int(answer.split(b'<result code="')[1][:4])


def create(
    name: str = "moi.vn",
    *,
    extra: str = "",
    period: str = '<domain:period unit="y">1</domain:period>',
    registrant: str = "HD0000000001",
) -> str:
    party = f"<domain:registrant>{registrant}</domain:registrant>" if registrant else ""
    secret = "<domain:authInfo><domain:pw/></domain:authInfo>"
    body = f"<domain:name>{name}</domain:name>{period}{extra}{party}{secret}"
    return an_object("create", "domain", body)


async def test_the_greeting_says_sandbox_loudly(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        assert b"<svID>Hai Dang SANDBOX</svID>" in client.greeting
        assert await client.ask('<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><hello/></epp>')


async def test_nothing_is_answered_before_login(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        assert code_of(await client.ask(INFO)) == 2002
        assert code_of(await client.ask(a_command("<logout/>"))) == 2002


async def test_wrong_logins_are_counted_and_end_the_connection(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, login_attempts=2) as house, RawClient(house) as client:
        assert code_of(await client.ask(a_login("khong-co", "mat-khau"))) == 2200
        assert code_of(await client.ask(a_login("haidang-sbx", "mat-khau"))) == 2501
        assert await client.receive() == b""


async def test_a_second_login_is_a_use_error(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        assert code_of(await client.log_in()) == 1000
        assert code_of(await client.log_in()) == 2002


async def test_a_new_password_replaces_the_old(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        known = house.credentials()
        fresh = "<newPW>mat-khau-moi</newPW>"
        async with RawClient(house) as client:
            login = a_login(known["client_id"], known["password"], extra=fresh)
            assert code_of(await client.ask(login)) == 1000
        async with RawClient(house) as client:
            assert code_of(await client.log_in()) == 2200
            assert code_of(await client.ask(a_login("haidang-sbx", "mat-khau-moi"))) == 1000


@pytest.mark.parametrize(
    ("uris", "code"),
    [
        ("<objURI>urn:ietf:params:xml:ns:domain-1.0</objURI>", 1000),
        ("<objURI>urn:ietf:params:xml:ns:unknown-1.0</objURI>", 2307),
        (
            "<objURI>urn:ietf:params:xml:ns:domain-1.0</objURI><svcExtension>"
            "<extURI>urn:ietf:params:xml:ns:rgp-1.0</extURI></svcExtension>",
            2103,
        ),
        ("", 1000),
    ],
)
async def test_only_offered_services_are_agreed(tmp_path: Path, uris: str, code: int) -> None:
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        known = house.credentials()
        login = a_login(known["client_id"], known["password"], uris=uris)

        assert code_of(await client.ask(login)) == code


async def test_sessions_are_limited_and_freed(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, max_sessions=1) as house:
        async with RawClient(house) as first:
            await first.log_in()
            async with RawClient(house) as second:
                assert code_of(await second.log_in()) == 2502
                assert await second.receive() == b""
            await first.ask(a_command("<logout/>"))
        async with RawClient(house) as third:
            assert code_of(await third.log_in()) == 1000


async def test_pipelined_commands_are_answered_in_order(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        await client.log_in()
        asked = [INFO.replace("ABC-12345", f"ID-{n:03}") for n in range(20)]

        client.send_bytes(b"".join(put_frame(frame.encode()) for frame in asked))

        for n in range(20):
            assert f"<clTRID>ID-{n:03}</clTRID>".encode() in await client.receive()


async def test_every_answer_has_a_transaction_id_of_its_own(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        await client.log_in()

        ids = {(await client.ask(INFO)).split(b"svTRID>")[1] for _ in range(5)}

        assert len(ids) == 5


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (create("a--b.vn"), 2005),
        (create("example.com"), 2306),
        (create("com.vn"), 2306),
        (create("ab.vn"), 2306),
        (create("bienxanh.vn"), 2302),
        (create(registrant=""), 2003),
        (create(registrant="KHONG-CO"), 2303),
        (create(registrant="X"), 2004),
        (create(period='<domain:period unit="y">11</domain:period>'), 2004),
        (create(period='<domain:period unit="y">100</domain:period>'), 2004),
        (create(period='<domain:period unit="d">1</domain:period>'), 2004),
        (create(period='<domain:period unit="m">18</domain:period>'), 2306),
        (create(period="<domain:period>1</domain:period>"), 2003),
        (
            create(extra="<domain:ns><domain:hostObj>ns1.khong.co</domain:hostObj></domain:ns>"),
            2303,
        ),
        (create(extra="<domain:ns/>"), 2001),
        (create(extra="<domain:bogus/>"), 2003),
        (create().replace("<domain:authInfo><domain:pw/></domain:authInfo>", ""), 2003),
        (create().replace("</domain:create>", "<domain:more/></domain:create>"), 2001),
        (create().replace("ABC-12345", "AB"), 2004),
        (create().replace("<create>", "<create x='1'>"), 2001),
        (create().replace("urn:ietf:params:xml:ns:domain-1.0", "urn:other"), 2307),
        (
            create().replace("<clTRID>", '<extension><x:y xmlns:x="urn:x"/></extension><clTRID>'),
            2103,
        ),
        (a_command("<dance/>"), 2000),
        ("<epp/>", 2001),
        ("not xml", 2001),
        ('<!DOCTYPE epp [<!ENTITY a "b">]><epp/>', 2001),
        (create("con-tot.vn"), 1000),
        (create("con-tot.vn", period=""), 1000),
    ],
)
async def test_each_fault_has_its_precise_code(tmp_path: Path, frame: str, code: int) -> None:
    async with SandboxHouse(tmp_path) as house:
        await registered(house.client())
        before = len(house.journal())
        async with RawClient(house) as client:
            await client.log_in()

            answer = await client.ask(frame)

        assert code_of(answer) == code, answer.decode()
        assert len(house.journal()) - before == (1 if code == 1000 else 0)


async def test_what_was_refused_is_named_but_its_text_is_kept_back(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        await client.log_in()
        info = "<contact:id>LAN-01</contact:id><contact:authInfo><contact:bad>bi-mat</contact:bad>"

        answer = await client.ask(an_object("info", "contact", info + "</contact:authInfo>"))

        assert code_of(answer) == 2003
        assert b"authInfo" in answer
        assert b"bi-mat" not in answer


async def test_a_contact_is_shown_to_its_sponsor_only(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        await registered(house.client())
        house.store.set_password("khac-sbx", "mat-khau-khac")
        async with RawClient(house) as client:
            await client.ask(a_login("khac-sbx", "mat-khau-khac"))
            contact = an_object("info", "contact", "<contact:id>HD0000000001</contact:id>")

            assert code_of(await client.ask(contact)) == 2201
            shown = await client.ask(INFO)
            assert code_of(shown) == 1000
            assert b"registrant" not in shown
            assert b"exDate" in shown


async def test_a_contact_is_updated_and_a_linked_one_not_deleted(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        await registered(house.client())
        one = "<contact:id>HD0000000001</contact:id>"
        async with RawClient(house) as client:
            await client.log_in()
            change = (
                f"{one}<contact:chg><contact:email>moi@example.vn</contact:email></contact:chg>"
            )

            assert code_of(await client.ask(an_object("update", "contact", change))) == 1000
            assert code_of(await client.ask(an_object("delete", "contact", one))) == 2305
            shown = await client.ask(an_object("info", "contact", one))
            assert b"moi@example.vn" in shown
            assert "Nguyễn Thị Lan".encode() in shown


@pytest.mark.parametrize(
    ("day", "status", "renewal"),
    [
        (-1, b"ok", 1000),
        (0.5, b"serverHold", 1000),
        (24, b"serverHold", 1000),
        (26.5, b"pendingDelete", 2105),
    ],
)
async def test_the_vn_lifecycle_is_kept(
    tmp_path: Path, day: float, status: bytes, renewal: int
) -> None:
    async with SandboxHouse(tmp_path) as house:
        expires_at = await registered(house.client())
        await house.stop()
        seed = a_sparing_seed("bienxanh.vn", expires_at)
        await house.start(clock_offset_days=365 + day, seed=seed)
        async with RawClient(house) as client:
            await client.log_in()
            renew = (
                "<domain:name>bienxanh.vn</domain:name>"
                f"<domain:curExpDate>{expires_at.date()}</domain:curExpDate>"
            )

            assert b's="%s"' % status in await client.ask(INFO)
            assert code_of(await client.ask(an_object("renew", "domain", renew))) == renewal


async def test_a_revoked_name_is_deleted_at_its_drawn_moment_and_announced(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path, seed="tet") as house:
        expires_at = await registered(house.client())
        moment = deletion_at("bienxanh.vn", expires_at, load_policy("vn-2022").lifecycle, "tet")
        ahead = (moment - datetime.now(UTC)) / timedelta(days=1)
        for offset, code in ((ahead - 0.01, 1000), (ahead + 0.01, 2303)):
            await house.stop()
            await house.start(clock_offset_days=offset)
            async with RawClient(house) as client:
                await client.log_in()
                assert code_of(await client.ask(INFO)) == code

        assert house.journal()[-1][:3] == ("domain.delete", "bienxanh.vn", "")
        messages = []
        client = house.client()
        while message := await client.poll():
            messages.append(message.text)
            await client.acknowledge(message.message_id, "o/1/ack")
        assert messages == [
            "bienxanh.vn is being revoked and can no longer be renewed",
            "bienxanh.vn was deleted",
        ]


async def test_a_renewal_beyond_ten_years_is_refused(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        expires_at = await registered(house.client())
        async with RawClient(house) as client:
            await client.log_in()
            renew = (
                "<domain:name>bienxanh.vn</domain:name>"
                f"<domain:curExpDate>{expires_at.date()}</domain:curExpDate>"
                '<domain:period unit="y">10</domain:period>'
            )

            assert code_of(await client.ask(an_object("renew", "domain", renew))) == 2306


async def test_the_journal_is_readable_from_its_file(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        await registered(house.client())

        outside = sqlite3.connect(f"file:{tmp_path / 'store.sqlite'}?mode=ro", uri=True)
        rows = outside.execute("SELECT effect, domain, operation, at FROM journal").fetchall()
        outside.close()

        assert [row[:2] for row in rows] == [
            ("contact.create", ""),
            ("domain.create", "bienxanh.vn"),
        ]
        assert datetime.fromisoformat(rows[1][3]).utcoffset() == timedelta(0)


async def test_what_it_hands_out_is_for_its_owner_only(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        for name in ("credentials.json", "tls/client-key.pem", "tls/server-key.pem"):
            assert (house.folder / name).stat().st_mode & 0o077 == 0, name
        assert (
            house.credentials()["password"].encode() not in (tmp_path / "store.sqlite").read_bytes()
        )


async def test_a_restart_keeps_certificates_credentials_and_names(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        await registered(house.client())
        before = (house.credentials(), (tmp_path / "tls" / "ca.pem").read_bytes())
        await house.stop()
        await house.start()

        assert before == (house.credentials(), (tmp_path / "tls" / "ca.pem").read_bytes())
        assert await house.client().info("bienxanh.vn") is not None
