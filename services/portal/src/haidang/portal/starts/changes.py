"""Two tabs, one start: which of the fields a form sends back did its reader change? Pure.

A form sends every field it shows. Written blindly, a tab opened this morning would undo
what another wrote since. So each form says at which revision it was drawn and which tab
it is, and only what differs from what that tab saw is a change. The last change of a
field wins; a field nobody touched is never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from haidang.portal.starts.values import Change


def folded(changes: Iterable[Change], *, at: int | None = None) -> dict[str, str]:
    """The fields after *changes*, in order of revision; those later than *at* left out."""
    return {change.field: change.value for change in changes if at is None or change.revision <= at}


def changed_by(
    changes: Iterable[Change], typed: Mapping[str, str], *, drawn: int, tab: str
) -> dict[str, str]:
    """What of *typed* is to be written: sent by *tab*, whose form was drawn at *drawn*.

    A tab saw what stood when it was drawn, and then what it wrote itself. What another
    wrote before it in the same words is its own all the same: taken back there later, it
    would otherwise look like what the tab saw when it was drawn.
    """
    known = list(changes)
    seen = folded(known, at=drawn) | folded(change for change in known if change.tab == tab)
    return {field: value for field, value in typed.items() if value != seen.get(field, "")}
