"""Small line charts as points of an SVG polyline. Pure: numbers in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 240, 48, 3


@dataclass(frozen=True, slots=True)
class Line:
    """A chart's line: `points` for a polyline in a WIDTH by HEIGHT box; its ends in figures."""

    points: str
    most: float
    last: float
    is_flat: bool


def line(values: Sequence[float], *, most: float | None = None) -> Line:
    """*values* from left to right; *most* is what the top of the box stands for."""
    top = max(most or 0, *values, 0) if values else 0
    step = WIDTH / max(1, len(values) - 1)
    span = HEIGHT - 2 * MARGIN
    points = " ".join(
        f"{n * step:.1f},{HEIGHT - MARGIN - (value / top * span if top else 0):.1f}"
        for n, value in enumerate(values)
    )
    return Line(points, top, values[-1] if values else 0, not any(values))
