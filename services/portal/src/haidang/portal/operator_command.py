"""`haidang operator-link`: lets whoever keeps this machine make a user an operator."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta
from pathlib import Path

from haidang.core.offers import CommandRef

LASTS = timedelta(minutes=10)
"""The same as `AccountPolicy.operator_link_lasts`; a test compares."""


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(arguments: argparse.Namespace) -> int:
    """Print a link, good for ten minutes and one user."""
    from haidang.core.clock import SystemClock
    from haidang.core.errors import Absent
    from haidang.core.settings import load
    from haidang.portal import business_file as _business_file  # noqa: F401 - its reasons
    from haidang.portal.accounts.operators.links import PATH, new_link
    from haidang.portal.settings import PortalSettings, site_origin

    state: Path = arguments.state
    try:
        secret = (state / "portal" / "site-secret").read_bytes()
        address = json.loads((state / "run/addresses.json").read_text())["portal"]
    except (OSError, KeyError) as error:
        raise Absent("PLATFORM_NOT_RUNNING", state=str(state)) from error
    settings = load(PortalSettings, "portal", file=state / "haidang.toml")
    token = new_link(secret, SystemClock().now() + LASTS)
    print(f"{site_origin(settings, address)}{PATH}/{token}")
    return 0


OPERATOR_LINK = CommandRef(
    "operator-link", "make a link that turns a signed-in user into an operator", configure, run
)
