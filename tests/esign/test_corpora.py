"""Published attacks are never believed; published lawful papers are never called forged.

Driven by the corpora's manifest. Rules know no file: this test is the only place that does.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from haidang.esign.finding_kinds import Indication, SubIndication
from haidang.esign.inspection.document import Inspector
from haidang.esign.verdicts import ValidationReport, conclude
from haidang.esign.verification import validate_locally

from tests.esign.judging import JUDGED_AT
from tests.judges import PROJECT, corpora

_FORMAT_OR_HASH = {
    SubIndication.FORMAT_FAILURE,
    SubIndication.HASH_FAILURE,
    SubIndication.SIG_CRYPTO_FAILURE,
}


@dataclass(frozen=True)
class Sample:
    """One file of the corpora as its manifest describes it."""

    path: str
    sha256: str
    expected: str
    accepted: tuple[str, ...]
    signatures: int
    document_timestamps: int
    later_changes: str

    def read(self) -> bytes:
        pdf = (corpora() / self.path).read_bytes()
        assert self.sha256 == hashlib.sha256(pdf).hexdigest(), "the corpora changed"
        return pdf


def samples(expected: str) -> list[Sample]:
    """Samples for parametrisation; empty where the corpora are absent (a named skip)."""
    try:
        manifest = json.loads((corpora() / "manifest.json").read_text())
    except pytest.skip.Exception:
        return []
    return [
        Sample(
            entry["path"],
            entry["sha256"],
            entry["expected"],
            tuple(entry.get("accepted_outcomes", ())),
            entry.get("signatures", 0),
            entry.get("document_timestamps", 0),
            entry.get("later_changes", ""),
        )
        for entry in manifest["files"]
        if entry["path"].startswith("pdf/") and entry["expected"] == expected
    ]


ATTACKS, VALID = samples("reject"), samples("accept-structure")


def judged(sample: Sample) -> ValidationReport:
    return conclude(Inspector((), JUDGED_AT).inspect(sample.read()), JUDGED_AT)


def outcome_of(report: ValidationReport) -> set[str]:
    """The verdict in the manifest's words."""
    words = {
        (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE): {"failed: format"},
        (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE): {"failed: hash"},
        (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE): {
            "indeterminate: format",
            "modified-after-signing",
        },
    }
    return words.get((report.indication, report.sub_indication), set())


def test_the_corpora_are_there() -> None:
    assert corpora().is_dir()
    assert ATTACKS
    assert VALID


@pytest.mark.parametrize("sample", ATTACKS, ids=lambda sample: sample.path)
def test_an_attack_is_never_believed(sample: Sample) -> None:
    report = judged(sample)

    assert report.indication != Indication.TOTAL_PASSED
    assert outcome_of(report) & set(sample.accepted)


@pytest.mark.parametrize("sample", VALID, ids=lambda sample: sample.path)
def test_a_lawful_paper_is_never_called_forged(sample: Sample) -> None:
    report = judged(sample)

    assert report.sub_indication not in _FORMAT_OR_HASH
    assert report.indication != Indication.TOTAL_FAILED
    counted = (len(report.signatures), report.document_timestamps)
    assert (sample.signatures, sample.document_timestamps) == counted
    assert [True] * sample.signatures == [one.intact for one in report.signatures]


@pytest.mark.parametrize("sample", VALID[:12], ids=lambda sample: sample.path)
def test_a_lawful_paper_with_words_appended_is_never_passed(sample: Sample) -> None:
    tampered = sample.read() + b"\n5 0 obj\n<< >>\nendobj\n"

    report = conclude(Inspector((), JUDGED_AT).inspect(tampered), JUDGED_AT)

    assert report.sub_indication == SubIndication.SIG_CONSTRAINTS_FAILURE


def test_the_bounded_process_comes_to_the_same_verdict() -> None:
    corpora()
    for sample in [*ATTACKS[:1], *ATTACKS[-1:], *VALID[:1]]:
        here, there = judged(sample), validate_locally(sample.read(), (), JUDGED_AT)

        assert here == there


def test_no_rule_knows_a_file_of_the_corpora() -> None:
    corpora()
    source = PROJECT / "services" / "esign" / "src"
    texts = {path.name: path.read_text() for path in source.rglob("*.py")}
    names = [Path(sample.path).stem for sample in [*ATTACKS, *VALID]]
    long_names = [name for name in names if len(name) >= len("isa_A") and "_" in name]

    assert long_names or not names
    for name in long_names:
        assert [file for file, text in texts.items() if name in text] == []
