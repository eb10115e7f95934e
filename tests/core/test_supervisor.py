"""The supervisor over tiny processes of its own: start, watch, restart, stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from haidang.core.addresses import allocate
from haidang.core.errors import Malformed, Refused, Unavailable
from haidang.core.local_operator import ACTOR, HASHES_FILE, KEY_FILE, ensure_local_operator
from haidang.core.offers import ProcessRef
from haidang.core.settings import load
from haidang.core.supervisor import ORDINARY, SECTION, Patience, Supervisor, born, status
from haidang.core.tenancy import check_api_key
from haidang.core.testing.processes import ModuleProcess, eventually

from tests.core.installed import Shelf
from tests.judges import PROJECT

TINY = "tests.core.tiny_process"
FIRST = ProcessRef("first", TINY, "foreign", ("one",), sandbox=True)
SECOND = ProcessRef("second", TINY, "service", ("two",), after=("first",))
THIRD = ProcessRef("third", TINY, "worker")


@pytest.fixture(autouse=True)
def _tiny_modules_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def events(state: Path) -> list[str]:
    path = state / "events"
    return path.read_text().splitlines() if path.is_file() else []


@asynccontextmanager
async def supervised(
    state: Path, *refs: ProcessRef, said: list[str] | None = None
) -> AsyncIterator[Supervisor]:
    lines: list[str] = [] if said is None else said
    supervisor = Supervisor(state, refs, say=lines.append)
    try:
        await supervisor.start()
        yield supervisor
    finally:
        await supervisor.stop()


async def test_status_is_the_promised_json_while_all_runs(tmp_path: Path) -> None:
    async with supervised(tmp_path, FIRST, SECOND, THIRD):
        found = status(tmp_path)

    assert found["ready"] is True
    assert [set(one) for one in found["processes"]] == [{"name", "pid", "role", "address"}] * 3
    assert found["processes"][0]["role"] == "foreign"
    assert found["processes"][0]["address"] == found["addresses"]["one"]
    assert set(found["addresses"]) == {"one", "two"}
    assert len({one["pid"] for one in found["processes"]}) == 3


def test_nothing_is_ready_where_nothing_ever_ran(tmp_path: Path) -> None:
    assert status(tmp_path) == {"ready": False, "processes": [], "addresses": {}}


async def test_nothing_is_ready_after_a_stop(tmp_path: Path) -> None:
    async with supervised(tmp_path, THIRD):
        pass

    assert status(tmp_path)["ready"] is False
    assert status(tmp_path)["processes"] == []


async def test_a_process_starts_once_those_it_rests_on_are_ready(tmp_path: Path) -> None:
    async with supervised(tmp_path, SECOND, FIRST):
        assert events(tmp_path)[:2] == ["first starts", "second starts"]


async def test_a_stop_ends_first_what_was_started_last(tmp_path: Path) -> None:
    async with supervised(tmp_path, FIRST, SECOND):
        pass

    assert events(tmp_path)[-2:] == ["second ends", "first ends"]


async def test_the_table_says_who_is_ready_and_loudly_what_is_sandbox(tmp_path: Path) -> None:
    said: list[str] = []
    async with supervised(tmp_path, FIRST, THIRD, said=said):
        pass

    (first,) = [line for line in said if "first" in line]
    (third,) = [line for line in said if "third" in line]
    assert "foreign" in first
    assert "127.0.0.1:" in first
    assert first.endswith("SANDBOX")
    assert "SANDBOX" not in third


async def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    async with supervised(tmp_path, THIRD):
        (before,) = status(tmp_path)["processes"]

        os.kill(before["pid"], signal.SIGKILL)

        await eventually(lambda: events(tmp_path).count("third starts") == 2, what="restart")
        await eventually(lambda: status(tmp_path)["ready"], what="ready again")
        (after,) = status(tmp_path)["processes"]
        assert after["pid"] != before["pid"]


def test_how_long_it_waits_is_a_setting_that_cannot_be_nothing() -> None:
    chosen = {"HAIDANG_SUPERVISOR__LONGEST_PAUSE_SECONDS": "0.5"}
    none = {"HAIDANG_SUPERVISOR__LONGEST_PAUSE_SECONDS": "0"}

    assert load(Patience, SECTION, environ=chosen).longest_pause_seconds == 0.5
    assert load(Patience, SECTION, environ={}) == ORDINARY
    with pytest.raises(Malformed, match=r"supervisor\.longest_pause_seconds"):
        load(Patience, SECTION, environ=none)


async def test_a_killed_process_is_not_ready_until_it_says_so_again(tmp_path: Path) -> None:
    async with supervised(tmp_path, THIRD) as supervisor:
        (before,) = status(tmp_path)["processes"]
        os.kill(before["pid"], signal.SIGKILL)
        await eventually(lambda: born(before["pid"]) == "", what="death")

        assert status(tmp_path)["ready"] is False
        await eventually(lambda: status(tmp_path)["ready"], what="ready again")
        assert supervisor is not None


async def test_what_ignores_sigterm_is_killed_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_STUBBORN", "third")
    monkeypatch.setattr("haidang.core.supervisor.STOP_SECONDS", 2.0)
    said: list[str] = []
    async with supervised(tmp_path, FIRST, THIRD, said=said):
        await eventually(lambda: "third is stubborn" in events(tmp_path), what="stubbornness")
        pids = [one["pid"] for one in status(tmp_path)["processes"]]

    assert [born(pid) for pid in pids] == ["", ""]
    assert [line for line in said if "is killed" in line] == [
        "  third did not end by itself and is killed"
    ]


async def test_a_process_that_never_gets_ready_ends_the_start_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_BROKEN", "third")
    monkeypatch.setattr("haidang.core.supervisor.FIRST_PAUSE_SECONDS", 0.01)
    said: list[str] = []

    with pytest.raises(Unavailable) as refusal:
        async with supervised(tmp_path, FIRST, THIRD, said=said):
            pass

    assert refusal.value.reason == "PROCESS_NOT_READY"
    assert refusal.value.facts["name"] == "third"
    last_words = [line for line in said if line.startswith("  third | ")]
    assert last_words == [
        "  third | refuses to go on: ADDRESS_UNKNOWN: No address is known for registry; known: ."
    ]
    assert events(tmp_path)[-1] == "first ends"


def test_processes_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    circle = ProcessRef("first", TINY, "worker", after=("second",))

    with pytest.raises(Refused) as refusal:
        Supervisor(tmp_path, [circle, SECOND])

    assert refusal.value.reason == "PROCESSES_IN_CIRCLE"


async def test_a_log_that_grew_long_is_put_aside_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("haidang.core.supervisor.MOST_LOG_BYTES", 10)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "third.log").write_text("a long story\n")

    async with supervised(tmp_path, THIRD):
        pass

    assert (tmp_path / "logs" / "third.log.1").read_text() == "a long story\n"
    assert "a long story" not in (tmp_path / "logs" / "third.log").read_text()


def a_state(folder: Path) -> Path:
    (folder / "run").mkdir(parents=True)
    return folder


def test_addresses_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    state = a_state(tmp_path)

    first = allocate(state, ["one", "two"])

    assert allocate(state, ["two", "three", "one"]).items() >= first.items()
    assert len(set(first.values())) == 2


def test_an_address_taken_by_a_stranger_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    state = a_state(tmp_path)
    before = allocate(state, ["one", "two"])
    host, _, port = before["one"].rpartition(":")
    with socket.create_server((host, int(port))):
        after = allocate(state, ["one", "two"])

    assert after["one"] not in before.values()
    assert after["two"] == before["two"]


def test_an_address_is_free_for_udp_too(tmp_path: Path) -> None:
    state = a_state(tmp_path)
    before = allocate(state, ["nameserver"])
    host, _, port = before["nameserver"].rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((host, int(port)))

        assert allocate(state, ["nameserver"]) != before


def test_the_local_operators_key_is_private_and_kept_as_a_hash(tmp_path: Path) -> None:
    ensure_local_operator(tmp_path)

    key, hashes = tmp_path / KEY_FILE, tmp_path / HASHES_FILE
    (entry,) = json.loads(hashes.read_text())
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE(hashes.stat().st_mode) == 0o600
    assert check_api_key(key.read_text().strip(), entry["hash"])
    assert key.read_text().strip() not in hashes.read_text()
    assert (entry["actor"], entry["tenant"], entry["grants"]) == (ACTOR, "local", ["*"])


def test_the_local_operators_key_is_made_once(tmp_path: Path) -> None:
    ensure_local_operator(tmp_path)
    before = (tmp_path / KEY_FILE).read_text()

    ensure_local_operator(tmp_path)

    assert (tmp_path / KEY_FILE).read_text() == before


def test_a_lost_key_is_made_anew_and_other_peoples_keys_stay(tmp_path: Path) -> None:
    ensure_local_operator(tmp_path)
    hashes = tmp_path / HASHES_FILE
    other = {"id": "a", "hash": "b", "actor": "lan", "tenant": "t1", "grants": ["domains.read"]}
    hashes.write_text(json.dumps([*json.loads(hashes.read_text()), other]))
    (tmp_path / KEY_FILE).unlink()

    ensure_local_operator(tmp_path)

    entries = {entry["actor"]: entry for entry in json.loads(hashes.read_text())}
    assert entries["lan"] == other
    assert check_api_key((tmp_path / KEY_FILE).read_text().strip(), entries[ACTOR]["hash"])


@asynccontextmanager
async def haidang_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModuleProcess]:
    """`haidang up` with a plugin of two tiny processes, and none of the platform's own."""
    shelf = Shelf(folder / "shelf", monkeypatch.syspath_prepend)
    shelf.put("tiny")
    monkeypatch.setenv("PYTHONPATH", f"{PROJECT}:{shelf.folder}")
    state = folder / "state"
    state.mkdir()
    (state / "haidang.toml").write_text('[plugins]\nallow = ["tiny-plugin"]\n')
    up = ModuleProcess("haidang.core.cli", state, "", "up", "--state", str(state))
    async with up:
        await eventually(lambda: status(state)["ready"] or up.code is not None, what="haidang up")
        assert up.code is None, up.text
        yield up


def up_address(state: Path, name: str) -> str:
    addresses = json.loads((state / "run/addresses.json").read_text())
    return str(addresses[name]).rpartition(":")[2]


async def test_up_says_what_it_does_and_ends_gracefully_on_sigterm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with haidang_up(tmp_path, monkeypatch) as up:
        await eventually(lambda: "Ctrl+C ends it." in up.text, what="its last line")
        code = await up.end()

    assert code == 0
    assert "SANDBOX: first only play" in up.text
    lines = up.text.splitlines()
    page = lines[lines.index("ready") + 1]
    assert page.strip() == f"http://localhost:{up_address(up.state, 'two')}/"
    assert events(up.state)[-2:] == ["second ends", "first ends"]
    assert (up.state / KEY_FILE).is_file()
    assert "Traceback" not in up.text


async def test_a_second_up_is_refused_and_the_first_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with haidang_up(tmp_path, monkeypatch) as up:
        second = ModuleProcess(
            "haidang.core.cli", up.state, "second", "up", "--state", str(up.state)
        )
        await second.start()

        assert await second.wait() == 1
        assert "[STATE_IN_USE]" in second.text
        assert str(up.pid) in second.text
        assert status(up.state)["ready"] is True


async def test_children_die_with_a_supervisor_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with haidang_up(tmp_path, monkeypatch) as up:
        pids = [one["pid"] for one in status(up.state)["processes"]]
        await up.kill()

        await eventually(lambda: not any(map(born, pids)), what="the children's end")
        assert status(up.state)["ready"] is False


async def test_up_again_after_a_kill_keeps_the_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with haidang_up(tmp_path, monkeypatch) as up:
        before = status(up.state)["addresses"]
        pids = [one["pid"] for one in status(up.state)["processes"]]
        await up.kill()
        await eventually(lambda: not any(map(born, pids)), what="the children's end")

        await up.start()

        await eventually(lambda: status(up.state)["ready"], what="ready again")
        assert status(up.state)["addresses"] == before
