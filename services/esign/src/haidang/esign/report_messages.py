"""Verdicts as the contract's messages."""

from __future__ import annotations

from google.protobuf import json_format
from haidang.api.esign.v1 import esign_pb2
from haidang.esign.findings import Finding
from haidang.esign.verdict_report import summary_en, summary_vi
from haidang.esign.verdicts import DocumentVerdict, SignatureVerdict, ValidationReport

LEVELS = {
    "B-B": esign_pb2.LEVEL_B_B,
    "B-T": esign_pb2.LEVEL_B_T,
    "B-LT": esign_pb2.LEVEL_B_LT,
    "B-LTA": esign_pb2.LEVEL_B_LTA,
}
CHANGES = {
    DocumentVerdict.UNCHANGED: esign_pb2.DOCUMENT_CHANGE_NONE,
    DocumentVerdict.CHANGED_ALLOWED: esign_pb2.DOCUMENT_CHANGE_ALLOWED,
    DocumentVerdict.CHANGED_FORBIDDEN: esign_pb2.DOCUMENT_CHANGE_FORBIDDEN,
    DocumentVerdict.UNCLEAR: esign_pb2.DOCUMENT_CHANGE_UNCLEAR,
}


def report_json(report: ValidationReport) -> str:
    """*report* as it is kept: its message in proto3 JSON."""
    return json_format.MessageToJson(report_message(report), indent=None, ensure_ascii=False)


def report_message(report: ValidationReport) -> esign_pb2.ValidationReport:
    """*report* as its message, with its summary in two languages."""
    message = esign_pb2.ValidationReport(
        indication=_indication(str(report.indication)),
        sub_indication=str(report.sub_indication),
        signatures=[_signature(one) for one in report.signatures],
        summary_vi=summary_vi(report),
        summary_en=summary_en(report),
        document_change=CHANGES[report.document],
        document_timestamps=report.document_timestamps,
        findings=[_finding(one) for one in report.document_findings],
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
        organisation=verdict.organisation,
        sandbox=verdict.sandbox,
        intact=verdict.intact,
        valid_at_signing=verdict.valid_at_signing,
    )
    if verdict.timestamped_at is not None:
        message.timestamp_time.FromDatetime(verdict.timestamped_at)
    if verdict.signed_at is not None:
        message.signed_time.FromDatetime(verdict.signed_at)
    if verdict.not_before is not None:
        message.not_before_time.FromDatetime(verdict.not_before)
    if verdict.not_after is not None:
        message.not_after_time.FromDatetime(verdict.not_after)
    return message


def _finding(finding: Finding) -> esign_pb2.ReportFinding:
    return esign_pb2.ReportFinding(
        reason=finding.reason,
        message_vi=finding.message_vi,
        message_en=finding.message_en,
        indication=_indication(str(finding.kind.indication)),
    )
