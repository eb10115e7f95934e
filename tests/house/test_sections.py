"""Every section of haidang.toml that a process reads is declared, so that `up` admits it."""

from __future__ import annotations

import re

from haidang.core.plugins import PluginSettings, load_plugins

from tests.house.test_budget import our_sources

LOADED = re.compile(r"\bload\(\s*\w+,\s*\"(?P<section>[a-z_]+)\"")


def test_every_section_that_is_read_is_declared_by_a_process() -> None:
    read = {
        found["section"] for path in our_sources() for found in LOADED.finditer(path.read_text())
    }
    refs = load_plugins(settings=PluginSettings()).data("register_processes")

    declared = {"plugins", *(section for ref in refs for section in ref.sections)}

    assert read == declared
