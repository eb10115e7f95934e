"""What every page shares: style sheet, module, icons, one font family; named by digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from haidang.core.fonts import web_font
from haidang.portal.web.doors import PUBLIC, Door
from haidang.portal.web.visit import Visit
from starlette.responses import Response

FAMILY, PACKAGE, FONT = "Hai Dang Sans", "font_manrope", "Manrope-VariableFont_wght.ttf"
WEIGHTS = "400 700"
DIGEST_CHARACTERS = 16
KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as served."""

    content: bytes
    kind: str


class Assets:
    """The files below `/tinh/`; `path("portal.css")` is where a page finds one."""

    def __init__(self, cache: Path | None = None) -> None:
        self._served: dict[str, Asset] = {}
        self._paths: dict[str, str] = {}
        font = web_font(FAMILY, WEIGHTS, PACKAGE, FONT, preload=True, cache=cache)
        self._add("font.woff2", font.woff2)
        face = (
            f'@font-face{{font-family:"{FAMILY}";font-weight:{WEIGHTS};font-display:swap;'
            f'src:url("{self._paths["font.woff2"]}") format("woff2")}}\n'
        )
        sheets = ""
        for file in sorted(files("haidang.portal.web").joinpath("static").iterdir(), key=str):
            if file.name.endswith(".css"):
                sheets += file.read_text("utf-8")
            elif file.name.rpartition(".")[2] in KINDS:
                self._add(file.name, file.read_bytes())
        self._add("portal.css", (face + sheets).encode())

    def path(self, name: str) -> str:
        """The address of the file called *name*. Raises: KeyError."""
        return self._paths[name]

    def _add(self, name: str, content: bytes) -> None:
        stem, _, kind = name.rpartition(".")
        digest = hashlib.sha256(content).hexdigest()[:DIGEST_CHARACTERS]
        served = f"{stem}.{digest}.{kind}"
        self._served[served] = Asset(content, KINDS[kind])
        self._paths[name] = f"/tinh/{served}"

    def doors(self) -> tuple[Door, ...]:
        """One address for all of them."""
        return (Door("GET", "/tinh/{file}", self.show, needs=PUBLIC),)

    async def show(self, visit: Visit) -> Response:
        """A file, for ever: another content has another name."""
        asset = self._served.get(visit["file"])
        if asset is None:
            return visit.page("not_found.html", 404)
        return Response(asset.content, headers={"Cache-Control": FOR_EVER}, media_type=asset.kind)
