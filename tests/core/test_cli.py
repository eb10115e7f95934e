"""`haidang`: its promises to other tools, and its manners when something is wrong."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from haidang.core.cli import main

from tests.core.installed import TINY, Shelf

A_STATUS = {"ready": False, "processes": [], "addresses": {}}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return Shelf(tmp_path / "shelf", monkeypatch.syspath_prepend)


def a_store(path: Path, *rows: tuple[str, str, str, str]) -> sqlite3.Connection:
    """The store of a foreign party, as its process keeps it open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(path)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("CREATE TABLE journal (effect TEXT, domain TEXT, operation TEXT, at TEXT)")
    store.executemany("INSERT INTO journal VALUES (?, ?, ?, ?)", rows)
    store.commit()
    return store


def test_status_answers_json_and_fails_where_nothing_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--json", "--state", str(tmp_path)]) == 1

    assert json.loads(capsys.readouterr().out) == A_STATUS


def test_the_state_folder_may_be_named_before_the_command_or_by_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "addresses.json").write_text('{"epp": "127.0.0.1:700"}')

    main(["--state", str(tmp_path), "status", "--json"])
    monkeypatch.setenv("HAIDANG_STATE", str(tmp_path))
    main(["status", "--json"])

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["addresses"] for answer in answers] == [{"epp": "127.0.0.1:700"}] * 2


def test_status_answers_also_while_plugins_cannot_be_loaded(
    tmp_path: Path, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("tiny")
    shelf.put("double")

    assert main(["plugins", "--state", str(tmp_path)]) == 1
    assert main(["status", "--json", "--state", str(tmp_path)]) == 1

    said = capsys.readouterr()
    assert "[OFFER_TWICE]" in said.err
    assert json.loads(said.out) == A_STATUS


def test_the_journal_tells_effects_of_all_stores_in_the_order_of_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = a_store(
        tmp_path / "registry" / "store.sqlite",
        ("domain.create", "banhmi-lan.vn", "HD-1", "2026-11-23T05:00:02+00:00"),
        ("domain.renew", "banhmi-lan.vn", "HD-2", "2026-11-23T05:00:02.500000+00:00"),
    )
    log = a_store(
        tmp_path / "domains" / "effects-zonefiles.sqlite",
        ("zone.publish", "banhmi-lan.vn", "operations/1", "2026-11-23T12:00:01+07:00"),
    )

    assert main(["sandbox", "journal", "--state", str(tmp_path)]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["effect"] for line in lines] == ["zone.publish", "domain.create", "domain.renew"]
    assert [set(line) for line in lines] == [{"effect", "domain", "operation", "at"}] * 3
    for store in (registry, log):
        store.close()


def test_the_journal_shows_effects_committed_while_their_store_is_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = a_store(tmp_path / "bank" / "store.sqlite")
    bank.execute("INSERT INTO journal VALUES ('payment.capture', '', 'k', '2026-11-23T05:00:00Z')")
    bank.commit()
    bank.execute("INSERT INTO journal VALUES ('payment.release', '', 'k', '2026-11-23T05:00:01Z')")

    main(["sandbox", "journal", "--state", str(tmp_path)])

    assert [json.loads(line)["effect"] for line in capsys.readouterr().out.splitlines()] == [
        "payment.capture"
    ]
    bank.close()


def test_the_journal_passes_over_a_store_that_has_no_journal_yet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trust").mkdir()
    sqlite3.connect(tmp_path / "trust" / "store.sqlite").close()
    (tmp_path / "trust" / "store.sqlite").touch()

    assert main(["sandbox", "journal", "--state", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_plugins_lists_every_plugin_with_its_state(
    tmp_path: Path, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("alpha", "import no_such_library")
    shelf.put("tiny")

    assert main(["plugins", "--json", "--state", str(tmp_path)]) == 0

    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["tiny"] == {
        "name": "tiny",
        "distribution": "tiny-plugin",
        "version": "1.2",
        "state": "loaded",
        "why": "",
    }
    assert rows["alpha"]["state"] == "broken"
    assert "no_such_library" in rows["alpha"]["why"]
    assert rows["domains"]["state"] == "loaded"


def test_a_plugins_command_runs_with_the_state_folder_and_its_exit_code_is_ours(
    tmp_path: Path, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("tiny")
    folder = tmp_path / "place"

    assert main(["greet", "--state", str(folder)]) == 7

    assert capsys.readouterr().out == "greetings over place\n"


def test_a_plugins_command_never_replaces_one_of_ours(
    tmp_path: Path, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("tiny", TINY.replace('"greet"', '"status"'))

    assert main(["status", "--json", "--state", str(tmp_path)]) == 1
    assert main(["plugins", "--state", str(tmp_path)]) == 0

    said = capsys.readouterr()
    assert said.out.startswith(json.dumps(A_STATUS))
    assert "command status is left out" in said.err


def test_a_refusal_is_said_in_both_languages_without_a_traceback(
    tmp_path: Path, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = "raise Refused('PROVIDER_INCOMPLETE', provider='x', method='y', field='bank')"
    shelf.put(
        "tiny",
        TINY.replace("return 7", fault).replace(
            "import BaseModel", "import BaseModel\n    from haidang.core.errors import Refused"
        ),
    )

    assert main(["greet", "--state", str(tmp_path)]) == 1

    said = capsys.readouterr().err
    assert "Nhà cung cấp x thiếu chức năng y." in said
    assert "Provider x lacks method y." in said
    assert "[PROVIDER_INCOMPLETE] (bank)" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "text", ["[plugins\n", "[plugins]\nallowed = []\n"], ids=["not toml", "unknown key"]
)
def test_a_settings_file_that_is_wrong_is_said_plainly(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "haidang.toml").write_text(text)

    assert main(["plugins", "--state", str(tmp_path)]) == 1

    assert "[SETTINGS_INVALID]" in capsys.readouterr().err


def test_the_command_line_loads_little_to_answer_what_only_looks(tmp_path: Path) -> None:
    probe = (
        "import sys; from haidang.core.cli import main; "
        f"main(['status', '--json', '--state', {str(tmp_path)!r}]); "
        "print(*sorted({'grpc', 'dbos', 'sqlalchemy', 'cryptography', 'pluggy'}"
        " & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)

    assert answer.stdout.splitlines() == [json.dumps(A_STATUS), ""], answer.stderr


def test_help_names_our_commands_and_those_of_plugins(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("tiny")

    with pytest.raises(SystemExit) as ended:
        main(["--state", str(tmp_path), "--help"])

    assert ended.value.code == 0
    said = capsys.readouterr().out
    for command in ("up", "status", "plugins", "sandbox", "go-online", "verify-signature", "greet"):
        assert f"    {command}" in said
