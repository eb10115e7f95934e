"""Inspection reads strictly: what it cannot read as written, it refuses to guess."""

from __future__ import annotations

import random
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from haidang.esign.finding_kinds import Indication
from haidang.esign.inspection import filters
from haidang.esign.inspection.certificates import Anchor, build_path, read_certificate
from haidang.esign.inspection.revisions import Revision, Source, read_section
from haidang.esign.inspection.revocation import Evidence, statements
from haidang.esign.inspection.signatures import BYTE_RANGE_KEY, read_date
from haidang.esign.inspection.syntax import (
    MAX_NESTING,
    Dictionary,
    Name,
    PdfSyntaxError,
    Ref,
    Stream,
    Text,
    read_indirect,
    read_value,
)
from haidang.esign.inspection.values import references, same

from tests.esign.judging import AnsweringAuthority, inspected, judged
from tests.esign.pki import (
    NOW,
    Identity,
    TestPki,
    a_crl,
    a_packed_pdf,
    a_pdf,
    an_identity,
    an_ocsp_answer,
    signed,
    the_pki,
)

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b"12", 12),
        (b"-7", -7),
        (b".5", 0.5),
        (b"true", True),
        (b"null", None),
        (b"/Name#20x", Name("Name x")),
        (b"(a(b)\\)\\101\\n)", Text(b"a(b))A\n")),
        (b"<48 65 6>", Text(b"He`")),
        (b"[1 2 0 R(x)]", [1, Ref(2, 0), Text(b"x")]),
        (b"<</A<</B 1>>%c\n/C[]>>", {"A": {"B": 1}, "C": []}),
    ],
)
def test_a_value_is_read_as_the_grammar_says(written: bytes, value: object) -> None:
    assert (value, len(written)) == read_value(written, 0)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"(",
        b"<4G>",
        b"<<",
        b"<</A>>",
        b"<</A 1",
        b"[1",
        b"nul",
        b"<</A 1/B",
        b"}",
        b"--1",
        b"1.2.3",
    ],
)
def test_what_the_grammar_does_not_know_is_refused(written: bytes) -> None:
    with pytest.raises(PdfSyntaxError):
        read_value(written, 0)


def test_nesting_is_bounded() -> None:
    deep = MAX_NESTING + 2

    with pytest.raises(PdfSyntaxError):
        read_value(b"[" * deep + b"]" * deep, 0)


def test_a_dictionary_remembers_where_its_values_stood_and_what_was_repeated() -> None:
    written = b"<< /A <00> /B 1 /A <01> >>"
    read, _ = read_value(written, 0)

    assert isinstance(read, Dictionary)
    start, end = read.spans["A"]
    assert written[start:end] == b"<01>"
    assert {"A"} == read.repeated


@pytest.mark.parametrize(
    "body",
    [
        b"<< /Length 3 >>\nstream\nabcd\nendstream",
        b"<< /Length 99 >>\nstream\nabcd\nendstream",
        b"<< /Length -1 >>\nstream\nabcd\nendstream",
        b"<< >>\nstream\nabcd\nendstream",
        b"<< /Length 4 >>\nstream\rabcd\nendstream",
        b"<< /Length 4 >>",
        b"4 5",
    ],
)
def test_an_object_that_is_not_closed_where_it_says_is_refused(body: bytes) -> None:
    tail = b"" if body == b"<< /Length 4 >>" else b"\nendobj"

    with pytest.raises(PdfSyntaxError):
        read_indirect(b"1 0 obj\n" + body + tail, 0)


def test_equality_never_takes_one_kind_for_another() -> None:
    assert not same(True, 1)
    assert not same(Name("x"), Text(b"x"))
    assert not same([1], [1, 2])
    assert same(read_value(b"<</A[1(x)]>>", 0)[0], read_value(b"<< /A [ 1 <78> ] >>", 0)[0])
    assert {2, 7} == references(read_value(b"<</A[2 0 R <</B 7 0 R>>]>>", 0)[0])


def test_a_stream_that_grows_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MAX_DECODED_BYTES", 1000)
    bomb = Dictionary()
    bomb["Filter"] = Name("FlateDecode")

    assert filters.decoded(Stream(bomb, zlib.compress(b"x" * 1000))) == b"x" * 1000
    with pytest.raises(PdfSyntaxError):
        filters.decoded(Stream(bomb, zlib.compress(b"x" * 1001)))


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4])
def test_every_png_predictor_is_undone(kind: int) -> None:
    rows = [bytes([3, 1, 4]), bytes([1, 5, 9])]
    previous, packed = bytes(3), b""
    for row in rows:
        packed += bytes([kind])
        for at, byte in enumerate(row):
            left, corner = (row[at - 1], previous[at - 1]) if at else (0, 0)
            estimate = left + previous[at] - corner
            near = sorted((left, previous[at], corner), key=lambda one: abs(estimate - one))[0]
            guess = (0, left, previous[at], (left + previous[at]) // 2, near)[kind]
            packed += bytes([(byte - guess) % 256])
        previous = row
    parameters = Dictionary()
    parameters.update({"Predictor": 15, "Columns": 3})
    dictionary = Dictionary()
    dictionary.update({"Filter": Name("FlateDecode"), "DecodeParms": parameters})

    assert b"".join(rows) == filters.decoded(Stream(dictionary, zlib.compress(packed)))


@pytest.mark.parametrize("pdf", [a_pdf(), a_packed_pdf()], ids=["table", "stream"])
def test_a_revision_finds_its_objects(pdf: bytes) -> None:
    revision = Revision(Source(pdf), len(pdf))

    catalog = revision.dictionary(revision.trailer["Root"])
    pages = revision.dictionary(catalog["Pages"])
    page = revision.dictionary(revision.array(pages["Kids"])[0])
    assert Name("Page") == page["Type"]
    assert isinstance(revision.value(page["Contents"]), Stream)
    assert revision.value(Ref(900, 0)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"00000 n \n", b"00000 n\n "),
        (b"xref\n0", b"xref\n1"),
        (b"%%EOF", b"%%EOX"),
        (b"trailer", b"trailor"),
        (b"startxref\n", b"startxref\n9"),
        (b"/Size", b"/Prev 0 /Size"),
        (b"/Size", b"/Prev /X /Size"),
        (b"4 0 obj", b"9 0 obj"),
        (b"4 0 obj", b"4 1 obj"),
    ],
)
def test_a_structure_that_needs_repair_is_a_fact(old: bytes, new: bytes) -> None:
    plain = a_pdf()
    assert old in plain
    damaged = plain.replace(old, new)
    try:
        revision = Revision(Source(damaged), len(damaged))
        with pytest.raises(PdfSyntaxError):
            revision.value(Ref(4, 0))
    except PdfSyntaxError:
        pass
    assert judged(damaged).indication != Indication.TOTAL_PASSED


def test_a_cross_reference_loop_ends() -> None:
    pdf = a_pdf()
    start = pdf.rindex(b"xref\n0")
    looped = pdf.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)

    with pytest.raises(PdfSyntaxError, match="chain"):
        Revision(Source(looped), len(looped))


@pytest.mark.parametrize("count", [b"0 99999999", b"0 9999999999"])
def test_a_table_longer_than_the_file_is_refused_at_once(count: bytes) -> None:
    with pytest.raises(PdfSyntaxError):
        read_section(b"xref\n" + count + b"\n0000000000 65535 f \n", 0)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        (b"D:20261124120000+07'00'", datetime(2026, 11, 24, 5, tzinfo=UTC)),
        (b"D:20261124120000+07'00", datetime(2026, 11, 24, 5, tzinfo=UTC)),
        (b"D:20261124120000-01'30'", datetime(2026, 11, 24, 13, 30, tzinfo=UTC)),
        (b"D:20261124120000Z", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (b"D:20261124", None),
        (b"D:20261324120000Z", None),
        (b"yesterday", None),
    ],
)
def test_a_date_is_read_whole_or_not_at_all(written: bytes, instant: datetime | None) -> None:
    assert instant == read_date(Text(written))


@pytest.mark.parametrize("key", [b"/ByteRange", b"/Byte#52ange", b"/#42yteRang#65"])
def test_a_signature_key_is_seen_however_it_is_spelt(key: bytes) -> None:
    assert BYTE_RANGE_KEY.search(b"<< " + key + b" [0] >>")


# -- paths and revocation ----------------------------------------------------------------


def path_problem(leaf: Identity, *pool: Identity, root: Identity, at: datetime = NOW) -> str:
    anchors = (Anchor(root.asn1, sandbox=False),)
    return build_path(leaf.asn1, [one.asn1 for one in pool], anchors, at).facts.problem


def test_a_path_leads_to_the_anchor_or_there_is_none() -> None:
    pki, stranger = the_pki(), an_identity("Người lạ", is_ca=True)

    assert path_problem(pki.signer, pki.issuing, root=pki.root) == ""
    assert path_problem(pki.signer, root=pki.root) == "NO_PATH"
    assert path_problem(pki.signer, pki.issuing, root=stranger) == "NO_PATH"
    assert path_problem(stranger, root=pki.root) == "NO_PATH"


def test_an_authority_that_may_not_issue_breaks_the_path() -> None:
    root = an_identity("Gốc", is_ca=True)
    not_an_authority = an_identity("Không phải CA", root)
    leaf = an_identity("Lá", not_an_authority)

    assert path_problem(leaf, not_an_authority, root=root) != ""


def test_an_expired_leaf_still_has_its_path() -> None:
    root = an_identity("Gốc", is_ca=True, not_before=NOW - 100 * DAY)
    leaf = an_identity("Lá", root, not_before=NOW - 90 * DAY, not_after=NOW - 50 * DAY)

    assert path_problem(leaf, root=root) == ""


def test_bytes_that_are_no_certificate_are_left_out() -> None:
    der = the_pki().root.der

    assert read_certificate(der) is not None
    for damaged in (b"", b"\x30", der[:-1], der + b"\x00", b"\x30\x80" + der):
        assert read_certificate(damaged) is None


def told(certificate: Identity, issuer: Identity, *evidence: bytes) -> list[tuple[str, str]]:
    known = Evidence()
    for der in evidence:
        known.add(der, "embedded")
    found = statements(certificate.asn1, issuer.asn1, known)
    return [(one.kind, one.status) for one in found]


def test_only_the_issuer_and_whom_it_authorised_can_speak_of_revocation() -> None:
    root = an_identity("Gốc", is_ca=True)
    leaf, stranger = an_identity("Lá", root), an_identity("Gốc", is_ca=True)
    responder = an_identity("OCSP", root, extended_usage=ExtendedKeyUsageOID.OCSP_SIGNING)
    unauthorised = an_identity("OCSP", root)
    foreign = an_identity("OCSP", stranger, extended_usage=ExtendedKeyUsageOID.OCSP_SIGNING)

    assert told(leaf, root, an_ocsp_answer(leaf, root)) == [("ocsp", "good")]
    assert told(leaf, root, an_ocsp_answer(leaf, root, responder=responder)) == [("ocsp", "good")]
    assert told(leaf, root, an_ocsp_answer(leaf, root, responder=unauthorised)) == []
    assert told(leaf, root, an_ocsp_answer(leaf, root, responder=foreign)) == []
    assert told(leaf, root, an_ocsp_answer(leaf, stranger)) == []
    assert told(leaf, root, an_ocsp_answer(an_identity("Khác", root), root)) == []
    assert told(leaf, root, a_crl(root)) == [("crl", "good")]
    assert told(leaf, root, a_crl(stranger)) == []
    assert told(leaf, root, b"", b"\x30\x00", b"nonsense", a_crl(root)[:-1]) == []


def test_a_revocation_is_told_with_time_and_reason() -> None:
    root = an_identity("Gốc", is_ca=True)
    leaf = an_identity("Lá", root)
    reason = x509.ReasonFlags.key_compromise
    crl = a_crl(root, ((leaf, NOW - DAY, reason),))
    answer = an_ocsp_answer(
        leaf, root, status=ocsp.OCSPCertStatus.REVOKED, revoked_at=NOW - DAY, reason=reason
    )
    evidence = Evidence()
    for der in (crl, answer):
        evidence.add(der, "embedded")

    found = statements(leaf.asn1, root.asn1, evidence)

    assert {"crl", "ocsp"} == {one.kind for one in found}
    for one in found:
        assert (one.status, one.revoked_at, one.reason) == ("revoked", NOW - DAY, "key_compromise")


# -- whole papers ------------------------------------------------------------------------


def test_a_signer_revoked_before_signing_is_not_passed_and_after_it_is() -> None:
    pki = the_pki()
    paper = signed(level="B-T")
    reason = x509.ReasonFlags.key_compromise

    def verdict(since: datetime) -> tuple[str, str]:
        crls = pki.crls((pki.signer, since, reason))
        report = judged(paper, authority=AnsweringAuthority(crls), at=NOW + timedelta(hours=1))
        return report.indication, report.sub_indication

    assert verdict(NOW - DAY) == ("TOTAL_FAILED", "REVOKED")
    assert verdict(NOW + timedelta(minutes=30)) == ("TOTAL_PASSED", "")


def test_a_plain_signature_of_an_expired_signer_is_out_of_bounds() -> None:
    pki = TestPki()
    late = {"not_before": NOW - 30 * DAY, "not_after": NOW - DAY}
    pki.signer = an_identity("Hết Hạn", pki.issuing, **late)  # type: ignore[arg-type]

    report = judged(signed(pki=pki), pki=pki, authority=AnsweringAuthority(pki.crls()))

    assert report.indication == Indication.INDETERMINATE
    assert report.sub_indication in ("OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED")


def test_a_signature_of_another_paper_does_not_fit() -> None:
    one, other = signed(a_pdf()), signed(a_pdf(pages=2))
    begin = one.index(b"/Contents <") + len(b"/Contents <")
    source = other.index(b"/Contents <") + len(b"/Contents <")
    size = one.index(b">", begin) - begin
    borrowed = other[source : other.index(b">", source)].ljust(size, b"0")[:size]

    report = judged(one[:begin] + borrowed + one[begin + size :], authority=AnsweringAuthority())

    assert (report.indication, report.sub_indication) == ("TOTAL_FAILED", "HASH_FAILURE")


def test_random_damage_outside_the_signature_value_is_never_passed() -> None:
    paper = signed()
    signature = inspected(paper).signatures[0]
    assert signature.byte_range.values is not None
    _, gap_start, gap_end, _ = signature.byte_range.values
    chance = random.Random(7)
    for _ in range(150):
        at = chance.choice([chance.randrange(gap_start), chance.randrange(gap_end, len(paper))])
        damaged = bytearray(paper)
        damaged[at] ^= 1 << chance.randrange(8)

        report = judged(bytes(damaged), authority=AnsweringAuthority())

        assert report.indication != Indication.TOTAL_PASSED
