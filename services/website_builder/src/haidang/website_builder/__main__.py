"""Run the website builder: settings, then plugins, then offices, then the server."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
from haidang.api.websites.v1 import websites_pb2_grpc
from haidang.core import process
from haidang.core.blobs import BlobFolder
from haidang.core.clock import SystemClock
from haidang.core.database import Database, sqlite_url
from haidang.core.house import METHODS as HOUSE
from haidang.core.house import add_house
from haidang.core.offers import BuildContext
from haidang.core.operations.desk import MIGRATIONS, Desk, DeskSettings
from haidang.core.operations.faults import faults_from
from haidang.core.plugins import Plugins, load_plugins
from haidang.core.ports.publishing import PublishTarget
from haidang.core.privacy import Parts
from haidang.core.server import run_service
from haidang.core.settings import Platform, load, platform
from haidang.website_builder.editor import Editor
from haidang.website_builder.ledger import MIGRATIONS as LEDGER
from haidang.website_builder.ledger import WebsiteLedger
from haidang.website_builder.media import Media, MediaLimits
from haidang.website_builder.media_worker import SOCKET
from haidang.website_builder.messages import ANSWERS
from haidang.website_builder.packs import Pack, load_pack
from haidang.website_builder.personal import SitesPart, Withdrawer
from haidang.website_builder.personal.ledger import PersonalLedger
from haidang.website_builder.providers.media_process import MediaProcess
from haidang.website_builder.publisher import Publisher, PublishingPolicy
from haidang.website_builder.reception.ledger import EnquiryLedger
from haidang.website_builder.reception.office import Reception
from haidang.website_builder.revisions.ledger import RevisionLedger
from haidang.website_builder.servicer import METHODS, WebsitesServicer
from pydantic import BaseModel


# Any: an offer's settings are whatever its own model says.
class WebsitesSettings(BaseModel, extra="forbid", frozen=True):
    """Settings of the website builder, section [websites].

    `database_url`: the ledger; empty means SQLite in the state folder. `target_provider`
    and `target`: the chosen publish target and its settings. `most_upload_mb`: the largest
    photo taken in. `host_form`: the host in links, with {domain}; empty means .localhost
    at this machine's edge.
    """

    database_url: str = ""
    target_provider: str = "directory"
    target: dict[str, Any] = {}
    most_upload_mb: int = 20
    host_form: str = ""


def publishing_policy(settings: WebsitesSettings, place: Platform) -> PublishingPolicy:
    """How sites are addressed: in a sandbox under .localhost, with a ribbon."""
    if settings.host_form or not place.sandbox:
        return PublishingPolicy(settings.host_form or "{domain}", ribbon=place.sandbox)
    port = place.address("edge").rpartition(":")[2]
    return PublishingPolicy(f"{{domain}}.localhost:{port}", ribbon=True)


# Any: as the offer's model says.
def target_settings(
    settings: WebsitesSettings, place: Platform, policy: PublishingPolicy
) -> dict[str, Any]:
    """The chosen target's settings; by default the folder this machine's edge reads."""
    if settings.target_provider != "directory":
        return settings.target
    scheme = "http" if policy.ribbon else "https"
    defaults = {
        "folder": str(place.folder("edge")),
        "uri_form": f"{scheme}://{policy.host_form}/",
    }
    return {**defaults, **settings.target}


def installed_packs(plugins: Plugins, place: Platform) -> dict[str, Pack]:
    """Every template pack, loaded and linted, by id."""
    cache = place.folder("websites", "fonts")
    refs = plugins.data("register_template_packs")
    return {ref.id: load_pack(ref, font_cache=cache) for ref in refs}


def offices(
    settings: WebsitesSettings, place: Platform, database: Database
) -> tuple[Editor, Publisher, Media, Reception]:
    """The four offices over the chosen publish target; leftovers of an earlier life are gone."""
    plugins = load_plugins()
    blobs = BlobFolder(place.folder("websites", "blobs"))
    policy = publishing_policy(settings, place)
    target = plugins.choose(
        "register_publish_targets",
        PublishTarget,
        settings.target_provider,
        target_settings(settings, place, policy),
        BuildContext(place.folder("websites"), SystemClock(), blobs),
    )
    ledger = WebsiteLedger(database)
    editor = Editor(ledger, installed_packs(plugins, place))
    media = Media(
        ledger,
        MediaProcess(place.folder("run") / SOCKET),
        blobs,
        place.folder("websites", "spool"),
        MediaLimits(settings.most_upload_mb),
    )
    media.discard_leftovers()
    blobs.discard_leftovers()
    reception = Reception(EnquiryLedger(database), target, SystemClock())
    return editor, Publisher(ledger, editor, target, blobs, policy), media, reception


async def main() -> None:
    """Serve until stopped."""
    place = platform()
    settings = load(WebsitesSettings, "websites")
    folder = place.folder("websites")
    process.hold(folder)
    database = await Database.open(
        settings.database_url or sqlite_url(folder / "ledger.sqlite"),
        migrations={"operations": MIGRATIONS, "ledger": LEDGER},
    )
    editor, publisher, media, reception = offices(settings, place, database)
    personal = PersonalLedger(database)
    withdrawer = Withdrawer(personal, publisher.target)
    desk = await Desk.open(
        DeskSettings("websites", folder),
        database,
        [publisher, withdrawer],
        faults=faults_from(place.kill_at, sandbox=place.sandbox, state=place.state),
    )

    data = Parts((reception, SitesPart(personal, publisher.blobs, desk, withdrawer)))

    def add(server: grpc.aio.Server) -> None:
        websites_pb2_grpc.add_WebsitesServiceServicer_to_server(
            WebsitesServicer(desk, editor, publisher, media, RevisionLedger(database), reception),
            server,
        )
        add_house(server, desk, ANSWERS, data, service="websites")

    housekeeping = asyncio.create_task(reception.keep_house())
    await run_service("websites", methods={**METHODS, **HOUSE}, add=add)
    housekeeping.cancel()
    await desk.close()
    await database.close()


if __name__ == "__main__":
    process.run(main)
