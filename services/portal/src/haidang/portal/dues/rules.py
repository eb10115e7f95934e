"""What may be paid, by whom, and what then holds: values in, decisions out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from haidang.core.errors import HaidangError, Refused, sentence
from haidang.core.money import written
from haidang.portal import reasons as _journeys  # noqa: F401 - registers the sentences
from haidang.portal.dues import reasons as _reasons  # noqa: F401 - as above
from haidang.portal.dues.values import DueItem, total_of

SETTLED, REFUSED = "SETTLED", "REFUSED"
"""States of an effect after which nothing of it moves any more."""


def require_due(items: tuple[DueItem, ...], shown: str, accepted_dong: int) -> None:
    """Raises: Refused NOTHING_DUE; DUE_DIFFERS unless the sum is the one agreed to."""
    if not items:
        raise Refused("NOTHING_DUE", field="domain", domain=shown)
    if total_of(items) != accepted_dong:
        raise Refused(
            "DUE_DIFFERS",
            field="accepted_total_dong",
            total=written(total_of(items)),
            accepted=written(accepted_dong),
        )


def is_over(effects: Mapping[str, str], *, has_ended: bool) -> bool:
    """Whether a payment with these *effects* (name: state) takes no money from now on.

    One that fell over by a defect of ours *has_ended* too; had it begun to take the money,
    nobody knows, and the name waits for a person.
    """
    if effects.get("authorize") == REFUSED:
        return True
    if "capture" in effects:
        return effects["capture"] in {SETTLED, REFUSED}
    return has_ended


def since_paid(error: HaidangError, captured_dong: int) -> HaidangError:
    """What the end of a journey means today: one that stopped unpaid may have been paid since,
    and then holds the name like any other that stopped half-way."""
    if error.reason != "JOURNEY_STOPPED_UNPAID" or not captured_dong:
        return error
    cause = "DUE_PAID_SINCE"
    said = {"cause_vi": sentence(cause, {}, "vi"), "cause_en": sentence(cause, {}, "en")}
    facts = {name: value for name, value in error.facts.items() if name != "field"}
    amount = written(captured_dong)
    return Refused("JOURNEY_STOPPED_HOLDING", **{**facts, **said, "cause": cause, "amount": amount})
