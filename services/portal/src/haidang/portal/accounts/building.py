"""Puts the office of accounts together over a database."""

from __future__ import annotations

from haidang.core.clock import Clock
from haidang.core.database import Database
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.office import Accounts
from haidang.portal.accounts.passwords import Passwords
from haidang.portal.accounts.policy import AccountPolicy, policy_on
from haidang.portal.accounts.sessions import Sessions
from haidang.portal.accounts.teams.ledger import TeamLedger
from haidang.portal.accounts.teams.office import Teams


def accounts_office(
    database: Database, *, secret: bytes, clock: Clock, policy: AccountPolicy | None = None
) -> Accounts:
    """The office; *policy* is the one in force at the start unless a test says another."""
    rules = policy or policy_on(clock.now().date())
    ledger, teams = AccountLedger(database), TeamLedger(database)
    sessions = Sessions(ledger, teams, rules, clock)
    return Accounts(
        ledger,
        sessions,
        Passwords(rules),
        rules,
        teams=Teams(teams, ledger, rules, clock),
        secret=secret,
        clock=clock,
    )
