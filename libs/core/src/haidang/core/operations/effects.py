"""The life of one effect: intent, ask, act, settle.

    INTENDED --act answers--------------------> SETTLED
        |----act says no----------------------> REFUSED
        |----no answer--> UNSETTLED --ask-----> SETTLED, or act again
                              `--patience over-> NEEDS_OPERATOR --resolve--> ...

Ask and act share one journal step: were "nothing found" recorded alone, a replay
would trust it and act twice.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from haidang.core import telemetry
from haidang.core.clock import Clock
from haidang.core.errors import (
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    register,
    to_facts,
)
from haidang.core.operations import rows
from haidang.core.operations.codec import Seal, decode, encode, require_receipt, schema_of
from haidang.core.operations.definition import hints_of
from haidang.core.operations.faults import Faults
from haidang.core.operations.rows import EffectState
from haidang.core.operations.tagged import Tagged
from haidang.core.ports.marks import mark_of
from sqlalchemy.exc import InterfaceError, OperationalError

if TYPE_CHECKING:
    from haidang.core.operations.run import Journal, RunFacts, Tx

R = TypeVar("R")

# Any: the annotations of receipts.
RECEIPTS: dict[tuple[str, str], Any] = {}
"""The receipt's type by (kind, effect), of every effect this process has walked."""

register(
    OutcomeUnknown,
    {
        "SETTLE_FAILED": (
            "The effect happened; recording it failed and is repeated.",
            "Việc đã xong, nhưng ghi sổ chưa được; hệ thống đang ghi lại.",
        ),
        "ASK_FAILED": (
            "Whether the effect happened could not be asked; it is asked again.",
            "Chưa hỏi lại được kết quả; chúng tôi sẽ tiếp tục hỏi.",
        ),
    },
)
register(
    Refused,
    {
        "ASK_DOES_NOT_MATCH": (
            "{act} is settled by {find}, not by what was given.",
            "Cấu hình nội bộ chưa khớp ({act}).",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to repeat. Seconds; delays grow by *factor* up to *longest_seconds*.

    `unavailable_seconds`: how long an act that was never sent is repeated before the
    operation ends. `unknown_seconds`: how long an unknown outcome is asked for before
    a person is needed. `settle_tries`: how often a failing settle is repeated.
    """

    first_seconds: float = 0.2
    factor: float = 2.0
    longest_seconds: float = 60.0
    unavailable_seconds: float = 45.0
    unknown_seconds: float = 86_400.0
    settle_tries: int = 8

    def delays(self) -> Iterator[float]:
        """Growing delays, without end."""
        delay = self.first_seconds
        while True:
            yield delay
            delay = min(delay * self.factor, self.longest_seconds)


@dataclass
class _Progress:
    """What the recorded attempts of one effect amount to; rebuilt alike on every replay."""

    delays: Iterator[float]
    tries: int = 0
    waited_seconds: float = 0.0
    ever_unknown: bool = False
    skip_ask: bool = field(default=False)

    def note(self, outcome: Tagged) -> None:
        self.tries += 1
        self.skip_ask = False
        if outcome.tag == "unknown" or outcome.crossed:
            self.ever_unknown = True

    def is_over(self, patience: Patience) -> bool:
        limit = patience.unknown_seconds if self.ever_unknown else patience.unavailable_seconds
        return self.waited_seconds >= limit


# Any: intents, receipts and results are of the office's own types, checked at Run.effect.
class EffectWalk:
    """Walks one effect of one run to its end."""

    def __init__(
        self,
        name: str,
        facts: RunFacts,
        journal: Journal,
        seal: Seal,
        clock: Clock,
        *,
        faults: Faults,
        patience: Patience,
    ) -> None:
        self.name = name
        self.facts = facts
        self.journal = journal
        self.seal = seal
        self.clock = clock
        self.faults = faults
        self.patience = patience
        self.effect_id = f"{facts.id}/{name}"
        self.log = telemetry.logger(__name__)

    async def walk(
        self,
        intent: Any,
        ask: Callable[[Any, str], Awaitable[Any]],
        act: Callable[[Any, str], Awaitable[Any]],
        settle: Callable[..., Awaitable[Any]],
    ) -> Any:
        """From intent to settlement. Raises: the definite no, recorded as REFUSED."""
        _check_pair(ask, act)
        RECEIPTS[self.facts.kind, self.name] = hints_of(act)["return"]
        stored, life = await self._intend(intent, type_of_intent(act))
        outcome = await self._outcome(stored, life, ask, act)
        if outcome.tag == "refused":
            await self._change(EffectState.REFUSED, outcome)
            raise outcome.rebuilt_error()
        receipt = decode(outcome.value_or_raise(), hints_of(act)["return"])
        return await self._settle(stored, receipt, outcome.value_or_raise(), settle)

    async def _intend(self, intent: Any, annotation: Any) -> tuple[Any, str]:
        self._pass("before-intent")
        text = encode(intent, annotation)

        async def body(tx: Tx) -> str:
            sealed, life = await rows.insert_effect(
                tx,
                self.facts.id,
                self.name,
                intent=self.seal.close(text),
                life=self.facts.life,
                now=self.clock.now(),
            )
            await rows.keep_shape(tx, self.facts.kind, self.name, schema_of(self._receipt_type()))
            return self.seal.close(json.dumps([self.seal.open(sealed), life]))

        recorded = await self.journal.transaction(f"{self.name}.intent", body)
        stored_text, life = json.loads(self.seal.open(recorded))
        return decode(stored_text, annotation), life

    async def _outcome(
        self,
        intent: Any,
        life: str,
        ask: Callable[[Any, str], Awaitable[Any]],
        act: Callable[[Any, str], Awaitable[Any]],
    ) -> Tagged:
        progress = _Progress(self.patience.delays())
        while True:
            outcome = await self._attempt(intent, life, ask, act, progress)
            progress.note(outcome)
            if outcome.tag in {"receipt", "refused"}:
                return outcome
            if progress.is_over(self.patience) and not progress.ever_unknown:
                return Tagged("refused", error=outcome.error)
            resolved = await self._wait(outcome, progress)
            if resolved is not None:
                return resolved

    async def _wait(self, outcome: Tagged, progress: _Progress) -> Tagged | None:
        """Show the state, wait, and take an operator's word if one comes."""
        needs_operator = progress.is_over(self.patience)
        state = EffectState.UNSETTLED if progress.ever_unknown else EffectState.INTENDED
        await self._change(
            EffectState.NEEDS_OPERATOR if needs_operator else state, outcome, tries=progress.tries
        )
        delay = self.patience.longest_seconds if needs_operator else next(progress.delays)
        message = await self.journal.pause(self.name, delay)
        progress.waited_seconds += delay
        if message is None:
            return None
        word = json.loads(self.seal.open(message))
        if word["happened"]:
            return self._said_receipt(word["receipt"])
        # A word about an earlier try, such as a second tap, allows no further act.
        progress.skip_ask = word.get("tries", progress.tries) == progress.tries
        return None

    def _said_receipt(self, text: str) -> Tagged | None:
        """An operator's receipt, unless it is none: a walk never falls over what was typed."""
        try:
            require_receipt(text, self._receipt_type())
        except Malformed:
            return None
        return Tagged("receipt", text)

    def _receipt_type(self) -> Any:
        return RECEIPTS[self.facts.kind, self.name]

    async def _attempt(
        self,
        intent: Any,
        life: str,
        ask: Callable[[Any, str], Awaitable[Any]],
        act: Callable[[Any, str], Awaitable[Any]],
        progress: _Progress,
    ) -> Tagged:
        async def body() -> str:
            crossed = self.facts.life != life
            is_first = progress.tries == 0 and not crossed
            outcome = await self._ask_and_act(
                intent, ask, act, asks=not (is_first or progress.skip_ask), crossed=crossed
            )
            return self.seal.close(outcome.text())

        step = f"{self.name}.act-{progress.tries}"
        return Tagged.parse(self.seal.open(await self.journal.step(step, body)))

    async def _ask_and_act(
        self,
        intent: Any,
        ask: Callable[[Any, str], Awaitable[Any]],
        act: Callable[[Any, str], Awaitable[Any]],
        *,
        asks: bool,
        crossed: bool,
    ) -> Tagged:
        annotation = hints_of(act)["return"]
        if asks:
            found = await self._ask(intent, ask, annotation, crossed=crossed)
            if found is not None:
                return found
        try:
            self._pass("before-act")
            receipt = await act(intent, self.effect_id)
            self._pass("after-act")
            self._pass("act-raises")
        except Unavailable as unavailable:
            return Tagged.of_error(unavailable, "unavailable", crossed=crossed)
        except OutcomeUnknown as unknown:
            return Tagged.of_error(unknown, "unknown", crossed=crossed)
        except HaidangError as refusal:
            if asks:  # the refusal may be the echo of our own earlier success
                found = await self._ask(intent, ask, annotation, crossed=crossed)
                if found is not None:
                    return found
            # The bare root is a neighbour's own defect: it may have acted before it fell.
            tag = "unknown" if type(refusal) is HaidangError else "refused"
            return Tagged.of_error(refusal, tag, crossed=crossed)
        except Exception as unforeseen:  # outside the vocabulary: whether it acted is not known
            self.log.exception("act_unforeseen", effect=self.name, kind=self.facts.kind)
            error = OutcomeUnknown("ACT_UNFORESEEN", port=type(unforeseen).__name__)
            return Tagged.of_error(error, "unknown", crossed=crossed)
        return Tagged("receipt", encode(receipt, annotation), crossed=crossed)

    async def _ask(
        self,
        intent: Any,
        ask: Callable[[Any, str], Awaitable[Any]],
        annotation: Any,
        *,
        crossed: bool,
    ) -> Tagged | None:
        """A receipt, an error when it cannot be said, or None: nothing happened."""
        try:
            receipt = await ask(intent, self.effect_id)
        except Unavailable as unavailable:
            return Tagged.of_error(unavailable, "unavailable", crossed=crossed)
        except Exception as unforeseen:  # an ask that fails says nothing about the effect
            self.log.exception("ask_failed", effect=self.name, kind=self.facts.kind)
            error = OutcomeUnknown("ASK_FAILED", detail=type(unforeseen).__name__)
            return Tagged.of_error(error, "unknown", crossed=crossed)
        if receipt is None:
            return None
        return Tagged("receipt", encode(receipt, annotation), crossed=crossed)

    async def _settle(
        self, intent: Any, receipt: Any, receipt_text: str, settle: Callable[..., Awaitable[Any]]
    ) -> Any:
        annotation = hints_of(settle)["return"]
        delays = self.patience.delays()
        tries = 0

        async def body(tx: Tx) -> str:
            tagged = await self._settle_once(tx, intent, receipt, receipt_text, settle)
            return self.seal.close(tagged.text())

        while True:
            recorded = await self.journal.transaction(f"{self.name}.settle-{tries}", body)
            outcome = Tagged.parse(self.seal.open(recorded))
            if outcome.tag == "settled":
                self._pass("after-settle")
                return decode(outcome.value_or_raise(), annotation)
            tries += 1
            if tries >= self.patience.settle_tries:
                await self._change(EffectState.NEEDS_OPERATOR, outcome)
            await self.journal.pause(self.name, next(delays))

    async def _settle_once(
        self,
        tx: Tx,
        intent: Any,
        receipt: Any,
        receipt_text: str,
        settle: Callable[..., Awaitable[Any]],
    ) -> Tagged:
        now = self.clock.now()
        sealed = self.seal.close(receipt_text)
        try:
            async with tx.begin_nested():
                self._pass("settle-fails")
                result = await settle(tx, intent, receipt)
                await rows.change_effect(
                    tx, self.facts.id, self.name, EffectState.SETTLED, now=now, receipt=sealed
                )
        except (OperationalError, InterfaceError):  # the database's own trouble: retried whole
            raise
        except Exception:  # a receipt is a fact: settle never refuses, it is repeated
            self.log.exception("settle_failed", effect=self.name, kind=self.facts.kind)
            failure = OutcomeUnknown("SETTLE_FAILED")
            await rows.change_effect(
                tx,
                self.facts.id,
                self.name,
                EffectState.UNSETTLED,
                now=now,
                receipt=sealed,
                failure=to_facts(failure),
            )
            return Tagged.of_error(failure, "unsettled")
        return Tagged("settled", encode(result, hints_of(settle)["return"]))

    async def _change(
        self, state: EffectState, outcome: Tagged, *, tries: int | None = None
    ) -> None:
        async def body(tx: Tx) -> str:
            await rows.change_effect(
                tx,
                self.facts.id,
                self.name,
                state,
                now=self.clock.now(),
                failure=outcome.error,
                tries=tries,
            )
            return ""

        await self.journal.transaction(f"{self.name}.{state.lower()}", body)

    def _pass(self, point: str) -> None:
        self.faults.pass_point(self.facts.kind, self.name, point)


def type_of_intent(act: Callable[..., Any]) -> Any:
    """The annotation of an act's first parameter: the intent's type."""
    return next(hint for name, hint in hints_of(act).items() if name != "return")


def _check_pair(ask: Callable[..., Any], act: Callable[..., Any]) -> None:
    """Refuse an ask that is not the find partner of a marked act."""
    mark = mark_of(act)
    if mark is None or mark[0] != "acts":
        return
    if mark[1] != getattr(ask, "__name__", ""):
        raise Refused("ASK_DOES_NOT_MATCH", act=getattr(act, "__name__", "?"), find=mark[1])
