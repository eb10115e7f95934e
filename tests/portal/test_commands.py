"""`haidang go-online` without a platform: what it reads, sends, keeps, and says."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.operations.v1 import operations_pb2
from haidang.core.errors import Absent, Malformed
from haidang.portal import business_file
from haidang.portal.commands import (
    GO_ONLINE,
    Progress,
    configure,
    go_online_request,
    kept,
    read_photos,
    run,
    said,
    summary_of,
)

FILE = """
domain: bánhmì.vn
years: 2
accepted_total_dong: 500000
registrant: {kind: KIND_HOUSEHOLD, name: Lan, birth_on: 2005-05-17}
website:
  pack: packs/vn.quan
  content: {hero: {$photo: bien.jpg, alt: {vi: Biển}}}
"""


def a_business(text: str = FILE) -> business_file.BusinessFile:
    return business_file.parse(text, file="tiem.yaml")


def called(folder: Path, text: str | None = FILE) -> int:
    """The command on a file in *folder*, over a state folder where nothing runs."""
    file = folder / "tiem.yaml"
    if text is not None:
        file.write_text(text)
    (folder / "bien.jpg").write_bytes(b"anh")
    return run(argparse.Namespace(file=file, state=folder / "state", json=False))


def test_its_arguments_are_a_file_and_json() -> None:
    parser = argparse.ArgumentParser()
    configure(parser)

    given = parser.parse_args(["tiem.yaml", "--json"])

    assert (given.file, given.json) == (Path("tiem.yaml"), True)
    assert GO_ONLINE.name == "go-online"


def test_without_a_platform_it_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(Absent) as refusal:
        called(tmp_path)

    assert refusal.value.reason == "PLATFORM_NOT_RUNNING"


def test_a_file_that_is_not_there_or_no_text_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Malformed) as absent:
        called(tmp_path, None)
    (tmp_path / "tiem.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Malformed) as binary:
        called(tmp_path, None)

    assert absent.value.reason == binary.value.reason == "FILE_UNREADABLE"


def test_a_photo_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed) as refusal:
        read_photos([("khong-co.jpg", {})], tmp_path)

    assert (refusal.value.reason, refusal.value.facts["file"]) == (
        "FILE_UNREADABLE",
        "khong-co.jpg",
    )


def test_the_request_carries_the_file_with_photos_by_their_digest(tmp_path: Path) -> None:
    (tmp_path / "bien.jpg").write_bytes(b"anh")
    business = a_business()
    photos = read_photos(business_file.photos(business.website), tmp_path)

    request = go_online_request(business, photos)

    assert (request.domain, request.years, request.payer) == ("bánhmì.vn", 2, "sandbox-account")
    assert request.registrant.kind == domains_pb2.Registrant.KIND_HOUSEHOLD
    assert request.registrant.birth_on == "2005-05-17"
    assert request.draft.content["hero"] == photos["bien.jpg"].media
    assert photos["bien.jpg"].alt == {"vi": "Biển"}
    (tmp_path / "bien.jpg").write_bytes(b"anh khac")
    others = read_photos(business_file.photos(business.website), tmp_path)
    assert go_online_request(business, others).request_id != request.request_id


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("name: Lan", "nmae: Lan", "registrant"),
        ("name: Lan", "name: 12", "registrant"),
        ("KIND_HOUSEHOLD", "KIND_TIEM", "registrant"),
        ("pack: packs/vn.quan", "pakc: x", "draft"),
    ],
)
def test_what_the_contract_does_not_know_is_said_at_its_part(
    old: str, new: str, field: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        go_online_request(a_business(FILE.replace(old, new).replace("$photo", "photo")), {})

    assert (refusal.value.reason, refusal.value.field) == ("FIELD_INVALID", field)


def test_a_declaration_is_kept_whole_and_replaces_the_last(tmp_path: Path) -> None:
    path = tmp_path / "papers" / "banhmi.vn.pdf"

    for pdf in (b"%PDF-1", b"%PDF-2"):
        assert kept(pdf, path) == path

    assert path.read_bytes() == b"%PDF-2"
    assert list(path.parent.iterdir()) == [path]


def a_journey() -> journeys_pb2.Journey:
    journey = journeys_pb2.Journey(domain="bánhmì.vn", state=journeys_pb2.Journey.STATE_ONLINE)
    journey.registration.domain = "xn--bnhm-3na6742b.vn"
    journey.registration.state = domains_pb2.Registration.STATE_ACTIVE
    journey.registration.expire_time.CopyFrom(Timestamp(seconds=1_795_410_000))
    journey.deployment.uri = "https://bánhmì.vn/"
    journey.declaration.level = esign_pb2.LEVEL_B_LT
    journey.declaration.report.indication = esign_pb2.INDICATION_TOTAL_PASSED
    return journey


def test_the_promised_json_says_where_everything_is(tmp_path: Path) -> None:
    summary = summary_of(a_journey(), "operations/1", tmp_path / "a.pdf", 12.3456)

    assert summary == {
        "domain": "xn--bnhm-3na6742b.vn",
        "website": "https://bánhmì.vn/",
        "registration": {"state": "ACTIVE", "expires_at": "2026-11-23T05:00:00Z"},
        "declaration": {
            "path": str(tmp_path / "a.pdf"),
            "indication": "TOTAL_PASSED",
            "level": "B-LT",
        },
        "operation": "operations/1",
        "seconds": 12.35,
    }
    assert "https://bánhmì.vn/" in said(summary)
    assert "TOTAL_PASSED, B-LT" in said(summary)
    assert "sau 12,3 giây" in said(summary)
    assert "Hết hạn     23/11/2026" in said(summary)


def metadata(*steps: tuple[str, str]) -> operations_pb2.OperationMetadata:
    state = operations_pb2.Step.State.Value
    return operations_pb2.OperationMetadata(
        steps=[operations_pb2.Step(name=name, state=state(f"STATE_{word}")) for name, word in steps]
    )


def test_progress_says_each_change_once_in_plain_words() -> None:
    stream = io.StringIO()
    progress = Progress("bánhmì.vn", stream)

    progress.show(metadata(("quote", "SETTLED"), ("register", "WAITING")))
    progress.show(metadata(("quote", "SETTLED"), ("register", "UNSETTLED")))
    progress.show(metadata(("quote", "SETTLED"), ("register", "SETTLED"), ("la", "SETTLED")))

    assert stream.getvalue().splitlines() == [
        "bánhmì.vn: bắt đầu",
        "  Tính giá: xong",
        "  Đăng ký tên miền: đang hỏi lại kết quả",
        "  Đăng ký tên miền: xong",
        "  la: xong",
    ]


def test_every_step_of_a_journey_has_plain_words() -> None:
    from haidang.portal.journeys import STEPS

    assert {*STEPS, "release"} == set(Progress.WORDS)
