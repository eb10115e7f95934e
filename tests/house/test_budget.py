"""Size budget and forbidden strings: house rules that a machine can keep."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.judges import PROJECT

LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 40
WAIVER = "# size: "
PORTIONS = ("libs/core/src", "services", "plugins")


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    paths = [PROJECT / name for name in listed]
    return [p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes)]


def our_sources() -> Iterator[Path]:
    for path in tracked(".py"):
        name = str(path.relative_to(PROJECT))
        if name.startswith(PORTIONS) and "/haidang/api/" not in name:
            yield path


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = node.body[1].lineno if is_docstring and len(node.body) > 1 else first.lineno
    return (node.end_lineno or start) - start + 1


def test_no_file_is_longer_than_the_budget() -> None:
    long = [
        f"{path.relative_to(PROJECT)}: {lines}"
        for path in our_sources()
        if (lines := path.read_text().count("\n")) > LONGEST_FILE_LINES
        and WAIVER not in path.read_text()[:2000]
    ]

    assert long == []


def test_no_function_is_longer_than_the_budget() -> None:
    long = []
    for path in our_sources():
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            is_waived = WAIVER in text.splitlines()[node.lineno - 1]
            if body_lines(node) > LONGEST_FUNCTION_LINES and not is_waived:
                long.append(f"{path.relative_to(PROJECT)}:{node.lineno} {node.name}")

    assert long == []


def test_every_folder_of_a_portion_is_a_package() -> None:
    """import-linter skips a folder without __init__.py silently."""
    folders = {path.parent for path in our_sources()}
    roots = {"haidang", "src"}
    bare = [
        str(folder.relative_to(PROJECT))
        for folder in folders
        if folder.name not in roots
        and "src" in folder.parts
        and "versions" not in folder.parts
        and not (folder / "__init__.py").is_file()
    ]

    assert bare == []


HOSTS = ("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.org", "deb" + r"ian\.org/")


@pytest.mark.parametrize(
    "pattern",
    [*HOSTS, r"(?<![\w.])/(work|farm)/", r"(?<![\w.])/root/\."],
    ids=["python index", "file host", "npm", "debian", "work folder", "root folder"],
)
def test_no_file_names_a_registry_host_or_a_machine_path(pattern: str) -> None:
    found = []
    for path in tracked():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if re.search(pattern, text, re.IGNORECASE):
            found.append(str(path.relative_to(PROJECT)))

    assert found == []
