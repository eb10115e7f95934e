"""Sites of a tenant as personal data: seen, handed out, taken off the web, erased.

Taking a site off the web touches the outside, so it is an operation of its own.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haidang.core.blobs import BlobFolder
from haidang.core.errors import Absent, Unavailable, register
from haidang.core.operations import Desk, Run, operation
from haidang.core.operations.names import operation_name
from haidang.core.operations.rows import OperationState
from haidang.core.ports.publishing import PublishTarget, Withdrawal
from haidang.core.privacy import JSON, Holding
from haidang.core.tenancy import Actor
from haidang.website_builder.personal.ledger import PersonalLedger

SITES, PHOTOS = "websites.sites", "websites.photos"
REQUESTS = uuid.UUID("0c3a6f0e-64f1-4c0a-9a2c-5a1f6f1f7d21")
"""Namespace of the request ids of withdrawals."""
WAIT_SECONDS = 5.0

register(
    Unavailable,
    {
        "SITE_NOT_WITHDRAWN": (
            "A website is still being taken off the web.",
            "Trang web đang được gỡ khỏi mạng; hệ thống sẽ làm tiếp.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class WithdrawSite:
    """Take a site off the web for good."""

    site: str
    hosts: tuple[str, ...]


class Withdrawer:
    """The office that takes sites off the web."""

    def __init__(self, ledger: PersonalLedger, target: PublishTarget) -> None:
        self.ledger = ledger
        self.target = target

    @operation("websites.withdraw/1", steps=("withdraw",))
    async def withdraw(self, run: Run, command: WithdrawSite) -> str:
        """Take it off; the site's id."""
        return await run.effect(
            "withdraw",
            Withdrawal(command.site, command.hosts),
            ask=self.target.find_withdrawal,
            act=self.target.withdraw,
            settle=self.ledger.withdrawn,
        )


class SitesPart:
    """Websites, drafts, photos, and the bytes of all."""

    def __init__(
        self, ledger: PersonalLedger, blobs: BlobFolder, desk: Desk, withdrawer: Withdrawer
    ) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._desk = desk
        self._withdrawer = withdrawer

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """How many there are."""
        sites, photos = await self._ledger.counts(tenant)
        return (
            Holding(
                SITES,
                sites,
                "Trang web, với mọi bản nháp và bản đã đăng",
                "Websites, with every draft and what was published",
            ),
            Holding(PHOTOS, photos, "Ảnh đã tải lên", "Photos you uploaded"),
        )

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Drafts whole; photos by their digests and sizes."""
        sites, photos = await self._ledger.exported(tenant)
        return {SITES: sites, PHOTOS: photos}

    async def erase(self, tenant: str) -> None:
        """Off the web, then bytes, then rows: killed half-way, the rows say what is left.

        Raises: Unavailable SITE_NOT_WITHDRAWN while the target is still at it.
        """
        for site in await self._ledger.sites(tenant):
            await self._withdraw(tenant, WithdrawSite(site.id, (site.domain,)))
        for sha256 in await self._ledger.lone_blobs(tenant):
            await self._blobs.discard_blob(sha256)
        await self._ledger.forget(tenant)

    async def _withdraw(self, tenant: str, command: WithdrawSite) -> None:
        """Join the site's withdrawal; one that ended in vain is begun anew by the next call."""
        started = await self._desk.start(
            self._withdrawer.withdraw,
            command,
            request_id=await self._request_id(tenant, command.site),
            actor=Actor("erasure", tenant, frozenset()),
        )
        ended = await self._desk.wait(started.name, tenant=tenant, timeout_seconds=WAIT_SECONDS)
        if ended.state is not OperationState.SUCCEEDED:
            raise Unavailable("SITE_NOT_WITHDRAWN")

    async def _request_id(self, tenant: str, site: str) -> str:
        """The id of the first withdrawal that has not failed yet."""
        for attempt in itertools.count():
            request_id = str(uuid.uuid5(REQUESTS, f"{tenant}/{site}/{attempt}"))
            try:
                earlier = await self._desk.get(operation_name(tenant, request_id), tenant=tenant)
            except Absent:
                return request_id
            if earlier.state is not OperationState.FAILED:
                return request_id
        raise AssertionError  # counting never ends
