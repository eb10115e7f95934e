"""Built-in providers, offered through the same door as strangers."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import BuildContext, Offer, PackRef, ProcessRef
from haidang.core.ports.publishing import PublishTarget
from pydantic import BaseModel


@hookimpl
def register_template_packs() -> Iterable[PackRef]:
    """The built-in packs: farm shop "Vườn", homestay "Biển", restaurant "Bếp"."""
    packs = files("haidang.website_builder") / "packs"
    yield PackRef(id="vn.farm.vuon", version="1.0.0", root=packs / "vuon")
    yield PackRef(id="vn.homestay.bien", version="1.0.0", root=packs / "bien")
    yield PackRef(id="vn.restaurant.bep", version="1.0.0", root=packs / "bep")


def _directory(settings: BaseModel, context: BuildContext) -> PublishTarget:
    from haidang.website_builder.providers.directory import Directory
    from haidang.website_builder.providers.directory_settings import DirectorySettings

    assert isinstance(settings, DirectorySettings)
    assert context.blobs is not None
    return Directory(settings, context.state, context.clock, context.blobs)


@hookimpl
def register_publish_targets() -> Iterable[Offer[PublishTarget]]:
    """A folder on this machine, served by the local edge."""
    from haidang.website_builder.providers.directory_settings import DirectorySettings

    yield Offer("directory", DirectorySettings, _directory, capabilities=frozenset({"forms"}))


@hookimpl
def register_processes() -> Iterable[ProcessRef]:
    """The service, the worker that decodes photos, and the edge."""
    yield ProcessRef(
        "media-worker", "haidang.website_builder.media_worker", "worker", sections=("media",)
    )
    yield ProcessRef("edge", "haidang.website_builder.edge", "edge", ports=("edge",))
    yield ProcessRef(
        "websites",
        "haidang.website_builder",
        "service",
        ports=("websites",),
        sections=("websites",),
    )
