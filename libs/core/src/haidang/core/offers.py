"""What a plugin hands in: offers of providers, and the frozen types of data hooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from haidang.core.clock import Clock
from haidang.core.ports.publishing import BlobSource
from pydantic import BaseModel

if TYPE_CHECKING:
    import argparse

P = TypeVar("P")

API_VERSION = "1"


class NoSettings(BaseModel, extra="forbid", frozen=True):
    """Settings of a provider that needs none."""


@dataclass(frozen=True)
class BuildContext:
    """What a provider is built with. `state` is a folder of its own service, existing."""

    state: Path
    clock: Clock
    blobs: BlobSource | None = None


@dataclass(frozen=True)
class Offer(Generic[P]):
    """One provider on offer.

    `build` imports what it needs, so nothing heavy loads until the offer is chosen.
    `settings` is a pydantic model: a form, a schema and a page of documentation.
    """

    id: str
    settings: type[BaseModel]
    build: Callable[[BaseModel, BuildContext], P]
    api: str = API_VERSION
    capabilities: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class PackRef:
    """A template pack: data only. `root` holds pack.json; `api` is the pack format's version."""

    id: str
    version: str
    root: Traversable
    api: str = API_VERSION


@dataclass(frozen=True)
class CommandRef:
    """A subcommand of `haidang`. `configure` adds arguments; `run` returns the exit code."""

    name: str
    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


@dataclass(frozen=True)
class ProcessRef:
    """A process of `haidang up`. `module` is run as `python -m module`.

    `ports` are the names of addresses it listens on (loopback TCP unless they end in
    "/udp"); `after` names processes that must be ready first. `role` is one of
    service, foreign, nameserver, worker, edge. `sections` are those of haidang.toml it
    reads: a section that no process reads is refused. `page` is the one of `ports` that a
    person opens in a browser; it is said first once all is ready.
    """

    name: str
    module: str
    role: str
    ports: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    sandbox: bool = False
    sections: tuple[str, ...] = ()
    page: str = ""
