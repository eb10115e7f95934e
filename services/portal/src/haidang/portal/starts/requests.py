"""Facts as the contracts want them: the registrant, the business, the request's digest. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from haidang.core import identifiers
from haidang.core.errors import Malformed
from haidang.core.vietnamese import normal
from haidang.portal.starts.facts import Facts, birth_date, province

# Any: proto3 JSON of the contracts' messages.
Json = dict[str, Any]


def registrant(facts: Facts) -> Json:
    """The `Registrant` of complete *facts*. Raises: Malformed at the fact's own field."""
    is_person = facts["holder"] == "PERSON"
    found: Json = {
        "kind": f"KIND_{facts['holder']}",
        "name": normal(facts["legal_name"]),
        "email": identifiers.email(facts["email"]),
        "phone": identifiers.phone(facts["phone"]),
        "address": {
            "street": normal(facts["street"]),
            "commune": normal(facts["commune"]),
            "province": province(facts["province"]),
        },
    }
    if is_person:
        number = identifiers.personal_number(facts["personal_id"])
        return found | {
            "personal_id": number.text,
            "birth_on": birth_date(facts["birth_on"]),
            "gender": f"GENDER_{facts['gender']}",
        }
    return found | {
        "tax_code": identifiers.tax_code(facts["tax_code"]),
        "representative_name": normal(facts["representative_name"]),
        "representative_title": normal(facts.get("representative_title", "")),
    }


def business(facts: Facts) -> Json:
    """The `Business` of *facts* as far as they are given: a preview needs no more.

    What cannot be read yet is left out.
    """
    is_person = facts.get("holder") == "PERSON"
    representative = facts.get("legal_name" if is_person else "representative_name", "")
    plain = {
        "name": facts.get("sign_name", ""),
        "street": facts.get("street", ""),
        "commune": facts.get("commune", ""),
        "representative_name": representative,
        "representative_title": "" if is_person else facts.get("representative_title", ""),
    }
    found = {key: normal(text) for key, text in plain.items()}
    for key, read in (
        ("tax_code", identifiers.tax_code),
        ("phone", identifiers.phone),
        ("email", identifiers.email),
        ("province", province),
    ):
        try:
            found[key] = read(facts.get(key, ""))
        except Malformed:
            continue
    return {key: text for key, text in found.items() if text}


def locales(facts: Facts) -> list[str]:
    """The languages of the website, the first its own."""
    return facts.get("languages", "").split("-") if facts.get("languages") else ["vi"]


def digest_of(request: Mapping[str, Any]) -> str:
    """Tells whether two requests ask for the same: the SHA-256 of their canonical JSON."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
