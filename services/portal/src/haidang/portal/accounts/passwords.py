"""Passwords: kept as argon2id, checked in threads of their own, refused when common.

The loop never computes a hash: a small pool does, and a queue that is full refuses
instead of letting everybody wait. Nothing here knows who a password belongs to.
"""

from __future__ import annotations

import asyncio
import math
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from haidang.core.errors import Malformed, Unavailable, register
from haidang.core.vietnamese import fold
from haidang.portal.accounts.policy import AccountPolicy

WORKERS = 2
MOST_WAITING = 64
MEASURED_CHARACTERS = 72
"""zxcvbn's own bound; a password this long that begins with a common one is still told."""

VIETNAMESE_COMMON = (
    "matkhau", "matkhau1", "anhyeuem", "emyeuanh", "yeuem", "yeuanh", "anhnhoem", "vietnam",
    "saigon", "hanoi", "danang", "vungtau", "khongbiet", "khongcho", "khongnoi", "xinchao",
    "hoang", "thanhcong", "phattai", "vochong", "giadinh", "congchua", "hoangtu", "tinhyeu",
    "mailamotnguoi", "honghoa", "anhkhong", "emcuaanh", "lienquan", "garena", "zing", "haidang",
)  # fmt: skip
"""Words that Vietnamese sign up with, beside zxcvbn's own lists, which are English ones."""

register(
    Malformed,
    {
        "PASSWORD_SHORT": (
            "A password has at least {least} characters. Several words in a row work well.",
            "Mật khẩu cần ít nhất {least} ký tự. Vài từ ghép lại là đủ và dễ nhớ.",
        ),
        "PASSWORD_LONG": (
            "A password has at most {most} characters.",
            "Mật khẩu dài nhất là {most} ký tự.",
        ),
        "PASSWORD_COMMON": (
            "This password is easy to guess. Take several words that do not belong together.",
            "Mật khẩu này dễ đoán. Hãy ghép vài từ không liên quan với nhau.",
        ),
    },
)

T = TypeVar("T")


class Passwords:
    """Makes and checks hashes, a few at a time."""

    def __init__(self, policy: AccountPolicy) -> None:
        self._policy = policy
        self._hasher = PasswordHasher(
            time_cost=policy.argon2_passes,
            memory_cost=policy.argon2_memory_kib,
            parallelism=policy.argon2_lanes,
        )
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="passwords")
        self._waiting = 0
        # What an unknown visitor's password is compared with, so that it takes as long.
        self._decoy = self._hasher.hash("nobody has this one")

    async def hashed(self, password: str) -> str:
        """What is kept of *password*. Raises: Unavailable SERVER_FULL."""
        return await self._in_thread(self._hasher.hash, _normal(password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether *stored* was kept of *password*; takes as long when there is none.

        Raises: Unavailable SERVER_FULL.
        """
        found = await self._in_thread(self._verified, stored or self._decoy, _normal(password))
        return found and stored is not None

    def is_dated(self, stored: str) -> bool:
        """Whether *stored* was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    async def check_new(self, password: str, own: Iterable[str], *, field: str) -> None:
        """Refuse a password that is too short, too long or common. *own*: the user's words.

        Raises: Malformed PASSWORD_SHORT, PASSWORD_LONG, PASSWORD_COMMON at *field*.
        """
        length = len(_normal(password))
        if length < self._policy.shortest_password:
            raise Malformed("PASSWORD_SHORT", field=field, least=self._policy.shortest_password)
        if length > self._policy.longest_password:
            raise Malformed("PASSWORD_LONG", field=field, most=self._policy.longest_password)
        guesses = await self._in_thread(guesses_log10, password, tuple(own))
        if guesses < self._policy.least_guesses_log10:
            raise Malformed("PASSWORD_COMMON", field=field)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False)

    def _verified(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    # Any: the thread's own arguments, typed by the callable.
    async def _in_thread(self, act: Callable[..., T], *arguments: Any) -> T:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("SERVER_FULL")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, act, *arguments)
        finally:
            self._waiting -= 1


def guesses_log10(password: str, own: Iterable[str] = ()) -> float:
    """How many tries *password* withstands, as a power of ten; accents do not help it."""
    from zxcvbn import zxcvbn  # its word lists take a moment to load

    known = [*VIETNAMESE_COMMON, *(word for text in own for word in _words(text))]
    spellings = {_normal(password)[:MEASURED_CHARACTERS], fold(password)[:MEASURED_CHARACTERS]}
    measured = (zxcvbn(one, user_inputs=known)["guesses"] for one in spellings if one)
    return min((math.log10(max(1, guesses)) for guesses in measured), default=0.0)


def _words(text: str) -> list[str]:
    plain = fold(text).lower()
    national = ["0" + plain.removeprefix("+84")] if plain.startswith("+84") else []
    return [word for word in (plain, plain.replace(" ", ""), *plain.split(), *national) if word]


def _normal(password: str) -> str:
    """One spelling for what keyboards send in several. Source: RFC 8265 section 4.2.2."""
    return unicodedata.normalize("NFC", password)
