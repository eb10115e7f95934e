"""Every reason raised anywhere is registered once, with an English and a Vietnamese sentence."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import string

import haidang.core
import haidang.domains
import haidang.esign
import haidang.portal
import haidang.website_builder
import haidang_vouchers
from haidang.core.errors import CLASSES, registered

from tests.house.test_budget import our_sources

PACKAGES = (
    haidang.core,
    haidang.domains,
    haidang.website_builder,
    haidang.esign,
    haidang.portal,
    haidang_vouchers,
)


def import_everything() -> None:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if (
                "__main__" not in module.name
                and ".migrations." not in module.name
                and not module.name.endswith("schema.env")
            ):
                importlib.import_module(module.name)


def raised_reasons() -> set[tuple[str, str, str]]:
    found = set()
    for path in our_sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in CLASSES and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add((path.name, name, first.value))
    return found


def test_every_reason_raised_is_registered_under_its_class() -> None:
    import_everything()
    known = registered()

    missing = sorted(
        use
        for use in raised_reasons()
        if use[2] not in known or known[use[2]].error.__name__ != use[1]
    )

    assert missing == []


def test_every_reason_has_both_sentences_with_the_same_facts() -> None:
    import_everything()

    def facts(template: str) -> set[str]:
        names = (name for _, name, _, _ in string.Formatter().parse(template) if name)
        return {name.removesuffix("_vi").removesuffix("_en") for name in names}

    wrong = [
        entry.reason
        for entry in registered().values()
        if not entry.en or not entry.vi or not facts(entry.vi) <= facts(entry.en) | {"field"}
    ]

    assert wrong == []
