"""Settings: environment and file become frozen values, once. The only reader of the environment.

`platform()` says where this process stands; `load` fills a service's own pydantic model
from `<state>/haidang.toml` and `HAIDANG_<SECTION>__<FIELD>`. An unknown key is refused.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from haidang.core.errors import Absent, Malformed, register
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

DEFAULT_STATE = ".haidang"
PREFIX = "HAIDANG_"
NESTING = "__"
PRIVATE = 0o700

register(
    Malformed,
    {
        "SETTINGS_INVALID": (
            "Setting {field} is not valid: {detail}.",
            "Cấu hình {field} chưa đúng: {detail}.",
        ),
        "SETTINGS_SECTION_UNKNOWN": (
            "Nothing reads the section [{field}] of haidang.toml; known: {known}.",
            "Không phần nào đọc mục [{field}] của haidang.toml; các mục đã biết: {known}.",
        ),
    },
)
register(
    Absent,
    {
        "ADDRESS_UNKNOWN": (
            "No address is known for {name}; known: {known}.",
            "Chưa có địa chỉ của {name}; đã biết: {known}.",
        ),
    },
)


@dataclass(frozen=True)
class Platform:
    """Where this process stands: its state folder, its name, everybody's addresses."""

    state: Path
    process: str = ""
    sandbox: bool = True
    addresses: Mapping[str, str] = field(default_factory=dict)
    kill_at: str = ""

    def address(self, name: str) -> str:
        """The host:port of *name*. Raises: Absent ADDRESS_UNKNOWN."""
        found = self.addresses.get(name)
        if found is None:
            raise Absent("ADDRESS_UNKNOWN", name=name, known=sorted(self.addresses))
        return found

    def folder(self, *parts: str) -> Path:
        """A folder below the state folder, created for this user only."""
        path = self.state
        path.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        for part in parts:  # one by one: mkdir(parents=True) leaves the parents open to all
            path = path / part
            path.mkdir(exist_ok=True, mode=PRIVATE)
        return path


def default_state(environ: Mapping[str, str] | None = None) -> Path:
    """The state folder named by HAIDANG_STATE, else `.haidang` here."""
    return Path((os.environ if environ is None else environ).get("HAIDANG_STATE") or DEFAULT_STATE)


def platform(environ: Mapping[str, str] | None = None) -> Platform:
    """This process's place, from HAIDANG_STATE, HAIDANG_PROCESS and `run/addresses.json`.

    HAIDANG_ADDRESSES__<NAME> overrules an address; HAIDANG_SANDBOX=0 says that no
    sandbox part is in use. Raises: Malformed SETTINGS_INVALID.
    """
    source = os.environ if environ is None else environ
    state = default_state(source).resolve()
    addresses = _addresses(state / "run" / "addresses.json")
    prefix = f"{PREFIX}ADDRESSES{NESTING}"
    for key, value in source.items():
        if key.startswith(prefix):
            addresses[key.removeprefix(prefix).lower().replace("_", "-")] = value
    return Platform(
        state=state,
        process=source.get("HAIDANG_PROCESS", ""),
        sandbox=source.get("HAIDANG_SANDBOX", "1") != "0",
        addresses=addresses,
        kill_at=source.get("HAIDANG_KILL_AT", ""),
    )


def load(
    model: type[M],
    section: str,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> M:
    """*model* filled from the file's [section], then from the environment, which wins.

    Raises: Malformed SETTINGS_INVALID naming the key; an unknown key is refused.
    """
    source = os.environ if environ is None else environ
    path = file or default_state(source) / "haidang.toml"
    values = _merged(_from_file(path, section), _from_environment(section, source))
    try:
        # Said here, so that a model that forgets to forbid does not let a typing error pass.
        return model.model_validate(values, extra="forbid")
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        named = [".".join([section, *map(str, fault["loc"])]) for fault in faults]
        detail = "; ".join(dict.fromkeys(fault["msg"] for fault in faults))
        raise Malformed("SETTINGS_INVALID", field=", ".join(named), detail=detail) from None


def _addresses(file: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Malformed("SETTINGS_INVALID", field=file.name, detail=str(error)) from None
    return found


def require_known_sections(file: Path, known: Iterable[str]) -> None:
    """Refuse a section that nothing reads: a misspelt one would change nothing, silently.

    Raises: Malformed SETTINGS_SECTION_UNKNOWN, SETTINGS_INVALID.
    """
    names = sorted(set(known))
    for section in _tables(file):
        if section not in names:
            raise Malformed("SETTINGS_SECTION_UNKNOWN", field=section, known=names)


# Any: settings trees hold whatever their model says.
def _tables(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Malformed("SETTINGS_INVALID", field=path.name, detail=str(error)) from None


# Any: as above.
def _from_file(path: Path, section: str) -> dict[str, Any]:
    table = _tables(path).get(section, {})
    if not isinstance(table, dict):
        raise Malformed("SETTINGS_INVALID", field=section, detail="a section is expected")
    return table


# Any: as above.
def _from_environment(section: str, source: Mapping[str, str]) -> dict[str, Any]:
    prefix = f"{PREFIX}{section.upper()}{NESTING}"
    tree: dict[str, Any] = {}
    for key, text in source.items():
        if not key.startswith(prefix):
            continue
        *path, last = key.removeprefix(prefix).lower().split(NESTING)
        place = tree
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise Malformed("SETTINGS_INVALID", field=key, detail="another variable sets it")
        if isinstance(place.get(last), dict):
            raise Malformed("SETTINGS_INVALID", field=key, detail="another variable sets it")
        place[last] = _value(text)
    return tree


def _value(text: str) -> Any:  # Any: JSON where the text is JSON's list or object, else the text
    if text[:1] not in {"[", "{"}:
        return text
    try:
        return json.loads(text)
    except ValueError:  # "[::1]:443" is text, and a list spelled wrong the model refuses
        return text


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = _merged(old, value)
        else:
            result[key] = value
    return result
