"""What an integrator has: a key made in the portal, forty lines of code, and a business online."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journeys.house import House, example
from tests.journeys.visitor import Visitor
from tests.judges import PROJECT

pytestmark = pytest.mark.xdist_group("house")

EXAMPLE = PROJECT / "examples" / "integrator.py"
SCOPES = ("journeys.write", "websites.write")


@pytest.fixture(scope="module")
def owner(house: House) -> Visitor:
    browser = Visitor(house)
    browser.sign_up()
    return browser


def a_copy(folder: Path, domain: str, **changed: Any) -> Path:
    """The homestay of the examples under the name *domain*."""
    original = example("homestay-gio-bien")
    business = {**yaml.safe_load(original.read_text()), "domain": domain, **changed}
    if not (folder / "pictures").exists():
        (folder / "pictures").symlink_to(original.parent / "pictures")
    path = folder / f"{domain}.yaml"
    path.write_text(yaml.safe_dump(business, allow_unicode=True))
    return path


def integrated(house: House, key: str, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLE), str(file), str(house.state)],
        env={**os.environ, "HAIDANG_API_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_key_of_the_portal_and_the_example_take_a_business_online(
    house: House, owner: Visitor, tmp_path: Path
) -> None:
    file = a_copy(tmp_path, "nha-tu-ma-nguon.vn")
    key = owner.key(*SCOPES)

    first, again = integrated(house, key, file), integrated(house, key, file)

    assert first.returncode == 0, first.stderr
    address = f"http://nha-tu-ma-nguon.vn.localhost:{house.port('edge')}/"
    assert first.stdout.strip() == again.stdout.strip() == address
    assert house.effects_on("nha-tu-ma-nguon.vn").count("domain.create") == 1
    assert "nha-tu-ma-nguon.vn" in owner.get("/ten-mien").text


@pytest.mark.parametrize("scopes", [("journeys.write",), ("websites.write", "domains.read")])
def test_a_key_may_do_what_it_was_given_and_no_more(
    house: House, owner: Visitor, tmp_path: Path, scopes: tuple[str, ...]
) -> None:
    file = a_copy(tmp_path, "khong-du-quyen.vn")

    refused = integrated(house, owner.key(*scopes), file)

    assert refused.returncode != 0
    assert "NOT_PERMITTED" in refused.stderr
    assert house.effects_on("khong-du-quyen.vn") == []


def test_a_refusal_names_the_field_in_the_vocabulary(
    house: House, owner: Visitor, tmp_path: Path
) -> None:
    file = a_copy(tmp_path, "gia-thap.vn", accepted_total_dong=1)

    refused = integrated(house, owner.key(*SCOPES), file)

    assert refused.returncode != 0
    assert "haidang.core.errors" in refused.stderr
    assert house.effects_on("gia-thap.vn") == []


def test_the_example_is_as_short_as_it_says() -> None:
    text = EXAMPLE.read_text()

    assert len(text.splitlines()) < 40
    for service in ("domains", "website_builder", "esign", "portal"):
        assert f"haidang.{service}" not in text
