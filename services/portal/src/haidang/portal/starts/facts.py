"""What is asked, on which screen, and what is still missing there. Pure.

Facts are kept as typed. Here they are judged: one fault for a field, an error of the
vocabulary whose `field` is the field's own name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from haidang.core import identifiers
from haidang.core.errors import HaidangError, Malformed
from haidang.core.provinces import PROVINCES, province_called
from haidang.core.vietnamese import normal
from haidang.portal.starts import reasons as _reasons  # noqa: F401 - registers the sentences

Facts = Mapping[str, str]

KINDS = ("homestay", "farm", "restaurant", "shop", "craft", "services")
HOLDERS = ("HOUSEHOLD", "ORGANIZATION", "PERSON")
GENDERS = ("FEMALE", "MALE")
LANGUAGES = ("vi", "vi-en")
MOST_YEARS = 10
CHOICES = {"kind": KINDS, "holder": HOLDERS, "gender": GENDERS, "languages": LANGUAGES}
"""Facts that are chosen, not typed."""
LONGEST_FACT = 255
"""Characters of a name or a line of an address. Source: RFC 5733 section 4, postalLineType."""
LONGEST_SIGN = 80
LONGEST_STREET = 160
BIRTH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

SCREENS = ("co-so", "dang-ky", "lien-he", "ten", "mau", "xem-lai")
"""In the order they are walked; the path's last part."""
STEPS = {"co-so": 1, "dang-ky": 1, "lien-he": 1, "ten": 2, "mau": 3, "xem-lai": 4}
"""Which of the four steps a screen belongs to."""

Rule = Callable[[str, str], object]
"""Judges a fact's text for its field. Raises: Malformed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its field and rule; `optional` ones may stay empty."""

    field: str
    rule: Rule
    optional: bool = False


def one_of(*choices: str) -> Rule:
    """A fact chosen from a list."""

    def judge(text: str, field: str) -> str:
        if text not in choices:
            raise Malformed("START_FACT_UNKNOWN", field=field)
        return text

    return judge


def line(most: int = LONGEST_FACT) -> Rule:
    """A line of free text."""

    def judge(text: str, field: str) -> str:
        if len(normal(text)) > most:
            raise Malformed("START_FACT_TOO_LONG", field=field, most=most)
        return normal(text)

    return judge


def birth_date(text: str, field: str = "birth_on") -> str:
    """*text*, 17/05/1990 or 1990-05-17, as an ISO date. Raises: Malformed START_BIRTH_DATE."""
    written = BIRTH_DATE.fullmatch(text.strip())
    try:
        if written:
            day, month, year = map(int, written.groups())
            return date(year, month, day).isoformat()
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise Malformed("START_BIRTH_DATE", field=field) from error


def province(text: str, field: str = "province") -> str:
    """*text* as one of today's provinces. Raises: Malformed START_FACT_UNKNOWN."""
    found = province_called(text)
    if found is None:
        raise Malformed("START_FACT_UNKNOWN", field=field)
    return found


def _tax_code(text: str, field: str) -> str:
    return identifiers.tax_code(text, field=field)


def _personal_id(text: str, field: str) -> str:
    return identifiers.personal_number(text, field=field).text


def _phone(text: str, field: str) -> str:
    return identifiers.phone(text, field=field)


def _email(text: str, field: str) -> str:
    return identifiers.email(text, field=field)


def _years(text: str, field: str) -> int:
    if text not in {str(years) for years in range(1, MOST_YEARS + 1)}:
        raise Malformed("START_FACT_UNKNOWN", field=field)
    return int(text)


PLACE = (
    Asked("street", line(LONGEST_STREET)),
    Asked("commune", line()),
    Asked("province", province),
    Asked("phone", _phone),
    Asked("email", _email),
)
OF_A_FIRM = (
    Asked("legal_name", line()),
    Asked("tax_code", _tax_code),
    Asked("representative_name", line()),
    Asked("representative_title", line(), optional=True),
)
OF_A_PERSON = (
    Asked("legal_name", line()),
    Asked("personal_id", _personal_id),
    Asked("birth_on", birth_date),
    Asked("gender", one_of(*GENDERS)),
    Asked("tax_code", _tax_code),
)


def asked_on(screen: str, facts: Facts) -> tuple[Asked, ...]:
    """The questions of *screen*: a person is asked other things than a firm."""
    match screen:
        case "co-so":
            return (
                Asked("kind", one_of(*KINDS)),
                Asked("sign_name", line(LONGEST_SIGN)),
                Asked("holder", one_of(*HOLDERS)),
            )
        case "dang-ky":
            return OF_A_PERSON if facts.get("holder") == "PERSON" else OF_A_FIRM
        case "lien-he":
            return PLACE
        case "ten":
            return (Asked("domain", line()), Asked("years", _years))
        case "mau":
            return (
                Asked("pack", line()),
                Asked("languages", one_of(*LANGUAGES), optional=True),
                Asked("summary", line(LONGEST_STREET), optional=True),
            )
    return ()


SAVED = frozenset(
    {
        asked.field
        for screen in SCREENS
        for holder in ("PERSON", "HOUSEHOLD")
        for asked in asked_on(screen, {"holder": holder})
    }
    | {"wish", "payer"}
)
"""Every fact that a start keeps; nothing else that is sent is written."""


def kept(field: str, text: str) -> str:
    """What a start keeps of *text*: as typed; nothing when it is no choice of *field*'s."""
    return text if text in CHOICES.get(field, (text,)) else ""


def faults_on(screen: str, facts: Facts) -> dict[str, HaidangError]:
    """What is wrong or missing on *screen*, by field, in the order asked."""
    found: dict[str, HaidangError] = {}
    for asked in asked_on(screen, facts):
        text = facts.get(asked.field, "")
        try:
            if text.strip():
                asked.rule(text, asked.field)
            elif not asked.optional:
                raise Malformed("START_FACT_MISSING", field=asked.field)
        except HaidangError as fault:
            found[asked.field] = fault
    return found


def all_faults(facts: Facts) -> dict[str, dict[str, HaidangError]]:
    """Faults by screen, of the screens that have any."""
    found = {screen: faults_on(screen, facts) for screen in SCREENS}
    return {screen: faults for screen, faults in found.items() if faults}


def first_unfinished(facts: Facts) -> str:
    """The first screen that still misses something; the review when nothing is missing."""
    return next(iter(all_faults(facts)), SCREENS[-1])


def screen_after(screen: str) -> str:
    """The next screen."""
    return SCREENS[min(SCREENS.index(screen) + 1, len(SCREENS) - 1)]


def screen_before(screen: str) -> str:
    """The screen before; "" before the first."""
    at = SCREENS.index(screen)
    return SCREENS[at - 1] if at else ""


FIELDS_OF_THE_CONTRACT = {
    "domain": "domain",
    "years": "years",
    "payer": "payer",
    "registrant.kind": "holder",
    "registrant.name": "legal_name",
    "registrant.tax_code": "tax_code",
    "registrant.personal_id": "personal_id",
    "registrant.birth_on": "birth_on",
    "registrant.gender": "gender",
    "registrant.email": "email",
    "registrant.phone": "phone",
    "registrant.address.street": "street",
    "registrant.address.commune": "commune",
    "registrant.address.province": "province",
    "registrant.representative_name": "representative_name",
    "registrant.representative_title": "representative_title",
    "draft.pack": "pack",
    "draft.business.name": "sign_name",
    "draft.business.tax_code": "tax_code",
    "draft.business.street": "street",
    "draft.business.commune": "commune",
    "draft.business.province": "province",
    "draft.business.phone": "phone",
    "draft.business.email": "email",
    "draft.business.representative_name": "representative_name",
    "draft.business.representative_title": "representative_title",
}
"""Fields as the services name them, and the question of ours they come from."""


def place_of(contract_field: str, facts: Facts) -> tuple[str, str]:
    """(screen, field) where a fault at *contract_field* is put right.

    A person's name is also the one who answers for the website.
    """
    field = FIELDS_OF_THE_CONTRACT.get(contract_field, "")
    if not field:
        is_of_the_draft = contract_field.startswith("draft")
        return ("mau", "pack") if is_of_the_draft else ("xem-lai", "")
    if field == "representative_name" and facts.get("holder") == "PERSON":
        field = "legal_name"
    for screen in SCREENS:
        if any(asked.field == field for asked in asked_on(screen, facts)):
            return screen, field
    return "xem-lai", field


__all__ = ["PROVINCES", "Asked", "all_faults", "asked_on", "faults_on", "first_unfinished"]
