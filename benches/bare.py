"""A bare aio servicer doing the same SELECT, and a bare echo: the peers of a read."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import grpc
import sqlalchemy as sa
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.core.database import sqlite_url
from haidang.domains.ledger import _registration, registrations
from haidang.domains.messages import registration_message
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


class Bare(domains_pb2_grpc.DomainsServiceServicer):
    """No door, no desk: a SELECT and a message; and an answer without either."""

    def __init__(self, path: Path) -> None:
        self._engine = create_async_engine(sqlite_url(path))

    async def GetRegistration(self, request, context):  # type: ignore[no-untyped-def]  # noqa: N802
        name = request.name.removeprefix("registrations/")
        query = sa.select(registrations).where(
            registrations.c.tenant == "local", registrations.c.name == name
        )
        async with AsyncSession(self._engine) as session:
            row = (await session.execute(query)).mappings().one()
        return registration_message(_registration(row))

    async def GetZone(self, request, context):  # type: ignore[no-untyped-def]  # noqa: N802
        return domains_pb2.Zone(name=request.name)


async def main() -> None:
    """Serve on a free port and print it."""
    server = grpc.aio.server()
    domains_pb2_grpc.add_DomainsServiceServicer_to_server(Bare(Path(sys.argv[1])), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
