"""The Nu checker judges every page of the pack. Its path: `vnu`, or HAIDANG_VNU_JAR with Java."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from haidang.website_builder.rendering import RenderedSite

from tests.judges import judge
from tests.peers.test_pack_in_browser import everything
from tests.website_builder.kitchens import BEP, a_kitchen, cooked, with_photos
from tests.website_builder.sites import BIEN, a_photo, a_website, rendered, section


def checker() -> list[str]:
    if jar := os.environ.get("HAIDANG_VNU_JAR"):
        return [judge("java"), "-jar", jar]
    return [judge("vnu")]


def errors(*pages: Path) -> list[dict[str, Any]]:
    """What the checker holds against *pages*; a page it cannot find would pass, so it must be."""
    assert all(page.is_file() for page in pages)
    run = subprocess.run(
        [*checker(), "--format", "json", *map(str, pages)], capture_output=True, check=False
    )
    messages = json.loads(run.stderr)["messages"]
    return [one for one in messages if one["type"] != "info"]


def a_homestay() -> RenderedSite:
    def change(c: Any) -> None:
        section(c, 0)["photo"] = a_photo().id
        everything(c)

    return rendered(a_website(change), a_photo(), ribbon=True)


def a_restaurant() -> RenderedSite:
    return cooked(a_kitchen(with_photos(a_photo())), a_photo(), ribbon=True)


@pytest.mark.judge("vnu")
@pytest.mark.slow
@pytest.mark.parametrize("site", [a_homestay, a_restaurant], ids=[BIEN, BEP])
def test_every_page_is_valid_html(tmp_path: Path, site: Callable[[], RenderedSite]) -> None:
    pages = []
    for path, file in site().files.items():
        if path.endswith(".html"):
            page = tmp_path / path.removeprefix("/")
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes(file.body)
            pages.append(page)

    assert errors(*pages) == []


@pytest.mark.judge("vnu")
@pytest.mark.slow
def test_the_checker_finds_a_fault_we_plant(tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    body = rendered(a_website()).files["/index.html"].body
    page.write_bytes(body.replace(b"</h1>", b"</h2>"))

    assert errors(page)
