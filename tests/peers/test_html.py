"""The Nu checker judges every page of the pack. Its path: `vnu`, or HAIDANG_VNU_JAR with Java."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from haidang.website_builder.enquiries import Fault, judge_enquiry
from haidang.website_builder.form_markup import (
    SLOT,
    draw_again,
    draw_code,
    draw_refusal,
    draw_review,
)
from haidang.website_builder.rendering import RenderedSite

from tests.judges import judge
from tests.peers.test_pack_in_browser import everything
from tests.website_builder.gardens import VUON, a_garden, grown, planted
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


def a_farm() -> RenderedSite:
    return grown(a_garden(planted(a_photo())), a_photo(), ribbon=True)


def answers_of_the_edge() -> dict[str, bytes]:
    """What the edge draws around a form: faults, a review, a refusal, thanks."""
    site = a_farm()
    action, form = next(iter(site.forms.items()))
    again = site.files[f"{form.again}index.html"].body.decode()
    thanks = site.files[f"{form.sent}index.html"].body.decode()
    typed = {"q-tieu-den": "2", "name": "Lan & Hạnh", "phone": "0901 234 567", "consent": "1"}
    answers, _ = judge_enquiry(form, list(typed.items()), date(2026, 11, 23))
    _, faults = judge_enquiry(form, [("q-tieu-den", "x")], date(2026, 11, 23))
    drawn = {
        "faults": draw_again(form, action, {}, [Fault("", "ENQUIRY_FORM_CHANGED"), *faults]),
        "review": draw_review(form, action, typed, answers),
        "refusal": draw_refusal(form, action, typed, Fault("", "ENQUIRY_NOT_KEPT")),
    }
    pages = {name: again.replace(SLOT, markup).encode() for name, markup in drawn.items()}
    return pages | {"thanks": thanks.replace(SLOT, draw_code(form, "AB12CD")).encode()}


@pytest.mark.judge("vnu")
@pytest.mark.slow
def test_what_the_edge_draws_is_valid_html(tmp_path: Path) -> None:
    pages = []
    for name, body in answers_of_the_edge().items():
        pages.append(tmp_path / f"{name}.html")
        pages[-1].write_bytes(body)

    assert errors(*pages) == []


@pytest.mark.judge("vnu")
@pytest.mark.slow
@pytest.mark.parametrize("site", [a_homestay, a_restaurant, a_farm], ids=[BIEN, BEP, VUON])
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
