"""The sandbox bank's own books: authorisations, captures, releases and its journal."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HOLD_DAYS = 7
ID_BYTES = 9
BUSY_SECONDS = 10
MOST_DONG = 10**15
"""More money than anybody has; keeps sums within SQLite's integers."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS authorization (
  id TEXT PRIMARY KEY, payer TEXT NOT NULL, reference TEXT NOT NULL, amount INTEGER NOT NULL,
  captured INTEGER NOT NULL DEFAULT 0, released INTEGER NOT NULL DEFAULT 0,
  expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (effect TEXT, domain TEXT, operation TEXT, at TEXT);
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank answers: an HTTP status and a JSON body."""

    status: int
    body: dict[str, object]


class Store:
    """One SQLite file. Every effect, its journal line and its answer are one transaction."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def answered(self, key: str) -> Answer | None:
        """The answer once given to the request with idempotency *key*."""
        row = self._db.execute("SELECT * FROM answer WHERE key = ?", (key,)).fetchone()
        return Answer(row["status"], json.loads(row["body"])) if row else None

    def once(self, key: str, request: dict[str, object]) -> Answer:
        """Carry *request* out unless its key was seen; then give the same answer again.

        The same key with another request is refused with 409.
        """
        text = json.dumps(request, sort_keys=True)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            seen = self._db.execute("SELECT * FROM answer WHERE key = ?", (key,)).fetchone()
            if seen is not None:
                self._db.execute("COMMIT")
                if seen["request"] != text:
                    return Answer(409, {"error": "KEY_REUSED"})
                return Answer(seen["status"], json.loads(seen["body"]))
            answer = self._carry_out(key, request)
            self._db.execute(
                "INSERT INTO answer VALUES (?, ?, ?, ?)",
                (key, text, answer.status, json.dumps(answer.body)),
            )
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return answer

    def _carry_out(self, key: str, request: dict[str, object]) -> Answer:
        verb = str(request["verb"])
        if verb == "authorize":
            return self._authorize(key, request)
        row = self._db.execute(
            "SELECT * FROM authorization WHERE id = ?", (request["authorization"],)
        ).fetchone()
        if row is None:
            return Answer(404, {"error": "NO_SUCH_AUTHORIZATION"})
        return self._capture(key, row, request) if verb == "capture" else self._release(key, row)

    def _authorize(self, key: str, request: dict[str, object]) -> Answer:
        payer, reference = request.get("payer"), request.get("reference")
        amount = _amount(request)
        if not isinstance(payer, str) or not isinstance(reference, str):
            return Answer(400, {"error": "BODY_INVALID"})
        if amount is None:
            return Answer(400, {"error": "AMOUNT_INVALID"})
        if payer.startswith("declined"):
            return Answer(402, {"error": "PAYMENT_DECLINED"})
        identifier = f"auth-{secrets.token_hex(ID_BYTES)}"
        expires_at = (datetime.now(UTC) + timedelta(days=HOLD_DAYS)).isoformat()
        self._db.execute(
            "INSERT INTO authorization (id, payer, reference, amount, expires_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (identifier, payer, reference, amount, expires_at),
        )
        self._note("payment.authorize", reference, key)
        body: dict[str, object] = {
            "authorization_id": identifier,
            "amount_dong": amount,
            "expires_at": expires_at,
        }
        return Answer(201, body)

    def _capture(self, key: str, row: sqlite3.Row, request: dict[str, object]) -> Answer:
        amount = _amount(request)
        if amount is None:
            return Answer(400, {"error": "AMOUNT_INVALID"})
        if row["payer"].startswith("uncollectable"):
            return Answer(402, {"error": "PAYMENT_DECLINED"})
        if row["released"] or row["captured"] + amount > row["amount"]:
            return Answer(409, {"error": "NOTHING_TO_CAPTURE"})
        self._db.execute(
            "UPDATE authorization SET captured = captured + ? WHERE id = ?", (amount, row["id"])
        )
        at = self._note("payment.capture", row["reference"], key)
        return Answer(
            200, {"authorization_id": row["id"], "amount_dong": amount, "captured_at": at}
        )

    def _release(self, key: str, row: sqlite3.Row) -> Answer:
        left = row["amount"] - row["captured"] - row["released"]
        if left <= 0:
            return Answer(409, {"error": "NOTHING_TO_RELEASE"})
        self._db.execute(
            "UPDATE authorization SET released = released + ? WHERE id = ?", (left, row["id"])
        )
        at = self._note("payment.release", row["reference"], key)
        return Answer(200, {"authorization_id": row["id"], "amount_dong": left, "released_at": at})

    def _note(self, effect: str, reference: str, key: str) -> str:
        at = datetime.now(UTC).isoformat()
        self._db.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", (effect, reference, key, at))
        return at


def _amount(request: dict[str, object]) -> int | None:
    """The đồng asked for; None when that is no amount of money."""
    amount = request.get("amount_dong")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= MOST_DONG:
        return None
    return amount
