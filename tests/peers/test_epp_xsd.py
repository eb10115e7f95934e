"""The XSDs of the RFCs judge every EPP frame, ours and the sandbox registry's.

The schemas lie outside the tree; without them these tests skip by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from haidang.domains.epp.commands import hello_xml, to_xml
from haidang.domains.epp.frames import read_xml
from haidang.domains.sandbox_registry.faults import When
from haidang.domains.sandbox_registry.requests import read_request
from haidang.domains.sandbox_registry.rules import Refusal
from lxml import etree

from tests.domains.epp.commands_of_ours import CL_TRID, OUR_COMMANDS
from tests.domains.sandbox_house import (
    RawClient,
    SandboxHouse,
    a_command,
    a_contact,
    a_creation,
    a_login,
    an_object,
    registered,
)
from tests.judges import corpora

XS = "http://www.w3.org/2001/XMLSchema"


@cache
def compiled(folder: Path) -> etree.XMLSchema:
    """One schema that imports all of them, in the order the manifest gives."""
    order = json.loads((folder / "manifest.json").read_text())["xsd_import_order"]
    root = etree.Element(f"{{{XS}}}schema", nsmap={"xs": XS})
    for name in order:
        location = folder / "epp" / "xsd" / name
        namespace = etree.parse(location).getroot().get("targetNamespace")
        etree.SubElement(
            root, f"{{{XS}}}import", namespace=namespace, schemaLocation=location.as_uri()
        )
    return etree.XMLSchema(root)


@pytest.fixture
def judged() -> Callable[[bytes], bytes]:
    schema = compiled(corpora())

    def judge_frame(wire: bytes) -> bytes:
        document = etree.fromstring(wire)
        assert schema.validate(document), f"{schema.error_log}\n{wire.decode()}"
        return wire

    return judge_frame


def test_the_judge_can_refuse(judged: Callable[[bytes], bytes]) -> None:
    short_id = to_xml(OUR_COMMANDS["info_domain"], CL_TRID).replace(CL_TRID.encode(), b"ab")

    with pytest.raises(AssertionError):
        judged(short_id)


@pytest.mark.parametrize("name", sorted(OUR_COMMANDS))
def test_our_command_is_valid(name: str, judged: Callable[[bytes], bytes]) -> None:
    judged(to_xml(OUR_COMMANDS[name], CL_TRID))


def test_our_hello_is_valid(judged: Callable[[bytes], bytes]) -> None:
    judged(hello_xml())


def test_every_request_of_the_corpus_is_read_by_the_sandbox() -> None:
    files = sorted((corpora() / "epp" / "frames" / "requests").rglob("*.xml"))

    refused = {}
    for file in files:
        try:
            read_request(read_xml(file.read_bytes()))
        except Refusal as refusal:
            refused[file.name] = str(refusal)

    assert files
    assert refused == {}


async def test_every_answer_to_the_corpus_is_valid(
    tmp_path: Path, judged: Callable[[bytes], bytes]
) -> None:
    files = sorted((corpora() / "epp" / "frames" / "requests").rglob("*.xml"))
    async with SandboxHouse(tmp_path, login_attempts=99) as house:
        async with RawClient(house) as stranger:
            for file in files:
                judged(await stranger.ask(file.read_bytes()))
        async with RawClient(house) as client:
            judged(client.greeting)
            judged(await client.log_in())
            for file in files:
                answer = judged(await client.ask(file.read_bytes()))
                assert b'code="2400"' not in answer


CONTACT = (
    '<contact:id>LAN-01</contact:id><contact:postalInfo type="int"><contact:name>Lan</contact:name>'
    "<contact:org>Homestay</contact:org><contact:addr><contact:street>12 Tran Phu</contact:street>"
    "<contact:city>Vung Tau</contact:city><contact:sp>HCM</contact:sp>"
    "<contact:pc>78000</contact:pc><contact:cc>VN</contact:cc></contact:addr></contact:postalInfo>"
    "<contact:voice>+84.901234567</contact:voice><contact:fax>+84.901234568</contact:fax>"
    "<contact:email>lan@example.vn</contact:email>"
    "<contact:authInfo><contact:pw>hush-hush</contact:pw></contact:authInfo>"
)
NAME = "<domain:name>bienxanh.vn</domain:name>"
HOST = "<host:name>ns1.bienxanh.vn</host:name>"
GLUE = '<host:addr>192.0.2.1</host:addr><host:addr ip="v6">2001:db8::1</host:addr>'
SECRET = "<domain:authInfo><domain:pw>hush-hush</domain:pw></domain:authInfo>"
PARTY = (
    "<domain:registrant>LAN-01</domain:registrant>"
    '<domain:contact type="tech">LAN-01</domain:contact>'
)

CONVERSATION = [
    '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><hello/></epp>',
    an_object("create", "contact", CONTACT),
    an_object("create", "contact", CONTACT),
    an_object("check", "contact", "<contact:id>LAN-01</contact:id><contact:id>LAN-02</contact:id>"),
    an_object(
        "create", "domain", f'{NAME}<domain:period unit="y">2</domain:period>{PARTY}{SECRET}'
    ),
    an_object("info", "domain", NAME),
    an_object("create", "host", HOST + GLUE),
    an_object("check", "host", HOST + "<host:name>-bad-</host:name>"),
    an_object("info", "host", HOST),
    an_object(
        "update",
        "domain",
        f"{NAME}<domain:add><domain:ns><domain:hostObj>ns1.bienxanh.vn</domain:hostObj></domain:ns>"
        '<domain:status s="clientHold">unpaid</domain:status></domain:add>',
    ),
    an_object("info", "domain", '<domain:name hosts="all">bienxanh.vn</domain:name>' + SECRET),
    an_object("info", "contact", "<contact:id>LAN-01</contact:id>"),
    an_object("info", "host", HOST),
    an_object(
        "check", "domain", NAME + "<domain:name>vn</domain:name><domain:name>a.vn</domain:name>"
    ),
    an_object("delete", "contact", "<contact:id>LAN-01</contact:id>"),
    an_object("delete", "host", HOST),
    an_object("transfer", "domain", NAME, ' op="query"'),
    an_object("renew", "domain", f"{NAME}<domain:curExpDate>2020-01-01</domain:curExpDate>"),
    an_object("renew", "domain", f"{NAME}<domain:curExpDate>soon</domain:curExpDate>"),
    an_object("info", "domain", "<domain:name>khongco.vn</domain:name>"),
    a_command('<poll op="req"/>'),
    a_command('<poll op="ack" msgID="1"/>'),
    a_command('<poll op="req"/>', cl_trid=""),
    a_command("<logout/>"),
]


async def test_every_answer_of_a_long_conversation_is_valid(
    tmp_path: Path, judged: Callable[[bytes], bytes]
) -> None:
    codes = []
    async with SandboxHouse(tmp_path) as house, RawClient(house) as client:
        judged(await client.log_in())
        house.store.queue("haidang-sbx", "bienxanh.vn expired <&>", datetime.now(UTC))
        for frame in CONVERSATION:
            if "soon" not in frame:
                judged(frame.encode())
            answer = judged(await client.ask(frame))
            codes += [part[:4].decode() for part in answer.split(b'<result code="')[1:]]

    refusals = ["2302", "2305", "2305", "2301", "2306", "2005", "2303"]
    assert [code for code in codes if code >= "2000"] == refusals
    assert codes[-4:] == ["1301", "1000", "1300", "1500"]


async def test_refusals_to_strangers_are_valid(
    tmp_path: Path, judged: Callable[[bytes], bytes]
) -> None:
    async with SandboxHouse(tmp_path) as house:
        async with RawClient(house) as client:
            for wire in ("<epp/>", "not xml", a_command("<dance/>"), a_login("ab", "short")):
                judged(await client.ask(wire))
        async with RawClient(house) as client:
            known = house.credentials()["client_id"]
            for _ in range(3):
                judged(await client.ask(a_login(known, "wrong-word")))
            assert await client.receive() == b""


async def test_our_provider_speaks_only_valid_frames(
    tmp_path: Path, judged: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything the provider really sends, with its real transaction ids."""
    sent: list[bytes] = []

    def recorded(command: object, cl_trid: str) -> bytes:
        sent.append(to_xml(command, cl_trid))  # type: ignore[arg-type]
        return sent[-1]

    monkeypatch.setattr("haidang.domains.epp.session.to_xml", recorded)
    async with SandboxHouse(tmp_path) as house:
        client = house.client()
        await registered(client)
        await client.check(["bienxanh.vn"])
        await client.find_contact(a_contact(), "o/1/contact")
        await client.find_creation(a_creation(), "o/1/create")
        house.order({"verb": "domain.info", "when": When.CODE_2400})
        await client.poll()

    for wire in sent:
        judged(wire)
    assert len(sent) > 8
