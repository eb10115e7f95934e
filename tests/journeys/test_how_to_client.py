"""The page on going online from code: its blocks are run as they stand, against a platform."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import re
from typing import Any

import pytest

from tests.journeys.house import House
from tests.journeys.visitor import Visitor
from tests.judges import PROJECT

pytestmark = pytest.mark.xdist_group("house")

PAGE = PROJECT / "docs" / "how-to" / "take-a-business-online-from-code.md"
BLOCK = re.compile(r"^```python\n(?P<text>.*?)^```$", re.M | re.S)
SCOPES = ("domains.read", "websites.write", "journeys.write", "esign.read")


async def run(blocks: list[str]) -> dict[str, Any]:
    """Run *blocks* in one namespace, as `python -m asyncio` would; the namespace."""
    names: dict[str, Any] = {}
    for block in blocks:
        code = compile(block, PAGE.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result
    return names


def test_whoever_follows_the_page_is_online(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Visitor(house)
    owner.sign_up()
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("HAIDANG_STATE", str(house.state))
    monkeypatch.setenv("HAIDANG_API_KEY", owner.key(*SCOPES))
    printed = io.StringIO()

    with contextlib.redirect_stdout(printed):
        names = asyncio.run(run([one["text"] for one in BLOCK.finditer(PAGE.read_text())]))

    said = printed.getvalue()
    assert f"http://quan-co-ba.vn.localhost:{house.port('edge')}/" in said
    assert "'publish'" in said
    assert "HAS NO LEGAL VALUE" in said
    assert names["pdf"].startswith(b"%PDF-")
    reason, sentence = said.splitlines()[-2:]
    assert re.fullmatch(r"[A-Z_]+ domain", reason)
    assert "chọn tên khác" in sentence
    assert house.effects_on("quan-co-ba.vn").count("domain.create") == 1
