"""Forms: what was typed is kept, and each fault stands at its field in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from haidang.core.errors import HaidangError, sentence
from haidang.core.vietnamese import normal
from starlette.datastructures import FormData, UploadFile


class Faults(Mapping[str, str]):
    """Sentences by field, in the order they were found. The field "" is the whole form."""

    def __init__(self, found: Mapping[str, str] | None = None) -> None:
        self._found = dict(found or {})

    def add(self, field: str, said: str) -> None:
        """Say *said* at *field*, unless something was said there before."""
        self._found.setdefault(field, said)

    def add_error(
        self, error: HaidangError, locale: str, fields: Mapping[str, str] | None = None
    ) -> None:
        """Put an error of the vocabulary at its field; *fields* translates foreign names.

        A foreign name is tried whole ("registrant.tax_code"), then by its last part.
        """
        at = str(error.facts.get("field", ""))
        names = fields or {}
        field = names.get(at) or names.get(at.rpartition(".")[2]) or ("" if fields else at)
        self.add(field, sentence(error.reason, error.facts, locale))

    def __getitem__(self, field: str) -> str:
        return self._found[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class Typed(Mapping[str, str]):
    """The texts of a posted form, each in NFC without outer white space, none repeated."""

    def __init__(self, data: FormData | None = None) -> None:
        self._data = data or FormData()

    def __getitem__(self, field: str) -> str:
        value = self._data[field]
        if not isinstance(value, str):
            raise KeyError(field)
        return normal(value)

    def __iter__(self) -> Iterator[str]:
        return iter(key for key, value in self._data.items() if isinstance(value, str))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every text exactly as typed, in order, with its field; no file."""
        found = self._data.multi_items()
        return tuple((name, value) for name, value in found if isinstance(value, str))

    def raw(self, field: str) -> str:
        """The text exactly as typed: a password, a letter with lines; "" when absent."""
        value = self._data.get(field, "")
        return value if isinstance(value, str) else ""

    def lines(self, field: str) -> str:
        """A longer text with its line breaks kept, as "\\n"."""
        parts = self.raw(field).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(normal(part) for part in parts).strip()

    def all(self, field: str) -> list[str]:
        """Every text sent under one name: check boxes."""
        return [normal(one) for one in self._data.getlist(field) if isinstance(one, str)]

    def file(self, field: str) -> UploadFile | None:
        """The file sent under *field*, None when none was chosen."""
        value = self._data.get(field)
        return value if isinstance(value, UploadFile) and value.filename else None

    def files(self, field: str) -> list[UploadFile]:
        """Every file sent under *field*, in order."""
        found = self._data.getlist(field)
        return [one for one in found if isinstance(one, UploadFile) and one.filename]

    def required(self, field: str, faults: Faults, said: str) -> str:
        """The text of *field*; with *said* added to *faults* when it is empty."""
        text = self.get(field, "")
        if not text:
            faults.add(field, said)
        return text


def http_date(instant: datetime) -> str:
    """*instant* for a header. Source: RFC 9110 section 5.6.7."""
    return instant.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
