"""`haidang verify-signature`: a verdict for any file, 2 only when it cannot be read."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import pytest
from haidang.esign.providers import register_commands, register_processes

from tests.esign.pki import a_pdf, signed, the_pki

PROMISED = {"indication", "sub_indication", "signatures"}
PROMISED_OF_A_SIGNATURE = {"signer", "level", "signed_at", "covers_whole_document", "findings"}


def run(*arguments: object) -> int:
    (command,) = [one for one in register_commands() if one.name == "verify-signature"]
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", type=Path)  # the command line itself adds it to each command
    command.configure(parser)
    return command.run(parser.parse_args([str(one) for one in arguments]))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder whose sandbox root is the test PKI's; the working folder is elsewhere."""
    folder = tmp_path / "state"
    root = folder / "trust" / "public" / "root.pem"
    root.parent.mkdir(parents=True)
    root.write_text(the_pki().root.pem)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HAIDANG_STATE", raising=False)
    return folder


def written(folder: Path, content: bytes) -> Path:
    path = folder.parent / "paper.pdf"
    path.write_bytes(content)
    return path


def test_a_good_paper_passes_as_promised(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(state, signed(level="B-LT")), "--json", "--state", state) == 0

    told = json.loads(capsys.readouterr().out)
    assert told.keys() == PROMISED
    assert (told["indication"], told["sub_indication"]) == ("TOTAL_PASSED", "")
    (signature,) = told["signatures"]
    assert signature.keys() == PROMISED_OF_A_SIGNATURE
    assert (signature["signer"], signature["level"]) == ("Nguyễn Thị Lan", "B-LT")
    assert signature["covers_whole_document"] is False
    assert "SANDBOX_ANCHOR" in [finding["reason"] for finding in signature["findings"]]


def test_without_a_platform_a_verdict_is_still_given(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(written(state, signed(level="B-LT")), "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert (
        told["indication"],
        told["sub_indication"],
    ) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_an_anchor_given_by_hand_is_believed(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = state / "trust" / "public" / "root.pem"

    assert run(written(state, signed(level="B-LT")), "--json", "--anchor", root) == 0

    assert json.loads(capsys.readouterr().out)["indication"] == "TOTAL_PASSED"


@pytest.mark.parametrize(
    ("content", "indication", "sub_indication"),
    [
        (b"", "TOTAL_FAILED", "FORMAT_FAILURE"),
        (b"a text file", "TOTAL_FAILED", "FORMAT_FAILURE"),
        (b"%PDF-1.7\n", "INDETERMINATE", "SIGNED_DATA_NOT_FOUND"),
        (a_pdf(), "INDETERMINATE", "SIGNED_DATA_NOT_FOUND"),
        (a_pdf() + b"/ByteRange", "TOTAL_FAILED", "FORMAT_FAILURE"),
    ],
)
def test_an_unsigned_file_is_a_verdict_too(
    state: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    indication: str,
    sub_indication: str,
) -> None:
    assert run(written(state, content), "--json", "--state", state) == 0

    told = json.loads(capsys.readouterr().out)
    assert (indication, sub_indication, []) == (
        told["indication"],
        told["sub_indication"],
        told["signatures"],
    )


def test_a_file_that_cannot_be_read_ends_with_two(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(state / "absent.pdf", "--json") == 2
    assert run(state, "--json") == 2
    assert run(written(state, signed()), "--anchor", state / "absent.pem") == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == len(["absent", "folder", "anchor"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_ends_with_two(state: Path) -> None:
    path = written(state, signed())
    path.chmod(0)

    assert run(path) == 2


def test_the_plain_report_is_vietnamese_and_says_sandbox_loudly(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(written(state, signed(level="B-LT")), "--state", state) == 0

    told = capsys.readouterr().out
    for words in (
        "THỬ NGHIỆM (SANDBOX)",
        "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ",
        "HỢP LỆ (TOTAL_PASSED)",
        "Người ký: Nguyễn Thị Lan",
        "Tổ chức cấp và quản lý chứng thư: CA cấp thử nghiệm",
        "theo dấu thời gian",
        "còn nguyên vẹn",
        "Hiệu lực chứng thư tại thời điểm ký: chứng thư có hiệu lực",
        "Thời hạn chứng thư",
    ):
        assert words in told


def test_the_worker_is_a_process_of_the_platform() -> None:
    processes = {one.name: one for one in register_processes()}

    assert (
        processes["verify-worker"].module,
        processes["verify-worker"].role,
    ) == ("haidang.esign.verify_worker", "worker")
