"""The effect log: one receipt and one journal line per effect, whoever asks at once."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

from haidang.core.clock import SystemClock
from haidang.esign.providers.effect_log import EffectLog

EFFECT = "operations/0123/sign"


def lines_of(path: Path) -> list[tuple[str, str, str]]:
    store = sqlite3.connect(path)
    try:
        return store.execute("SELECT effect, domain, operation FROM journal").fetchall()
    finally:
        store.close()


async def test_the_first_noted_stays_whoever_comes_at_once(tmp_path: Path) -> None:
    log = EffectLog(tmp_path / "log.sqlite", SystemClock())

    noted = await asyncio.gather(
        *(log.note("signature.create", EFFECT, f"value {one}") for one in range(20))
    )

    assert len(set(noted)) == 1
    assert await log.receipt(EFFECT) == noted[0]
    assert lines_of(tmp_path / "log.sqlite") == [("signature.create", "", "operations/0123")]


async def test_two_processes_over_one_file_agree(tmp_path: Path) -> None:
    logs = [EffectLog(tmp_path / "log.sqlite", SystemClock()) for _ in range(4)]

    noted = await asyncio.gather(
        *(log.note("signature.create", EFFECT, str(index)) for index, log in enumerate(logs))
    )

    assert len(set(noted)) == 1
    assert len(lines_of(tmp_path / "log.sqlite")) == 1


def test_event_loops_of_several_threads_share_it(tmp_path: Path) -> None:
    log = EffectLog(tmp_path / "log.sqlite", SystemClock())

    def noting(number: int) -> None:
        for turn in range(10):
            asyncio.run(log.note("signature.create", f"operations/{number}/{turn}", "v"))

    threads = [threading.Thread(target=noting, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(lines_of(tmp_path / "log.sqlite")) == 40


async def test_a_cancelled_note_is_whole_or_absent_and_the_log_goes_on(tmp_path: Path) -> None:
    log = EffectLog(tmp_path / "log.sqlite", SystemClock())
    started = asyncio.create_task(log.note("signature.create", EFFECT, "first"))
    await asyncio.sleep(0)
    started.cancel()
    await asyncio.wait([started])

    noted = await log.note("signature.create", EFFECT, "second")

    assert noted in {"first", "second"}
    assert await log.receipt(EFFECT) == noted
    assert len(lines_of(tmp_path / "log.sqlite")) == 1


async def test_what_was_never_noted_is_not_found(tmp_path: Path) -> None:
    log = EffectLog(tmp_path / "log.sqlite", SystemClock())

    assert await log.receipt(EFFECT) is None


async def test_it_is_remembered_after_a_restart(tmp_path: Path) -> None:
    log = EffectLog(tmp_path / "log.sqlite", SystemClock())
    await log.note("document.complete", EFFECT, "value", domain="nha-gio-bien.vn")
    log.close()

    heir = EffectLog(tmp_path / "log.sqlite", SystemClock())

    assert await heir.receipt(EFFECT) == "value"
    assert lines_of(tmp_path / "log.sqlite")[0][1] == "nha-gio-bien.vn"
