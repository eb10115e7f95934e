"""The throttle: how long somebody who failed has to wait, said in words with the time left.

Failures are counted where they come from: at one account from one network, or from one
device that the account knows, and for all accounts together from one network. A stranger's
failures therefore never delay a known device, nor another network. What this leaves to
the password's own strength, and why, is in `docs/explanation/accounts.md`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from haidang.core.clock import Clock
from haidang.core.errors import Refused, register
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.accounts.throttle.ledger import ThrottleLedger
from haidang.portal.accounts.tokens import kept

MOST_COUNTS = 20_000
"""Counts in memory, about 4 MB; those pushed out that cost a delay are in the ledger."""
MINUTE_SECONDS = 60
MOST_DOUBLINGS = 30

register(
    Refused,
    {
        "WAIT_SECONDS": (
            "Too many wrong tries. Wait {seconds} seconds, then try again. Devices you signed "
            "in on before are not affected.",
            "Đã thử sai nhiều lần. Hãy chờ {seconds} giây rồi thử lại. Máy anh/chị từng đăng "
            "nhập không bị ảnh hưởng.",
        ),
        "WAIT_MINUTES": (
            "Too many wrong tries. Wait about {minutes} min, then try again. Devices you "
            "signed in on before are not affected.",
            "Đã thử sai nhiều lần. Hãy chờ khoảng {minutes} phút rồi thử lại. Máy anh/chị từng "
            "đăng nhập không bị ảnh hưởng.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Count:
    """What failures are counted under. A shared one is many people's: a network."""

    key: str
    is_shared: bool = False


class Throttle:
    """Counts failures and makes whoever causes them wait. Bounded memory."""

    def __init__(self, ledger: ThrottleLedger, policy: AccountPolicy, clock: Clock) -> None:
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._counted: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    async def enter(self, counts: Iterable[Count]) -> None:
        """Let a try in; it counts as failed until `forgive`, so that tries at once all count.

        Raises: Refused WAIT_SECONDS, WAIT_MINUTES.
        """
        counts = tuple(counts)
        for count in counts:
            await self._remember(count)
        # Nothing is awaited from here until the try is counted; the clock is read only now,
        # or a try counted while this one waited would lie in its future and delay it.
        now = self._clock.now()
        held = [self._held(count, now) for count in counts]
        waits = [
            failed_at + self._delay(count, failures) - now
            for count, (failures, failed_at) in zip(counts, held, strict=True)
        ]
        if (wait := max(waits)) > timedelta():
            raise _wait(wait)
        for count, (failures, _) in zip(counts, held, strict=True):
            self._keep(_key(count), failures + 1, now)
        for count, (failures, _) in zip(counts, held, strict=True):
            if failures + 1 >= self._free(count):
                forget = now - self._policy.failures_forgotten_after
                await self._ledger.put(_key(count), failures + 1, now, forget=forget)

    async def forgive(self, counts: Iterable[Count]) -> None:
        """The try was no failure. What is shared loses one failure, what is one's own all."""
        for count in counts:
            failures, failed_at = self._counted.get(_key(count), (0, self._clock.now()))
            if count.is_shared and failures > 1:
                self._keep(_key(count), failures - 1, failed_at)
            elif self._counted.pop(_key(count), None) and failures >= self._free(count):
                await self._ledger.drop(_key(count))

    async def _remember(self, count: Count) -> None:
        """Read a count that memory lost, or that an earlier process kept."""
        key = _key(count)
        if key not in self._counted and (found := await self._ledger.failures(key)):
            self._counted.setdefault(key, found)

    def _held(self, count: Count, now: datetime) -> tuple[int, datetime]:
        found = self._counted.get(_key(count), (0, now))
        if now - found[1] >= self._policy.failures_forgotten_after:
            return 0, now
        return found

    def _keep(self, key: str, failures: int, failed_at: datetime) -> None:
        self._counted[key] = (failures, failed_at)
        self._counted.move_to_end(key)
        while len(self._counted) > MOST_COUNTS:
            self._counted.popitem(last=False)

    def _free(self, count: Count) -> int:
        policy = self._policy
        return policy.free_failures_of_network if count.is_shared else policy.free_failures

    def _delay(self, count: Count, failures: int) -> timedelta:
        policy = self._policy
        over = failures - self._free(count)
        if over < 0 or failures == 0:
            return timedelta()
        most = policy.longest_delay_of_network if count.is_shared else policy.longest_delay
        doubled: timedelta = policy.first_delay * 2 ** min(over, MOST_DOUBLINGS)
        return min(most, doubled)


def _key(count: Count) -> str:
    return kept(count.key)


def _wait(wait: timedelta) -> Refused:
    seconds = -(-wait // timedelta(seconds=1))
    if seconds <= MINUTE_SECONDS:
        return Refused("WAIT_SECONDS", seconds=seconds)
    return Refused("WAIT_MINUTES", minutes=-(-seconds // MINUTE_SECONDS))
