"""Marks that tell reads from acts, so that a lost answer is never mistaken for a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

# Any: a mark passes every method through unchanged and never looks at its arguments.
Method = TypeVar("Method", bound=Callable[..., Any])

EffectId = str
"""`<operation name>/<effect name>`: one effect's key, stable across retries and restarts."""

MARK = "__haidang_mark__"


def reads(method: Method) -> Method:
    """Mark *method* as free of effects: it may be repeated at will."""
    setattr(method, MARK, ("reads", None))
    return method


def acts(*, find: str) -> Callable[[Method], Method]:
    """Mark a method as having an effect; *find* names the read that says whether it happened."""

    def mark(method: Method) -> Method:
        setattr(method, MARK, ("acts", find))
        return method

    return mark


NEEDS = "__haidang_needs__"


def needs(capability: str) -> Callable[[Method], Method]:
    """Mark a method as part of *capability*: where it is not declared, the guard refuses."""

    def mark(method: Method) -> Method:
        setattr(method, NEEDS, capability)
        return method

    return mark


def need_of(method: object) -> str | None:
    """The capability *method* is part of; None when every provider has it."""
    found: str | None = getattr(method, NEEDS, None)
    return found


def mark_of(method: object) -> tuple[str, str | None] | None:
    """("reads", None), ("acts", find) or None when *method* bears no mark."""
    found: tuple[str, str | None] | None = getattr(method, MARK, None)
    return found
