"""Settings: file and environment, frozen, and unknown keys refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from haidang.core.errors import Absent, Malformed
from haidang.core.settings import load, platform, require_known_sections
from pydantic import BaseModel, Field, SecretStr


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


class Lenient(BaseModel):
    years: int = 1


def test_a_model_that_forgets_to_forbid_refuses_unknown_keys_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "haidang.toml").write_text("[domains]\nyaers = 2\nmoths = 3\n")

    with pytest.raises(Malformed) as refused:
        load(Lenient, "domains", environ={"HAIDANG_STATE": str(tmp_path)})

    assert refused.value.field == "domains.yaers, domains.moths"


def test_a_secret_hides_itself(tmp_path: Path) -> None:
    environ = {"HAIDANG_STATE": str(tmp_path), "HAIDANG_DOMAINS__PASSWORD": "hunter2"}

    found = load(Model, "domains", environ=environ)

    assert "hunter2" not in repr(found)
    assert found.password.get_secret_value() == "hunter2"


def test_a_wrong_secret_is_refused_without_being_said(tmp_path: Path) -> None:
    class Keyed(BaseModel):
        key: SecretStr = Field(default=SecretStr(""), max_length=3)

    with pytest.raises(Malformed) as refused:
        load(Keyed, "x", environ={"HAIDANG_STATE": str(tmp_path), "HAIDANG_X__KEY": "hunter2"})

    assert refused.value.field == "x.key"
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "field"),
    [("domains = 3", "domains"), ("[domains", "haidang.toml"), ("\udcff", "haidang.toml")],
    ids=["no section", "no toml", "no text"],
)
def test_a_file_that_cannot_be_read_is_named(text: str, field: str, tmp_path: Path) -> None:
    (tmp_path / "haidang.toml").write_text(text, errors="surrogateescape")

    with pytest.raises(Malformed) as refused:
        load(Model, "domains", environ={"HAIDANG_STATE": str(tmp_path)})

    assert refused.value.field == field


def test_text_that_only_looks_like_json_is_text(tmp_path: Path) -> None:
    environ = {"HAIDANG_STATE": str(tmp_path), "HAIDANG_DOMAINS__BANK__URL": "[::1]:443"}

    assert load(Model, "domains", environ=environ).bank.url == "[::1]:443"


@pytest.mark.parametrize("order", [1, -1])
def test_two_variables_for_one_place_are_refused(order: int, tmp_path: Path) -> None:
    clash = [("HAIDANG_DOMAINS__BANK", "x"), ("HAIDANG_DOMAINS__BANK__URL", "y")][::order]

    with pytest.raises(Malformed) as refused:
        load(Model, "domains", environ={"HAIDANG_STATE": str(tmp_path), **dict(clash)})

    assert "HAIDANG_DOMAINS__BANK" in str(refused.value.field)


def test_addresses_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/addresses.json").write_text("{")

    with pytest.raises(Malformed) as refused:
        platform({"HAIDANG_STATE": str(tmp_path)})
    assert refused.value.field == "addresses.json"


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
    place = platform({"HAIDANG_STATE": str(tmp_path / "state")})
    made = place.folder("domains", "keys")

    for folder in (made, made.parent, place.state):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_platform_stands_where_the_environment_says(tmp_path: Path) -> None:
    place = platform(
        {
            "HAIDANG_STATE": str(tmp_path),
            "HAIDANG_PROCESS": "domains",
            "HAIDANG_SANDBOX": "0",
            "HAIDANG_ADDRESSES__MEDIA_WORKER": "media:1",
        }
    )

    assert (place.state, place.process, place.sandbox) == (tmp_path, "domains", False)
    assert place.address("media-worker") == "media:1"
    assert platform({}).sandbox
    assert platform({}).state.name == ".haidang"


def test_a_section_that_nothing_reads_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "haidang.toml"
    file.write_text("[domains]\n[domian]\nregistry = 'epp'\n")

    with pytest.raises(Malformed) as refusal:
        require_known_sections(file, ["domains", "portal"])

    assert refusal.value.reason == "SETTINGS_SECTION_UNKNOWN"
    assert refusal.value.field == "domian"
    assert refusal.value.facts["known"] == ["domains", "portal"]


def test_a_machine_without_a_file_has_no_section_to_refuse(tmp_path: Path) -> None:
    require_known_sections(tmp_path / "haidang.toml", [])
