"""The name server of one machine: a process of its own, authoritative, UDP and TCP, loopback.

It answers from the zone files alone and re-reads a file once it changed. No transfers;
production is Knot.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import cast

import dns.name
import dns.zone
from haidang.core import process
from haidang.core.settings import platform
from haidang.domains.providers.zonefiles.answers import answer_to

SUFFIX = ".zone"
LENGTH_BYTES = 2
IDLE_SECONDS = 10.0

FileMark = tuple[int, int, int]
"""What tells one state of a file from the next: modification, inode, size."""


class ZoneFolder:
    """Zones by name, each parsed again when its file changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parsed: dict[str, tuple[FileMark, dns.zone.Zone]] = {}

    def closest(self, name: dns.name.Name) -> dns.zone.Zone | None:
        """The zone that encloses *name* most closely; None when none does.

        Raises: dns.exception.DNSException for a file that is no zone.
        """
        labels = name.to_text(omit_final_dot=True).lower().split(".")
        for start in range(len(labels)):
            zone = self._zone(".".join(labels[start:]))
            if zone is not None:
                return zone
        return None

    def _zone(self, name: str) -> dns.zone.Zone | None:
        if not name or "/" in name or "\\" in name:
            return None
        path = self._folder / f"{name}{SUFFIX}"
        try:
            with path.open(encoding="ascii") as file:
                found = os.fstat(file.fileno())
                # Two publications may share a tick of the clock: the inode tells them apart.
                mark = (found.st_mtime_ns, found.st_ino, found.st_size)
                held = self._parsed.get(name)
                if held is None or held[0] != mark:
                    zone = dns.zone.from_text(file.read(), f"{name}.", relativize=False)
                    held = self._parsed[name] = (mark, zone)
        except OSError:
            self._parsed.pop(name, None)
            return None
        return held[1]


class Udp(asyncio.DatagramProtocol):
    """Answers datagrams."""

    def __init__(self, zones: ZoneFolder) -> None:
        self._zones = zones

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer by."""
        # asyncio's own datagram transports are not instances of the class they are typed by.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one query."""
        answer = answer_to(data, self._zones.closest, is_udp=True)
        if answer is not None:
            self._transport.sendto(answer, addr)


async def serve_stream(
    zones: ZoneFolder, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the queries of one TCP connection in order. Source: RFC 7766."""
    try:
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                length = int.from_bytes(await reader.readexactly(LENGTH_BYTES), "big")
                wire = await reader.readexactly(length)
            answer = answer_to(wire, zones.closest, is_udp=False)
            if answer is None:
                break
            writer.write(len(answer).to_bytes(LENGTH_BYTES, "big") + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
        pass  # the client left or fell silent: nothing is owed to it
    finally:
        writer.close()


async def main() -> None:
    """Serve until stopped."""
    place = platform()
    zones = ZoneFolder(place.folder("nameserver", "zones"))
    host, _, port = place.address("nameserver").rpartition(":")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Udp(zones), local_addr=(host, int(port))
    )
    server = await asyncio.start_server(
        lambda reader, writer: serve_stream(zones, reader, writer), host, int(port)
    )
    process.announce_ready()
    await process.until_stopped()
    server.close()
    transport.close()


if __name__ == "__main__":
    process.run(main)
