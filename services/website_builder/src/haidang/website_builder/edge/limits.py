"""How often: counts by key in fixed windows, bounded in memory whoever comes."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Hashable

IPV4_PREFIX, IPV6_PREFIX = 32, 56
"""What one subscriber has. Source: RFC 6177 (end sites get /48 to /56); one IPv4 address."""


class Budget:
    """At most *most* per key in *seconds*; the oldest of more than *most_keys* is forgotten."""

    def __init__(self, most: int, seconds: float, *, most_keys: int = 10_000) -> None:
        self._most = most
        self._seconds = seconds
        self._most_keys = most_keys
        self._spent: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def take(self, key: Hashable, now: float) -> bool:
        """Whether one more is within the budget of *key* at *now* (monotonic seconds)."""
        began, count = self._spent.pop(key, (now, 0))
        if now - began >= self._seconds:
            began, count = now, 0
        self._spent[key] = (began, count + 1)
        while len(self._spent) > self._most_keys:
            self._spent.popitem(last=False)
        return count < self._most


def address_prefix(address: str) -> str:
    """The network of one subscriber: an IPv4 address, an IPv6 /56; "" for what is neither."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    read = mapped or read
    length = IPV6_PREFIX if isinstance(read, ipaddress.IPv6Address) else IPV4_PREFIX
    return str(ipaddress.ip_network(f"{read}/{length}", strict=False))
