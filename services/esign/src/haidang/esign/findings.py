"""Findings: what a validation remarks, and which indication they leave.

Pure. Who comes in: gates and verdicts, that raise findings; pages and reports, that show
them. Never here: how a finding is come by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from haidang.esign.finding_kinds import KINDS, FindingKind, Indication, SubIndication

_PRECEDENCE = {reason: rank for rank, reason in enumerate(KINDS)}
_WORST_FIRST = {Indication.TOTAL_FAILED: 0, Indication.INDETERMINATE: 1, Indication.TOTAL_PASSED: 2}


@dataclass(frozen=True)
class Finding:
    """One remark of a validation. `detail` is a short English or neutral fact."""

    reason: str
    detail: str = ""

    @property
    def kind(self) -> FindingKind:
        return KINDS[self.reason]

    @property
    def message_en(self) -> str:
        """The English sentence, filled."""
        return self.kind.en.format(detail=self.detail or "-")

    @property
    def message_vi(self) -> str:
        """The Vietnamese sentence, filled."""
        return self.kind.vi.format(detail=self.detail or "-")


def weight(finding: Finding) -> tuple[int, int]:
    """Sort key: the gravest finding first."""
    return (_WORST_FIRST[finding.kind.indication], _PRECEDENCE[finding.reason])


def outcome(findings: Iterable[Finding]) -> tuple[Indication, SubIndication]:
    """The indication the gravest of *findings* leaves; TOTAL_PASSED when there is none."""
    gravest = min(findings, key=weight, default=None)
    if gravest is None:
        return Indication.TOTAL_PASSED, SubIndication.NONE
    return gravest.kind.indication, gravest.kind.sub_indication
