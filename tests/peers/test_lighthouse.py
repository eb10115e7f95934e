"""Lighthouse, as a phone: the public pages of the portal, and the home page of every pack.

Performance, accessibility and best practices are judged as a visitor meets the page. Search
is not: every site of a sandbox asks robots to stay away, which is right and costs points.
So for search each pack is rendered without the sandbox's ribbon, as it will be on the real
network, and judged behind a small server that sends the policy of a published site.
"""

from __future__ import annotations

import http.client
import http.server
import json
import os
import statistics
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from haidang.website_builder.rendering import RenderedSite

from tests.browsing import ARGUMENTS
from tests.journeys.house import House, example
from tests.journeys.test_go_online import EXAMPLES
from tests.judges import judge, module
from tests.peers.test_pack_in_browser import Handler, everything
from tests.website_builder.gardens import VUON, a_garden, grown, planted
from tests.website_builder.kitchens import BEP, a_kitchen, cooked, with_photos
from tests.website_builder.sites import BIEN, a_photo, a_website, rendered

pytestmark = [pytest.mark.slow, pytest.mark.judge("chromium"), pytest.mark.xdist_group("house")]

PUBLIC = ("/", "/dang-ky", "/dang-nhap", "/kiem-tra", "/design")
ASKED = {"performance": 95, "accessibility": 100, "best-practices": 100}
RUNS = 3
LONGEST_SECONDS = 180


def measured(address: str, *categories: str) -> dict[str, Any]:
    """Lighthouse's report on *address*: a phone of 2016 on a slow mobile line, simulated.

    Asked again when it ends without a verdict, as it does now and then with a busy browser.
    """
    for _ in range(RUNS):
        run = run_once(address, categories)
        report: dict[str, Any] = json.loads(run.stdout) if run.returncode == 0 else {}
        if report and report.get("runtimeError") is None:
            return report
    raise AssertionError(f"Lighthouse has no verdict on {address}: {run.stderr or report}")


def run_once(address: str, categories: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Lighthouse, once."""
    return subprocess.run(
        [
            judge("node"),
            str(module("lighthouse/cli/index.js")),
            address,
            "--quiet",
            "--output=json",
            f"--only-categories={','.join(categories)}",
            f"--chrome-flags={' '.join(['--headless=new', *ARGUMENTS])}",
        ],
        env={**os.environ, "CHROME_PATH": judge("chromium"), "CI": "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )


def points(report: dict[str, Any]) -> dict[str, float]:
    """Points of a hundred by category."""
    return {name: 100 * one["score"] for name, one in report["categories"].items()}


def lost(report: dict[str, Any]) -> list[str]:
    """The audits that cost points, each with what it measured."""
    audits = report["audits"]
    weighed = {
        one["id"]
        for category in report["categories"].values()
        for one in category["auditRefs"]
        if one["weight"]
    }
    return [
        f"{name}: {audits[name].get('displayValue', '')} {audits[name]['title']}"
        for name in sorted(weighed)
        if audits[name]["score"] is not None and audits[name]["score"] < 1
    ]


def assert_asked(address: str) -> None:
    """Every category reaches what is asked; speed may, where it does not at first, by the
    median of three runs: a machine of tests does other work besides."""
    report = measured(address, *ASKED)
    found = points(report)
    speeds = [found["performance"]]
    if speeds[0] < ASKED["performance"]:
        speeds += [points(measured(address, "performance"))["performance"] for _ in range(RUNS - 1)]
        found["performance"] = statistics.median(speeds)

    assert {name for name, least in ASKED.items() if found[name] < least} == set(), (
        speeds,
        lost(report),
    )


def site_of(pack: str) -> RenderedSite:
    """A whole site of *pack* as it is on the real network: open to robots."""
    photo = a_photo()
    if pack == BEP:
        return cooked(a_kitchen(with_photos(photo)), photo)
    if pack == VUON:
        return grown(a_garden(planted(photo)), photo)
    return rendered(a_website(everything), photo)


class Forward(http.server.BaseHTTPRequestHandler):
    """Asks the edge at *address* for *host*, and hands on its answer as it came."""

    protocol_version = "HTTP/1.1"

    def __init__(self, address: str, host: str, *given: Any) -> None:
        self.edge, self.host = address, host
        super().__init__(*given)

    def do_GET(self) -> None:
        asked = {**dict(self.headers), "Host": self.host, "Connection": "close"}
        edge = http.client.HTTPConnection(self.edge, timeout=10)
        edge.request("GET", self.path, headers=asked)
        answer = edge.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, text in answer.getheaders():
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        edge.close()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def reachable(website: str, house: House) -> Iterator[str]:
    """*website*'s address; where the name has diacritics, one that leads to the same edge.

    Lighthouse looks for the name in Chromium's trace, which writes it with diacritics,
    does not find its A-label, and ends with NO_NAVSTART.
    """
    host = urlsplit(website).netloc
    if not host.startswith("xn--"):
        yield website
        return
    with serving(partial(Forward, house.address("edge"), host)) as address:
        yield address


@contextmanager
def serving(handler: Any) -> Iterator[str]:
    """The address of a small server that answers with *handler*."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("path", PUBLIC)
def test_the_portals_public_pages_are_quick_open_and_sound(path: str, house: House) -> None:
    assert_asked(f"http://localhost:{house.port('portal')}{path}")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_examples_home_page_is_quick_open_and_sound(name: str, house: House) -> None:
    outcome = house.run("go-online", str(example(name)), "--json")
    assert outcome.code == 0, outcome.err

    with reachable(outcome.json["website"], house) as address:
        assert_asked(address)


@pytest.mark.parametrize("pack", [BIEN, BEP, VUON])
def test_a_search_engine_finds_all_it_looks_for(pack: str) -> None:
    with serving(partial(Handler, site_of(pack).files)) as address:
        report = measured(address, "seo")

    assert points(report) == {"seo": 100}, lost(report)
