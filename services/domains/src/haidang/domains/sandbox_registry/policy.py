"""Which names this sandbox registers, and by which lifecycle: dated rows, read once.

Pure but for `load_policy`, which reads the data file beside it.

Source: policy.toml.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from haidang.domains.sandbox_registry.lifecycle import LifecycleProfile

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ALABEL = "xn--"


@dataclass(frozen=True)
class Suffixes:
    """Under which suffixes names are registered, as the row in use says."""

    root: str
    second_level: frozenset[str]
    provincial: frozenset[str]
    shortest_second_level: int


@dataclass(frozen=True)
class Policy:
    """The rows in use."""

    lifecycle: LifecycleProfile
    suffixes: Suffixes


def load_policy(lifecycle_id: str) -> Policy:
    """The policy with the lifecycle profile *lifecycle_id*. Raises: ValueError if unknown."""
    text = files("haidang.domains.sandbox_registry").joinpath("policy.toml").read_text("utf-8")
    rows = tomllib.loads(text)
    found = [row for row in rows["lifecycle"] if row["id"] == lifecycle_id]
    if not found:
        raise ValueError(f"registry.lifecycle: no profile {lifecycle_id}")
    suffixes = rows["suffixes"][-1]
    return Policy(
        LifecycleProfile(**found[0]),
        Suffixes(
            suffixes["root"],
            frozenset(suffixes["second_level"]),
            frozenset(suffixes["provincial"]),
            suffixes["shortest_second_level"],
        ),
    )


def is_host_name(name: str) -> bool:
    """Whether *name* is two or more LDH labels."""
    labels = name.split(".")
    return len(labels) > 1 and all(_is_label(label) for label in labels)


def _is_label(label: str) -> bool:
    if not _LABEL.fullmatch(label):
        return False
    if not label.startswith(_ALABEL):
        return "--" not in label
    encoded = label.removeprefix(_ALABEL)
    try:
        decoded = encoded.encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    # A label that decodes to ASCII, or not back to itself, is a disguise.
    return not decoded.isascii() and decoded.encode("punycode").decode("ascii") == encoded


def bar_to(name: str, suffixes: Suffixes) -> str:
    """Why *name* is not registrable here, in 32 characters; "" when it is."""
    labels = name.split(".")
    if labels[-1] != suffixes.root:
        return "Not a name of this registry"
    second, third = 2, 3
    shared = suffixes.second_level | suffixes.provincial
    if len(labels) == second:
        return _bar_to_second_level(labels[0], shared, suffixes)
    if len(labels) == third and labels[1] in shared:
        return ""
    return "Not directly under a suffix"


def _bar_to_second_level(label: str, shared: frozenset[str], suffixes: Suffixes) -> str:
    if label in shared:
        return "Reserved: a suffix"
    if len(label) < suffixes.shortest_second_level:
        return "Reserved: by auction only"
    return ""
