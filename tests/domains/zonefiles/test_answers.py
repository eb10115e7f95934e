"""What an authoritative server answers, message by message."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.update
import dns.zone
import pytest
from haidang.domains.providers.zonefiles.answers import answer_to
from hypothesis import given
from hypothesis import strategies as st

LONG = " ".join(['"' + "a" * 250 + '"'] * 8)
ZONE_TEXT = f"""
@ 3600 IN SOA ns1.example.vn. hostmaster.example.vn. 7 7200 900 1209600 300
@ 300 IN NS ns1.example.vn.
@ 300 IN A 127.0.0.1
www 300 IN CNAME @
away 300 IN CNAME www.example.com.
lost 300 IN CNAME nowhere
ring 300 IN CNAME gnir
gnir 300 IN CNAME ring
deep 300 IN CNAME x.sub
*.shop 300 IN A 127.0.0.7
a.b.hidden 300 IN A 127.0.0.8
sub 300 IN NS ns.sub
sub 300 IN NS ns.example.com.
ns.sub 300 IN A 127.0.0.9
ns.sub 300 IN AAAA ::9
long 300 IN TXT {LONG}
"""
ZONE = dns.zone.from_text(ZONE_TEXT, origin="banhmi.vn.", relativize=False)


def find(name: dns.name.Name) -> dns.zone.Zone | None:
    return ZONE if name.is_subdomain(dns.name.from_text("banhmi.vn.")) else None


def ask(
    name: str, kind: str = "A", *, is_udp: bool = True, **options: object
) -> dns.message.Message:
    query = dns.message.make_query(name, kind, **options)  # type: ignore[arg-type]
    wire = answer_to(query.to_wire(), find, is_udp=is_udp)
    assert wire is not None
    answer = dns.message.from_wire(wire)
    assert query.is_response(answer)
    return answer


def answered(message: dns.message.Message) -> list[str]:
    return [f"{rrset.name} {data}" for rrset in message.answer for data in rrset]


def has_soa(message: dns.message.Message) -> bool:
    return [rrset.rdtype for rrset in message.authority] == [dns.rdatatype.SOA]


def test_a_record_is_answered_with_authority_in_the_case_it_was_asked() -> None:
    message = ask("BanhMi.vn.")

    assert answered(message) == ["BanhMi.vn. 127.0.0.1"]
    assert message.flags & dns.flags.AA
    assert not message.flags & dns.flags.RA


@pytest.mark.parametrize(
    ("name", "answers", "rcode", "soa"),
    [
        ("www.banhmi.vn.", ["www.banhmi.vn. banhmi.vn.", "banhmi.vn. 127.0.0.1"], "NOERROR", False),
        ("away.banhmi.vn.", ["away.banhmi.vn. www.example.com."], "NOERROR", False),
        ("lost.banhmi.vn.", ["lost.banhmi.vn. nowhere.banhmi.vn."], "NXDOMAIN", True),
        ("deep.banhmi.vn.", ["deep.banhmi.vn. x.sub.banhmi.vn."], "NOERROR", False),
        ("x.shop.banhmi.vn.", ["x.shop.banhmi.vn. 127.0.0.7"], "NOERROR", False),
        ("x.y.shop.banhmi.vn.", ["x.y.shop.banhmi.vn. 127.0.0.7"], "NOERROR", False),
        ("shop.banhmi.vn.", [], "NOERROR", True),
        ("hidden.banhmi.vn.", [], "NOERROR", True),
        ("b.hidden.banhmi.vn.", [], "NOERROR", True),
        ("x.hidden.banhmi.vn.", [], "NXDOMAIN", True),
        ("nope.banhmi.vn.", [], "NXDOMAIN", True),
    ],
)
def test_a_name_is_answered_or_denied(name: str, answers: list[str], rcode: str, soa: bool) -> None:
    message = ask(name)

    assert answered(message) == answers
    assert dns.rcode.to_text(message.rcode()) == rcode
    assert has_soa(message) is soa


def test_a_denial_is_kept_as_long_as_the_soa_says() -> None:
    assert ask("nope.banhmi.vn.").authority[0].ttl == 300


def test_a_ring_of_aliases_ends() -> None:
    assert len(ask("ring.banhmi.vn.").answer) <= 8


def test_a_query_for_anything_gets_everything_at_the_name() -> None:
    assert {rrset.rdtype for rrset in ask("banhmi.vn.", "ANY").answer} == {
        dns.rdatatype.SOA,
        dns.rdatatype.NS,
        dns.rdatatype.A,
    }


@pytest.mark.parametrize("name", ["sub.banhmi.vn.", "x.sub.banhmi.vn.", "ns.sub.banhmi.vn."])
def test_below_a_delegation_others_answer_and_their_addresses_are_given(name: str) -> None:
    message = ask(name)

    assert message.answer == []
    assert not message.flags & dns.flags.AA
    assert [rrset.rdtype for rrset in message.authority] == [dns.rdatatype.NS]
    assert {rrset.rdtype for rrset in message.additional} == {dns.rdatatype.A, dns.rdatatype.AAAA}


@pytest.mark.parametrize("kind", ["AXFR", "IXFR"])
def test_zones_are_not_transferred(kind: str) -> None:
    query = dns.message.make_query("banhmi.vn.", kind)
    wire = answer_to(query.to_wire(), find, is_udp=False)

    assert wire is not None
    assert dns.message.from_wire(wire).rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize(("name", "options"), [("x.com.", {}), ("banhmi.vn.", {"rdclass": "CH"})])
def test_what_is_not_ours_is_refused(name: str, options: dict[str, object]) -> None:
    message = ask(name, **options)

    assert message.rcode() == dns.rcode.REFUSED
    assert not message.flags & dns.flags.AA


def test_an_update_is_not_implemented() -> None:
    wire = answer_to(dns.update.UpdateMessage("banhmi.vn").to_wire(), find, is_udp=False)

    assert wire is not None
    assert dns.message.from_wire(wire).rcode() == dns.rcode.NOTIMP


def test_an_unknown_version_of_edns_is_named_so() -> None:
    message = ask("banhmi.vn.", use_edns=1)

    assert message.rcode() == dns.rcode.BADVERS
    assert message.answer == []


@pytest.mark.parametrize(
    ("options", "most"),
    [({}, 512), ({"use_edns": 0, "payload": 4096}, 1232), ({"use_edns": 0, "payload": 600}, 600)],
)
def test_an_answer_too_long_for_a_datagram_is_cut(options: dict[str, object], most: int) -> None:
    query = dns.message.make_query("long.banhmi.vn.", "TXT", **options)  # type: ignore[arg-type]
    wire = answer_to(query.to_wire(), find, is_udp=True)

    assert wire is not None
    assert len(wire) <= most
    assert dns.message.from_wire(wire).flags & dns.flags.TC
    assert len(ask("long.banhmi.vn.", "TXT", is_udp=False).answer) == 1


def test_a_zone_that_cannot_be_read_is_a_failure_of_ours() -> None:
    def broken(name: dns.name.Name) -> dns.zone.Zone | None:
        raise dns.zone.NoSOA

    wire = answer_to(dns.message.make_query("banhmi.vn.", "A").to_wire(), broken, is_udp=True)

    assert wire is not None
    assert dns.message.from_wire(wire).rcode() == dns.rcode.SERVFAIL


def test_a_query_with_two_questions_is_a_format_error() -> None:
    query = dns.message.make_query("banhmi.vn.", "A")
    query.question.append(dns.message.make_query("www.banhmi.vn.", "A").question[0])
    wire = answer_to(query.to_wire(), find, is_udp=True)

    assert wire is not None
    assert dns.message.from_wire(wire).rcode() == dns.rcode.FORMERR


def test_a_response_is_never_answered() -> None:
    query = dns.message.make_query("banhmi.vn.", "A")
    query.flags |= dns.flags.QR

    assert answer_to(query.to_wire(), find, is_udp=True) is None


QUERY = dns.message.make_query("www.banhmi.vn.", "A", use_edns=0).to_wire()


@given(
    st.one_of(
        st.binary(max_size=80),
        st.builds(
            lambda at, octets: QUERY[:at] + octets + QUERY[at + len(octets) :],
            st.integers(2, len(QUERY)),
            st.binary(min_size=1, max_size=6),
        ),
        st.integers(0, len(QUERY)).map(lambda length: QUERY[:length]),
    ),
    st.booleans(),
)
def test_whatever_arrives_the_answer_is_a_message_or_none(wire: bytes, is_udp: bool) -> None:
    answer = answer_to(wire, find, is_udp=is_udp)

    if answer is not None:
        assert answer[:2] == wire[:2]
        assert answer[2] & 0x80
        assert len(answer) <= (1232 if is_udp else 65_535)
