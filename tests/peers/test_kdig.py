"""kdig asks the real name server process, by UDP and TCP, and judges what it hears."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from haidang.core.ports.dnshost import HostedZone, RecordSet
from haidang.core.testing.processes import ModuleProcess
from haidang.domains.providers.zonefiles.files import file_name, zone_text

from tests.judges import judge

pytestmark = pytest.mark.judge("kdig")

MODULE = "haidang.domains.providers.zonefiles.server"
ZONE = "xn--ph-lan-cp8b.vn"
LONG = " ".join(f'"{"a" * 250}"' for _ in range(8))
RECORD_SETS = (
    RecordSet("@", "A", 300, ("127.0.0.1",)),
    RecordSet("@", "NS", 86_400, ("ns1.example.vn.", "ns2.example.vn.")),
    RecordSet("*.shop", "A", 300, ("127.0.0.7",)),
    RecordSet("long", "TXT", 300, (LONG,)),
    RecordSet("sub", "NS", 300, (f"ns.sub.{ZONE}.",)),
    RecordSet("ns.sub", "A", 300, ("127.0.0.9",)),
    RecordSet("www", "CNAME", 300, (f"{ZONE}.",)),
)


def a_free_port() -> int:
    """A number free for UDP and for TCP."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
    ):
        stream.bind(("127.0.0.1", 0))
        port: int = stream.getsockname()[1]
        datagram.bind(("127.0.0.1", port))
        return port


@dataclass
class Kdig:
    """kdig, pointed at one server."""

    path: str
    port: int
    folder: Path

    def ask(self, *question: str) -> str:
        command = [self.path, "@127.0.0.1", "-p", str(self.port), "+noidn", "+retry=0", "+time=5"]
        ended = subprocess.run([*command, *question], capture_output=True, text=True, timeout=20)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def publish(self, zone: HostedZone) -> None:
        path = self.folder / file_name(zone.name)
        fresh = path.with_suffix(".new")
        fresh.write_text(zone_text(zone, "ns1.example.vn"))
        fresh.rename(path)


@pytest.fixture
async def kdig(tmp_path: Path) -> AsyncIterator[Kdig]:
    port = a_free_port()
    address = {"HAIDANG_ADDRESSES__NAMESERVER": f"127.0.0.1:{port}"}
    async with ModuleProcess(MODULE, tmp_path, "nameserver", environment=address) as server:
        await server.wait_ready()
        found = Kdig(judge("kdig"), port, tmp_path / "nameserver" / "zones")
        found.publish(HostedZone(ZONE, 1, RECORD_SETS))
        yield found
        assert await server.end() == 0
        assert "Traceback" not in server.text


@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
async def test_a_question_is_answered_with_authority(kdig: Kdig, transport: str) -> None:
    heard = kdig.ask(transport, ZONE, "A")

    assert "status: NOERROR" in heard
    assert "Flags: qr aa rd;" in heard
    assert "127.0.0.1" in heard
    assert ("(UDP)" if transport == "+notcp" else "(TCP)") in heard


async def test_an_alias_is_followed_inside_the_zone(kdig: Kdig) -> None:
    assert kdig.ask("+short", f"www.{ZONE}", "A").split() == [f"{ZONE}.", "127.0.0.1"]


async def test_a_wildcard_answers_under_the_asked_name(kdig: Kdig) -> None:
    heard = kdig.ask("+noall", "+answer", f"a.b.shop.{ZONE}", "A").split()

    assert heard[0] == f"a.b.shop.{ZONE}."
    assert heard[-1] == "127.0.0.7"


async def test_what_is_not_there_is_denied_with_the_soa(kdig: Kdig) -> None:
    absent, empty = kdig.ask(f"nope.{ZONE}", "A"), kdig.ask(ZONE, "MX")

    assert "status: NXDOMAIN" in absent
    assert "status: NOERROR" in empty
    assert all("SOA" in heard and "ANSWER: 0" in heard for heard in (absent, empty))


async def test_a_long_answer_is_cut_over_udp_and_whole_over_tcp(kdig: Kdig) -> None:
    cut = kdig.ask("+ignore", "+bufsize=1232", f"long.{ZONE}", "TXT")
    whole = kdig.ask(f"long.{ZONE}", "TXT")

    assert "Flags: qr aa tc" in cut
    assert "(TCP)" in whole
    assert whole.count("a" * 250) == 8


async def test_a_name_below_a_delegation_is_referred(kdig: Kdig) -> None:
    heard = kdig.ask(f"x.sub.{ZONE}", "A")

    assert "Flags: qr rd;" in heard
    assert "ANSWER: 0; AUTHORITY: 1; ADDITIONAL: 1" in heard
    assert "127.0.0.9" in heard


@pytest.mark.parametrize("question", [("example.com", "A"), (ZONE, "AXFR"), (ZONE, "CH", "A")])
async def test_foreign_zones_and_transfers_are_refused(
    kdig: Kdig, question: tuple[str, ...]
) -> None:
    command = [kdig.path, "@127.0.0.1", "-p", str(kdig.port), "+retry=0", *question]
    heard = subprocess.run(command, capture_output=True, text=True, timeout=20)

    assert "REFUSED" in heard.stdout + heard.stderr


async def test_a_published_change_is_answered_at_once(kdig: Kdig) -> None:
    for serial in range(2, 12):
        value = f"127.0.1.{serial}"
        kdig.publish(
            HostedZone(ZONE, serial, (RecordSet("@", "A", 300, (value,)), *RECORD_SETS[1:]))
        )
        assert kdig.ask("+short", ZONE, "A").split() == [value]
