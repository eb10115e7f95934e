"""Which file answers a request: hosts, manifests, negotiation. Reads only the folder."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

MOST_MANIFESTS = 512
LOCAL_SUFFIX = ".localhost"
WWW = "www."
NOT_FOUND = "/404.html"
IMMUTABLE = "public, max-age=31536000, immutable"
FRESH = "public, max-age=0, must-revalidate"
HASHED_FOLDERS = ("/assets/", "/media/")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A deployment as the edge needs it: files by path, headers, redirects."""

    files: dict[str, dict[str, str]]
    headers: dict[str, str]
    redirects: dict[str, str]


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


class Sites:
    """The published sites, read from the folder as they change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifests: OrderedDict[str, tuple[int, Manifest]] = OrderedDict()

    def manifest(self, host: str) -> Manifest | None:
        """What is live on *host* (as sent, with or without port and .localhost)."""
        name = host_name(host)
        if name is None:
            return None
        pointer = self._folder / "live" / f"{name}.json"
        try:
            changed = pointer.stat().st_mtime_ns
        except OSError:
            return None
        held = self._manifests.get(name)
        if held is None or held[0] != changed:
            held = (changed, self._read(pointer))
            self._manifests[name] = held
        self._manifests.move_to_end(name)
        while len(self._manifests) > MOST_MANIFESTS:
            self._manifests.popitem(last=False)
        return held[1]

    def find(self, manifest: Manifest, path: str, accepts: str) -> Found | Moved | None:
        """What answers *path*, encoded as *accepts* allows; the site's own 404 page at worst."""
        if path in manifest.redirects:
            return Moved(manifest.redirects[path])
        for name in (path, f"{path.rstrip('/')}/index.html" if path.endswith("/") else ""):
            if name in manifest.files:
                return self._found(manifest, name, accepts, 200)
        if f"{path}/index.html" in manifest.files:
            return Moved(f"{path}/")
        if NOT_FOUND in manifest.files:
            return self._found(manifest, NOT_FOUND, accepts, 404)
        return None

    def _read(self, pointer: Path) -> Manifest:
        live = json.loads(pointer.read_bytes())
        path = self._folder / "deploys" / live["site"] / f"{live['deployment']}.json"
        stored = json.loads(path.read_bytes())
        return Manifest(stored["files"], stored["headers"], stored["redirects"])

    def _found(self, manifest: Manifest, name: str, accepts: str, status: int) -> Found:
        file = manifest.files[name]
        encoding, sha256 = _negotiated(file, accepts)
        is_hashed = name.startswith(HASHED_FOLDERS)
        headers = {
            **manifest.headers,
            "Content-Type": file["type"],
            "Cache-Control": IMMUTABLE if is_hashed else FRESH,
            "ETag": f'"{sha256}"',
        }
        if file["br_sha256"] or file["gz_sha256"]:
            headers["Vary"] = "Accept-Encoding"
        if encoding:
            headers["Content-Encoding"] = encoding
        blob = self._folder / "blobs" / "sha256" / sha256[:2] / sha256
        return Found(blob, status, headers)


def host_name(host: str) -> str | None:
    """The A-label a Host header means; None for what is no plain host name."""
    name = host.rpartition(":")[0] if ":" in host else host
    name = name.lower().rstrip(".").removesuffix(LOCAL_SUFFIX).removeprefix(WWW)
    is_plain = name.replace("-", "").replace(".", "").isalnum() and name.isascii()
    return name if is_plain and ".." not in name else None


def _negotiated(file: dict[str, str], accepts: str) -> tuple[str, str]:
    wanted = _encodings(accepts)
    if file["br_sha256"] and "br" in wanted:
        return "br", file["br_sha256"]
    if file["gz_sha256"] and "gzip" in wanted:
        return "gzip", file["gz_sha256"]
    return "", file["sha256"]


def _encodings(accepts: str) -> set[str]:
    """The encodings an Accept-Encoding header allows; q=0 forbids one. RFC 9110 section 12.5.3."""
    found = set()
    for part in accepts.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        if parameters.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            found.add(name.strip())
    return found
