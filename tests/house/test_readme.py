"""The README is true: what it names exists."""

from __future__ import annotations

import re

import pytest

from tests.judges import PROJECT

README = (PROJECT / "README.md").read_text()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:docs|services|libs|examples|proto)/[^`…]*)`", README)))
)
def test_a_path_the_readme_names_exists(path: str) -> None:
    assert (PROJECT / path).exists(), path


def test_the_pictures_of_the_readme_are_committed() -> None:
    for picture in re.findall(r'src="([^"]+)"', README):
        assert (PROJECT / picture).is_file(), picture


@pytest.mark.parametrize("target", ["run", "test", "check", "bench", "soak", "proto", "setup"])
def test_every_target_is_in_the_makefile(target: str) -> None:
    assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text(), re.MULTILINE)
