"""`haidang operator-link`: a link that the site takes, only where this machine's secret is read."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from haidang.core.errors import Absent
from haidang.portal.accounts.operators.links import expiry
from haidang.portal.operator_command import LASTS, OPERATOR_LINK
from haidang.portal.web.site import site_secret


def a_state(folder: Path) -> Path:
    (folder / "portal").mkdir()
    (folder / "run").mkdir()
    (folder / "run/addresses.json").write_text(json.dumps({"portal": "127.0.0.1:20080"}))
    return folder


def printed(state: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert OPERATOR_LINK.run(argparse.Namespace(state=state)) == 0
    return capsys.readouterr().out.strip()


def test_it_prints_a_link_of_this_site_that_ends_in_ten_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = site_secret(a_state(tmp_path) / "portal")

    link = printed(tmp_path, capsys)

    start = "http://localhost:20080/quyen-van-hanh/"
    assert link.startswith(start)
    ends = expiry(secret, link.removeprefix(start))
    assert ends is not None
    assert 0 < (ends - datetime.now(UTC)).total_seconds() <= LASTS.total_seconds()


def test_the_links_origin_is_the_configured_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site_secret(a_state(tmp_path) / "portal")
    (tmp_path / "haidang.toml").write_text('[portal]\norigin = "https://haidang.example/"\n')

    assert printed(tmp_path, capsys).startswith("https://haidang.example/quyen-van-hanh/")


def test_two_links_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site_secret(a_state(tmp_path) / "portal")

    assert printed(tmp_path, capsys) != printed(tmp_path, capsys)


def test_the_secret_is_this_users_alone(tmp_path: Path) -> None:
    secret = site_secret(a_state(tmp_path) / "portal")

    assert len(secret) == 32
    assert (tmp_path / "portal" / "site-secret").stat().st_mode & 0o777 == 0o600
    assert site_secret(tmp_path / "portal") == secret


def test_without_a_platform_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Absent) as refusal:
        OPERATOR_LINK.run(argparse.Namespace(state=tmp_path))

    assert refusal.value.reason == "PLATFORM_NOT_RUNNING"
