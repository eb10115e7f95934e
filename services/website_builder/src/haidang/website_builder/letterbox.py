"""The letterbox: a folder where the edge leaves letters and the service takes them from.

    letters/<site>/<time>-<id>.json

A letter lies here for seconds, readable by this user only; then it is sealed in the
service's ledger. It is whole or not there at all: written aside, synced, renamed, and its
folder synced, before a visitor is told that it arrived.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from haidang.core import telemetry
from haidang.core.errors import Unavailable
from haidang.core.ports.publishing import Letter, LetterAnswer

LETTERS = "letters"
"""The folder's name below what the edge reads."""
MOST_WAITING = 500
"""Letters of one site: a service that is away for a day must not fill the disk."""
MOST_HANDED_OUT = 100

_PRIVATE = 0o700
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}/[0-9a-f]{24}")
_SITE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def leave(folder: Path, letter: Letter) -> None:
    """Put *letter* in durably; the same letter a second time changes nothing.

    Raises: Unavailable ENQUIRY_NOT_KEPT when the disk refuses or too many letters wait.
    """
    try:
        _leave(folder, letter)
    except OSError as error:
        telemetry.logger(__name__).error("letter_not_kept", site=letter.site, errno=error.errno)
        raise Unavailable("ENQUIRY_NOT_KEPT") from error


def _leave(folder: Path, letter: Letter) -> None:
    box = folder / letter.site
    box.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    if any(box.glob(f"*-{letter.id}.json")):
        return
    if sum(1 for _ in itertools.islice(box.iterdir(), MOST_WAITING)) >= MOST_WAITING:
        telemetry.logger(__name__).error("letterbox_full", site=letter.site)
        raise Unavailable("ENQUIRY_NOT_KEPT")
    stamp = letter.received_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
    path = box / f"{stamp}-{letter.id}.json"
    fresh = box / f".{letter.id}.{os.getpid()}.{threading.get_ident()}"
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_written(letter))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
    for place in (box, folder):
        _sync(place)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written(letter: Letter) -> bytes:
    plain = dataclasses.asdict(letter) | {"received_at": letter.received_at.isoformat()}
    return json.dumps(plain, ensure_ascii=False).encode()


def waiting(folder: Path) -> tuple[Letter, ...]:
    """Some of the letters that wait, the oldest first.

    What cannot be read is put aside under "unreadable-…", for a person to look at.
    """
    paths = sorted(folder.glob("*/[0-9]*-*.json"), key=lambda path: path.name)
    found = (_read(path) for path in paths[:MOST_HANDED_OUT])
    return tuple(letter for letter in found if letter is not None)


def _read(path: Path) -> Letter | None:
    try:
        plain = json.loads(path.read_bytes())
        answers = tuple(LetterAnswer(**one) for one in plain.pop("answers"))
        at = datetime.fromisoformat(plain.pop("received_at"))
        return Letter(**plain, received_at=at, answers=answers)
    except FileNotFoundError:  # another replica took it
        return None
    except (ValueError, KeyError, TypeError):
        telemetry.logger(__name__).error("letter_unreadable", file=path.name)
        path.rename(path.with_name(f"unreadable-{path.name}"))
        return None


def let_go(folder: Path, names: tuple[str, ...]) -> None:
    """Remove the letters called "{site}/{id}"; an unknown name is nothing."""
    for path in _named(folder, names):
        path.unlink(missing_ok=True)


def _named(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        if _NAME.fullmatch(name):
            site, _, id = name.partition("/")
            yield from (folder / site).glob(f"*-{id}.json")


def is_plain_site(site: str) -> bool:
    """Whether a site's id may become a folder's name."""
    return bool(_SITE.fullmatch(site))
