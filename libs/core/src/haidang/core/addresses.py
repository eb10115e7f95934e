"""Loopback addresses of the platform's processes: chosen once, kept across restarts.

The supervisor comes here at start. Ports lie below the range the kernel hands out to
outgoing connections, so that none of those takes a port while its process restarts.
"""

from __future__ import annotations

import itertools
import json
import socket
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

LOOPBACK = "127.0.0.1"
FILE = "run/addresses.json"
FIRST_PORT = 20_000
PORTS = 12_000
"""Linux hands out 32768 and above by default (ip_local_port_range)."""


def allocate(state: Path, names: Iterable[str]) -> dict[str, str]:
    """An address for each of *names*, written to `run/addresses.json` of *state*.

    One kept from before stays while its port is free, for TCP and UDP; a stranger on it
    costs the name its port.
    """
    path = state / FILE
    kept: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    spare = (port for port in _ports_of(state) if f"{LOOPBACK}:{port}" not in kept.values())
    addresses: dict[str, str] = {}
    held: list[socket.socket] = []
    for name in dict.fromkeys(names):
        wanted = [int(kept[name].rpartition(":")[2])] if name in kept else []
        port, sockets = _first_free(itertools.chain(wanted, spare))
        held += sockets
        addresses[name] = f"{LOOPBACK}:{port}"
    for each in held:
        each.close()
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(addresses, indent=1))
    fresh.rename(path)
    return addresses


def _ports_of(state: Path) -> Iterator[int]:
    """All our ports, starting where only this state folder does: two rarely meet."""
    start = zlib.crc32(str(state).encode()) % PORTS
    return (FIRST_PORT + (start + step) % PORTS for step in range(PORTS))


def _first_free(ports: Iterable[int]) -> tuple[int, list[socket.socket]]:
    for port in ports:
        sockets = _bound(port)
        if sockets is not None:
            return port, sockets
    raise OSError("no port is free on the loopback interface")


def _bound(port: int) -> list[socket.socket] | None:
    """TCP and UDP sockets on *port*, or None when it is taken."""
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        tcp.bind((LOOPBACK, port))
        udp.bind((LOOPBACK, port))
    except OSError:
        tcp.close()
        udp.close()
        return None
    return [tcp, udp]
