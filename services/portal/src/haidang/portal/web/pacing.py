"""How often somebody may ask for something costly: kept in memory, of bounded size.

Source: the generic cell rate algorithm (ITU-T I.371): of each key only one instant is kept.
"""

from __future__ import annotations

from collections import OrderedDict

from haidang.core.clock import Clock

REMEMBERED = 4096
"""Keys remembered at most, about 1 MB; beyond them the one quiet for longest is forgotten."""


class Pace:
    """Lets a key in *burst* times at once, and then *burst* times in every *seconds*.

    It lives in one process and is forgotten with it: it bounds load, it protects no secret.
    """

    def __init__(
        self, clock: Clock, *, burst: int, seconds: float, remembered: int = REMEMBERED
    ) -> None:
        self._clock = clock
        self._each = seconds / burst
        self._ahead = seconds - self._each
        self._remembered = remembered
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._free_at)

    def admit(self, key: str) -> bool:
        """Whether *key* may go now; if so, that is counted."""
        now = self._clock.now().timestamp()
        free_at = max(self._free_at.get(key, now), now)
        if free_at - now > self._ahead:
            return False
        self._free_at[key] = free_at + self._each
        self._free_at.move_to_end(key)
        while len(self._free_at) > self._remembered:
            self._free_at.popitem(last=False)
        return True
