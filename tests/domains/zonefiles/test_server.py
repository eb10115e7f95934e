"""The name server as the process it is: streams, bad zones, bad clients, its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import pytest
from haidang.core.ports.dnshost import HostedZone, RecordSet
from haidang.core.testing.processes import ModuleProcess
from haidang.domains.providers.zonefiles.files import zone_text
from haidang.domains.providers.zonefiles.server import ZoneFolder

from tests.peers.test_kdig import MODULE, a_free_port

NS = RecordSet("@", "NS", 300, ("ns1.example.vn.",))
QUERY = dns.message.make_query("banhmi.vn.", "A")


def a_zone(name: str, address: str = "127.0.0.1") -> str:
    records = (RecordSet("@", "A", 300, (address,)), NS)
    return zone_text(HostedZone(name, 1, records), "ns1.example.vn")


@dataclass
class Served:
    port: int
    zones: Path
    process: ModuleProcess

    async def ask(self, name: str = "banhmi.vn.", *, is_udp: bool = True) -> dns.message.Message:
        query = dns.message.make_query(name, "A")
        send = dns.asyncquery.udp if is_udp else dns.asyncquery.tcp
        return await send(query, "127.0.0.1", port=self.port, timeout=5)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    port = a_free_port()
    address = {"HAIDANG_ADDRESSES__NAMESERVER": f"127.0.0.1:{port}"}
    async with ModuleProcess(MODULE, tmp_path, "nameserver", environment=address) as process:
        await process.wait_ready()
        zones = tmp_path / "nameserver" / "zones"
        (zones / "banhmi.vn.zone").write_text(a_zone("banhmi.vn"))
        yield Served(port, zones, process)


@pytest.mark.parametrize("is_udp", [True, False])
async def test_it_answers_by_both_transports(served: Served, is_udp: bool) -> None:
    assert "127.0.0.1" in (await served.ask(is_udp=is_udp)).answer[0].to_text()


async def test_a_broken_file_fails_its_zone_alone(served: Served) -> None:
    (served.zones / "hong.vn.zone").write_text("khong phai vung")

    assert (await served.ask("hong.vn.")).rcode() == dns.rcode.SERVFAIL
    assert (await served.ask()).rcode() == dns.rcode.NOERROR


async def test_a_zone_that_is_taken_away_is_refused(served: Served) -> None:
    await served.ask()
    (served.zones / "banhmi.vn.zone").unlink()

    assert (await served.ask()).rcode() == dns.rcode.REFUSED


async def test_one_stream_carries_many_questions_in_order(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    wires = [dns.message.make_query("banhmi.vn.", "A").to_wire() for _ in range(5)]
    for wire in wires:
        writer.write(len(wire).to_bytes(2, "big") + wire)
    ids = []
    async with asyncio.timeout(5):
        for _ in wires:
            length = int.from_bytes(await reader.readexactly(2), "big")
            ids.append((await reader.readexactly(length))[:2])
    writer.close()

    assert ids == [wire[:2] for wire in wires]


async def test_clients_that_leave_midway_or_talk_nonsense_harm_nobody(served: Served) -> None:
    for nonsense in (
        b"\x00",
        b"\x00\x40abc",
        b"\x00\x00",
        b"\x00\x03abc",
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(nonsense)
        writer.close()
        await writer.wait_closed()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", served.port)
    )
    transport.sendto(b"nonsense, and a little more of it")
    transport.close()

    assert (await served.ask()).rcode() == dns.rcode.NOERROR
    assert await served.process.end() == 0
    assert "Traceback" not in served.process.text


@pytest.mark.parametrize("name", ["../../etc/passwd.", "a\\000b.vn.", ".", "..\\/x."])
def test_no_question_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "zones").mkdir()
    (tmp_path / "vn.zone").write_text(a_zone("vn"))
    zones = ZoneFolder(tmp_path / "zones")
    try:
        asked = dns.name.from_text(name)
    except dns.exception.DNSException:
        return  # no question at all

    assert zones.closest(asked) is None


def test_the_closest_enclosing_zone_answers_whatever_the_case(tmp_path: Path) -> None:
    for name in ("vn", "banhmi.vn"):
        (tmp_path / f"{name}.zone").write_text(a_zone(name))
    zones = ZoneFolder(tmp_path)

    found = zones.closest(dns.name.from_text("WWW.BanhMi.VN."))

    assert found is not None
    assert found.origin == dns.name.from_text("banhmi.vn.")
