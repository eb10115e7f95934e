"""The contract's messages and this service's values, each made from the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from google.protobuf import json_format
from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import instant_of
from haidang.core.errors import Malformed, sentence
from haidang.core.operations.served import Answers
from haidang.website_builder.findings import Finding, Severity
from haidang.website_builder.packs import Pack, SectionType
from haidang.website_builder.revisions.ledger import StoredRevision
from haidang.website_builder.values import StoredDeployment, StoredWebsite
from haidang.website_builder.website import (
    MAX_SECTIONS_PER_PAGE,
    Business,
    Draft,
    MediaRef,
    RenditionRef,
)

SEVERITIES = {
    Severity.ERROR: websites_pb2.Finding.SEVERITY_ERROR,
    Severity.WARNING: websites_pb2.Finding.SEVERITY_WARNING,
}


def draft_of(message: websites_pb2.Draft) -> Draft:
    """The draft in *message*; whole numbers of the Struct become integers.

    Raises: Malformed NUMBER_NOT_FINITE.
    """
    business = business_of(message.business)
    try:
        content = _whole(json_format.MessageToDict(message.content))
    except ValueError as error:  # a number that JSON has not
        raise Malformed("NUMBER_NOT_FINITE", field="draft.content") from error
    return Draft(message.pack, business, tuple(message.locales), content)


def business_of(message: websites_pb2.Business) -> Business:
    """The business's facts in *message*."""
    return Business(**{f.name: getattr(message, f.name) for f in fields(Business)})


# Any: JSON values, which the pack's schemas judge.
def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return value


def draft_message(draft: Draft) -> websites_pb2.Draft:
    """*draft* as its message."""
    business = {f.name: getattr(draft.business, f.name) for f in fields(Business)}
    message = websites_pb2.Draft(
        pack=draft.pack,
        business=websites_pb2.Business(**business),
        locales=draft.locales,
    )
    json_format.ParseDict(dict(draft.content), message.content)
    return message


def website_message(website: StoredWebsite) -> websites_pb2.Website:
    """*website* as its message."""
    live = website.live_deployment
    return websites_pb2.Website(
        name=f"websites/{website.id}",
        domain=website.domain,
        draft=draft_message(website.draft),
        revision=website.revision,
        etag=website.etag,
        live_deployment=f"websites/{website.id}/deployments/{live}" if live else "",
        live_uri=website.live_uri,
    )


def deployment_message(deployment: StoredDeployment) -> websites_pb2.Deployment:
    """*deployment* as its message."""
    message = websites_pb2.Deployment(
        name=f"websites/{deployment.site}/deployments/{deployment.id}",
        website=f"websites/{deployment.site}",
        domain=deployment.domain,
        sequence=deployment.sequence,
        revision=deployment.revision,
        pack=deployment.pack,
        live=deployment.is_live,
        uri=deployment.uri,
        files=deployment.files,
    )
    message.create_time.FromDatetime(deployment.created_at)
    return message


def age_token(deployment: StoredDeployment) -> dict[str, object]:
    """Where a page of deployments ended, for the next page's token."""
    return {"at": deployment.created_at.isoformat(), "id": deployment.id}


def age_of(token: Mapping[str, object]) -> tuple[datetime, str] | None:
    """What `age_token` wrote; None for an empty token. Raises: Malformed PAGE_TOKEN_INVALID."""
    if not token:
        return None
    try:
        return instant_of(str(token["at"])), str(token["id"])
    except (KeyError, ValueError) as error:
        raise Malformed("PAGE_TOKEN_INVALID", field="page_token") from error


def media_message(photo: MediaRef) -> websites_pb2.Media:
    """*photo* as its message."""
    return websites_pb2.Media(
        name=photo.id,
        width_px=photo.width_px,
        height_px=photo.height_px,
        renditions=[rendition_message(one) for one in photo.renditions],
        alt=photo.alt,
    )


def rendition_message(one: RenditionRef) -> websites_pb2.Rendition:
    """One encoding of a photo as its message."""
    return websites_pb2.Rendition(
        type=one.type,
        width_px=one.width_px,
        height_px=one.height_px,
        sha256=one.sha256,
        size_bytes=one.size_bytes,
    )


def revision_message(stored: StoredRevision) -> websites_pb2.Revision:
    """An earlier state of a draft as its message, with its content where it has it."""
    message = websites_pb2.Revision(
        name=f"websites/{stored.site}/revisions/{stored.revision}",
        revision=stored.revision,
        author=stored.change.author,
        change=stored.change.place,
        draft=draft_message(stored.draft) if stored.draft else None,
    )
    message.create_time.FromDatetime(stored.change.at)
    return message


def finding_messages(findings: Iterable[Finding]) -> list[websites_pb2.Finding]:
    """*findings* as messages, with their sentences."""
    return [
        websites_pb2.Finding(
            field=one.field,
            reason=one.reason,
            message_vi=sentence(one.reason, one.facts, "vi"),
            message_en=sentence(one.reason, {**one.facts, **one.english}, "en"),
            severity=SEVERITIES[one.severity],
        )
        for one in findings
    ]


def pack_message(pack: Pack) -> websites_pb2.Pack:
    """*pack* as its message, with its schemas as JSON text."""
    return websites_pb2.Pack(
        name=f"packs/{pack.id}",
        version=pack.version,
        title_vi=pack.title["vi"],
        title_en=pack.title["en"],
        kinds=pack.kinds,
        locales=pack.locales,
        site_schema_json=pack.site_schema_json,
        section_schemas_json=pack.section_schemas_json,
        sections=[
            _section_type(one, is_required=kind in pack.required_sections)
            for kind, one in pack.sections.items()
        ],
        about_vi=pack.about.get("vi", ""),
        about_en=pack.about.get("en", ""),
        schemes=[_scheme(pack, name) for name in pack.schemes],
        most_sections=MAX_SECTIONS_PER_PAGE,
    )


def _section_type(kind: SectionType, *, is_required: bool) -> websites_pb2.Pack.SectionType:
    return websites_pb2.Pack.SectionType(
        type=kind.type,
        label_vi=kind.label["vi"],
        label_en=kind.label["en"],
        limit=kind.limit,
        required=is_required,
        help_vi=kind.help.get("vi", ""),
        help_en=kind.help.get("en", ""),
        collection=kind.collection,
        commerce=kind.commerce,
    )


def _scheme(pack: Pack, name: str) -> websites_pb2.Pack.ColourScheme:
    label = pack.scheme_labels.get(name, {})
    return websites_pb2.Pack.ColourScheme(
        name=name,
        label_vi=label.get("vi", name),
        label_en=label.get("en", name),
        colours=pack.scheme_colours[name],
    )


ANSWERS: Answers = {StoredDeployment: deployment_message}
