"""A figure, its peer, its ratio and its goal; and how figures are taken and written."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out" / "latest.json"
ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the table. `met` is None where there is no goal."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


def beside(
    name: str, ours: Callable[[], float], peer_name: str, peer: Callable[[], float], *, goal: float
) -> Figure:
    """Rates per second, medians of interleaved rounds; the ratio must reach *goal*."""
    pairs = [(ours(), peer()) for _ in range(ROUNDS)]
    value = statistics.median(pair[0] for pair in pairs)
    other = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    return Figure(
        name,
        round(value, 1),
        "1/s",
        peer_name,
        round(other, 1),
        round(ratio, 2),
        f"≥ {goal}×" if goal else "",
        ratio >= goal if goal else None,
    )


def at_most(name: str, value: float, unit: str, goal: float) -> Figure:
    """A figure that must stay at or below *goal*."""
    return Figure(name, round(value, 2), unit, goal=f"≤ {goal} {unit}", met=value <= goal)


def rate(work: Callable[[], object], *, seconds: float = 1.0) -> float:
    """How often *work* is done in a second."""
    work()
    count, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        work()
        count += 1
    return count / passed


def write(figures: list[Figure]) -> None:
    """Print the table and write the JSON."""
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(figure) for figure in figures], indent=1, ensure_ascii=False))
    for figure in figures:
        peer = f"{figure.peer} {figure.peer_value}" if figure.peer else ""
        ratio = f"{figure.ratio}×" if figure.ratio is not None else ""
        met = {True: "met", False: "NOT MET", None: ""}[figure.met]
        columns = f"{figure.name:<44}{figure.value:>10} {figure.unit:<5}{peer:<38}"
        print(f"{columns}{ratio:>8}  {figure.goal:<12}{met}")
