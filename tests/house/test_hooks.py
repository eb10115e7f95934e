"""A hook exists when it is documented, tested and used by a built-in: this machine checks."""

from __future__ import annotations

import inspect
import re

import pytest
from haidang.core import hookspecs
from haidang.core.plugins import PluginSettings, hook_names, load_plugins

from tests.house.test_budget import tracked
from tests.judges import PROJECT

PAGE = PROJECT / "docs" / "reference" / "hooks.md"
HEADING = re.compile(r"^### `(?P<hook>\w+)\((?P<arguments>.*)\) -> (?P<yields>.+)`$", re.MULTILINE)
USED_BY = re.compile(r"^Used by: (?P<who>.+?)\n(?:\n|\Z)", re.MULTILINE | re.DOTALL)


def documented() -> dict[str, tuple[str, str]]:
    """Arguments and yielded type of each hook, as the page says."""
    return {
        found["hook"]: (found["arguments"], found["yields"])
        for found in HEADING.finditer(PAGE.read_text())
    }


def sections() -> dict[str, str]:
    text = PAGE.read_text()
    starts = list(HEADING.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {start["hook"]: text[start.end() : end] for start, end in zip(starts, ends, strict=True)}


def test_the_page_lists_every_hook_in_the_order_of_the_book_and_no_other() -> None:
    assert list(documented()) == hook_names()


@pytest.mark.parametrize("hook", hook_names())
def test_a_hook_has_on_the_page_the_very_signature_it_has_in_the_code(hook: str) -> None:
    signature = inspect.signature(getattr(hookspecs, hook))

    assert documented()[hook] == (
        ", ".join(map(str, signature.parameters.values())),
        signature.return_annotation,
    )
    assert not signature.parameters, "hooks take no arguments"


@pytest.mark.parametrize("hook", hook_names())
def test_a_hook_says_what_it_is_for(hook: str) -> None:
    assert inspect.getdoc(getattr(hookspecs, hook))
    assert len(sections()[hook].split()) > 10


@pytest.mark.parametrize("hook", hook_names())
def test_a_hook_is_used_by_the_built_ins_the_page_names(hook: str) -> None:
    found = USED_BY.search(sections()[hook])
    assert found is not None
    named = set(re.findall(r"`([\w.-]+)`", found["who"]))
    plugins = load_plugins(settings=PluginSettings())
    built_in = {one.name for one in plugins.states if one.distribution.startswith("haidang-")}

    used = {getattr(value, "id", None) or value.name for value in plugins.data(hook)}

    assert used, f"no built-in uses {hook}"
    assert used <= named
    assert named <= used | built_in, "the page names what is no longer there"


@pytest.mark.parametrize("hook", hook_names())
def test_a_hook_is_tested(hook: str) -> None:
    here = PROJECT / "tests" / "house"
    tests = [
        path
        for path in tracked(".py")
        if path.is_relative_to(PROJECT / "tests") and not path.is_relative_to(here)
    ]

    assert any(hook in path.read_text() for path in tests)
