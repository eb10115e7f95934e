"""The rooms of the site: one module each, a class with `doors()`; here is their list."""

from __future__ import annotations

from dataclasses import dataclass

from haidang.portal.accounts import Accounts
from haidang.portal.renewals import RenewalLedger
from haidang.portal.web.assets import Assets
from haidang.portal.web.doors import Room
from haidang.portal.web.rooms.design import Design
from haidang.portal.web.rooms.front import Front
from haidang.portal.web.rooms.sign_in import SignIn
from haidang.portal.web.rooms.sign_up import SignUp


@dataclass(frozen=True)
class Offices:
    """The portal's own offices, as rooms are given them. A room takes only what it uses."""

    accounts: Accounts
    assets: Assets
    renewals: RenewalLedger


def all_rooms(offices: Offices) -> tuple[Room, ...]:
    """Every room of the site; addresses are tried in this order."""
    return (
        offices.assets,
        Front(),
        Design(),
        SignUp(offices.accounts),
        SignIn(offices.accounts),
    )
