"""Answers read into values; what we do not model is kept, what is broken is refused."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from haidang.core.errors import HaidangError, Malformed
from haidang.domains.epp.objects import CheckData, ContactInfo, DomainInfo, Kept, PendingAction
from haidang.domains.epp.responses import Greeting, Response, parse_response
from hypothesis import given
from hypothesis import strategies as some

from tests.judges import corpora

IDS = "<trID><clTRID>ABC-12345</clTRID><svTRID>54321-XYZ</svTRID></trID>"
OK = '<result code="1000"><msg>Command completed successfully</msg></result>'


def a_response(inner: str) -> bytes:
    text = f'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response>{inner}</response></epp>'
    return text.encode()


def read(inner: str) -> Response:
    response = parse_response(a_response(inner))
    assert isinstance(response, Response)
    return response


def a_domain_info(inner: str = "") -> str:
    return (
        f'{OK}<resData><d:infData xmlns:d="urn:ietf:params:xml:ns:domain-1.0">'
        "<d:name>BienXanh.vn</d:name><d:roid>D1-HDSANDBX</d:roid>"
        f"{inner}<d:clID>haidang-sbx</d:clID></d:infData></resData>{IDS}"
    )


def test_a_domains_info_is_read_whatever_the_prefix() -> None:
    response = read(
        a_domain_info(
            '<d:status s="ok"/><d:registrant>HD0000000001</d:registrant>'
            "<d:ns><d:hostAttr><d:hostName>NS1.example.vn</d:hostName></d:hostAttr></d:ns>"
        ).replace("</d:clID>", "</d:clID><d:exDate>2027-11-24T00:00:00.0Z</d:exDate>")
    )

    (info,) = response.data
    assert info == DomainInfo(
        name="bienxanh.vn",
        roid="D1-HDSANDBX",
        statuses=frozenset({"ok"}),
        registrant="HD0000000001",
        nameservers=("ns1.example.vn",),
        sponsor="haidang-sbx",
        created_at=None,
        expires_at=datetime(2027, 11, 24, tzinfo=UTC),
    )
    assert (response.code, response.cl_trid, response.sv_trid) == (1000, "ABC-12345", "54321-XYZ")


def test_unknown_data_and_extensions_are_kept() -> None:
    response = read(
        f'{OK}<resData><x:infData xmlns:x="urn:vn:unknown-9.9"><x:a>1</x:a></x:infData></resData>'
        f'<extension><y:thing xmlns:y="urn:vn:other">2</y:thing></extension>{IDS}'
    )

    (data,), (extension,) = response.data, response.extensions
    assert isinstance(data, Kept)
    assert data.tag == "{urn:vn:unknown-9.9}infData"
    assert b"<x:a>1</x:a>" in data.xml
    assert extension.tag == "{urn:vn:other}thing"


def test_an_unhandled_namespace_arrives_inside_a_success() -> None:
    response = read(
        '<result code="1301"><msg>ok</msg><extValue><value>'
        '<c:changeData xmlns:c="urn:ietf:params:xml:ns:changePoll-1.0"/></value>'
        "<reason>urn:ietf:params:xml:ns:changePoll-1.0 not in login services</reason></extValue>"
        f'</result><msgQ count="5" id="12345"><qDate>2026-11-24T00:00:00Z</qDate></msgQ>{IDS}'
    )

    assert response.is_success
    assert response.results[0].reasons[0].endswith("not in login services")
    assert response.queue is not None
    assert (response.queue.count, response.queue.message_id) == (5, "12345")


def test_a_refusal_names_what_was_refused() -> None:
    response = read(
        '<result code="2004"><msg>Parameter value range error</msg><value><p>11</p></value>'
        f"</result>{IDS}"
    )

    assert not response.is_success
    assert not response.closes
    assert b"<p" in response.results[0].values[0].xml


@pytest.mark.parametrize("code", [2500, 2501, 2502])
def test_the_last_codes_close_the_connection(code: int) -> None:
    assert read(f'<result code="{code}"><msg>bye</msg></result>{IDS}').closes


def test_a_pending_action_tells_how_it_ended() -> None:
    response = read(
        f'{OK}<resData><d:panData xmlns:d="urn:ietf:params:xml:ns:domain-1.0">'
        '<d:name paResult="0">bienxanh.vn</d:name><d:paTRID><clTRID>HD-1</clTRID>'
        "<svTRID>S-1</svTRID></d:paTRID><d:paDate>2026-11-24T00:00:00Z</d:paDate>"
        f"</d:panData></resData>{IDS}"
    )

    (pending,) = response.data
    assert isinstance(pending, PendingAction)
    assert (pending.name, pending.succeeded, pending.cl_trid) == ("bienxanh.vn", False, "HD-1")


@pytest.mark.parametrize(
    "wire",
    [
        b"<epp/>",
        b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"/>',
        b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><hello/></epp>',
        a_response(OK),
        a_response(IDS),
        a_response(OK.replace("1000", "one") + IDS),
        a_response(OK + "<trID><clTRID>ABC</clTRID></trID>"),
        a_response(a_domain_info().replace("D1-HDSANDBX", "no roid")),
        a_response(a_domain_info("<d:status/>").replace("<d:name>BienXanh.vn</d:name>", "")),
        a_response(a_domain_info("<d:exDate>tomorrow</d:exDate>")),
    ],
)
def test_what_breaks_the_protocol_is_malformed(wire: bytes) -> None:
    with pytest.raises(Malformed):
        parse_response(wire)


@given(some.binary(max_size=400))
def test_no_bytes_raise_anything_but_the_vocabulary(wire: bytes) -> None:
    with contextlib.suppress(HaidangError):
        parse_response(wire)


@given(some.text(alphabet="<>/abcdomain:epp\"' =\x00é&;", max_size=200))
def test_no_response_body_raises_anything_but_the_vocabulary(inner: str) -> None:
    with contextlib.suppress(HaidangError):
        parse_response(a_response(inner))


def test_every_answer_of_the_corpus_is_read() -> None:
    files = sorted((corpora() / "epp" / "frames" / "responses").rglob("*.xml"))

    kinds = set()
    for file in files:
        response = parse_response(file.read_bytes())
        assert isinstance(response, Response), file.name
        kinds |= {type(datum).__name__ for datum in response.data}

    assert files
    assert {"CheckData", "DomainCreated", "DomainTransfer", "PendingAction", "Kept"} <= kinds


def test_checks_and_contacts_are_read() -> None:
    space = "urn:ietf:params:xml:ns:contact-1.0"
    checked = read(
        f'{OK}<resData><c:chkData xmlns:c="{space}"><c:cd><c:id avail="false">HD1</c:id>'
        f"<c:reason>In use</c:reason></c:cd></c:chkData></resData>{IDS}"
    ).data[0]
    shown = read(
        f'{OK}<resData><c:infData xmlns:c="{space}"><c:id>HD1</c:id><c:roid>C1-VN</c:roid>'
        '<c:status s="ok"/><c:postalInfo type="loc"><c:name>Lan</c:name></c:postalInfo>'
        "<c:email>a@b.vn</c:email><c:clID>abc</c:clID><c:crDate>2026-11-24T00:00:00Z</c:crDate>"
        f"</c:infData></resData>{IDS}"
    ).data[0]

    assert isinstance(checked, CheckData)
    assert (checked.items[0].is_available, checked.items[0].reason) == (False, "In use")
    assert isinstance(shown, ContactInfo)
    assert shown.names == ("Lan",)


def test_a_greeting_tells_what_is_offered() -> None:
    greeting = parse_response(
        b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><greeting><svID>VN</svID>'
        b"<svDate>2026-11-24T00:00:00Z</svDate><svcMenu><version>1.0</version><lang>en</lang>"
        b"<lang>vi</lang><objURI>urn:a</objURI><svcExtension><extURI>urn:x</extURI>"
        b"</svcExtension></svcMenu><dcp/></greeting></epp>"
    )

    assert isinstance(greeting, Greeting)
    assert (greeting.languages, greeting.objects) == (("en", "vi"), ("urn:a",))
    assert greeting.extensions == ("urn:x",)
