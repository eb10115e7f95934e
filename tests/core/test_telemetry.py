"""Logs tell no secrets and no personal data."""

from __future__ import annotations

import pytest
from haidang.core.telemetry import MASK, count_call, redacted, snapshot


@pytest.mark.parametrize(
    "text",
    [
        "call 0901234567 now",
        "call +84901234567 now",
        "write to lan@example.vn",
        "id 079095012345 given",
        "key hd_live_ab12_secretsecret",
        "Authorization: Bearer eyJhbGciOi.x.y",
    ],
)
def test_personal_data_and_secrets_in_text_are_masked(text: str) -> None:
    masked = redacted(text)

    assert MASK in masked
    assert not any(
        part in masked for part in ("901234567", "@example", "095012345", "secret", "eyJ")
    )


@pytest.mark.parametrize("key", ["password", "newPW_password", "token", "personal_id", "phone"])
def test_values_under_telling_keys_are_masked(key: str) -> None:
    assert redacted({"outer": [{key: "x" * 9}]}) == {"outer": [{key: MASK}]}


def test_ordinary_values_stay() -> None:
    event = {"domain": "banhmi-lan.vn", "amount_dong": 450000, "reason": "NAME_HELD"}

    assert redacted(event) == event


def test_calls_are_counted_by_method_and_outcome() -> None:
    count_call("/test/Method", "OK", 0.5)

    assert snapshot()["calls"]["/test/Method OK"] >= 1
    assert snapshot()["seconds"]["/test/Method"] >= 0.5
