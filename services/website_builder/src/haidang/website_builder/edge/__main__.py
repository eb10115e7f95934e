"""Run the edge as a process of its own."""

from __future__ import annotations

import uvicorn
from haidang.core import process
from haidang.core.clock import SystemClock
from haidang.core.settings import platform
from haidang.website_builder.edge.app import Edge
from haidang.website_builder.edge.posts import Posts
from haidang.website_builder.edge.sites import Sites
from haidang.website_builder.letterbox import LETTERS

KEEP_ALIVE_SECONDS = 15
MOST_CONNECTIONS = 512
"""More are answered 503 at once: this edge is one process on one machine."""


class ReadyServer(uvicorn.Server):
    """Announces readiness once it listens."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        process.announce_ready()


def main() -> None:
    """Serve until stopped."""
    process.die_with_parent()
    place = platform()
    sites = Sites(place.folder("edge"))
    host, _, port = place.address("edge").rpartition(":")
    config = uvicorn.Config(
        Edge(sites, Posts(sites, place.folder("edge", LETTERS), SystemClock())),
        host=host,
        port=int(port),
        log_level="warning",
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
    )
    ReadyServer(config).run()


if __name__ == "__main__":
    main()
