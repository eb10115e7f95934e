"""Admission: what a journey would be refused for is said before anything is touched."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.api.websites.v1 import websites_pb2, websites_pb2_grpc
from haidang.core.client import error_from
from haidang.core.errors import Malformed, Refused, register
from haidang.portal.journeys import admit
from haidang.portal.tokens import CallCredentials
from haidang.portal.values import FinishOnline, GoOnline

CHECK_SECONDS = 10.0

register(
    Refused,
    {
        "DRAFT_HAS_FINDINGS": (
            "{finding_en}",
            "{finding_vi}",
        )
    },
)


class Admission:
    """Asks the neighbours whether they would take their parts of a journey. Touches nothing."""

    def __init__(
        self,
        domains: grpc.aio.Channel,
        websites: grpc.aio.Channel,
        *,
        domains_credentials: CallCredentials,
        websites_credentials: CallCredentials,
    ) -> None:
        self._domains = domains_pb2_grpc.DomainsServiceStub(domains)
        self._websites = websites_pb2_grpc.WebsitesServiceStub(websites)
        self._as_domains = domains_credentials
        self._as_websites = websites_credentials

    async def admit(self, tenant: str, command: GoOnline) -> None:
        """Raises: Malformed, Refused, Conflict, each at its field."""
        admit(command)
        domain = await self._check_registration(tenant, command)
        await self._check_draft(tenant, command.draft_json, domain)

    async def admit_finish(self, tenant: str, command: FinishOnline) -> str:
        """The A-label of the held name whose rest would be carried out.

        Raises: Malformed; Absent REGISTRATION_ABSENT; Refused DRAFT_HAS_FINDINGS.
        """
        if not command.domain:
            raise Malformed("FIELD_REQUIRED", field="domain")
        request = domains_pb2.GetRegistrationRequest(name=f"registrations/{command.domain}")
        held = await _call(
            self._domains.GetRegistration(
                request, timeout=CHECK_SECONDS, metadata=self._as_domains(tenant)
            )
        )
        await self._check_draft(tenant, command.draft_json, held.domain)
        return str(held.domain)

    async def _check_registration(self, tenant: str, command: GoOnline) -> str:
        """The name's A-label, if it can be registered."""
        request = domains_pb2.RegisterDomainRequest(
            domain=command.domain, years=command.years, validate_only=True
        )
        json_format.Parse(command.registrant_json, request.registrant)
        answer = await _call(
            self._domains.RegisterDomain(
                request, timeout=CHECK_SECONDS, metadata=self._as_domains(tenant)
            )
        )
        registration = domains_pb2.Registration()
        answer.response.Unpack(registration)
        return registration.domain

    async def _check_draft(self, tenant: str, draft_json: str, domain: str) -> None:
        request = websites_pb2.CheckDraftRequest(domain=domain)
        json_format.Parse(draft_json, request.draft)
        answer = await _call(
            self._websites.CheckDraft(
                request, timeout=CHECK_SECONDS, metadata=self._as_websites(tenant)
            )
        )
        for finding in answer.findings:
            if finding.severity == websites_pb2.Finding.SEVERITY_ERROR:
                raise Refused(
                    "DRAFT_HAS_FINDINGS",
                    field="draft" + finding.field.replace("/", "."),
                    finding_vi=finding.message_vi,
                    finding_en=finding.message_en,
                    cause=finding.reason,
                )


# Any: the answer's message is the called method's own.
async def _call(call: Any) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise error_from(error) from error
