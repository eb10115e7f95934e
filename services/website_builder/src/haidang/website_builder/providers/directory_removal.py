"""Removing a site's files from the folder that the edge reads, and nobody else's."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from haidang.core.blobs import blob_path

DIGEST = re.compile(rb'"([0-9a-f]{64})"')


def has_site(folder: Path, site: str) -> bool:
    """Whether any manifest of *site* is left, a half-done removal's included."""
    return any((folder / "deploys" / name).exists() for name in (site, f".{site}"))


def remove_site(folder: Path, site: str) -> None:
    """Remove the manifests of *site* and the blobs that no other site's manifest names.

    Manifests are moved aside first, so that a removal that was killed is begun again by
    the next one: what lies aside is still known to be this site's.
    """
    kept, aside = folder / "deploys" / site, folder / "deploys" / f".{site}"
    if kept.exists():
        shutil.rmtree(aside, ignore_errors=True)
        kept.rename(aside)
    if not aside.exists():
        return
    ours = _named_in(aside)
    for other in (folder / "deploys").iterdir():
        if other != aside and ours:
            ours -= _named_in(other)
    for digest in ours:
        blob_path(folder / "blobs", digest).unlink(missing_ok=True)
    shutil.rmtree(aside, ignore_errors=True)


def _named_in(folder: Path) -> set[str]:
    """Every digest that a manifest in *folder* names."""
    return {
        found.decode()
        for manifest in folder.glob("*.json")
        for found in DIGEST.findall(manifest.read_bytes())
    }
