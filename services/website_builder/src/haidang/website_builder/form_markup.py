"""The markup of forms: one drawing for the published page and for the edge's answers (pure).

Light on purpose, as the edge draws with it: no template engine. Every value is escaped
here; packs only style the classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from haidang.core.errors import sentence
from haidang.core.money import written
from haidang.core.ports.publishing import FormField, LetterAnswer, PublishedForm
from haidang.website_builder.enquiries import CONSENT, HONEYPOT, QUANTITY, Fault

SLOT = "<!--haidang:form-->"
"""Where a page leaves room for what only the edge knows."""
CONFIRM, CHANGE = "confirm", "change"
"""The two buttons of a review."""
PRIVACY = "/phap-ly/quyen-rieng-tu/"

_AUTOCOMPLETE = {
    "name": "name",
    "phone": "tel",
    "email": "email",
    "address": "address-line1",
}
_INPUTS = {
    "tel": 'type="tel" inputmode="tel"',
    "email": 'type="email"',
    "date": 'type="date"',
    "time": 'type="time"',
    # A number's input is text: whatever was typed can then be shown again.
    "number": 'type="text" inputmode="numeric" autocomplete="off"',
}
_TEXT_ROWS = 4


def draw_form(
    form: PublishedForm,
    action: str,
    typed: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
    *,
    privacy: str = PRIVACY,
) -> str:
    """The whole <form>, posted to *action*, with what was *typed* and its *faults*."""
    given, said = typed or {}, sentences(form, faults)
    fields = "".join(_field(form, one, given, said) for one in form.fields)
    return (
        f'<form class="form form--{form.kind}" method="post" action="{escape(action)}"'
        f' accept-charset="utf-8">{fields}{_trap(form)}{_consent(form, given, said, privacy)}'
        f'<button class="form-send" type="submit">{escape(form.words["send"])}</button></form>'
    )


def _trap(form: PublishedForm) -> str:
    return (
        f'<p class="form-trap" aria-hidden="true"><label>{escape(form.words["trap"])} '
        f'<input name="{HONEYPOT}" tabindex="-1" autocomplete="off"></label></p>'
    )


def _consent(
    form: PublishedForm, given: Mapping[str, str], said: Mapping[str, str], privacy: str
) -> str:
    checked = " checked" if given.get(CONSENT) else ""
    return (
        f'<div class="form-field form-consent"><label><input id="{_id(form, CONSENT)}"'
        f' type="checkbox" name="{CONSENT}" value="1" required{checked}'
        f"{_wrong(form, CONSENT, said)}><span>{escape(form.words['consent'])}</span></label>"
        f'<a href="{escape(privacy)}" hreflang="vi">{escape(form.words["privacy"])}</a>'
        f"{_told(form, CONSENT, said)}</div>"
    )


def _field(
    form: PublishedForm, one: FormField, given: Mapping[str, str], said: Mapping[str, str]
) -> str:
    if one.type == "quantities":
        return _quantities(form, one, given, said)
    label = escape(one.label)
    if not one.required:
        label += f' <span class="form-optional">({escape(form.words["optional"])})</span>'
    value = escape(given.get(one.name, ""))
    common = f'id="{_id(form, one.name)}" name="{escape(one.name)}"'
    common += (" required" if one.required else "") + _wrong(form, one.name, said)
    complete = _AUTOCOMPLETE.get(one.name, "")
    if one.name == "address" and one.type == "textarea":
        complete = "street-address"
    if complete:
        common += f' autocomplete="{complete}"'
    if one.type == "textarea":
        control = f'<textarea {common} rows="{_TEXT_ROWS}"{_length(one)}>{value}</textarea>'
    else:
        kind = _INPUTS.get(one.type, 'type="text"')
        control = f'<input {kind} {common}{_length(one)} value="{value}">'
    return (
        f'<div class="form-field form-field--{one.type}"><label for="{_id(form, one.name)}">'
        f"{label}</label>{control}{_told(form, one.name, said)}</div>"
    )


def _quantities(
    form: PublishedForm, one: FormField, given: Mapping[str, str], said: Mapping[str, str]
) -> str:
    rows = "".join(
        _choice(form, choice.id, _choice_name(choice.label, choice.cost), given, said)
        for choice in one.choices
    )
    described = _wrong(form, one.name, said).replace(' aria-invalid="true"', "")
    return (
        f'<fieldset class="form-quantities" id="{_id(form, one.name)}"{described}>'
        f"<legend>{escape(one.label)}</legend>{rows}{_told(form, one.name, said)}</fieldset>"
    )


def _choice_name(label: str, cost: str) -> str:
    price = f' <span class="form-choice-price">{escape(cost)}</span>' if cost else ""
    return escape(label) + price


def _choice(
    form: PublishedForm,
    choice: str,
    label: str,
    given: Mapping[str, str],
    said: Mapping[str, str],
) -> str:
    name = f"{QUANTITY}{choice}"
    return (
        f'<div class="form-choice"><label class="form-choice-name" for="{_id(form, name)}">'
        f'{label}</label><input {_INPUTS["number"]} id="{_id(form, name)}" name="{escape(name)}"'
        f' value="{escape(given.get(name, ""))}" placeholder="0"'
        f"{_wrong(form, name, said)}>{_told(form, name, said)}</div>"
    )


def _length(one: FormField) -> str:
    is_text = one.type in {"text", "textarea"}
    return f' maxlength="{one.most}"' if is_text and one.most else ""


def _id(form: PublishedForm, name: str) -> str:
    return escape(f"{form.section}-{name}")


def sentences(form: PublishedForm, faults: Iterable[Fault]) -> dict[str, str]:
    """What is said at each field, "" for the whole form: the first fault of each."""
    said: dict[str, str] = {}
    for one in faults:
        said.setdefault(one.field, sentence(one.reason, one.facts, form.locale))
    return said


def _wrong(form: PublishedForm, name: str, said: Mapping[str, str]) -> str:
    if name not in said:
        return ""
    return f' aria-invalid="true" aria-describedby="{_id(form, name)}-fault"'


def _told(form: PublishedForm, name: str, said: Mapping[str, str]) -> str:
    if name not in said:
        return ""
    return f'<p class="form-fault" id="{_id(form, name)}-fault">{escape(said[name])}</p>'


def draw_again(
    form: PublishedForm, action: str, typed: Mapping[str, str], faults: Sequence[Fault]
) -> str:
    """What the visitor typed; on top every fault with a link to its field, if there are any."""
    said = sentences(form, faults)
    rows = "".join(
        f'<li><a href="#{_id(form, name)}">{escape(text)}</a></li>'
        if name
        else f"<li>{escape(text)}</li>"
        for name, text in said.items()
    )
    summary = _summary(f"<p>{escape(form.words['faults'])}</p><ul>{rows}</ul>")
    title = form.words["again"] if said else form.words["title"]
    body = (summary if said else "") + draw_form(form, action, typed, faults)
    return _page(title, body + _ways_out(form))


def _summary(markup: str) -> str:
    """A box that takes the focus without a script."""
    return f'<div class="form-summary" role="alert" tabindex="-1" autofocus>{markup}</div>'


def draw_review(
    form: PublishedForm, action: str, typed: Mapping[str, str], answers: Sequence[LetterAnswer]
) -> str:
    """An order as it would be sent, with its total: to be sent, or changed."""
    rows = "".join(
        f"<div><dt>{escape(one.label)}</dt><dd>{escape(one.value)}</dd></div>" for one in answers
    )
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in typed.items()
    )
    return _page(
        form.words["review"],
        f'<p>{escape(form.words["review_text"])}</p><dl class="form-review">{rows}</dl>'
        f'{_sum(form, answers)}<p class="form-note">{escape(form.words["total_text"])}</p>'
        f'<form class="form" method="post" action="{escape(action)}" accept-charset="utf-8">'
        f'{hidden}<button class="form-send" type="submit" name="{CONFIRM}" value="1">'
        f'{escape(form.words["confirm"])}</button><button class="form-back" type="submit"'
        f' name="{CHANGE}" value="1">{escape(form.words["change"])}</button></form>',
    )


def _sum(form: PublishedForm, answers: Sequence[LetterAnswer]) -> str:
    if not (total := total_of(form, answers)):
        return ""
    return (
        f'<p class="form-total"><span>{escape(form.words["total"])}</span> '
        f"<strong>{escape(written(total))}</strong></p>"
    )


def total_of(form: PublishedForm, answers: Sequence[LetterAnswer]) -> int:
    """What the things asked for cost together, in dong; 0 when one has no price."""
    prices = {f"{QUANTITY}{c.id}": c.price for one in form.fields for c in one.choices}
    asked = [(prices[one.name], int(one.value)) for one in answers if one.name in prices]
    return sum(price * count for price, count in asked) if all(p for p, _ in asked) else 0


def draw_refusal(form: PublishedForm, action: str, typed: Mapping[str, str], fault: Fault) -> str:
    """A letter that could not be taken: why, the number to call, and what was typed."""
    said = sentence(fault.reason, fault.facts, form.locale)
    return _page(
        form.words["unkept"],
        _summary(f"<p>{escape(said)}</p>") + _ways_out(form) + draw_form(form, action, typed),
    )


def draw_thanks(form: PublishedForm) -> str:
    """What happens next, with room for what only the edge knows."""
    return _page(
        form.words["sent"],
        f'<p>{escape(form.words["sent_text"])}</p>{SLOT}<p class="form-ways">'
        f'<a href="{escape(form.back)}">{escape(form.words["back"])}</a></p>',
    )


def draw_code(form: PublishedForm, code: str) -> str:
    """The line of the thank-you page that only this letter has."""
    return f'<p class="form-code">{escape(form.words["code"])}: <strong>{escape(code)}</strong></p>'


def _ways_out(form: PublishedForm) -> str:
    return f'<ul class="form-ways">{"".join(_ways(form))}</ul>'


def _ways(form: PublishedForm) -> Iterator[str]:
    if form.phone:
        yield (
            f'<li><a href="tel:{escape(form.phone)}">{escape(form.words["call"])} '
            f'<span class="form-phone">{escape(form.words["phone"])}</span></a></li>'
        )
    yield f'<li><a href="{escape(form.back)}">{escape(form.words["back"])}</a></li>'


def _page(title: str, body: str) -> str:
    return f"<h1>{escape(title)}</h1>{body}"
