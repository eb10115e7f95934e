"""Settings: file and environment, frozen, and unknown keys refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from haidang.core.errors import Absent, Malformed
from haidang.core.settings import load, platform
from pydantic import BaseModel, SecretStr


class Inner(BaseModel, extra="forbid", frozen=True):
    url: str = ""


class Model(BaseModel, extra="forbid", frozen=True):
    years: int = 1
    password: SecretStr = SecretStr("")
    hosts: tuple[str, ...] = ()
    bank: Inner = Inner()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "haidang.toml").write_text('[domains]\nyears = 2\nbank = {url = "a"}\n')
    environ = {
        "HAIDANG_STATE": str(tmp_path),
        "HAIDANG_DOMAINS__YEARS": "3",
        "HAIDANG_DOMAINS__HOSTS": '["x", "y"]',
    }

    found = load(Model, "domains", environ=environ)

    assert (found.years, found.hosts, found.bank.url) == (3, ("x", "y"), "a")


def test_a_nested_key_is_reached_by_two_underscores(tmp_path: Path) -> None:
    environ = {"HAIDANG_STATE": str(tmp_path), "HAIDANG_DOMAINS__BANK__URL": "b"}

    assert load(Model, "domains", environ=environ).bank.url == "b"


@pytest.mark.parametrize("key", ["HAIDANG_DOMAINS__YAERS", "HAIDANG_DOMAINS__BANK__ULR"])
def test_an_unknown_key_is_refused_by_name(key: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed) as refused:
        load(Model, "domains", environ={"HAIDANG_STATE": str(tmp_path), key: "1"})

    assert refused.value.reason == "SETTINGS_INVALID"
    assert key.rpartition("__")[2].lower() in str(refused.value.field)


def test_a_secret_hides_itself(tmp_path: Path) -> None:
    environ = {"HAIDANG_STATE": str(tmp_path), "HAIDANG_DOMAINS__PASSWORD": "hunter2"}

    found = load(Model, "domains", environ=environ)

    assert "hunter2" not in repr(found)
    assert found.password.get_secret_value() == "hunter2"


def test_a_platform_knows_everybodys_addresses(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/addresses.json").write_text(json.dumps({"domains": "127.0.0.1:1"}))
    environ = {"HAIDANG_STATE": str(tmp_path), "HAIDANG_ADDRESSES__ESIGN": "esign:50051"}

    place = platform(environ)

    assert place.address("domains") == "127.0.0.1:1"
    assert place.address("esign") == "esign:50051"
    with pytest.raises(Absent) as refused:
        place.address("bank")
    assert "domains" in str(refused.value)


def test_a_folder_is_private(tmp_path: Path) -> None:
    place = platform({"HAIDANG_STATE": str(tmp_path)})

    assert place.folder("domains", "keys").stat().st_mode & 0o777 == 0o700
