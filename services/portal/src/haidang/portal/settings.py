"""The portal's settings; light, so that its commands start fast."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


# Any: an offer's settings are whatever its own model says.
class PortalSettings(BaseModel, extra="forbid", frozen=True):
    """The portal's own settings, section [portal].

    `database_url`: the ledger; empty means SQLite in the state folder. `payment_provider`
    and `payment`: the chosen offer and its settings. `site_addresses_v4`/`v6`: what a new
    zone's apex says; loopback suits one machine. `origin`: what browsers call the site,
    scheme and host; empty means `http://localhost:<port>`. `trusted_proxies`: addresses or
    networks of the proxies in front, whose X-Forwarded-For names the visitor; without one
    nobody's is believed. `kill_at`: a fault on demand, sandbox only.
    """

    database_url: str = ""
    payment_provider: str = "bank"
    payment: dict[str, Any] = {}
    site_addresses_v4: tuple[str, ...] = ("127.0.0.1",)
    site_addresses_v6: tuple[str, ...] = ()
    origin: str = ""
    trusted_proxies: tuple[str, ...] = ()


def site_origin(settings: PortalSettings, address: str) -> str:
    """What browsers call the site: as configured, else this machine at *address*'s port."""
    return settings.origin.rstrip("/") or f"http://localhost:{address.rpartition(':')[2]}"
