"""Options of the whole suite: `--soak` makes the fault tests long."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="the full product and 300 random kills")
