"""Doors: an address of the site, who may enter, and how much they may bring.

The list of all doors is data: the tests of CSRF, sign-in and other tenants' names walk
along it, so that a new address is covered or fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from starlette.responses import Response

if TYPE_CHECKING:
    from haidang.portal.web.visit import Visit

PUBLIC = "public"
"""Anybody, signed in or not."""
SIGNED_IN = "signed-in"
"""Whoever has a session, whatever their role."""
OPERATOR = "operator"
"""Operators of the platform."""

FORM_BYTES = 64 * 1024
PHOTO_BYTES = 24 * 1024 * 1024
PAPER_BYTES = 24 * 1024 * 1024

Answer = Callable[["Visit"], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """One method and path. `needs` is PUBLIC, SIGNED_IN, OPERATOR or a grant of the role.

    `path` is Starlette's: "/ten-mien/{name}". `most_bytes` bounds the body. `names` says
    which resources of a tenant the path's parameters name, such as ("website",), so that
    the tests can come with another tenant's. Behind a `fresh` door the visitor must have
    proved who they are within the last minutes; whoever did not is asked, and comes back.
    """

    method: str
    path: str
    answer: Answer
    needs: str = SIGNED_IN
    most_bytes: int = FORM_BYTES
    names: tuple[str, ...] = ()
    fresh: bool = False


class Room(Protocol):
    """A part of the site."""

    def doors(self) -> tuple[Door, ...]:
        """Its addresses."""
        ...
