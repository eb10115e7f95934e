"""The book: vouchers, holds, receipts and a journal in one SQLite file.

Officers' commands and the provider come here, from several processes at once. Every
change is one `BEGIN IMMEDIATE` transaction, so that two never count the same money.
`haidang sandbox journal` reads the journal: the file's name asks it to.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from haidang.core.errors import Absent, Conflict, Refused, Unavailable
from pydantic import TypeAdapter

from haidang_vouchers import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang_vouchers.rules import Hold, Voucher

R = TypeVar("R")

BUSY_SECONDS = 5.0
"""Below the guard's ten for a read, so that a find says why instead of being cut off."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS voucher (
  serial INTEGER PRIMARY KEY AUTOINCREMENT, fingerprint TEXT NOT NULL UNIQUE,
  programme TEXT NOT NULL, amount INTEGER NOT NULL, valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL, issued_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hold (
  id TEXT PRIMARY KEY, serial INTEGER NOT NULL REFERENCES voucher, reference TEXT NOT NULL,
  amount INTEGER NOT NULL, captured INTEGER NOT NULL, released INTEGER NOT NULL,
  expires_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS hold_of_voucher ON hold (serial);
CREATE TABLE IF NOT EXISTS receipt (
  effect_id TEXT PRIMARY KEY, intent TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (effect TEXT, domain TEXT, operation TEXT, at TEXT);
"""


def book_file(service_folder: Path) -> Path:
    """Where the book stands in the folder of the service whose provider reads it."""
    return service_folder / "effects-vouchers.sqlite"


@dataclass(frozen=True, slots=True)
class Effect:
    """What is to happen once: its key, its name, what is intended, and when."""

    id: str
    name: str
    intent: Any  # Any: one of the port's intents, a frozen dataclass
    at: datetime

    @property
    def digest(self) -> str:
        """Tells one intent from another; the code within it is not kept."""
        text = json.dumps([self.name, asdict(self.intent)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Page:
    """The book inside one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def issue(self, voucher: Voucher, fingerprint: str, at: datetime) -> int:
        """Write a new voucher down; its serial number. The one in *voucher* is not used."""
        cursor = self._db.execute(
            "INSERT INTO voucher (fingerprint, programme, amount, valid_from, valid_to, issued_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                fingerprint,
                voucher.programme,
                voucher.amount_dong,
                voucher.valid_from.isoformat(),
                voucher.valid_to.isoformat(),
                at.isoformat(),
            ),
        )
        serial = cursor.lastrowid
        assert serial is not None  # a row was inserted
        return serial

    def vouchers(self, programme: str = "") -> list[Voucher]:
        """Every voucher by serial number, or those of one programme."""
        rows = self._db.execute(
            "SELECT * FROM voucher WHERE ? IN ('', programme) ORDER BY serial", (programme,)
        )
        return [self._voucher(row) for row in rows.fetchall()]

    def voucher(self, fingerprint: str) -> Voucher:
        """The voucher whose code has *fingerprint*. Raises: Refused VOUCHER_UNKNOWN."""
        row = self._db.execute(
            "SELECT * FROM voucher WHERE fingerprint = ?", (fingerprint,)
        ).fetchone()
        if row is None:
            raise Refused("VOUCHER_UNKNOWN", field="payer")
        return self._voucher(row)

    def hold(self, id: str) -> Hold:
        """The hold called *id*. Raises: Absent VOUCHER_HOLD_ABSENT."""
        row = self._db.execute("SELECT * FROM hold WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise Absent("VOUCHER_HOLD_ABSENT")
        return _hold(row)

    def keep(self, hold: Hold) -> None:
        """Write *hold* down as it is now."""
        self._db.execute(
            "INSERT OR REPLACE INTO hold VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                hold.id,
                hold.serial,
                hold.reference,
                hold.amount_dong,
                hold.captured_dong,
                int(hold.is_released),
                hold.expires_at.isoformat(),
            ),
        )

    def receipt(self, effect: Effect) -> str | None:
        """What was answered to *effect*. Raises: Conflict VOUCHER_EFFECT_MISMATCH."""
        row = self._db.execute(
            "SELECT intent, value FROM receipt WHERE effect_id = ?", (effect.id,)
        ).fetchone()
        if row is not None and row["intent"] != effect.digest:
            raise Conflict("VOUCHER_EFFECT_MISMATCH")
        return row["value"] if row else None

    def note(self, effect: Effect, reference: str, value: str) -> None:
        """Remember that *effect* happened, and what was answered."""
        self._db.execute("INSERT INTO receipt VALUES (?, ?, ?)", (effect.id, effect.digest, value))
        operation = effect.id.rpartition("/")[0]
        self._db.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?)",
            (effect.name, reference, operation, effect.at.isoformat()),
        )

    def _voucher(self, row: sqlite3.Row) -> Voucher:
        holds = self._db.execute("SELECT * FROM hold WHERE serial = ?", (row["serial"],))
        return Voucher(
            row["serial"],
            row["programme"],
            row["amount"],
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_to"]),
            tuple(map(_hold, holds.fetchall())),
        )


class Book:
    """One file. A connection per transaction: threads and processes need no other care."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(SCHEMA)

    @contextmanager
    def page(self) -> Iterator[Page]:
        """The book to oneself: all of it is written, or nothing. Raises: Unavailable."""
        with closing(self._open()) as db:
            with _nothing_written():
                db.execute("BEGIN IMMEDIATE")
            try:
                yield Page(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def once(self, effect: Effect, kind: type[R], carry_out: Callable[[Page], tuple[R, str]]) -> R:
        """Carry *effect* out, or answer what was answered before: a receipt and its reference.

        Raises: Conflict VOUCHER_EFFECT_MISMATCH; Unavailable; what *carry_out* refuses with.
        """
        answers = TypeAdapter(kind)
        with self.page() as page:
            if (seen := page.receipt(effect)) is not None:
                return answers.validate_json(seen)
            receipt, reference = carry_out(page)
            page.note(effect, reference, answers.dump_json(receipt).decode())
        return receipt

    def found(self, effect: Effect, kind: type[R]) -> R | None:
        """What was answered to *effect*; None when it never happened. Raises: as `once`."""
        with closing(self._open()) as db, _nothing_written():
            seen = Page(db).receipt(effect)
        return None if seen is None else TypeAdapter(kind).validate_json(seen)

    def _open(self) -> sqlite3.Connection:
        with _nothing_written():
            db = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous=FULL")  # a receipt that was answered is never lost
        return db


@contextmanager
def _nothing_written() -> Iterator[None]:
    """Around what only opens, waits or reads. Raises: Unavailable VOUCHERS_BUSY."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable("VOUCHERS_BUSY") from error


def _hold(row: sqlite3.Row) -> Hold:
    return Hold(
        row["id"],
        row["serial"],
        row["reference"],
        row["amount"],
        datetime.fromisoformat(row["expires_at"]),
        row["captured"],
        bool(row["released"]),
    )
