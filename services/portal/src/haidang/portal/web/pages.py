"""Pages: Jinja2 templates, escaped, strict; the frame around every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import jinja2
from haidang.core.clock import in_vietnam
from haidang.core.identifiers import written_phone, written_tax_code
from haidang.core.money import written
from haidang.portal.web.assets import Assets
from haidang.portal.web.calls import Calls
from starlette.responses import HTMLResponse, Response

if TYPE_CHECKING:
    from haidang.portal.accounts import Accounts
    from haidang.portal.web.visit import Visit


class Frame:
    """What every page stands in: templates, words, assets; and the doors to the offices."""

    def __init__(
        self, accounts: Accounts, calls: Calls, assets: Assets, *, origin: str, sandbox: bool
    ) -> None:
        self.accounts = accounts
        self.calls = calls
        self.assets = assets
        self.origin = origin
        self.sandbox = sandbox
        self._templates = _environment()
        self._templates.globals.update(asset=assets.path, sandbox=sandbox, origin=origin)

    def page(
        self, visit: Visit, template: str, status: int, context: Mapping[str, object]
    ) -> Response:
        """A whole page, never kept by caches: it may be somebody's."""
        html = self.draw(visit, template, context)
        return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})

    # Any: templates take whatever their room hands them.
    def draw(self, visit: Visit, template: str, context: Mapping[str, Any]) -> str:
        """*template* filled. Raises: jinja2.UndefinedError when the room forgot a value."""
        shared = {
            "visit": visit,
            "w": visit.words,
            "locale": visit.locale,
            "csrf": visit.csrf,
            "path": visit.request.url.path,
            "typed": visit.typed,
            "faults": {},
            "part_only": False,
        }
        return self._templates.get_template(template).render({**shared, **context})


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("haidang.portal.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        dong=written, day=written_day, clock=written_clock, phone=_phone, code=_code, tenths=_tenths
    )
    return environment


def written_day(instant: datetime | date | None) -> str:
    """An instant or day as Vietnamese write it: 23/11/2026; "" for none."""
    if instant is None:
        return ""
    day = in_vietnam(instant) if isinstance(instant, datetime) else instant
    return day.strftime("%d/%m/%Y")


def written_clock(instant: datetime | None) -> str:
    """An instant as the time of day in Vietnam: 14:05; "" for none."""
    return in_vietnam(instant).strftime("%H:%M") if instant else ""


def _phone(number: str) -> str:
    """A phone number in groups, kept on one line."""
    return _unbroken(written_phone(number))


def _code(tax_code: str) -> str:
    """A tax code in groups, kept on one line."""
    return _unbroken(written_tax_code(tax_code))


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _tenths(number: float, locale: str) -> str:
    """A number to one decimal, with the sign that *locale* puts before it: 0,4 or 0.4."""
    text = f"{number:.1f}"
    return text.replace(".", ",") if locale == "vi" else text
