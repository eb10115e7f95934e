"""PAdES baseline levels: ordered facts, and what each adds. Pure.

Source: ETSI EN 319 142-1 clause 6.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """A baseline level; a higher one has all that a lower one has."""

    B_B = 1
    B_T = 2
    B_LT = 3
    B_LTA = 4

    @property
    def written(self) -> str:
        """As the standard writes it: "B-LT"."""
        return self.name.replace("_", "-")


class Evidence(StrEnum):
    """What a level adds to the one below."""

    SIGNATURE_TIMESTAMP = "SIGNATURE_TIMESTAMP"
    REVOCATION = "REVOCATION"
    DOCUMENT_TIMESTAMP = "DOCUMENT_TIMESTAMP"


ADDS = {
    Level.B_T: Evidence.SIGNATURE_TIMESTAMP,
    Level.B_LT: Evidence.REVOCATION,
    Level.B_LTA: Evidence.DOCUMENT_TIMESTAMP,
}


def missing_evidence(current: Level, wanted: Level) -> list[Evidence]:
    """What *current* lacks of *wanted*, in the order it is added."""
    return [ADDS[Level(step)] for step in range(current + 1, wanted + 1)]
