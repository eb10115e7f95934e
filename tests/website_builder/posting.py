"""A visitor of a published site with forms: pages by hand, the real target, the real edge."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from haidang.core.ports.publishing import (
    Activation,
    Deployment,
    FormChoice,
    FormField,
    PublishedFile,
    PublishedForm,
)
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.conformance import MemoryBlobs
from haidang.core.testing.memory import NOON
from haidang.website_builder import forms
from haidang.website_builder.edge.app import Edge
from haidang.website_builder.edge.posts import Posts
from haidang.website_builder.edge.sites import Sites
from haidang.website_builder.form_markup import SLOT, draw_thanks
from haidang.website_builder.letterbox import LETTERS
from haidang.website_builder.providers.directory import Directory
from haidang.website_builder.providers.directory_settings import DirectorySettings
from haidang.website_builder.publication import HEADERS

HOST = "vuon.vn"
SITE = "s-vuon"
ORDER, QUESTION = "/gui/dat-hang", "/gui/hoi"
GOOD = {"q-den": "2", "q-do": "1", "name": "Chị Hạnh", "phone": "0901 234 567", "consent": "1"}
PAGE = "<!doctype html><title>{}</title><main>{}</main>"


def a_form(kind: str = "order", **changes: Any) -> PublishedForm:
    """The form of a farm's order, or of a plain question."""
    place = forms.Place("vi", "vi", "/", {}, "Vườn Tiêu", "+84901234567", 36)
    choices = (
        FormChoice("den", "Tiêu đen", "185.000 ₫/kg", 185_000),
        FormChoice("do", "Tiêu đỏ", "420.000 ₫/kg", 420_000),
    )
    things = FormField("things", "quantities", "Hàng", required=True, most=50, choices=choices)
    name = FormField("name", "text", "Tên", required=True, most=80)
    phone = FormField("phone", "tel", "Số điện thoại", required=True)
    note = FormField("note", "textarea", "Dặn thêm")
    valid = PublishedForm(
        kind=kind,
        section="dat-hang" if kind == "order" else "hoi",
        locale="vi",
        fields=(things, name, phone, note) if kind == "order" else (name, phone, note),
        sent=forms.SENT[kind],
        again=forms.AGAIN,
        back="/#dat-hang",
        phone="+84901234567",
        kept_months=36,
        words=forms.form_words(kind, place),
    )
    return dataclasses.replace(valid, **changes)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


class Site:
    """One published site and the edge before it, in this process."""

    def __init__(self, folder: Path) -> None:
        self.edge_folder = folder / "edge"
        self.blobs = MemoryBlobs()
        self.clock = FakeClock(NOON)
        self.ticks = 0.0
        settings = DirectorySettings(folder=self.edge_folder)
        self.target = Directory(settings, folder, self.clock, self.blobs)
        sites = Sites(self.edge_folder)
        self.letters = self.edge_folder / LETTERS
        posts = Posts(sites, self.letters, self.clock, monotonic=lambda: self.ticks)
        self.edge = Edge(sites, posts)

    async def publish(self, *published: PublishedForm, site: str = SITE, host: str = HOST) -> None:
        """Put the forms online, each with the pages that belong to it."""
        held = published or (a_form(), a_form("question"))
        pages = {"/": PAGE.format("Vườn", "Trang chủ")}
        for form in held:
            pages[form.again] = PAGE.format("Sửa", SLOT)
            pages[form.sent] = PAGE.format("Xong", draw_thanks(form))
        files = {}
        for path, text in pages.items():
            sha256 = self.blobs.hold(text.encode())
            kind = "text/html; charset=utf-8"
            files[f"{path}index.html"] = PublishedFile(sha256, len(text.encode()), kind)
        deployment = Deployment(
            site=site,
            id="d1",
            revision=1,
            pack="vn.farm.vuon@1.0.0",
            legal_profile="vn-2026-07",
            hosts=(host,),
            files=files,
            headers=HEADERS,
            redirects={},
            forms={f"/gui/{form.section}": form for form in held},
        )
        await self.target.upload(deployment, "operations/1/upload")
        await self.target.activate(Activation(site, "d1", 1, (host,)), "operations/1/activate")

    async def post(
        self,
        path: str = ORDER,
        typed: dict[str, str] | None = None,
        *,
        body: bytes | None = None,
        host: str = HOST,
        came_from: str = "203.0.113.9",
        **headers: str,
    ) -> Answer:
        """Send a form as a browser does; *headers* with "_" for "-"."""
        wire = urlencode(GOOD if typed is None else typed).encode() if body is None else body
        lines = {"content-type": "application/x-www-form-urlencoded", "host": host}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask("POST", path, lines, wire, came_from)

    async def get(self, path: str) -> Answer:
        """Open a page."""
        return await self._ask("GET", path, {"host": HOST}, b"", "203.0.113.9")

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes, came_from: str
    ) -> Answer:
        sent: list[dict[str, Any]] = []  # Any: ASGI messages
        halves = [body[: len(body) // 2], body[len(body) // 2 :]]

        async def receive() -> dict[str, Any]:
            part = halves.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(halves)}

        async def send(message: Any) -> None:
            sent.append(message)

        name, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": name,
            "raw_path": name.encode(),
            "query_string": query.encode(),
            "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
            "client": (came_from, 50000),
        }
        await self.edge(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        text = b"".join(part.get("body", b"") for part in sent[1:]).decode()
        return Answer(sent[0]["status"], found, text)

    def kept(self) -> list[dict[str, Any]]:
        """The letters that lie in the letterbox."""
        return [json.loads(path.read_text()) for path in sorted(self.letters.glob("*/2*.json"))]
