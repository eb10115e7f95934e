"""The publisher: check, render, store, upload, switch.

Staging (check, render, keep by content) is journalled as a read: rendering is a pure
function of the draft and a blob is named by its bytes, so a repeat changes nothing. Each
request takes the next place in its website's order before it stages, and live pointers
only move forward: of two publications at once the later request wins, whoever is faster.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from haidang.core.blobs import BlobFolder
from haidang.core.errors import Refused, sentence
from haidang.core.operations import Run, operation
from haidang.core.ports.publishing import Activation, Deployment, PublishTarget
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.editor import Editor
from haidang.website_builder.findings import Finding, Severity
from haidang.website_builder.ledger import WebsiteLedger
from haidang.website_builder.publication import Publication, publication
from haidang.website_builder.rendering import render_website
from haidang.website_builder.values import (
    PublishWebsite,
    RollBackWebsite,
    StoredDeployment,
    StoredWebsite,
)
from haidang.website_builder.website import MediaRef, read_website

DEPLOYMENT_CHARACTERS = 24


@dataclass(frozen=True)
class PublishingPolicy:
    """How sites are addressed. *host_form* turns an A-label into the host in links.

    In a sandbox sites live under .localhost and wear a ribbon.
    """

    host_form: str
    ribbon: bool

    def host(self, domain: str) -> str:
        """The host, with port if any, that pages of *domain* link to."""
        return self.host_form.format(domain=domain)


class Publisher:
    """The office for publications."""

    def __init__(
        self,
        ledger: WebsiteLedger,
        editor: Editor,
        target: PublishTarget,
        blobs: BlobFolder,
        policy: PublishingPolicy,
    ) -> None:
        self.ledger = ledger
        self.editor = editor
        self.target = target
        self.blobs = blobs
        self.policy = policy

    @operation("websites.publish/1", steps=("upload", "activate"))
    async def publish(self, run: Run, command: PublishWebsite) -> StoredDeployment:
        """Publish the draft's current revision.

        Raises: Absent WEBSITE_ABSENT; Refused REVISION_CHANGED, WEBSITE_HAS_FINDINGS at the
            first finding's field.
        """
        website = await run.read(self.ledger.website, run.tenant, command.site)
        if command.revision and command.revision != website.revision:
            raise Refused("REVISION_CHANGED", field="revision", revision=website.revision)
        sequence = await run.read(self.ledger.reserve_sequence, run.tenant, website.id)
        deployment = await run.read(self.stage, run.tenant, website, deployment_id(run.id))
        settles = self.ledger.publishing(run.tenant, website.domain, run.now)
        await run.effect(
            "upload",
            deployment,
            ask=self.target.find_upload,
            act=self.target.upload,
            settle=settles.uploaded,
        )
        return await run.effect(
            "activate",
            Activation(website.id, deployment.id, sequence, deployment.hosts),
            ask=self.target.find_activation,
            act=self.target.activate,
            settle=settles.activated,
        )

    @operation("websites.roll-back/1", steps=("activate",))
    async def roll_back(self, run: Run, command: RollBackWebsite) -> StoredDeployment:
        """Make an earlier deployment live again. Raises: Absent DEPLOYMENT_ABSENT."""
        earlier = await run.read(
            self.ledger.deployment, run.tenant, command.site, command.deployment
        )
        sequence = await run.read(self.ledger.reserve_sequence, run.tenant, earlier.site)
        settles = self.ledger.publishing(run.tenant, earlier.domain, run.now)
        return await run.effect(
            "activate",
            Activation(earlier.site, earlier.id, sequence, (earlier.domain,)),
            ask=self.target.find_activation,
            act=self.target.activate,
            settle=settles.activated,
        )

    async def stage(self, tenant: str, website: StoredWebsite, id: str) -> Deployment:
        """Check and render *website*, keep its files by content; the manifest of them.

        Raises: Refused WEBSITE_HAS_FINDINGS.
        """
        media = await self.editor.media_of(tenant, website.draft)
        staged = await asyncio.to_thread(self._rendered, website, media, id)
        digests = {hashlib.sha256(body).hexdigest() for body in staged.bodies}
        await self.ledger.note_working(tenant, digests)
        for body in staged.bodies:
            await self.blobs.write_blob(body)
        return staged.deployment

    def _rendered(
        self,
        website: StoredWebsite,
        media: dict[str, MediaRef],
        id: str,
    ) -> Publication:
        pack = self.editor.pack(website.draft.pack)
        read = read_website(website.draft)
        _require_clean(self.editor.findings(read, pack, media))
        rendered = render_website(
            read, pack, media, host=self.policy.host(website.domain), ribbon=self.policy.ribbon
        )
        return publication(
            rendered,
            site=website.id,
            id=id,
            revision=website.revision,
            pack=f"{pack.id}@{pack.version}",
            hosts=(website.domain,),
        )


def deployment_id(operation_name: str) -> str:
    """The deployment an operation makes: derived, so that a repeat is the same."""
    return operation_name.removeprefix("operations/")[:DEPLOYMENT_CHARACTERS]


def _require_clean(findings: list[Finding]) -> None:
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        raise Refused(
            "WEBSITE_HAS_FINDINGS",
            field=first.field,
            count=len(errors),
            cause=first.reason,
            first_vi=sentence(first.reason, first.facts, "vi"),
            first_en=sentence(first.reason, first.facts, "en"),
        )
