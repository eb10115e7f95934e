"""VietQR: observed codes are read and written alike; what does not add up is refused."""

from __future__ import annotations

import pytest
from haidang.core.errors import Malformed
from haidang.website_builder.vietqr import (
    Transfer,
    banks,
    checksum,
    draw_code,
    folded_purpose,
    payment,
    read_code,
    write_code,
)
from hypothesis import given
from hypothesis import strategies as st

# Source: field guide websites section 1.6, observed codes.
FLOOD = (
    "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802"
    "VN62170813ung ho lu lut6304C15C"
)
STATIC = (
    "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"
)
OTHER_ORDER = (
    "00020101021262110807tien le38560010A0000007270126000697041501121133666688880208QRIBFTTA530370"
    "4540460005802VN63046893"
)
WITH_BILL = (
    "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802"
    "VN62340107NPS68690819thanh toan don hang63042E2E"
)
WRONG_LENGTH = (
    "00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN6304F4E5"
)
WRONG_VERSION = (
    "00020001021238570010A00000072701270006970436011308810004580860208QRIBFTTA53037045802VN6304CD60"
)


def test_the_checksum_is_the_standard_s() -> None:
    assert checksum("123456789") == "29B1"


@pytest.mark.parametrize(
    ("code", "transfer"),
    [
        (FLOOD, Transfer("970415", "0011001932418", 120_000, "ung ho lu lut")),
        (STATIC, Transfer("970403", "0011012345678")),
        (OTHER_ORDER, Transfer("970415", "113366668888", 6_000, "tien le")),
        (WITH_BILL, Transfer("970403", "0011012345678", 180_000, "thanh toan don hang")),
    ],
)
def test_observed_codes_are_read(code: str, transfer: Transfer) -> None:
    assert read_code(code) == transfer


def test_ours_are_written_byte_for_byte_like_the_observed() -> None:
    assert write_code(Transfer("970415", "0011001932418", 120_000, "ủng hộ lũ lụt")) == FLOOD
    assert write_code(Transfer("970403", "0011012345678")) == STATIC


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        (WRONG_LENGTH, "structure"),
        (WRONG_VERSION, "version"),
        (STATIC[:-1] + "0", "checksum"),
        ("", "checksum"),
        ("6304" + checksum("6304"), "checksum"),
    ],
)
def test_what_does_not_add_up_is_refused(code: str, detail: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_code(code)

    assert refusal.value.facts["detail"] == detail


@pytest.mark.parametrize(
    "transfer",
    [
        Transfer("97041", "0011001932418"),
        Transfer("970415", "001 100"),
        Transfer("970415", "1" * 20),
        Transfer("970415", "0011001932418", -1),
        Transfer("970415", "0011001932418", 10**13),
    ],
)
def test_a_transfer_no_bank_takes_is_not_written(transfer: Transfer) -> None:
    with pytest.raises(Malformed):
        write_code(transfer)


@given(
    st.sampled_from(sorted(banks())),
    st.from_regex(r"[0-9A-Za-z]{4,19}", fullmatch=True),
    st.integers(0, 10**13 - 1),
    st.text(max_size=60),
)
def test_what_is_written_is_read_back(bank: str, account: str, amount: int, said: str) -> None:
    code = write_code(Transfer(bank, account, amount, said))

    assert read_code(code) == Transfer(bank, account, amount, folded_purpose(said))
    assert code.isascii()


def test_a_purpose_is_plain_and_short() -> None:
    assert folded_purpose("Đặt 2 kg tiêu đỏ, gửi Bà Rịa — gấp!") == "Dat 2 kg tieu do gui Ba R"


def test_the_image_is_the_same_every_time_and_carries_no_script() -> None:
    drawn = draw_code(FLOOD)

    assert drawn == draw_code(FLOOD)
    assert drawn.startswith(b"<svg")
    assert b"<script" not in drawn
    assert len(drawn) < 6_000


def test_a_site_without_an_account_has_no_code() -> None:
    assert payment(None, 0, "") is None
    assert payment({"bank": "", "number": ""}, 0, "") is None


def test_a_page_says_what_its_code_says() -> None:
    account = {"bank": "970436", "number": "0071000123456", "holder": "HTX DAT DO"}
    found = payment(account, 50_000, "Đơn hàng")

    assert found is not None
    assert found[0] == {
        "bank": "Vietcombank",
        "number": "0071000123456",
        "holder": "HTX DAT DO",
        "amount": 50_000,
        "purpose": "Don hang",
    }
