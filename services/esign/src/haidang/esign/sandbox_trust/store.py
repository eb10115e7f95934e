"""The sandbox trust service's own books: what it issued and revoked, and its journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

BUSY_SECONDS = 10
SCHEMA = """
CREATE TABLE IF NOT EXISTS issued (
  serial TEXT PRIMARY KEY, key TEXT UNIQUE, request BLOB, certificate BLOB, revoked_at TEXT);
CREATE TABLE IF NOT EXISTS journal (effect TEXT, domain TEXT, operation TEXT, at TEXT);
"""


class Store:
    """One SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def issue_once(
        self, key: str, request: bytes, issue: Callable[[], x509.Certificate]
    ) -> x509.Certificate | None:
        """Issue under idempotency *key*, or give the certificate issued then.

        None when the key was used for another request.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            row = self._db.execute(
                "SELECT request, certificate FROM issued WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                certificate = issue()
                self._keep(key, request, certificate)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        if row is None:
            return certificate
        return x509.load_der_x509_certificate(row[1]) if row[0] == request else None

    def _keep(self, key: str, request: bytes, certificate: x509.Certificate) -> None:
        der = certificate.public_bytes(Encoding.DER)
        self._db.execute(
            "INSERT INTO issued VALUES (?, ?, ?, ?, NULL)",
            (str(certificate.serial_number), key, request, der),
        )
        at = datetime.now(UTC).isoformat()
        self._db.execute("INSERT INTO journal VALUES ('certificate.issue', '', ?, ?)", (key, at))

    def is_issued(self, serial: int) -> bool:
        """Whether a certificate with this serial number was issued here."""
        query = "SELECT 1 FROM issued WHERE serial = ?"
        return self._db.execute(query, (str(serial),)).fetchone() is not None

    def revoke(self, serial: int) -> None:
        """Revoke the certificate with this serial number, now."""
        at = datetime.now(UTC).isoformat()
        self._db.execute("UPDATE issued SET revoked_at = ? WHERE serial = ?", (at, str(serial)))

    def revoked(self) -> dict[int, datetime]:
        """Revoked serial numbers and when."""
        query = "SELECT serial, revoked_at FROM issued WHERE revoked_at IS NOT NULL"
        return {int(serial): datetime.fromisoformat(at) for serial, at in self._db.execute(query)}
