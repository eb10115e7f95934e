"""The sandbox registry at work: one command, one transaction, one answer.

`server` comes here with what `requests` read. Each command runs whole or not at all and
leaves its effect in the journal in the same transaction. Before it, names that time
has overtaken are suspended, revoked and deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from haidang.core.clock import Clock
from haidang.domains.sandbox_registry import contacts, domains, hosts
from haidang.domains.sandbox_registry.answers import Answer, refused
from haidang.domains.sandbox_registry.case import ABSENT, PARAMETER_MISSING, UNIMPLEMENTED, Case
from haidang.domains.sandbox_registry.lifecycle import Stage
from haidang.domains.sandbox_registry.objects import Domain
from haidang.domains.sandbox_registry.policy import Policy
from haidang.domains.sandbox_registry.requests import Command, Poll
from haidang.domains.sandbox_registry.rules import Refusal
from haidang.domains.sandbox_registry.store import Store

UNIMPLEMENTED_EXTENSION = 2103
NO_MESSAGES = 1300
MESSAGE_WAITS = 1301
MICROSECONDS = 1000
"""In a millisecond."""

# Any: the table pairs each verb with the reader's own payload type; `requests` made the pair.
Executor = Callable[[Case, Any], Answer]

_EXECUTORS: dict[str, Executor] = {
    "domain.check": domains.check,
    "domain.info": domains.info,
    "domain.create": domains.create,
    "domain.renew": domains.renew,
    "domain.update": domains.update,
    "domain.delete": domains.delete,
    "domain.transfer.query": domains.query_transfer,
    **dict.fromkeys(
        (f"domain.transfer.{verb}" for verb in ("request", "approve", "reject", "cancel")),
        domains.refuse_transfer,
    ),
    "contact.check": contacts.check,
    "contact.info": contacts.info,
    "contact.create": contacts.create,
    "contact.update": contacts.update,
    "contact.delete": contacts.delete,
    "host.check": hosts.check,
    "host.info": hosts.info,
    "host.create": hosts.create,
    "host.delete": hosts.delete,
}

_ANNOUNCEMENTS = {
    Stage.SUSPENDED: "{name} expired and is suspended",
    Stage.REVOKING: "{name} is being revoked and can no longer be renewed",
    Stage.DELETED: "{name} was deleted",
}


class SandboxRegistry:
    """Executes commands of logged-in registrars against the store."""

    def __init__(self, store: Store, policy: Policy, clock: Clock, seed: str) -> None:
        self.store = store
        self._policy = policy
        self._clock = clock
        self._seed = seed

    def now(self) -> datetime:
        """The registry's own time, no finer than what its answers show."""
        now = self._clock.now()
        return now.replace(microsecond=now.microsecond // MICROSECONDS * MICROSECONDS)

    def execute(self, command: Command, registrar: str) -> Answer:
        """Carry out *command* for *registrar*, durably; a refusal leaves nothing behind."""
        self.sweep()
        try:
            with self.store.transaction():
                return self._executed(self._case(registrar, command.cl_trid), command)
        except Refusal as refusal:
            return refused(refusal)

    def _case(self, registrar: str, cl_trid: str) -> Case:
        return Case(self.store, self._policy, registrar, cl_trid, self.now(), self._seed)

    def _executed(self, case: Case, command: Command) -> Answer:
        if command.extensions:
            raise Refusal(UNIMPLEMENTED_EXTENSION, "extension not offered")
        if isinstance(command.payload, Poll):
            return _poll(case, command.payload)
        executor = _EXECUTORS.get(command.verb)
        if executor is None:
            raise Refusal(UNIMPLEMENTED, f"{command.verb} is not offered")
        return executor(case, command.payload)

    def sweep(self) -> None:
        """Suspend, revoke and delete what time has overtaken; kept though a command is refused."""
        case = self._case("", "")
        overtaken = [
            (domain, stage)
            for domain in self.store.expired(case.now)
            if (stage := domains.stage(case, domain)) is not domain.stage
        ]
        if not overtaken:
            return
        with self.store.transaction():
            for domain, stage in overtaken:
                _overtake(case, domain, stage)


def _overtake(case: Case, domain: Domain, stage: Stage) -> None:
    text = _ANNOUNCEMENTS[stage].format(name=domain.name)
    case.store.queue(domain.registrar, text, case.now)
    if stage is Stage.DELETED:
        case.store.delete_domain(domain.name)
        case.record("domain.delete", domain.name)
    else:
        case.store.put_domain(replace(domain, stage=stage))


def _poll(case: Case, request: Poll) -> Answer:
    count, oldest = case.store.waiting(case.registrar)
    if request.operation == "req":
        if oldest is None:
            return Answer(NO_MESSAGES)
        return Answer(MESSAGE_WAITS, count=count, message=oldest)
    if not request.message_id:
        raise Refusal(PARAMETER_MISSING, "msgID required")
    if oldest is None or str(oldest.id) != request.message_id:
        raise Refusal(ABSENT, "not the oldest message")
    case.store.dequeue(case.registrar, oldest.id)
    return Answer(count=count - 1, message_id=request.message_id)


class ShiftedClock:
    """A clock that runs as many days ahead as told."""

    def __init__(self, clock: Clock, days: float) -> None:
        self._clock = clock
        self._days = days

    def now(self) -> datetime:
        """The shifted instant."""
        return self._clock.now() + timedelta(days=self._days)
