"""Verdicts as the contract's messages."""

from __future__ import annotations

from haidang.api.esign.v1 import esign_pb2
from haidang.esign.findings import Finding
from haidang.esign.verdict_report import summary_vi
from haidang.esign.verdicts import SignatureVerdict, ValidationReport

LEVELS = {
    "B-B": esign_pb2.LEVEL_B_B,
    "B-T": esign_pb2.LEVEL_B_T,
    "B-LT": esign_pb2.LEVEL_B_LT,
    "B-LTA": esign_pb2.LEVEL_B_LTA,
}


def report_message(report: ValidationReport) -> esign_pb2.ValidationReport:
    """*report* as its message, with its Vietnamese summary."""
    message = esign_pb2.ValidationReport(
        indication=_indication(str(report.indication)),
        sub_indication=str(report.sub_indication),
        signatures=[_signature(one) for one in report.signatures],
        summary_vi=summary_vi(report),
    )
    message.validation_time.FromDatetime(report.validated_at)
    return message


def _indication(name: str) -> esign_pb2.Indication.ValueType:
    return esign_pb2.Indication.Value(f"INDICATION_{name.replace('-', '_')}")


def _signature(verdict: SignatureVerdict) -> esign_pb2.SignatureReport:
    message = esign_pb2.SignatureReport(
        signer=verdict.signer,
        level=LEVELS.get(verdict.level, esign_pb2.LEVEL_UNSPECIFIED),
        covers_whole_document=verdict.covers_whole_document,
        indication=_indication(str(verdict.indication)),
        sub_indication=str(verdict.sub_indication),
        findings=[_finding(one) for one in verdict.findings],
        issuer=verdict.issuer,
    )
    if verdict.signed_at is not None:
        message.signed_time.FromDatetime(verdict.signed_at)
    if verdict.not_before is not None:
        message.not_before_time.FromDatetime(verdict.not_before)
    if verdict.not_after is not None:
        message.not_after_time.FromDatetime(verdict.not_after)
    return message


def _finding(finding: Finding) -> esign_pb2.ReportFinding:
    return esign_pb2.ReportFinding(
        reason=finding.reason, message_vi=finding.message_vi, message_en=finding.message_en
    )
