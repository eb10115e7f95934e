"""The website service and its media worker as real processes, and a client to call them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import json_format
from haidang.api.websites.v1 import websites_pb2 as messages
from haidang.api.websites.v1 import websites_pb2_grpc
from haidang.core.client import channel, error_from
from haidang.core.clock import SystemClock
from haidang.core.errors import HaidangError
from haidang.core.statuses import error_of_status
from haidang.core.tenancy import Actor, TokenSigner

from tests.website_builder import sites

PATIENCE_SECONDS = 60.0
CHUNK = 64 * 1024
SERVICE = ("websites", "haidang.website_builder")
WORKER = ("media-worker", "haidang.website_builder.media_worker")


@dataclass
class Running:
    """The two processes over one state folder."""

    state: Path
    port: int
    signer: TokenSigner
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, module: str, **environment: str) -> None:
        ready = self.state / "run" / f"{name}.ready"
        ready.unlink(missing_ok=True)
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", module],
            env={
                **os.environ,
                "HAIDANG_STATE": str(self.state),
                "HAIDANG_PROCESS": name,
                "HAIDANG_ADDRESSES__WEBSITES": f"127.0.0.1:{self.port}",
                "HAIDANG_ADDRESSES__EDGE": "127.0.0.1:8090",
                "HAIDANG_WEBSITES__MOST_UPLOAD_MB": "1",
                **environment,
            },
        )
        until(lambda: ready.exists() or self.processes[name].poll() is not None)
        assert self.processes[name].poll() is None

    def token(self, tenant: str, *grants: str, audience: str = "websites") -> str:
        actor = Actor("owner", tenant, frozenset(grants))
        return self.signer.issue(actor, audience, SystemClock().now())

    def journal(self) -> list[tuple[str, str]]:
        with sqlite3.connect(self.state / "websites/effects-directory.sqlite") as log:
            return log.execute("SELECT domain, operation FROM journal").fetchall()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Client:
    """A caller of one tenant."""

    def __init__(self, running: Running, tenant: str, *grants: str, audience: str) -> None:
        async def token() -> str:
            return running.token(tenant, *grants, audience=audience)

        self.channel = channel(f"127.0.0.1:{running.port}", token, deadline_seconds=30.0)
        self.websites = websites_pb2_grpc.WebsitesServiceStub(self.channel)
        self.operations = operations_pb2_grpc.OperationsStub(self.channel)

    async def create(
        self, host: str, draft: sites.Draft | None = None, request_id: str = ""
    ) -> messages.Website:
        request = messages.CreateWebsiteRequest(
            request_id=request_id or str(uuid.uuid4()),
            domain=host,
            draft=draft_message(draft or sites.a_draft()),
        )
        return await self.websites.CreateWebsite(request)

    async def upload(self, body: bytes, **head: Any) -> messages.Media:
        async def parts() -> AsyncIterator[messages.UploadMediaRequest]:
            yield messages.UploadMediaRequest(head=messages.MediaHead(**head))
            for start in range(0, len(body), CHUNK):
                yield messages.UploadMediaRequest(chunk=body[start : start + CHUNK])

        return await self.websites.UploadMedia(parts())

    async def ended(self, operation: operations_pb2.Operation) -> messages.Deployment:
        """The deployment *operation* ends with. Raises: what it was refused for."""
        while not operation.done:
            request = operations_pb2.WaitOperationRequest(name=operation.name)
            operation = await self.operations.WaitOperation(request, timeout=20.0)
        if operation.HasField("error"):
            raise error_of_status(operation.error)
        deployment = messages.Deployment()
        assert operation.response.Unpack(deployment)
        return deployment

    async def publish(
        self, name: str, request_id: str = "", revision: int = 0
    ) -> messages.Deployment:
        request = messages.PublishWebsiteRequest(
            request_id=request_id or str(uuid.uuid4()), name=name, revision=revision
        )
        return await self.ended(await self.websites.PublishWebsite(request))


def draft_message(draft: sites.Draft) -> messages.Draft:
    message = messages.Draft(
        pack=draft.pack, business=messages.Business(**asdict(draft.business)), locales=draft.locales
    )
    json_format.ParseDict(dict(draft.content), message.content)
    return message


async def refused(call: Any) -> HaidangError:  # Any: any call that answers
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error_from(error)
    except HaidangError as error:
        return error
    pytest.fail("the call was not refused")
