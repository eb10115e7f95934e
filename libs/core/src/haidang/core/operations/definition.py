"""The mark of an operation and what its signature says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

# Any: an office method's own signature is kept by the TypeVar; only its mark is added.
Method = TypeVar("Method", bound=Callable[..., Awaitable[Any]])

MARK = "__haidang_operation__"


@dataclass(frozen=True, slots=True)
class Definition:
    """An operation's kind ("domains.renew/1") and its effects in the order they come."""

    kind: str
    steps: tuple[str, ...]


def operation(kind: str, *, steps: tuple[str, ...] = ()) -> Callable[[Method], Method]:
    """Mark an office method `(self, run, command) -> result` as a durable operation.

    *kind* ends in a version; a change that replay could notice needs the next one.
    *steps* announces the effects, so that progress can show what is still to come.
    """

    def mark(method: Method) -> Method:
        setattr(method, MARK, Definition(kind, steps))
        return method

    return mark


# Any: looked at for its mark only.
def definition_of(method: Callable[..., Any]) -> Definition:
    """The definition of a marked method. Raises: TypeError for an unmarked one."""
    found = getattr(method, MARK, None)
    if not isinstance(found, Definition):
        raise TypeError(f"{method!r} is not marked @operation")
    return found


# Any: annotations are runtime values of many kinds (classes, unions, aliases).
def hints_of(method: Callable[..., Any]) -> dict[str, Any]:
    """Resolved annotations of a bound method. Raises: TypeError when one is missing."""
    hints = get_type_hints(method)
    if "return" not in hints:
        raise TypeError(f"{method!r} must be annotated: the journal decodes by annotations")
    return hints


# Any: as above.
def command_type(method: Callable[..., Any]) -> Any:
    """The type of an operation's command: its last parameter."""
    hints = hints_of(method)
    return [hint for name, hint in hints.items() if name != "return"][-1]
