"""The edge: by Host, conditional, negotiated, and nothing of a request ever comes back."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.website_builder.edge.app import Edge
from haidang.website_builder.edge.posts import Posts
from haidang.website_builder.edge.sites import Sites, host_name
from haidang.website_builder.publication import HEADERS
from haidang.website_builder.values import PublishWebsite, RollBackWebsite

from tests.judges import judge
from tests.website_builder import photographs as shot
from tests.website_builder import sites
from tests.website_builder.house import HOST, House, in_chunks, open_house

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Visitor:
    """Asks the edge in this process, as a server would hand requests on."""

    def __init__(self, folder: Path) -> None:
        sites = Sites(folder)
        self.edge = Edge(sites, Posts(sites, folder / "letters", FakeClock(NOON)))

    async def ask(
        self, path: str = "/", *, method: str = "GET", host: str | None = HOST, **headers: str
    ) -> Answer:
        sent: list[dict[str, Any]] = []  # Any: ASGI messages
        lines = [(key.replace("_", "-").encode(), v.encode()) for key, v in headers.items()]
        if host is not None:
            lines.append((b"host", host.encode("latin-1", "replace")))
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": lines,
            "client": ("203.0.113.9", 50000),
        }

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.edge(scope, None, send)  # type: ignore[arg-type]  # nothing is received
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        body = b"".join(part.get("body", b"") for part in sent[1:])
        return Answer(sent[0]["status"], found, body)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose website, with one photo, is live."""
    found = await open_house(tmp_path)
    photo = await found.media.take("t1", in_chunks(shot.a_jpeg(600, 400)), 0, {"vi": "Hiên"})
    draft = sites.a_draft(lambda c: sites.section(c, 0).update(photo=photo.id))
    website = await found.a_website(draft)
    await found.publisher.publish(found.run(), PublishWebsite(website.id, 0))
    yield found
    await found.database.close()


@pytest.fixture
def visitor(house: House) -> Visitor:
    return Visitor(house.edge)


def manifest(house: House) -> dict[str, Any]:  # Any: JSON
    (path,) = (house.edge / "deploys").rglob("*.json")
    return json.loads(path.read_bytes())


async def test_a_page_is_served_by_its_host(visitor: Visitor) -> None:
    answer = await visitor.ask()

    assert answer.status == 200
    assert "Gió Biển" in answer.body.decode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize(
    "host",
    ["giobien.vn", "GioBien.VN", "giobien.vn.", "giobien.vn:8090", "giobien.vn.localhost:8090",
     "www.giobien.vn", "www.giobien.vn.localhost"],
)  # fmt: skip
async def test_a_host_may_be_written_in_several_ways(visitor: Visitor, host: str) -> None:
    assert (await visitor.ask(host=host)).status == 200


@pytest.mark.parametrize(
    "host",
    [None, "", "khac.vn", "vn", "localhost", "www.", "127.0.0.1:80", "[::1]:80", "..",
     "../giobien.vn", "giobien.vn/../x", "giobien.vn\x00", "giobien.vn, khac.vn", "a" * 300,
     ".giobien.vn", "giobien..vn", "<script>alert(1)</script>", "giobien.vn:80:80",
     "giobien.vn@khac.vn", "bi\u1ec3n"],
)  # fmt: skip
async def test_an_unknown_host_gets_a_neutral_answer_that_repeats_nothing(
    visitor: Visitor, host: str | None
) -> None:
    answer = await visitor.ask("/<b>", host=host)

    assert answer.status == 404
    assert "Không có trang web nào" in answer.body.decode()
    assert answer.headers["cache-control"] == "no-store"
    assert b"<" not in answer.body
    assert not host or host not in answer.body.decode() + str(answer.headers)


@pytest.mark.parametrize("path", ["/", "/en/", "/khong-co", "/robots.txt", "/en"])
async def test_every_answer_of_a_site_bears_the_security_headers(
    visitor: Visitor, path: str
) -> None:
    answer = await visitor.ask(path)

    assert {name: answer.headers[name.lower()] for name in HEADERS} == dict(HEADERS)
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.000", ""),
        ("identity", ""),
        ("", ""),
        ("*", ""),
    ],
)
async def test_the_encoding_is_one_the_client_takes(
    visitor: Visitor, accepts: str, encoding: str
) -> None:
    plain = await visitor.ask()
    answer = await visitor.ask(accept_encoding=accepts)

    assert answer.headers.get("content-encoding", "") == encoding
    decoded = {"br": brotli.decompress, "gzip": gzip.decompress}.get(encoding, bytes)(answer.body)
    assert decoded == plain.body
    assert (answer.headers["etag"] == plain.headers["etag"]) == (encoding == "")


async def test_a_known_version_is_not_sent_again(visitor: Visitor) -> None:
    first = await visitor.ask(accept_encoding="br")
    etag = first.headers["etag"]

    for wanted in (etag, f'"other", W/{etag}', "*"):
        again = await visitor.ask(accept_encoding="br", if_none_match=wanted)
        assert (again.status, again.body) == (304, b"")
        for name in ("etag", "cache-control", "vary", "content-security-policy"):
            assert again.headers[name] == first.headers[name]
        assert "content-encoding" not in again.headers
    plain = await visitor.ask(if_none_match=etag)
    assert plain.status == 200


async def test_head_is_get_without_a_body(visitor: Visitor) -> None:
    for path in ("/", "/khong-co"):
        got = await visitor.ask(path, accept_encoding="br")
        head = await visitor.ask(path, method="HEAD", accept_encoding="br")

        assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get"])
async def test_other_methods_are_not_allowed(visitor: Visitor, method: str) -> None:
    answer = await visitor.ask(method=method)

    assert (answer.status, answer.headers["allow"], answer.body) == (405, "GET, HEAD", b"")


async def test_hashed_files_may_be_kept_for_ever_and_pages_may_not(
    visitor: Visitor, house: House
) -> None:
    for path in manifest(house)["files"]:
        kept = (await visitor.ask(path)).headers["cache-control"]
        is_hashed = path.startswith(("/assets/", "/media/"))
        assert ("immutable" in kept) == is_hashed
        if is_hashed:
            sha256 = manifest(house)["files"][path]["sha256"]
            assert any(sha256.startswith(p) for p in path.replace(".", "/").replace("-", "/")
                       .split("/") if len(p) >= 8)  # fmt: skip


async def test_a_photo_is_served_as_what_it_is(visitor: Visitor, house: House) -> None:
    path = next(p for p in manifest(house)["files"] if p.endswith(".avif"))
    answer = await visitor.ask(path, accept_encoding="br, gzip")

    assert answer.headers["content-type"] == "image/avif"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answer.headers
    assert answer.body[4:12] == b"ftypavif"


async def test_a_page_without_its_slash_is_moved(visitor: Visitor) -> None:
    answer = await visitor.ask("/en", host="giobien.vn.localhost:8090")

    assert (answer.status, answer.headers["location"], answer.body) == (301, "/en/", b"")


@pytest.mark.parametrize(
    "path",
    ["/khong-co", "/../../live/giobien.vn.json", "/..%2f", "//khac.vn/", "/index.html/", "/\x00",
     "/.well-known/x", "/media/", "/" + "a" * 3000, "/blobs", "/%2e%2e/", "/en/../../deploys"],
)  # fmt: skip
async def test_a_path_that_is_not_in_the_manifest_leads_nowhere(
    visitor: Visitor, path: str
) -> None:
    answer = await visitor.ask(path)

    assert answer.status == 404
    assert "location" not in answer.headers
    assert b"sequence" not in answer.body


async def test_an_address_unknown_to_a_site_gets_that_site_s_own_page(visitor: Visitor) -> None:
    answer = await visitor.ask("/khong-co", accept_encoding="gzip", if_none_match="*")

    assert answer.status == 404
    assert "Gió Biển" in gzip.decompress(answer.body).decode()


async def test_declared_redirects_are_followed_first(tmp_path: Path) -> None:
    write_site(tmp_path, "d1", redirects={"/phong": "/phòng-mây/"})

    answer = await Visitor(tmp_path).ask("/phong")

    assert (answer.status, answer.headers["location"]) == (301, "/ph%C3%B2ng-m%C3%A2y/")


async def test_a_switch_is_seen_at_the_next_request_and_so_is_the_way_back(
    visitor: Visitor, house: House
) -> None:
    before = await visitor.ask()
    (website,) = await house.ledger.websites("t1", after="", limit=1)
    draft = sites.a_draft(business=sites.a_business(name="Gió Biển hai"))
    await house.editor.update("t1", website.id, draft, website.etag)
    await house.publisher.publish(house.run(2), PublishWebsite(website.id, 0))
    assert "Gió Biển hai" in (await visitor.ask()).body.decode()

    await house.publisher.roll_back(
        house.run(3), RollBackWebsite(website.id, website.live_deployment)
    )
    assert (await visitor.ask()).body == before.body


def write_site(folder: Path, id: str, *, redirects: dict[str, str] | None = None) -> None:
    """A site by hand, as small as can be."""
    for part in ("live", "deploys/s1", "blobs"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    manifest = {"files": {}, "headers": {}, "redirects": redirects or {}}
    (folder / "deploys/s1" / f"{id}.json").write_text(json.dumps(manifest))
    pointer = {"site": "s1", "deployment": id, "sequence": 1}
    (folder / "live" / f"{HOST}.json").write_text(json.dumps(pointer))


async def test_two_switches_within_one_tick_of_the_clock_are_both_seen(tmp_path: Path) -> None:
    write_site(tmp_path, "d1")
    visitor = Visitor(tmp_path)
    pointer = tmp_path / "live" / f"{HOST}.json"
    await visitor.ask("/x")
    was = pointer.stat()

    write_site(tmp_path, "d2", redirects={"/x": "/y/"})
    os.utime(pointer, ns=(was.st_atime_ns, was.st_mtime_ns))

    assert (await visitor.ask("/x")).status == 301


@pytest.mark.parametrize("damage", ["pointer", "pointer without a site", "manifest", "blob"])
async def test_what_cannot_be_read_is_unavailable_and_not_our_secret(
    visitor: Visitor, house: House, damage: str
) -> None:
    if damage.startswith("pointer"):
        text = "{" if damage == "pointer" else "{}"
        (house.edge / "live" / f"{HOST}.json").write_text(text)
    elif damage == "manifest":
        next((house.edge / "deploys").rglob("*.json")).unlink()
    else:
        shutil.rmtree(house.edge / "blobs")

    answer = await visitor.ask()

    assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
    assert "đang được đăng lại" in answer.body.decode()


async def test_only_so_many_manifests_stay_in_memory(tmp_path: Path) -> None:
    for number in range(5):
        write_site(tmp_path, f"d{number}")
        (tmp_path / "live" / f"{HOST}.json").rename(tmp_path / "live" / f"s{number}.vn.json")
    found = Sites(tmp_path, most_manifests=2)
    for number in range(5):
        assert found.manifest(f"s{number}.vn") is not None

    assert len(found._manifests) == 2


@pytest.mark.parametrize("host", ["a.vn", "xn--gibin-1ta0454c.vn", "a-b.com.vn"])
def test_a_plain_host_is_its_own_name(host: str) -> None:
    assert host_name(host) == host


@pytest.fixture
def port(house: House) -> Iterator[int]:
    """The edge as a process of its own, over the house's folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    environment = {
        **os.environ,
        "HAIDANG_STATE": str(house.folder),
        "HAIDANG_PROCESS": "edge",
        "HAIDANG_ADDRESSES__EDGE": f"127.0.0.1:{free}",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "haidang.website_builder.edge"], env=environment
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (house.folder / "run/edge.ready").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield free
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) in {0, -signal.SIGTERM}


def test_the_process_serves_and_stays_small(house: House, port: int) -> None:
    pid = json.loads((house.folder / "run/edge.ready").read_text())["pid"]
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for path, status in (("/", 200), ("/en", 301), ("/khong-co", 404), ("/../x", 404)):
        connection.request("GET", path, headers={"Host": f"{HOST}.localhost:{port}"})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("server")) == (status, None)
        answer.read()
    connection.close()

    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < 60_000


MALFORMED = (
    b"\x00\xff\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
    b"GET http://x/ HTTP/9.9\r\n\r\n",
)


def test_a_malformed_request_does_not_end_the_process(house: House, port: int) -> None:
    for wire in MALFORMED:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
            connection.sendall(wire)
            connection.shutdown(socket.SHUT_WR)
            assert b"Traceback" not in connection.recv(4096)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/", headers={"Host": HOST})
    assert connection.getresponse().status == 200


def test_the_edge_imports_neither_database_nor_rpc_nor_templates() -> None:
    probe = (
        "import sys, haidang.website_builder.edge.__main__; "
        "print({'grpc', 'sqlalchemy', 'dbos', 'PIL', 'minijinja', 'jsonschema'} & set(sys.modules))"
    )

    said = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "set()"


@pytest.mark.judge("chromium")
def test_a_browser_shows_the_site_and_finds_nothing_against_its_policy(
    house: House, port: int, tmp_path: Path
) -> None:
    chromium = judge("chromium")
    said = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={tmp_path / 'browser'}",
            "--enable-logging=stderr",
            "--v=0",
            "--dump-dom",
            f"http://{HOST}.localhost:{port}/",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert "Gió Biển" in said.stdout
    assert "CONSOLE" not in said.stderr
    assert "Content Security Policy" not in said.stderr
