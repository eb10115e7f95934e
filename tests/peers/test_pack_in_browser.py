"""Each pack in Chromium, served with the policy of a published site: what a visitor meets."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from haidang.website_builder.rendering import RenderedSite

from tests.judges import judge, module
from tests.website_builder.gardens import LONGEST_FARM, VUON, a_garden, grown, planted
from tests.website_builder.kitchens import BEP, LONGEST_NAME, a_kitchen, cooked, with_photos
from tests.website_builder.sites import BIEN, a_business, a_photo, a_website, add, i, rendered

POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
PHONE = {"width": 390, "height": 844}
LONG = "Nhà nghỉ và Homestay Gia đình Hương Biển Nghinh Phong Ô Quắn Vũng Tàu"
SANS = {BIEN: "Bien Sans", BEP: "Bep Sans", VUON: "Vuon Sans"}


class Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, files: dict[str, tuple[bytes, str]], *given: Any) -> None:
        self.files = files
        super().__init__(*given)

    def do_GET(self) -> None:
        path = self.path + "index.html" if self.path.endswith("/") else self.path
        body, kind = self.files.get(path, (b"", "text/plain"))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=judge("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"],
        )
        yield opened
        opened.close()


@pytest.fixture
def served() -> Iterator[Any]:
    servers = []

    def serve(files: Any) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, files))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()


def everything(c: Any) -> None:
    """A draft with a word in each remaining kind of section."""
    add(
        c,
        "seasons",
        heading=i("Giá theo mùa", "Prices"),
        rows=[
            {"name": i("Nước ròng", "Low"), "months": [1, 2, 3], "price": 500000},
            {"name": i("Nước lớn", "High"), "months": [6, 7], "price": 900000},
        ],
    )
    add(
        c,
        "location",
        heading=i("Đường đi", "Way"),
        sea="w",
        landmarks=[{"name": i("Chợ", "Market"), "bearing": "ne", "minutes": 9}],
    )
    add(c, "contact", heading=i("Hỏi phòng", "Ask"), steps=[i("Nói ngày đến.", "Say when.")])
    c["site"]["offers"] = [
        {"name": i("Món", "Dishes"), "items": [{"name": i("Cá mú", "Grouper"), "price": 680000}]}
    ]
    add(c, "offers", heading=i("Thực đơn", "Menu"), layout="menu")


SHORT = 20
"""Characters of a name shown with a photo; the longer ones are shown without."""


def homestay(name: str) -> RenderedSite:
    return rendered(a_website(everything, business=a_business(name=name)), ribbon=True)


def restaurant(name: str) -> RenderedSite:
    photo = a_photo()
    change = with_photos(photo) if len(name) < SHORT else None
    return cooked(a_kitchen(change, name=name), photo, ribbon=True)


def farm(name: str) -> RenderedSite:
    photo = a_photo()
    change = planted(photo) if len(name) < SHORT else None
    return grown(a_garden(change, name=name), photo, ribbon=True)


SITES = {BIEN: homestay, BEP: restaurant, VUON: farm}
"""A whole site of each pack, with every kind of section, by the name of the business."""


@pytest.mark.judge("chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("pack", "name"),
    [
        (BIEN, "Gió Biển"),
        (BIEN, LONG),
        (BEP, "Bến Cá"),
        (BEP, LONGEST_NAME),
        (VUON, "Vườn Tiêu"),
        (VUON, LONGEST_FARM),
    ],
)
def test_name_trade_place_and_phone_are_in_the_first_view(
    browser: Any, served: Any, pack: str, name: str, scheme: str
) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme=scheme)
    page.goto(served(SITES[pack](name).files) + "/")

    bar = page.locator(".bar").bounding_box()
    for part in (".hero h1", ".hero-tagline", ".hero-place", ".hero-facts"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= bar["y"], part
    assert page.locator(".bar-call").bounding_box()["height"] >= 48
    assert bar["y"] + bar["height"] <= PHONE["height"]
    page.close()


@pytest.mark.judge("chromium")
@pytest.mark.parametrize("pack", SITES)
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_screen_and_nothing_is_fetched_from_elsewhere(
    browser: Any, served: Any, width: int, pack: str
) -> None:
    address = served(SITES[pack](LONG).files)
    page = browser.new_page(viewport={"width": width, "height": 844})
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))

    for path in ("/", "/en/", "/phap-ly/khieu-nai/"):
        page.goto(address + path)
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(f"document.fonts.check('16px \"{SANS[pack]}\"')")

    assert [url for url in asked if not url.startswith(address)] == []
    assert told == []
    page.close()


@pytest.mark.judge("chromium")
@pytest.mark.parametrize("pack", SITES)
@pytest.mark.parametrize("path", ["/", "/en/"])
def test_text_at_twice_the_size_still_fits_a_phone(
    browser: Any, served: Any, pack: str, path: str
) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(served(SITES[pack](LONG).files) + path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.close()


SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, input, textarea")]
  .filter((one) => !one.closest(".form-trap, .form-consent") && !one.classList.contains("skip"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 44 || box.height < 44))
  .map(([one, box]) => `${one.textContent.trim()} ${box.width}x${box.height}`)"""


@pytest.mark.judge("chromium")
@pytest.mark.parametrize("pack", SITES)
@pytest.mark.parametrize("path", ["/", "/en/", "/phap-ly/thong-tin/"])
def test_a_thumb_meets_no_target_under_forty_four_pixels(
    browser: Any, served: Any, pack: str, path: str
) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(served(SITES[pack](LONG).files) + path)

    assert page.evaluate(SMALL_TARGETS) == []
    page.close()


@pytest.mark.judge("chromium")
@pytest.mark.parametrize("pack", SITES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/en/", "/phap-ly/khieu-nai/", "/404.html"])
def test_axe_finds_nothing(browser: Any, served: Any, pack: str, scheme: str, path: str) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme=scheme, bypass_csp=True)
    page.goto(served(SITES[pack](LONG).files) + path)
    page.add_script_tag(path=module("axe-core/axe.min.js"))
    found = page.evaluate("axe.run(document)")

    violations = [
        (one["id"], node["html"][:200]) for one in found["violations"] for node in one["nodes"]
    ]
    assert violations == []
    page.close()


@pytest.mark.judge("chromium")
def test_axe_finds_a_fault_we_plant(browser: Any, served: Any) -> None:
    files = dict(SITES[BEP](LONG).files)
    css = next(path for path in files if path.endswith(".css"))
    files[css] = files[css]._replace(body=files[css].body + b".address{color:#46607a}")
    page = browser.new_page(viewport=PHONE, bypass_csp=True)
    page.goto(served(files) + "/")
    page.add_script_tag(path=module("axe-core/axe.min.js"))

    assert [one["id"] for one in page.evaluate("axe.run(document)")["violations"]] == [
        "color-contrast"
    ]
    page.close()
