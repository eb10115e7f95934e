"""The suite of publish targets."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from haidang.core.errors import Absent, HaidangError, Unsupported
from haidang.core.ports.publishing import (
    Activation,
    Deployment,
    FormChoice,
    FormField,
    Letter,
    LetterAnswer,
    PublishedFile,
    PublishedForm,
    PublishTarget,
    Withdrawal,
)
from haidang.core.testing.conformance.suite import EffectSuite, an_effect_id
from haidang.core.testing.memory import NOON

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
    deployment the target serves on a host, as its server would find out. A target with
    the capability "forms" also gives `leave`.
    """

    port: ClassVar[type[Any]] = PublishTarget
    read_arguments: ClassVar[dict[str, tuple[Any, ...]]] = {"letters": ((),)}

    @pytest.fixture(autouse=True)
    def _blobs(self) -> None:
        self.blobs = MemoryBlobs()

    async def live(self, provider: Any, host: str) -> str | None:
        """The id of the deployment live on *host*; None when there is none."""
        pytest.fail("a suite's subclass says what is live on a host")

    async def leave(self, provider: Any, letter: Letter) -> None:
        """Let a visitor's letter come to lie where the target's server leaves it."""
        pytest.fail("a suite's subclass says how a letter comes in")

    def a_letter(self, minutes: int = 0) -> Letter:
        """A letter never seen before, *minutes* after noon."""
        answers = (LetterAnswer("phone", "Số điện thoại", "0901 234 567"),)
        return Letter(
            id=uuid.uuid4().hex[:24],
            site=f"sites-{uuid.uuid4().hex[:12]}",
            received_at=NOON + timedelta(minutes=minutes),
            kind="order",
            section="dat-hang",
            locale="vi",
            kept_months=12,
            answers=(*answers, LetterAnswer("note", "Dặn thêm", "Gọi trước\nkhi giao “nhé”")),
        )

    def a_deployment_with_a_form(self) -> Deployment:
        """A website whose page asks for something."""
        things = FormField(
            "things", "quantities", "Hàng", most=50, choices=(FormChoice("tieu", "Tiêu đen"),)
        )
        form = PublishedForm(
            kind="order",
            section="dat-hang",
            locale="vi",
            fields=(FormField("phone", "tel", "Số điện thoại", required=True), things),
            sent="/gui/xong/dat-hang/",
            again="/gui/loi/",
            back="/#dat-hang",
            phone="+84901234567",
            kept_months=12,
            words={"send": "Gửi"},
        )
        return replace(self.a_deployment(), forms={"/gui/dat-hang": form})

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

    async def intent_to_withdraw(self, provider: Any) -> Withdrawal:
        """A site that is live."""
        activation, _, _ = await self.done("activate", provider)
        return Withdrawal(activation.site, activation.hosts)

    async def test_a_withdrawn_site_is_nowhere_and_another_stays(self, provider: Any) -> None:
        other, _, _ = await self.done("activate", provider)

        withdrawal, _, _ = await self.done("withdraw", provider)

        for host in withdrawal.hosts:
            assert await self.live(provider, host) is None
        assert await self.live(provider, other.hosts[0]) == other.deployment

    async def test_a_withdrawal_takes_no_host_from_another_site(self, provider: Any) -> None:
        other, _, _ = await self.done("activate", provider)

        stranger = Withdrawal(f"sites-{uuid.uuid4().hex[:12]}", other.hosts)
        await provider.withdraw(stranger, an_effect_id("withdraw"))

        assert await self.live(provider, other.hosts[0]) == other.deployment

    async def test_a_site_that_was_withdrawn_can_come_back(self, provider: Any) -> None:
        activation, _, _ = await self.done("activate", provider)
        gone = Withdrawal(activation.site, activation.hosts)
        await provider.withdraw(gone, an_effect_id("withdraw"))

        again = await self.uploaded(provider, activation.site)
        later = replace(activation, deployment=again.id, sequence=2)
        await provider.activate(later, an_effect_id("activate"))

        assert await self.live(provider, activation.hosts[0]) == again.id

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

    async def test_a_deployment_with_a_form_is_served_whole_or_refused(self, provider: Any) -> None:
        deployment, effect_id = self.a_deployment_with_a_form(), an_effect_id("upload")
        if "forms" in self.capabilities:
            await provider.upload(deployment, effect_id)
            assert await provider.find_upload(deployment, effect_id) is not None
            return

        with pytest.raises(Unsupported) as refusal:
            await provider.upload(deployment, effect_id)
        assert refusal.value.reason == "FORMS_NOT_TAKEN"
        assert await provider.find_upload(deployment, effect_id) is None

    async def test_letters_wait_unchanged_until_they_are_said_to_be_kept(
        self, provider: Any
    ) -> None:
        if "forms" not in self.capabilities:
            pytest.skip("this target takes no forms")
        later, first = self.a_letter(minutes=2), self.a_letter()
        for letter in (later, first):
            await self.leave(provider, letter)

        assert await provider.letters(()) == (first, later)
        assert await provider.letters(()) == (first, later)
        assert await provider.letters((first.name, "khong/co")) == (later,)
        assert await provider.letters((later.name,)) == ()
        assert await provider.letters((later.name,)) == ()
