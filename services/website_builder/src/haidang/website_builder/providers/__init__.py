"""Built-in providers, offered through the same door as strangers."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import PackRef


@hookimpl
def register_template_packs() -> Iterable[PackRef]:
    """The homestay pack "Biển"; the other examples use it until they have their own."""
    packs = files("haidang.website_builder") / "packs"
    yield PackRef(id="vn.homestay.bien", version="1.0.0", root=packs / "bien")
