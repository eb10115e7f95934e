"""Mail for a name: providers by name, out of dated data, and what choosing one changes. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from haidang.portal.records.zone import (
    APEX,
    Change,
    Record,
    record_changes,
    sender_policy_changes,
)


@dataclass(frozen=True, slots=True)
class MailPreset:
    """One provider: the servers that receive, and who may send in the name's name."""

    id: str
    title: str
    servers: tuple[str, ...]
    senders: str
    citation: str
    confidence: str

    def servers_of(self, domain: str) -> tuple[str, ...]:
        """MX values for *domain* (A-label)."""
        dashed = domain.replace(".", "-")
        return tuple(one.replace("{dashed}", dashed) for one in self.servers)


@cache
def mail_presets(on: date) -> tuple[MailPreset, ...]:
    """The providers whose rows are in use on *on*."""
    text = files("haidang.portal.records").joinpath("mail.toml").read_text("utf-8")
    return tuple(
        MailPreset(
            row["id"],
            row["title"],
            tuple(row["servers"]),
            row["senders"],
            row["citation"],
            row["confidence"],
        )
        for row in tomllib.loads(text)["preset"]
        if row["valid_from"] <= on and ("valid_to" not in row or on < row["valid_to"])
    )


def preset_in_use(
    held: Iterable[Record], domain: str, presets: Sequence[MailPreset]
) -> MailPreset | None:
    """The provider that *held* already names; None for another or none."""
    values = next((set(one.values) for one in held if one.key == (APEX, "MX")), set())
    return next((one for one in presets if values == set(one.servers_of(domain))), None)


def mail_changes(
    held: Sequence[Record], domain: str, preset: MailPreset | None, servers: Iterable[str] = ()
) -> tuple[Change, ...]:
    """Mail at *preset*, or at *servers* ("10 mail.example.com"); at neither: mail is not taken.

    The text that names permitted senders follows a preset; it goes when mail goes, and stays
    for servers of the owner's own, whose senders nobody here knows.
    """
    if preset is not None:
        change = record_changes(None, APEX, "MX", preset.servers_of(domain), 3600)
        return (*change, *sender_policy_changes(held, preset.senders))
    typed = tuple(_with_priority(one) for one in servers if one.strip())
    if typed:
        return record_changes(None, APEX, "MX", typed, 3600)
    return (Change(APEX, "MX", ()), *sender_policy_changes(held, ""))


def _with_priority(server: str) -> str:
    """ "mail.example.com" as "10 mail.example.com"; with a number it is kept."""
    return server.strip() if " " in server.strip() else f"10 {server.strip()}"
