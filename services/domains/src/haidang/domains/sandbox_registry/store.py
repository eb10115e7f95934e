"""The sandbox registry's memory: one SQLite file of its own, written durably.

`registry` comes here, inside one transaction per command, so that an effect and its
line in the journal are kept together or not at all. Nobody else writes this file;
`haidang sandbox journal` reads its journal.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from haidang.domains.sandbox_registry.objects import Contact, Domain, Host, Message
from pydantic import TypeAdapter

_SCHEMA = """
CREATE TABLE IF NOT EXISTS registrars (
  id TEXT PRIMARY KEY, salt BLOB NOT NULL, password BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS domains (
  name TEXT PRIMARY KEY, expires_at TEXT NOT NULL, record TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS domains_by_expiry ON domains (expires_at);
CREATE TABLE IF NOT EXISTS links (
  domain TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,
  PRIMARY KEY (domain, kind, target)
) STRICT;
CREATE INDEX IF NOT EXISTS links_by_target ON links (kind, target);
CREATE TABLE IF NOT EXISTS contacts (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS hosts (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  registrar TEXT NOT NULL, queued_at TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS journal (
  effect TEXT NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
"""

ROUNDS = 20_000
"""Of PBKDF2: a sandbox's random password needs no more, and a login stays quick."""

SALT_BYTES = 16
REPOSITORY = "HDSANDBX"
"""After the hyphen of every roid: at most 8 characters (RFC 5730 section 2.8)."""

R = TypeVar("R")
_DOMAIN: TypeAdapter[Domain] = TypeAdapter(Domain)
_CONTACT: TypeAdapter[Contact] = TypeAdapter(Contact)
_HOST: TypeAdapter[Host] = TypeAdapter(Host)


class Store:
    """One connection to the file. Not for several threads."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; durable when it returns."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _row(self, query: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._db.execute(query, values).fetchone()
        return row

    def _record(self, query: str, key: str, kind: TypeAdapter[R]) -> R | None:
        row = self._row(query, key)
        return None if row is None else kind.validate_json(str(row[0]))

    # Registrars

    def set_password(self, registrar: str, password: str) -> None:
        """Create *registrar* or replace its password; only a salted hash is kept."""
        salt = secrets.token_bytes(SALT_BYTES)
        self._db.execute(
            "INSERT OR REPLACE INTO registrars VALUES (?, ?, ?)",
            (registrar, salt, _hashed(password, salt)),
        )

    def is_password(self, registrar: str, password: str) -> bool:
        """Whether the password is right; an unknown registrar costs the same time."""
        row = self._row("SELECT salt, password FROM registrars WHERE id = ?", registrar)
        salt, kept = (b"", b"") if row is None else (row[0], row[1])
        assert isinstance(salt, bytes)
        assert isinstance(kept, bytes)
        return secrets.compare_digest(_hashed(password, salt), kept)

    def has_registrar(self, registrar: str) -> bool:
        """Whether *registrar* is accredited here."""
        return self._row("SELECT 1 FROM registrars WHERE id = ?", registrar) is not None

    # Objects

    def next_roid(self, kind: str) -> str:
        """A fresh repository object id."""
        query = (
            "INSERT INTO counters VALUES (?, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        )
        row = self._row(query, "roid")
        assert row is not None
        return f"{kind}{row[0]}-{REPOSITORY}"

    def domain(self, name: str) -> Domain | None:
        """The name's object."""
        return self._record("SELECT record FROM domains WHERE name = ?", name, _DOMAIN)

    def put_domain(self, domain: Domain) -> None:
        """Keep *domain*, replacing what was."""
        self._db.execute(
            "INSERT OR REPLACE INTO domains VALUES (?, ?, ?)",
            (domain.name, domain.expires_at.isoformat(), _DOMAIN.dump_json(domain).decode()),
        )
        self._db.execute("DELETE FROM links WHERE domain = ?", (domain.name,))
        contacts = {domain.registrant, *(contact for _, contact in domain.contacts)} - {""}
        links = [(domain.name, "contact", contact) for contact in contacts]
        links += [(domain.name, "host", host) for host in set(domain.servers.objects)]
        self._db.executemany("INSERT INTO links VALUES (?, ?, ?)", links)

    def delete_domain(self, name: str) -> None:
        """Forget the name."""
        self._db.execute("DELETE FROM domains WHERE name = ?", (name,))
        self._db.execute("DELETE FROM links WHERE domain = ?", (name,))

    def expired(self, now: datetime) -> list[Domain]:
        """Names past their expiry."""
        query = "SELECT record FROM domains WHERE expires_at <= ? ORDER BY expires_at"
        rows = self._db.execute(query, (now.isoformat(),)).fetchall()
        return [_DOMAIN.validate_json(row[0]) for row in rows]

    def is_linked(self, kind: str, target: str) -> bool:
        """Whether a domain refers to the contact or host *target*."""
        query = "SELECT 1 FROM links WHERE kind = ? AND target = ? LIMIT 1"
        return self._row(query, kind, target) is not None

    def subordinate_hosts(self, name: str) -> list[str]:
        """Host objects under the domain *name*, sorted."""
        query = "SELECT name FROM hosts WHERE name = ? OR name LIKE ? ORDER BY name"
        return [row[0] for row in self._db.execute(query, (name, f"%.{name}"))]

    def contact(self, contact_id: str) -> Contact | None:
        """The contact's object."""
        return self._record("SELECT record FROM contacts WHERE id = ?", contact_id, _CONTACT)

    def put_contact(self, contact: Contact) -> None:
        """Keep *contact*, replacing what was."""
        record = _CONTACT.dump_json(contact).decode()
        self._db.execute("INSERT OR REPLACE INTO contacts VALUES (?, ?)", (contact.id, record))

    def delete_contact(self, contact_id: str) -> None:
        """Forget the contact."""
        self._db.execute("DELETE FROM contacts WHERE id = ?", (contact_id,))

    def host(self, name: str) -> Host | None:
        """The host's object."""
        return self._record("SELECT record FROM hosts WHERE name = ?", name, _HOST)

    def put_host(self, host: Host) -> None:
        """Keep *host*, replacing what was."""
        record = _HOST.dump_json(host).decode()
        self._db.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?)", (host.name, record))

    def delete_host(self, name: str) -> None:
        """Forget the host."""
        self._db.execute("DELETE FROM hosts WHERE name = ?", (name,))

    # Messages and journal

    def queue(self, registrar: str, text: str, now: datetime) -> None:
        """Add a message to the registrar's queue."""
        self._db.execute(
            "INSERT INTO messages (registrar, queued_at, text) VALUES (?, ?, ?)",
            (registrar, now.isoformat(), text),
        )

    def waiting(self, registrar: str) -> tuple[int, Message | None]:
        """(how many messages wait, the oldest)."""
        count = self._row("SELECT count(*) FROM messages WHERE registrar = ?", registrar)
        query = "SELECT id, queued_at, text FROM messages WHERE registrar = ? ORDER BY id LIMIT 1"
        row = self._row(query, registrar)
        assert count is not None
        if row is None:
            return 0, None
        oldest = Message(int(str(row[0])), datetime.fromisoformat(str(row[1])), str(row[2]))
        return int(str(count[0])), oldest

    def dequeue(self, registrar: str, message_id: int) -> None:
        """Take a message off the queue."""
        query = "DELETE FROM messages WHERE registrar = ? AND id = ?"
        self._db.execute(query, (registrar, message_id))

    def record(self, effect: str, domain: str, operation: str, now: datetime) -> None:
        """Write one effect into the journal; call inside its transaction."""
        row = (effect, domain, operation, now.isoformat())
        self._db.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)

    def journal(self) -> list[tuple[str, str, str, str]]:
        """Every effect in order: (effect, domain, operation, at)."""
        return self._db.execute("SELECT * FROM journal ORDER BY rowid").fetchall()


def _hashed(secret: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, ROUNDS)
