"""Commands against golden frames: what we put on the wire, element by element."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from haidang.core.errors import Malformed
from haidang.domains.epp.commands import (
    Command,
    CreateContact,
    CreateDomain,
    Login,
    UpdateDomain,
    hello_xml,
    to_xml,
)
from haidang.domains.epp.profile import HostModel
from lxml import etree

from tests.domains.epp.commands_of_ours import CL_TRID, OUR_COMMANDS, POSTAL

GOLDEN = Path(__file__).parents[2] / "golden" / "epp"


def canonical(wire: bytes) -> bytes:
    parser = etree.XMLParser(remove_blank_text=True)
    return etree.tostring(etree.fromstring(wire, parser), method="c14n")


@pytest.mark.parametrize("name", sorted(OUR_COMMANDS))
def test_each_command_is_its_golden_frame(name: str) -> None:
    written = to_xml(OUR_COMMANDS[name], CL_TRID)

    assert canonical(written) == canonical((GOLDEN / f"{name}.xml").read_bytes())


def test_the_hello_is_its_golden_frame() -> None:
    assert canonical(hello_xml()) == canonical((GOLDEN / "hello.xml").read_bytes())


def test_every_golden_frame_has_its_command() -> None:
    assert {file.stem for file in GOLDEN.glob("*.xml")} == {*OUR_COMMANDS, "hello"}


@pytest.mark.parametrize("name", sorted(OUR_COMMANDS))
def test_only_what_may_change_the_registry_transforms(name: str) -> None:
    is_act = name.startswith(("create", "renew", "update", "poll_ack"))

    assert OUR_COMMANDS[name].transforms == is_act


def test_a_logins_repr_hides_its_passwords() -> None:
    login = Login("haidang-sbx", "mat-khau-cu", ("urn:x",), new_password="mat-khau-moi")

    assert "mat-khau" not in repr(login)


def test_host_objects_are_sent_where_the_profile_says_so() -> None:
    command = CreateDomain(
        "bienxanh.vn", 1, "HD0000000001", ("ns1.example.vn",), host_model=HostModel.OBJECTS
    )

    assert b"<domain:hostObj>ns1.example.vn</domain:hostObj>" in to_xml(command, CL_TRID)


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (CreateDomain("bienxanh.vn", 100, "HD0000000001"), "period"),
        (CreateDomain("bienxanh.vn", 1, "HD"), "registrant"),
        (CreateDomain("b" * 256, 1, "HD0000000001"), "name"),
        (CreateDomain("bienxanh.vn", 1, "HD0000000001", ("bad name ",)), "nameservers"),
        (CreateContact("HD0000000001", POSTAL, "lan@example.vn", "0901234567"), "phone"),
        (CreateContact("HD0000000001", POSTAL, ""), "email"),
        (UpdateDomain("bienxanh.vn", add_statuses=("frozen",)), "status"),
        (Login("haidang-sbx", "ngan", ("urn:x",)), "pw"),
    ],
)
def test_what_a_schema_refuses_never_leaves(command: Command, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        to_xml(command, CL_TRID)

    assert refusal.value.field == field


def test_text_of_the_owner_cannot_break_out_of_its_element() -> None:
    hostile = UpdateDomain("bienxanh.vn", registrant="</x><hello/>")

    assert b"<hello/>" not in to_xml(hostile, CL_TRID)


def test_the_expiry_sent_is_the_stored_one() -> None:
    from haidang.domains.epp.commands import RenewDomain

    stored = datetime(2027, 11, 24, 23, 59, 59, tzinfo=UTC)

    wire = to_xml(RenewDomain("bienxanh.vn", stored, 1), CL_TRID)

    assert b"<domain:curExpDate>2027-11-24</domain:curExpDate>" in wire
