"""The contract's messages and this service's values, each made from the other."""

from __future__ import annotations

from collections.abc import Iterable

from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2
from haidang.core.errors import HaidangError, Malformed, sentence
from haidang.core.operations.served import Answers
from haidang.core.ports.dnshost import HostedZone, RecordSet
from haidang.core.ports.registry import (
    Availability,
    Gender,
    NameCheck,
    Party,
    PartyKind,
    PostalAddress,
)
from haidang.domains.fees import PriceLine
from haidang.domains.names import DomainName
from haidang.domains.suggestions import Wanted
from haidang.domains.values import Action, Quote, RegisterName, Registration, Suggestion

KINDS = {
    domains_pb2.Registrant.KIND_ORGANIZATION: PartyKind.ORGANIZATION,
    domains_pb2.Registrant.KIND_HOUSEHOLD: PartyKind.HOUSEHOLD,
    domains_pb2.Registrant.KIND_PERSON: PartyKind.PERSON,
}
GENDERS = {
    domains_pb2.Registrant.GENDER_FEMALE: Gender.FEMALE,
    domains_pb2.Registrant.GENDER_MALE: Gender.MALE,
}
ACTIONS = {
    domains_pb2.QuoteDomainRequest.ACTION_REGISTER: Action.REGISTER,
    domains_pb2.QuoteDomainRequest.ACTION_RENEW: Action.RENEW,
}


def action_of(action: domains_pb2.QuoteDomainRequest.Action.ValueType) -> Action:
    """Raises: Malformed ACTION_MISSING."""
    if action not in ACTIONS:
        raise Malformed("ACTION_MISSING", field="action")
    return ACTIONS[action]


def party_of(message: domains_pb2.Registrant) -> Party:
    """The party *message* describes. Raises: Malformed REGISTRANT_KIND_MISSING."""
    if message.kind not in KINDS:
        raise Malformed("REGISTRANT_KIND_MISSING", field="registrant.kind")
    address = message.address
    return Party(
        kind=KINDS[message.kind],
        name=message.name,
        email=message.email,
        phone=message.phone,
        address=PostalAddress(
            address.street, address.commune, address.province, address.country or "VN"
        ),
        tax_code=message.tax_code,
        personal_id=message.personal_id,
        birth_on=message.birth_on,
        gender=GENDERS.get(message.gender),
        representative_name=message.representative_name,
        representative_title=message.representative_title,
    )


def register_command(request: domains_pb2.RegisterDomainRequest) -> RegisterName:
    """The command in *request*."""
    return RegisterName(
        domain=request.domain,
        years=request.years,
        party=party_of(request.registrant),
        quote=request.quote.removeprefix("quotes/"),
        acknowledged_total_dong=request.acknowledged_total_dong,
    )


def validated(name: DomainName) -> operations_pb2.Operation:
    """The answer to `validate_only`: finished, nameless, with the name in both its forms."""
    answer = operations_pb2.Operation(done=True)
    answer.response.Pack(domains_pb2.Registration(domain=name.ascii, unicode_domain=name.unicode))
    return answer


def quote_message(quote: Quote) -> domains_pb2.Quote:
    """*quote* as its message."""
    actions = {value: key for key, value in ACTIONS.items()}
    message = domains_pb2.Quote(
        name=f"quotes/{quote.id}",
        domain=quote.name,
        action=actions[quote.action],
        years=quote.years,
        lines=_line_messages(quote.lines),
        total_dong=quote.total_dong,
    )
    message.expire_time.FromDatetime(quote.expires_at)
    return message


def _line_messages(lines: Iterable[PriceLine]) -> list[domains_pb2.PriceLine]:
    return [
        domains_pb2.PriceLine(
            label=line.label,
            amount_dong=line.amount_dong,
            citation=line.citation,
            confidence=line.confidence,
            label_en=line.label_en,
        )
        for line in lines
    ]


def availability_message(
    domain: str, name: DomainName | None, answer: NameCheck | HaidangError
) -> domains_pb2.CheckAvailabilityResponse:
    """One name's answer as its message."""
    message = domains_pb2.CheckAvailabilityResponse(
        domain=domain, ascii_domain=name.ascii if name else ""
    )
    if isinstance(answer, HaidangError):
        message.availability = domains_pb2.CheckAvailabilityResponse.AVAILABILITY_REFUSED
        message.reason = answer.reason
        message.message_vi = sentence(answer.reason, answer.facts)
        return message
    message.availability = domains_pb2.CheckAvailabilityResponse.Availability.Value(
        f"AVAILABILITY_{answer.availability}"
    )
    message.source = answer.source
    message.check_time.FromDatetime(answer.checked_at)
    if answer.availability is Availability.UNKNOWN:
        # Not the provider's own reason: those speak of orders, which are tried again.
        message.reason = "AVAILABILITY_UNKNOWN"
        message.message_vi = sentence("AVAILABILITY_UNKNOWN", {})
    if answer.availability is Availability.TAKEN:
        message.reason = "NAME_HELD"
        message.message_vi = sentence("NAME_HELD", {"name": name.unicode if name else domain})
    return message


def wanted_of(request: domains_pb2.SuggestNamesRequest) -> Wanted:
    """What *request* seeks a name for. Raises: Malformed REGISTRANT_KIND_MISSING."""
    if request.kind not in KINDS:
        raise Malformed("REGISTRANT_KIND_MISSING", field="kind")
    return Wanted(request.business_name, request.place, KINDS[request.kind], request.wish)


def suggestion_message(suggestion: Suggestion) -> domains_pb2.NameSuggestion:
    """*suggestion* as its message; what is said of it is said as of an availability."""
    idea, meaning = suggestion.idea, suggestion.meaning
    said = availability_message(idea.domain, idea.name, suggestion.answer)
    facts = suggestion.answer.facts if isinstance(suggestion.answer, HaidangError) else {}
    message = domains_pb2.NameSuggestion(
        domain=idea.domain,
        ascii_domain=said.ascii_domain,
        availability=said.availability,
        total_dong=sum(line.amount_dong for line in suggestion.lines),
        years=suggestion.years,
        reason=said.reason,
        message_vi=said.message_vi,
        message_en=sentence(said.reason, {"name": idea.domain, **facts}, "en")
        if said.reason
        else "",
        lines=_line_messages(suggestion.lines),
        is_wish=idea.is_wish,
    )
    if meaning is not None:
        message.holders_vi, message.holders_en = meaning.vi, meaning.en
        message.citation = meaning.source.citation
        message.confidence = meaning.source.confidence
    return message


def registration_message(held: Registration) -> domains_pb2.Registration:
    """*held* as its message."""
    message = domains_pb2.Registration(
        name=f"registrations/{held.name}",
        domain=held.name,
        unicode_domain=held.unicode_name,
        state=domains_pb2.Registration.State.Value(f"STATE_{held.state}"),
        nameservers=held.nameservers,
        statuses=sorted(held.statuses),
        registrant=_registrant(held.party),
        registry=held.registry,
        roid=held.roid,
    )
    message.create_time.FromDatetime(held.created_at)
    message.expire_time.FromDatetime(held.expires_at)
    if held.outlook is not None:
        message.outlook.renewable_through = held.outlook.renewable_through.isoformat()
        message.outlook.deleted_by = held.outlook.deleted_by.isoformat()
        message.outlook.most_years = held.outlook.most_years
        message.outlook.citation = held.outlook.source.citation
        message.outlook.confidence = held.outlook.source.confidence
    return message


def _registrant(party: Party) -> domains_pb2.Registrant:
    kinds = {value: key for key, value in KINDS.items()}
    genders = {value: key for key, value in GENDERS.items()}
    unspecified = domains_pb2.Registrant.GENDER_UNSPECIFIED
    return domains_pb2.Registrant(
        kind=kinds[party.kind],
        name=party.name,
        tax_code=party.tax_code,
        personal_id=party.personal_id,
        birth_on=party.birth_on,
        gender=genders[party.gender] if party.gender else unspecified,
        email=party.email,
        phone=party.phone,
        address=domains_pb2.Address(
            street=party.address.street,
            commune=party.address.commune,
            province=party.address.province,
            country=party.address.country,
        ),
        representative_name=party.representative_name,
        representative_title=party.representative_title,
    )


def record_sets_of(wanted: Iterable[domains_pb2.RecordSet]) -> tuple[RecordSet, ...]:
    """The record sets in *wanted*, as given."""
    return tuple(
        RecordSet(one.owner, one.type, one.ttl_seconds, tuple(one.values)) for one in wanted
    )


def record_set_messages(record_sets: Iterable[RecordSet]) -> list[domains_pb2.RecordSet]:
    """*record_sets* as messages."""
    return [
        domains_pb2.RecordSet(
            owner=one.owner, type=one.type, ttl_seconds=one.ttl_seconds, values=one.values
        )
        for one in record_sets
    ]


def zone_message(zone: HostedZone) -> domains_pb2.Zone:
    """*zone* as its message."""
    return domains_pb2.Zone(
        name=f"zones/{zone.name}",
        serial=zone.serial,
        record_sets=record_set_messages(zone.record_sets),
    )


ANSWERS: Answers = {Registration: registration_message, HostedZone: zone_message}
