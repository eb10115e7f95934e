"""Templates as compiled: what is written out beforehand, and what keeps its filter."""

from __future__ import annotations

import pytest
from haidang.website_builder.environment import (
    BODY,
    CONTACT_BAR,
    STRUCTURED_DATA,
    assembled,
    with_own_addresses,
)
from haidang.website_builder.written import by_month


@pytest.mark.parametrize(
    ("source", "compiled"),
    [
        ("{{ page.canonical|safe_url }}", "{{ page.canonical }}"),
        (
            "{% for one in page.menu %}{{ one.href|safe_url }}{% endfor %}",
            "{% for one in page.menu %}{{ one.href }}{% endfor %}",
        ),
        (
            "{% for font in page.preload %}{{ font|safe_url }}{% endfor %}",
            "{% for font in page.preload %}{{ font }}{% endfor %}",
        ),
    ],
)
def test_an_address_that_rendering_made_needs_no_filter(source: str, compiled: str) -> None:
    assert with_own_addresses(source) == compiled


@pytest.mark.parametrize(
    "source",
    [
        "{{ site.zalo_href|safe_url }}",
        "{{ s.link|safe_url }}",
        "{{ other.page.canonical.href|safe_url }}",
        "{% for one in s.links %}{{ one.href|safe_url }}{% endfor %}",
        "{% macro a(one) %}{{ one.href|safe_url }}{% endmacro %}"
        "{% for one in page.menu %}{{ one.text }}{% endfor %}",
        "{% for one in page.menu %}{% set one = s.link %}{{ one|safe_url }}{% endfor %}",
        "{% for one in page.menu %}{% for one in s.links %}{{ one.href|safe_url }}{% endfor %}"
        "{% endfor %}",
        "{% for one in page.menu %}{% endfor %}{{ one.href|safe_url }}",
        "{% for one in page.menu %}{{ s.one.href|safe_url }}{% endfor %}",
    ],
)
def test_an_address_from_anywhere_else_keeps_its_filter(source: str) -> None:
    assert with_own_addresses(source) == source


def test_the_parts_take_their_places_around_the_sections() -> None:
    layout = f"<head>{STRUCTURED_DATA}</head>{CONTACT_BAR}<main>{BODY}</main>"

    html = assembled(layout, "<p>Phở</p>", {"data_block": "{}"}, {"contact_bar": "<nav></nav>"})

    assert html == "<head>{}</head><nav></nav><main><p>Phở</p></main>"


def test_a_year_has_a_value_for_each_month_that_a_row_names() -> None:
    rows = [{"months": [12, 1, 2], "price": 700_000}, {"months": [6, 2], "price": 450_000}]

    year = by_month(rows, "price")

    assert year == [700_000, 450_000, *[None] * 3, 450_000, *[None] * 5, 700_000]
    assert by_month(None, "price") == [None] * 12
