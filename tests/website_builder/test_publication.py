"""What a publication consists of: digests, encodings, headers; the same site, the same bytes."""

from __future__ import annotations

import gzip
import hashlib

import brotli
from haidang.core.ports.publishing import Deployment
from haidang.website_builder.publication import HEADERS, Publication, publication
from haidang.website_builder.rendering import RenderedFile, RenderedSite

from tests.website_builder import sites

PAGE = "Một trang dài. ".encode() * 100


def published(rendered: RenderedSite) -> Publication:
    return publication(
        rendered, site="s1", id="d1", revision=7, pack="p@1.0.0", hosts=("giobien.vn",)
    )


def one_file(body: bytes, kind: str) -> tuple[Deployment, dict[str, bytes]]:
    made = published(RenderedSite({"/x": RenderedFile(body, kind)}, {}))
    return made.deployment, {hashlib.sha256(body).hexdigest(): body for body in made.bodies}


def test_a_text_is_stored_plain_and_in_two_encodings_that_read_the_same() -> None:
    deployment, bodies = one_file(PAGE, "text/html; charset=utf-8")

    file = deployment.files["/x"]
    assert bodies[file.sha256] == PAGE
    assert brotli.decompress(bodies[file.br_sha256]) == PAGE
    assert gzip.decompress(bodies[file.gz_sha256]) == PAGE
    assert len(bodies) == 3


def test_a_gzip_body_bears_no_time() -> None:
    deployment, bodies = one_file(PAGE, "text/css")

    assert bodies[deployment.files["/x"].gz_sha256][4:8] == b"\x00\x00\x00\x00"


def test_what_does_not_shrink_is_stored_plain_only() -> None:
    for body, kind in ((PAGE, "font/woff2"), (b"ngan", "text/plain")):
        deployment, bodies = one_file(body, kind)
        assert (deployment.files["/x"].br_sha256, len(bodies)) == ("", 1)


def test_the_same_site_is_the_same_publication() -> None:
    photo = sites.a_photo()
    website = sites.a_website(lambda c: sites.section(c, 0).update(photo=photo.id))

    assert published(sites.rendered(website, photo)) == published(sites.rendered(website, photo))


def test_a_photo_is_in_the_manifest_but_not_among_the_bodies() -> None:
    photo = sites.a_photo()
    website = sites.a_website(lambda c: sites.section(c, 0).update(photo=photo.id))

    made = published(sites.rendered(website, photo))

    digests = {hashlib.sha256(body).hexdigest() for body in made.bodies}
    in_manifest = {path: file for path, file in made.deployment.files.items() if "/media/" in path}
    assert in_manifest
    assert not digests & {file.sha256 for file in in_manifest.values()}
    assert {file.type for file in in_manifest.values()} == {"image/avif", "image/webp"}


def test_every_file_a_manifest_names_is_a_body_or_a_stored_photo() -> None:
    photo = sites.a_photo()
    website = sites.a_website(lambda c: sites.section(c, 0).update(photo=photo.id))
    made = published(sites.rendered(website, photo))

    known = {hashlib.sha256(body).hexdigest() for body in made.bodies}
    known |= {one.sha256 for one in photo.renditions}
    for file in made.deployment.files.values():
        assert {file.sha256, file.br_sha256, file.gz_sha256} - {""} <= known


def test_every_page_is_sent_with_the_headers_that_keep_visitors_safe() -> None:
    policy = dict(
        part.strip().partition(" ")[::2] for part in HEADERS["Content-Security-Policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert HEADERS["Referrer-Policy"] == "strict-origin"
    assert {"Permissions-Policy", "Cross-Origin-Opener-Policy"} <= set(HEADERS)
    assert "Strict-Transport-Security" not in HEADERS  # for the edge that ends TLS to say
