"""Built-in providers, offered through the same door as strangers."""

from __future__ import annotations

from collections.abc import Iterable

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import CommandRef, ProcessRef


@hookimpl
def register_commands() -> Iterable[CommandRef]:
    """`haidang verify-signature`."""
    from haidang.esign.commands import verification_commands

    return list(verification_commands())


@hookimpl
def register_processes() -> Iterable[ProcessRef]:
    """The bounded inspector of hostile files."""
    return [ProcessRef("verify-worker", "haidang.esign.verify_worker", "worker")]
