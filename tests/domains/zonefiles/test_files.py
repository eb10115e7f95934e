"""Zone files: text of a zone and back, and names that lead out of the folder."""

from __future__ import annotations

import pytest
from haidang.core.ports.dnshost import HostedZone, RecordSet
from haidang.domains.providers.zonefiles.files import file_name, hosted_zone, zone_text

ZONE = HostedZone(
    "xn--tin-hkz.vn",
    4_294_967_295,
    (
        RecordSet("*.shop", "A", 60, ("127.0.0.1", "127.0.0.2")),
        RecordSet("@", "CAA", 300, ('0 issue "letsencrypt.org"',)),
        RecordSet("@", "NS", 86_400, ("ns1.example.vn.", "ns2.example.vn.")),
        RecordSet("@", "TXT", 300, ('"\\225\\187\\159 \\"Lan\\""', '"a" "b;c"')),
        RecordSet("_sip._tcp", "SRV", 300, ("0 5 5060 sip.xn--tin-hkz.vn.",)),
        RecordSet("www", "CNAME", 300, ("xn--tin-hkz.vn.",)),
    ),
)


def test_a_zone_reads_back_as_it_was_written() -> None:
    assert hosted_zone(ZONE.name, zone_text(ZONE, "ns1.example.vn")) == ZONE


def test_the_soa_names_the_primary_and_the_serial() -> None:
    text = zone_text(ZONE, "ns1.example.vn")

    assert "SOA ns1.example.vn. hostmaster.ns1.example.vn. 4294967295 " in text


@pytest.mark.parametrize("name", ["../tho", "a/b.vn", "Banhmi.vn", "phở.vn", "a..vn", "", "a\n.vn"])
def test_what_is_no_a_label_name_has_no_file(name: str) -> None:
    with pytest.raises(ValueError):
        file_name(name)


def test_a_name_has_its_file() -> None:
    assert file_name("xn--tin-hkz.vn") == "xn--tin-hkz.vn.zone"
