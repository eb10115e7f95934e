"""Logs tell no secrets and no personal data; counters tell rate, errors and durations."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

import pytest
from haidang.core import telemetry
from haidang.core.telemetry import MASK, count_call, redacted, snapshot, trace_of, traceparent
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "secret",
    [
        "0901234567",
        "0901 234 567",
        "090.123.4567",
        "+84901234567",
        "+84 901 234 567",
        "84901234567",
        "024 3825 1234",
        "lan@example.vn",
        "079095012345",
        "079 095 012 345",
        "hd_live_ab12_secret-with_signs-",
        "Bearer eyJhbGciOi.x.y",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIi.c2ln",
        "password=hunter2",
        "api_key='a b c'",
    ],
)
def test_personal_data_and_secrets_in_text_are_masked(secret: str) -> None:
    name, _, told = secret.rpartition("=")

    for text in (secret, f"say {secret}, please", f"({secret})", f'"{secret}"'):
        masked = redacted(text)
        assert MASK in masked
        assert (told if name else secret) not in masked


@pytest.mark.parametrize(
    "text",
    [
        "banhmi-lan.vn",
        "127.0.0.1:20901",
        "2026-11-24T13:05:00.123456Z",
        "operations/0f3a0123456789ab",
        "450000 đồng",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("key", ["password", "newPW_password", "token", "personal_id", "phone"])
def test_values_under_telling_keys_are_masked(key: str) -> None:
    assert redacted({"outer": [{key: "x" * 9}]}) == {"outer": [{key: MASK}]}


def test_ordinary_values_stay() -> None:
    event = {"domain": "banhmi-lan.vn", "amount_dong": 450000, "ok": True, "none": None}

    assert redacted(event) == event


@dataclass
class Registrant:
    name: str
    phone: str
    birth_on: str


def test_values_without_a_json_form_are_masked_in_their_repr() -> None:
    masked = redacted({"party": Registrant("Lan", "unusual 12", "1995"), "body": b"secret"})

    assert masked["body"] == "6 bytes"
    assert "unusual" not in masked["party"]
    assert "1995" not in masked["party"]
    assert "Lan" in masked["party"]


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=6))
def test_what_is_redacted_can_be_written_and_stays_redacted(value: Any) -> None:
    once = redacted(value)

    assert redacted(once) == once
    json.dumps(once)


@dataclass
class Log:
    """What this process wrote on stderr since `telemetry.setup`."""

    capture: pytest.CaptureFixture[str]

    def text(self) -> str:
        return self.capture.readouterr().err

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Log:
    telemetry.setup("tests")
    return Log(capsys)


def test_a_line_says_process_room_and_what_is_bound(log: Log) -> None:
    with telemetry.bound(operation="operations/1", tenant="t1"):
        telemetry.logger("room").info("đã xong", count=2)
    telemetry.logger("room").info("after")

    inside, after = log.lines()
    assert (inside["process"], inside["room"], inside["event"]) == ("tests", "room", "đã xong")
    assert (inside["operation"], inside["tenant"], inside["count"]) == ("operations/1", "t1", 2)
    assert inside["level"] == "info"
    assert "operation" not in after


def test_an_exception_is_told_without_its_secrets(log: Log) -> None:
    try:
        raise ValueError("password=hunter2 for 0901234567")
    except ValueError:
        telemetry.logger("room").exception("failed")

    said = log.text()
    assert "ValueError" in said
    assert "hunter2" not in said
    assert "0901234567" not in said


def test_what_libraries_say_takes_the_same_way(log: Log) -> None:
    telemetry.setup("tests")  # a second time: no line twice
    logging.getLogger("some.library").warning("call %s", "0901234567")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("haidang.somewhere").info("ours")

    library, ours = log.lines()
    assert (library["room"], library["event"]) == ("some.library", f"call {MASK}")
    assert library["level"] == "warning"
    assert ours["event"] == "ours"


def test_calls_are_counted_by_method_outcome_and_duration() -> None:
    for seconds in (0.004, 0.3, 99.0):
        count_call("/test/Method", "OK", seconds)
    found = snapshot()

    assert found["calls"]["/test/Method OK"] == 3
    assert found["seconds"]["/test/Method"] == pytest.approx(99.304)
    assert [found["durations"][f"/test/Method ≤{bound}"] for bound in ("0.005", "0.5", "inf")] == [
        1,
        2,
        3,
    ]


def test_a_trace_goes_on_and_a_broken_one_begins_anew() -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"

    assert trace_of(f"00-{trace}-b7ad6b7169203331-01") == trace
    assert len(trace_of("None")) == len(trace)
    assert trace_of("") != trace_of("")
    with telemetry.bound(trace=trace):
        assert trace_of(traceparent()) == trace
    assert traceparent() == ""
