"""`make bench`: measure, print the table, write benches/out/latest.json."""

from __future__ import annotations

import sys

from benches import epp, figures, pages, platform, portal, signatures

PARTS = {
    "pages": pages,
    "signatures": signatures,
    "epp": epp,
    "platform": platform,
    "portal": portal,
}


def main(wanted: list[str]) -> int:
    """Measure the *wanted* parts, or all."""
    found = [figure for name in wanted or PARTS for figure in PARTS[name].figures()]
    figures.write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
