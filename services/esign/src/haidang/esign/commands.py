"""Subcommands that e-sign adds to `haidang`.

Who comes in: the command line. Never here: rules; the file's bytes go to a bounded process.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from haidang.core.offers import CommandRef

if TYPE_CHECKING:
    from haidang.esign.trust import TrustAnchor

UNREADABLE = 2


def verification_commands() -> Iterable[CommandRef]:
    """The commands of validation."""
    yield CommandRef(
        name="verify-signature",
        help="judge the signatures of a PDF (kiểm tra chữ ký số của tệp PDF)",
        configure=_configure,
        run=_run,
    )


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the PDF to judge")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    parser.add_argument(
        "--anchor",
        type=Path,
        action="append",
        default=[],
        metavar="PEM",
        help="also believe the roots in this PEM file; may be repeated",
    )


def _run(arguments: argparse.Namespace) -> int:
    from haidang.core.clock import SystemClock
    from haidang.core.errors import HaidangError, sentence
    from haidang.esign import verification
    from haidang.esign.verdict_report import as_promised, summary_vi

    try:
        pdf = arguments.file.read_bytes()
    except OSError as error:
        print(f"Không đọc được tệp {arguments.file}: {error.strerror}.", file=sys.stderr)
        return UNREADABLE
    try:
        anchors, hosts = _trust(arguments)
    except HaidangError as error:
        print(sentence(error.reason, error.facts), file=sys.stderr)
        return UNREADABLE
    report = verification.validate_locally(pdf, anchors, SystemClock().now(), hosts)
    promised = json.dumps(as_promised(report), ensure_ascii=False)
    print(promised if arguments.json else summary_vi(report))
    return 0


def _trust(arguments: argparse.Namespace) -> tuple[tuple[TrustAnchor, ...], frozenset[str]]:
    """Whom to believe and whom to ask, by the platform, its settings and --anchor."""
    from haidang.core.settings import load, platform
    from haidang.esign import verification
    from haidang.esign.trust import select_anchors

    place = platform()
    file = None
    if arguments.state is not None:
        place = replace(platform({"HAIDANG_STATE": str(arguments.state)}), sandbox=place.sandbox)
        file = place.state / "haidang.toml"
    settings = load(verification.VerificationSettings, verification.SECTION, file=file)
    anchors, hosts = verification.trust_of(place, settings)
    added = [one for path in arguments.anchor for one in verification.anchors_from(path)]
    return select_anchors([*anchors, *added], sandbox_allowed=place.sandbox), hosts
