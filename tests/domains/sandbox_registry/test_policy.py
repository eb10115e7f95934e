"""Which names the sandbox registry takes, and why it refuses the others."""

from __future__ import annotations

import pytest
from haidang.domains.sandbox_registry.policy import bar_to, is_host_name, load_policy

SUFFIXES = load_policy("vn-2022").suffixes


@pytest.mark.parametrize(
    "name",
    [
        "bienxanh.vn",
        "banhmi-lan.vn",
        "abc.vn",
        "xn--ph-rbt.vn",
        "quan-1.com.vn",
        "ab.com.vn",
        "homestay.baria-vungtau.vn",
        "a" * 63 + ".vn",
    ],
)
def test_registrable_names(name: str) -> None:
    assert is_host_name(name)
    assert bar_to(name, SUFFIXES) == ""


@pytest.mark.parametrize(
    "name",
    [
        "vn",
        "-a.vn",
        "a-.vn",
        "a--b.vn",
        "a_b.vn",
        "phở.vn",
        "a" * 64 + ".vn",
        "xn--abc-.vn",
        "a..vn",
    ],
)
def test_what_is_not_a_host_name(name: str) -> None:
    assert not is_host_name(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("example.com", "Not a name of this registry"),
        ("com.vn", "Reserved: a suffix"),
        ("baria-vungtau.vn", "Reserved: a suffix"),
        ("ab.vn", "Reserved: by auction only"),
        ("www.bienxanh.vn", "Not directly under a suffix"),
        ("a.b.com.vn", "Not directly under a suffix"),
    ],
)
def test_barred_names_say_why_in_32_characters(name: str, reason: str) -> None:
    assert bar_to(name, SUFFIXES) == reason
    assert len(reason) <= 32
