"""Run the edge as a process of its own."""

from __future__ import annotations

import uvicorn
from haidang.core import process
from haidang.core.settings import platform
from haidang.website_builder.edge.app import Edge
from haidang.website_builder.edge.sites import Sites


class ReadyServer(uvicorn.Server):
    """Announces readiness once it listens."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        process.announce_ready()


def main() -> None:
    """Serve until stopped."""
    process.die_with_parent()
    place = platform()
    host, _, port = place.address("edge").rpartition(":")
    config = uvicorn.Config(
        Edge(Sites(place.folder("edge"))),
        host=host,
        port=int(port),
        log_level="warning",
        lifespan="off",
        server_header=False,
    )
    ReadyServer(config).run()


if __name__ == "__main__":
    main()
