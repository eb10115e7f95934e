"""The service half of the website builder, put together for tests in one process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from haidang.core.blobs import BlobFolder
from haidang.core.database import Database, sqlite_url
from haidang.core.operations.desk import MIGRATIONS as OPERATIONS
from haidang.core.operations.desk import operation_name
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON, MemoryRun
from haidang.website_builder.editor import Editor
from haidang.website_builder.ledger import MIGRATIONS, WebsiteLedger
from haidang.website_builder.media import Media, MediaLimits
from haidang.website_builder.photo import make_renditions
from haidang.website_builder.photo_facts import MadePhoto, PhotoLimits
from haidang.website_builder.providers.directory import Directory
from haidang.website_builder.providers.directory_settings import DirectorySettings
from haidang.website_builder.publisher import Publisher, PublishingPolicy
from haidang.website_builder.reception.ledger import EnquiryLedger
from haidang.website_builder.reception.office import Reception
from haidang.website_builder.values import StoredWebsite
from haidang.website_builder.website import Draft

from tests.website_builder import sites

TENANT, ANOTHER = "t1", "t2"
REQUEST = "5f0c9f5e-0000-4000-8000-000000000001"
HOST = "giobien.vn"
EDGE_PORT = 8090


class WorkerHere:
    """A PhotoMaker without a process of its own. `asked` counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def make_renditions(self, source: Path, output: Path) -> MadePhoto:
        """As the media worker does."""
        self.asked += 1
        return make_renditions(source, output, PhotoLimits())


class House:
    """Offices over one SQLite ledger and one edge folder, both below *folder*."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.ledger = WebsiteLedger(database)
        self.editor = Editor(self.ledger, {sites.BIEN: sites.bien()})
        self.blobs = BlobFolder(folder / "blobs")
        self.spool = folder / "spool"
        self.spool.mkdir()
        self.worker = WorkerHere()
        self.media = Media(self.ledger, self.worker, self.blobs, self.spool, MediaLimits(1))
        self.edge = folder / "edge"
        self.target = self.directory()
        policy = PublishingPolicy(f"{{domain}}.localhost:{EDGE_PORT}", ribbon=True)
        self.publisher = Publisher(self.ledger, self.editor, self.target, self.blobs, policy)
        self.clock = FakeClock(NOON)
        self.reception = Reception(EnquiryLedger(database), self.target, self.clock)

    def directory(self) -> Directory:
        """A publish target over the edge's folder, as a new life of the service has it."""
        settings = DirectorySettings(
            folder=self.edge, uri_form=f"http://{{domain}}.localhost:{EDGE_PORT}/"
        )
        return Directory(settings, self.folder, FakeClock(NOON), self.blobs)

    def run(self, number: int = 1, **changes: object) -> MemoryRun:
        """A fresh operation; *number* tells one from another."""
        name = operation_name(TENANT, str(number))
        options = {"tenant": TENANT, "operation": name, "kind": "websites.publish/1", **changes}
        return MemoryRun(self.database, **options)  # type: ignore[arg-type]  # a test's choice

    async def a_website(
        self, draft: Draft | None = None, *, tenant: str = TENANT, host: str = HOST, n: int = 1
    ) -> StoredWebsite:
        """A website with a valid draft."""
        request = f"{REQUEST[:-1]}{n}"
        return await self.editor.create(tenant, request, host, draft or sites.a_draft())

    def leftovers(self) -> list[str]:
        """What lies in spool and blobs under no lasting name."""
        return [str(p) for p in self.spool.rglob("*")] + [
            str(p) for p in (self.folder / "blobs").rglob(".*")
        ]

    def blob_count(self) -> int:
        """How many blobs the service keeps."""
        return sum(1 for path in (self.folder / "blobs").rglob("*") if path.is_file())


async def open_house(folder: Path, url: str = "") -> House:
    """A house with migrated tables, in a SQLite file unless *url* says otherwise."""
    database = await Database.open(
        url or sqlite_url(folder / "ledger.sqlite"),
        migrations={"operations": OPERATIONS, "ledger": MIGRATIONS},
    )
    return House(folder, database)


async def in_chunks(body: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    """*body* as an upload's chunks."""
    for start in range(0, len(body), size):
        yield body[start : start + size]
