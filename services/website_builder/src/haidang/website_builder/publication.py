"""What a publication consists of: encodings, headers, the manifest. Pure."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import brotli
from haidang.core.ports.publishing import Deployment, PublishedFile
from haidang.website_builder.legal import DEFAULT_PROFILE
from haidang.website_builder.rendering import RenderedSite

BROTLI_QUALITY = 5
GZIP_LEVEL = 6
TEXTUAL = ("text/", "application/json", "application/xml", "image/svg+xml", "application/ld+json")
LEAST_TO_COMPRESS_BYTES = 256
CSP = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Source: field guide websites section 6. HSTS belongs to the edge that ends TLS."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A manifest and the bodies it names that are not stored yet."""

    deployment: Deployment
    bodies: tuple[bytes, ...]


def publication(
    rendered: RenderedSite,
    *,
    site: str,
    id: str,
    revision: int,
    pack: str,
    hosts: tuple[str, ...],
) -> Publication:
    """The publication of a rendered site. Deterministic: the same site, the same manifest."""
    files: dict[str, PublishedFile] = {}
    bodies: dict[str, bytes] = {}
    for path, file in rendered.files.items():
        encodings = dict(_encodings(file.body, file.type))
        for body in (file.body, *encodings.values()):
            bodies[_sha256(body)] = body
        files[path] = PublishedFile(
            sha256=_sha256(file.body),
            size_bytes=len(file.body),
            type=file.type,
            br_sha256=_sha256(encodings["br"]) if "br" in encodings else "",
            gz_sha256=_sha256(encodings["gz"]) if "gz" in encodings else "",
        )
    for path, rendition in rendered.media.items():
        files[path] = PublishedFile(rendition.sha256, rendition.size_bytes, rendition.type)
    deployment = Deployment(
        site=site,
        id=id,
        revision=revision,
        pack=pack,
        legal_profile=DEFAULT_PROFILE,
        hosts=hosts,
        files=files,
        headers=HEADERS,
        redirects={},
        forms=rendered.forms,
    )
    return Publication(deployment, tuple(bodies.values()))


def _encodings(body: bytes, kind: str) -> Iterator[tuple[str, bytes]]:
    if len(body) < LEAST_TO_COMPRESS_BYTES or not kind.startswith(TEXTUAL):
        return
    yield "br", brotli.compress(body, quality=BROTLI_QUALITY)
    yield "gz", gzip.compress(body, GZIP_LEVEL, mtime=0)


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
