"""The suite of publish targets."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from haidang.core.errors import Absent, HaidangError
from haidang.core.ports.publishing import Activation, Deployment, PublishedFile, PublishTarget
from haidang.core.testing.conformance.suite import EffectSuite, an_effect_id

PAGE = b"<!doctype html><title>Homestay</title>"


class MemoryBlobs:
    """A BlobSource in memory. Hand it to the target under test as `BuildContext.blobs`."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def hold(self, body: bytes) -> str:
        """Keep *body*; its digest."""
        sha256 = hashlib.sha256(body).hexdigest()
        self._held[sha256] = body
        return sha256

    async def read_blob(self, sha256: str) -> bytes:
        """The bytes with this digest. Raises: Absent BLOB_ABSENT."""
        if sha256 not in self._held:
            raise Absent("BLOB_ABSENT")
        return self._held[sha256]


# Any: the provider under test.
class PublishTargetSuite(EffectSuite):
    """What a place that websites are served from must keep.

    The fixture `provider` builds its target with `self.blobs`. `live` says which
    deployment the target serves on a host, as its server would find out.
    """

    port: ClassVar[type[Any]] = PublishTarget

    @pytest.fixture(autouse=True)
    def _blobs(self) -> None:
        self.blobs = MemoryBlobs()

    async def live(self, provider: Any, host: str) -> str | None:
        """The id of the deployment live on *host*; None when there is none."""
        pytest.fail("a suite's subclass says what is live on a host")

    def a_deployment(self, site: str | None = None, body: bytes | None = None) -> Deployment:
        """A complete website of one page, never seen before."""
        page = body if body is not None else PAGE + uuid.uuid4().hex.encode()
        sha256 = self.blobs.hold(page)
        name = site or f"sites-{uuid.uuid4().hex[:12]}"
        return Deployment(
            site=name,
            id=uuid.uuid4().hex,
            revision=1,
            pack="vn.homestay.bien@1.0.0",
            legal_profile="vn-2026",
            hosts=(f"{name}.vn", f"www.{name}.vn"),
            files={"/": PublishedFile(sha256, len(page), "text/html; charset=utf-8")},
            headers={"X-Content-Type-Options": "nosniff"},
            redirects={},
        )

    async def uploaded(self, provider: Any, site: str | None = None) -> Deployment:
        """A fresh deployment that the target holds."""
        deployment = self.a_deployment(site)
        await provider.upload(deployment, an_effect_id("upload"))
        return deployment

    async def intent_to_upload(self, provider: Any) -> Deployment:
        """A deployment the target has never seen."""
        return self.a_deployment()

    async def intent_to_activate(self, provider: Any) -> Activation:
        """The first activation of an uploaded deployment."""
        deployment = await self.uploaded(provider)
        return Activation(deployment.site, deployment.id, 1, deployment.hosts)

    async def test_an_activated_deployment_is_live_on_all_its_hosts(self, provider: Any) -> None:
        activation, _, receipt = await self.done("activate", provider)

        assert receipt.uri
        for host in activation.hosts:
            assert await self.live(provider, host) == activation.deployment

    async def test_an_uploaded_deployment_is_not_live_by_itself(self, provider: Any) -> None:
        deployment = await self.uploaded(provider)

        assert await self.live(provider, deployment.hosts[0]) is None

    async def test_going_back_is_one_more_activation(self, provider: Any) -> None:
        first, _, _ = await self.done("activate", provider)
        later = await self.uploaded(provider, first.site)
        second = replace(first, deployment=later.id, sequence=2)
        await provider.activate(second, an_effect_id("activate"))

        await provider.activate(replace(first, sequence=3), an_effect_id("activate"))

        assert await self.live(provider, first.hosts[0]) == first.deployment

    async def test_an_activation_older_than_the_live_one_changes_nothing(
        self, provider: Any
    ) -> None:
        first, _, _ = await self.done("activate", provider)
        later = await self.uploaded(provider, first.site)
        newer = replace(first, deployment=later.id, sequence=3)
        await provider.activate(newer, an_effect_id("activate"))

        await provider.activate(replace(first, sequence=2), an_effect_id("activate"))

        assert await self.live(provider, first.hosts[0]) == later.id

    async def test_a_deployment_with_a_missing_blob_is_not_taken(self, provider: Any) -> None:
        deployment = self.a_deployment()
        missing = replace(next(iter(deployment.files.values())), sha256="0" * 64)
        incomplete = replace(deployment, files={**deployment.files, "/thieu": missing})

        with pytest.raises(HaidangError):
            await provider.upload(incomplete, an_effect_id("upload"))

        assert await provider.find_upload(incomplete, an_effect_id("upload")) is None
