"""Where a registry is, who we are to it, and how long we wait: values of a session. Pure."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """What the registry handed out. Its repr never shows the password."""

    client_id: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Endpoint:
    """Where the registry is and who it must prove to be.

    `server_name` is what its certificate must name, `server_id` what its greeting must
    say ("" takes any). `tls` makes a fresh context, so that renewed files are read;
    see `session.tls_context`.
    """

    host: str
    port: int
    server_name: str
    tls: Callable[[], ssl.SSLContext]
    server_id: str = ""


@dataclass(frozen=True)
class Patience:
    """Seconds the session waits. Defaults follow registries seen in the field.

    `question` is for commands that change nothing and stays below the guard's deadline
    for reads, so that a dead connection is noticed here; `answer` is for transforms.
    """

    connect: float = 8.0
    question: float = 8.0
    answer: float = 30.0
    idle_before_hello: float = 120.0
    session: float = 23 * 3600.0
    first_pause: float = 0.5
    longest_pause: float = 60.0
    login_pause: float = 900.0
