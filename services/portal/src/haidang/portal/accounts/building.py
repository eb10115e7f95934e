"""Puts the office of accounts together over a database."""

from __future__ import annotations

from haidang.core.clock import Clock
from haidang.core.database import Database
from haidang.portal.accounts.keys.ledger import KeyLedger
from haidang.portal.accounts.keys.office import Keys
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.office import Accounts
from haidang.portal.accounts.operators.ledger import LinkLedger
from haidang.portal.accounts.operators.office import Operators
from haidang.portal.accounts.passkeys.challenges import Challenges
from haidang.portal.accounts.passkeys.ledger import PasskeyLedger
from haidang.portal.accounts.passkeys.office import Passkeys
from haidang.portal.accounts.passwords import Passwords
from haidang.portal.accounts.policy import AccountPolicy, policy_on
from haidang.portal.accounts.privacy import Privacy
from haidang.portal.accounts.sessions import Sessions
from haidang.portal.accounts.teams.ledger import TeamLedger
from haidang.portal.accounts.teams.office import Teams
from haidang.portal.accounts.throttle.ledger import ThrottleLedger
from haidang.portal.accounts.throttle.office import Throttle


def accounts_office(
    database: Database,
    *,
    secret: bytes,
    origin: str,
    clock: Clock,
    policy: AccountPolicy | None = None,
) -> Accounts:
    """The office; *policy* is the one in force at the start unless a test says another.

    *secret* keys recovery codes, challenges and operator links; *origin* is the site's.
    """
    rules = policy or policy_on(clock.now().date())
    people, teams, keys = AccountLedger(database), TeamLedger(database), KeyLedger(database)
    passkeys, sessions = PasskeyLedger(database), Sessions(people, teams, rules, clock)
    challenges = Challenges(secret)
    return Accounts(
        people,
        sessions,
        Passwords(rules),
        rules,
        teams=Teams(teams, people, sessions, rules, clock),
        passkeys=Passkeys(
            passkeys, people, sessions, challenges, rules, origin=origin, clock=clock
        ),
        keys=Keys(keys, people, rules, clock),
        operators=Operators(LinkLedger(database), people, sessions, secret=secret, clock=clock),
        throttle=Throttle(ThrottleLedger(database), rules, clock),
        privacy=Privacy(people, teams, passkeys, keys),
        secret=secret,
        clock=clock,
    )
