"""Which file answers a request: hosts, manifests, negotiation. Reads only the folder.

Names of files here come from manifests that the publisher wrote; a request's path is
only ever looked up in a manifest, and its host must be plain before it names a pointer.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from haidang.core.ports.publishing import FormChoice, FormField, PublishedForm

MOST_MANIFESTS = 512
LOCAL_SUFFIX = ".localhost"
WWW = "www."
NOT_FOUND = "/404.html"
IMMUTABLE = "public, max-age=31536000, immutable"
FRESH = "public, max-age=0, must-revalidate"
HASHED_FOLDERS = ("/assets/", "/media/")
"""Their file names change with their bytes. Source: field guide websites section 6."""
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?=.{{1,253}}$)({LABEL}\.)+{LABEL}")
PORT = re.compile(r":[0-9]{1,5}$")
NO_WEIGHT = re.compile(r"q=0(\.0{0,3})?")


class Unserved(Exception):
    """The folder does not hold what a pointer or a manifest in it names."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A deployment as the edge needs it: files by path, headers, redirects, forms.

    `forms` are by the path they are posted to, `thanks` by the page that follows.
    """

    site: str
    files: dict[str, dict[str, str]]
    headers: dict[str, str]
    redirects: dict[str, str]
    forms: dict[str, PublishedForm]

    @property
    def thanks(self) -> dict[str, PublishedForm]:
        """A form of each page that says thank you."""
        return {form.sent: form for form in self.forms.values()}


@dataclass(frozen=True, slots=True)
class Found:
    """The file that answers: where its bytes lie and how it is sent."""

    path: Path
    status: int
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """The address asked for has another one."""

    location: str
    headers: dict[str, str]


class Sites:
    """The published sites. A pointer is read at every request, a manifest once."""

    def __init__(self, folder: Path, *, most_manifests: int = MOST_MANIFESTS) -> None:
        self._folder = folder
        self._most = most_manifests
        self._manifests: OrderedDict[tuple[str, str], Manifest] = OrderedDict()
        """Manifests never change, so switching and going back need no reading again."""

    def manifest(self, host: str) -> Manifest | None:
        """What is live on *host*, as a request sends it; None when nothing is.

        A port and, for this machine's own browser, a last label "localhost" are left out;
        "www." is answered by the bare name unless something is published there.

        Raises: Unserved when what is live cannot be read.
        """
        name = host_name(host)
        if name is None:
            return None
        live = self._live(name) or self._live(name.removeprefix(WWW))
        if live is None:
            return None
        held = self._manifests.get(live)
        if held is None:
            held = self._manifests[live] = self._read(live)
        self._manifests.move_to_end(live)
        while len(self._manifests) > self._most:
            self._manifests.popitem(last=False)
        return held

    def find(self, manifest: Manifest, path: str, accepts: str) -> Found | Moved | None:
        """What answers *path*, encoded as *accepts* allows; the site's own 404 page at worst."""
        if path in manifest.redirects:
            return _moved(manifest, manifest.redirects[path])
        name = f"{path}index.html" if path.endswith("/") else path
        if name in manifest.files:
            return self._found(manifest, name, accepts, 200)
        if f"{path}/index.html" in manifest.files:
            return _moved(manifest, f"{path}/")
        if NOT_FOUND in manifest.files:
            return self._found(manifest, NOT_FOUND, accepts, 404)
        return None

    def text(self, manifest: Manifest, path: str) -> str:
        """The page at *path*, a folder. Raises: Unserved."""
        try:
            sha256 = manifest.files[f"{path}index.html"]["sha256"]
            return self._blob(sha256).read_text("utf-8")
        except (KeyError, OSError) as error:
            raise Unserved(path) from error

    def _blob(self, sha256: str) -> Path:
        return self._folder / "blobs" / "sha256" / sha256[:2] / sha256

    def _live(self, name: str) -> tuple[str, str] | None:
        try:
            text = (self._folder / "live" / f"{name}.json").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unserved(name) from error
        try:
            live = json.loads(text)
            return live["site"], live["deployment"]
        except (ValueError, KeyError, TypeError) as error:
            raise Unserved(name) from error

    def _read(self, live: tuple[str, str]) -> Manifest:
        site, deployment = live
        path = self._folder / "deploys" / site / f"{deployment}.json"
        try:
            stored = json.loads(path.read_bytes())
            forms = {path: _form(form) for path, form in stored.get("forms", {}).items()}
            return Manifest(site, stored["files"], stored["headers"], stored["redirects"], forms)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unserved(f"{site}/{deployment}") from error

    def _found(self, manifest: Manifest, name: str, accepts: str, status: int) -> Found:
        file = manifest.files[name]
        encoding, sha256 = _negotiated(file, accepts)
        headers = {
            **manifest.headers,
            "Content-Type": file["type"],
            "Cache-Control": IMMUTABLE if name.startswith(HASHED_FOLDERS) else FRESH,
            "ETag": f'"{sha256}"',
        }
        if file["br_sha256"] or file["gz_sha256"]:
            headers["Vary"] = "Accept-Encoding"
        if encoding:
            headers["Content-Encoding"] = encoding
        return Found(self._blob(sha256), status, headers)


def host_name(host: str) -> str | None:
    """The A-label a Host header means; None for what is no plain host name."""
    name = PORT.sub("", host).lower().removesuffix(".").removesuffix(LOCAL_SUFFIX)
    return name if HOST.fullmatch(name) else None


# Any: one form of a manifest's JSON; a wrong shape raises TypeError or KeyError.
def _form(stored: dict[str, Any]) -> PublishedForm:
    fields = tuple(
        FormField(**{**one, "choices": tuple(FormChoice(**choice) for choice in one["choices"])})
        for one in stored["fields"]
    )
    return PublishedForm(**{**stored, "fields": fields})


def _moved(manifest: Manifest, location: str) -> Moved:
    return Moved(quote(location), {**manifest.headers, "Cache-Control": FRESH})


def _negotiated(file: dict[str, str], accepts: str) -> tuple[str, str]:
    """(encoding, digest) of the smallest body the client takes."""
    wanted = _encodings(accepts)
    if file["br_sha256"] and "br" in wanted:
        return "br", file["br_sha256"]
    if file["gz_sha256"] and "gzip" in wanted:
        return "gzip", file["gz_sha256"]
    return "", file["sha256"]


def _encodings(accepts: str) -> set[str]:
    """The encodings an Accept-Encoding header names; q=0 forbids one.

    Source: RFC 9110 section 12.5.3. "*" is not taken as a wish for anything.
    """
    found = set()
    for part in accepts.lower().split(","):
        name, _, parameters = part.partition(";")
        if not NO_WEIGHT.fullmatch(parameters.replace(" ", "")):
            found.add(name.strip())
    return found
