"""Forms of a pack's sections: declared as data, published as rules (pure).

A section's `form` says what is asked; here that is judged when the pack is loaded, given
to templates, and written into the manifest so that the edge can judge a POST without
knowing any pack. Where a form is posted to: "/gui", then the page's path and the
section's id, below the language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from haidang.core.identifiers import written_phone
from haidang.core.ports.publishing import FormChoice, FormField, PublishedForm
from haidang.website_builder.schemas import judge
from haidang.website_builder.written import vnd
from jsonschema import Draft202012Validator

PREFIX = "/gui/"
AGAIN = f"{PREFIX}loi/"
"""The page in which the edge tells what is to be put right."""
SENT: Mapping[str, str] = {
    "order": f"{PREFIX}xong/dat-hang/",
    "table": f"{PREFIX}xong/giu-ban/",
    "booking": f"{PREFIX}xong/hoi-phong/",
    "question": f"{PREFIX}xong/loi-nhan/",
}
"""The page that says what happens next, by the form's kind."""

MORE_CLASSES: Mapping[str, str] = {"order": "order"}
"""The class a site has at least by a form's kind. Source: field guide websites section 1.2."""
CLASSES = ("showcase", "inquiry", "order")

SOLD_OUT = "out"
"""The `stock` of a thing that cannot be asked for."""

_MOST_FIELDS = 24
_LONGEST_TEXT = 4000
_LARGEST = 100_000
_LABEL = {
    "type": "object",
    "required": ["vi", "en"],
    "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 80},
}
_FIELD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "type", "label"],
    "properties": {
        "name": {"type": "string", "pattern": "^(?!url$|consent$|q-)[a-z][a-z0-9_]{0,29}$"},
        "type": {
            "enum": ["text", "tel", "email", "date", "time", "number", "textarea", "quantities"]
        },
        "label": _LABEL,
        "required": {"type": "boolean"},
        "max": {"type": "integer", "minimum": 1, "maximum": _LARGEST},
        "min": {"type": "integer", "minimum": 0, "maximum": _LARGEST},
        "of": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,29}$"},
    },
}
_FORM = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "fields"],
        "properties": {
            "kind": {"enum": sorted(SENT)},
            "fields": {"type": "array", "minItems": 1, "maxItems": _MOST_FIELDS, "items": _FIELD},
        },
    }
)


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """An input as a pack declares it; `of` names the list of site facts to choose from."""

    name: str
    type: str
    label: Mapping[str, str]
    required: bool
    most: int
    least: int
    of: str


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a kind of section."""

    kind: str
    fields: tuple[DeclaredField, ...]


def read_form(value: object) -> Form | None:
    """The form a section declares; None for none. Raises: ValueError naming the fault."""
    if value is None:
        return None
    if faults := judge(_FORM, value, ""):
        raise ValueError(f"form{faults[0].field}: {faults[0].reason}")
    assert isinstance(value, Mapping)
    fields = tuple(_declared(one) for one in value["fields"])
    names = [one.name for one in fields]
    for one in fields:
        if names.count(one.name) > 1:
            raise ValueError(f"form: two fields are called {one.name}")
        if (one.type == "quantities") != bool(one.of):
            raise ValueError(f"form: {one.name}: quantities, and only they, name a list in `of`")
        if one.type in {"text", "textarea"} and one.most > _LONGEST_TEXT:
            raise ValueError(f"form: {one.name} is longer than {_LONGEST_TEXT}")
    return Form(value["kind"], fields)


def _declared(field: Mapping[str, object]) -> DeclaredField:
    label, most, least = field["label"], field.get("max", 0), field.get("min", 0)
    assert isinstance(label, Mapping)
    assert isinstance(most, int)
    assert isinstance(least, int)
    return DeclaredField(
        name=str(field["name"]),
        type=str(field["type"]),
        label=label,
        required=field.get("required") is True,
        most=most,
        least=least,
        of=str(field.get("of", "")),
    )


def commerce_with(form: Form | None, declared: str) -> str:
    """The class a site has at least with the section: a form is an inquiry or an order."""
    least = MORE_CLASSES.get(form.kind, "inquiry") if form else declared
    return max(declared, least, key=CLASSES.index)


def in_language(path: str, locale: str, default: str) -> str:
    """*path* of the site in a language; the default one has no prefix."""
    return path if locale == default else f"/{locale}{path}"


def action_of(page: str, section: str, locale: str, default: str) -> str:
    """Where the form of *section* on the page at *page* ("/", "/lien-he/") is posted to."""
    return in_language(f"{PREFIX.rstrip('/')}{page}{section}", locale, default)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form stands: the page's and the site's language, the page's address, the
    site's lists, whose site it is, and for how many months it keeps what is sent.
    """

    locale: str
    default: str
    page: str
    collections: Mapping[str, object]
    name: str
    phone: str
    kept_months: int


def published_form(form: Form, section: str, at: Place) -> PublishedForm:
    """The form as the edge judges and draws it."""
    return PublishedForm(
        kind=form.kind,
        section=section,
        locale=at.locale,
        fields=tuple(_field(one, at.locale, at.collections) for one in form.fields),
        sent=in_language(SENT[form.kind], at.locale, at.default),
        again=in_language(AGAIN, at.locale, at.default),
        back=f"{at.page}#{section}",
        phone=at.phone,
        kept_months=at.kept_months,
        words=form_words(form.kind, at),
    )


def can_be_sent(form: PublishedForm) -> bool:
    """Whether an honest visitor can fill it in: a list to choose from is not empty."""
    return all(one.choices for one in form.fields if one.type == "quantities" and one.required)


@cache
def _all_words() -> Mapping[str, Mapping[str, str]]:
    text = files("haidang.website_builder").joinpath("parts", "form_words.json").read_text("utf-8")
    read = json.loads(text)
    assert isinstance(read, dict)
    return read


def form_words(kind: str, at: Place) -> dict[str, str]:
    """The platform's words around a form: those of its kind before those of any."""
    said = _all_words().get(at.locale) or _all_words()["en"]
    keys = {key.partition(".")[2] for key in said}
    facts = {"name": at.name, "months": str(at.kept_months)}
    return {"phone": written_phone(at.phone)} | {
        key: said.get(f"{kind}.{key}", said.get(f"any.{key}", "")).format_map(facts)
        for key in sorted(keys)
    }


def _field(field: DeclaredField, locale: str, collections: Mapping[str, object]) -> FormField:
    return FormField(
        name=field.name,
        type=field.type,
        label=field.label.get(locale) or field.label["en"],
        required=field.required,
        most=field.most,
        least=field.least,
        choices=tuple(_choices(collections.get(field.of))) if field.of else (),
    )


def _choices(things: object) -> Iterator[FormChoice]:
    """What may be asked for, each with the price a visitor sees beside it."""
    for thing in things if isinstance(things, Sequence) and not isinstance(things, str) else ():
        if not isinstance(thing, Mapping) or thing.get("stock") == SOLD_OUT:
            continue
        if identifier := str(thing.get("id") or ""):
            price, unit = thing.get("price"), str(thing.get("unit") or "")
            cost = (vnd(price) + (f"/{unit}" if unit else "")) if price else unit
            name = str(thing.get("name") or identifier)
            yield FormChoice(identifier, name, cost, price if isinstance(price, int) else 0)
