"""How long things last and how strong they are: dated settings of accounts. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """One dated set of parameters. `source` says on what they rest."""

    since: date
    source: str
    # Passwords
    shortest_password: int
    longest_password: int
    least_guesses_log10: float
    """A password that zxcvbn guesses in fewer than ten to this many tries is common."""
    argon2_memory_kib: int
    argon2_passes: int
    argon2_lanes: int
    # Sessions
    session_idle: timedelta
    session_end: timedelta
    seen_every: timedelta
    """`seen_at` is written at most this often: a page view is not a write."""
    old_token_lasts: timedelta
    proof_lasts: timedelta
    most_sessions: int
    # Handed out
    recovery_codes: int
    invitation_lasts: timedelta
    challenge_lasts: timedelta
    longest_key: timedelta
    operator_link_lasts: timedelta
    device_lasts: timedelta
    # Throttle
    free_failures: int
    free_failures_of_network: int
    first_delay: timedelta
    longest_delay: timedelta
    longest_delay_of_network: timedelta
    failures_forgotten_after: timedelta


POLICIES = (
    AccountPolicy(
        since=date(2026, 11, 1),
        source=(
            "OWASP Password Storage Cheat Sheet (argon2id, 19 MiB, 2 passes); NIST SP 800-63B-4 "
            "section 3.1.1 (length, common passwords, no composition) and 2.2.3 (session times)"
        ),
        shortest_password=8,
        longest_password=128,
        least_guesses_log10=6.0,
        argon2_memory_kib=19 * 1024,
        argon2_passes=2,
        argon2_lanes=1,
        session_idle=timedelta(days=14),
        session_end=timedelta(days=60),
        seen_every=timedelta(minutes=5),
        old_token_lasts=timedelta(seconds=30),
        proof_lasts=timedelta(minutes=10),
        most_sessions=50,
        recovery_codes=10,
        invitation_lasts=timedelta(days=7),
        challenge_lasts=timedelta(minutes=5),
        longest_key=timedelta(days=366),
        operator_link_lasts=timedelta(minutes=10),
        device_lasts=timedelta(days=365),
        free_failures=5,
        free_failures_of_network=40,
        first_delay=timedelta(seconds=2),
        longest_delay=timedelta(minutes=15),
        longest_delay_of_network=timedelta(minutes=1),
        failures_forgotten_after=timedelta(hours=24),
    ),
)


def policy_on(day: date) -> AccountPolicy:
    """The parameters in force on *day*."""
    return max((one for one in POLICIES if one.since <= day), key=lambda one: one.since)
