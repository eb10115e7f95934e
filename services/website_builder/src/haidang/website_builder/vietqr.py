"""VietQR: the text that a banking app reads from a code, written and read back (pure).

A code says where money goes; it confirms nothing. Whether it came, only the bank says.
Source: NAPAS VietQR 1.0 on EMVCo's merchant-presented mode; field guide websites 1.6.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import segno
from haidang.core.errors import Malformed, register
from haidang.core.vietnamese import fold

DEFAULT_BANKS = "banks-2026-11"

NAPAS = "A000000727"
TO_ACCOUNT, TO_CARD = "QRIBFTTA", "QRIBFTTC"
STATIC, DYNAMIC = "11", "12"
DONG, VIETNAM = "704", "VN"
LONGEST_ACCOUNT, LONGEST_AMOUNT, LONGEST_PURPOSE = 19, 13, 25
ACCOUNT_PATTERN = "^[0-9A-Za-z]{4,19}$"

_VERSION = "01"
_CRC_FIELD = "6304"
_SHORTEST = len("00020163041234")
_TLV_HEAD = 4
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ./_-]+")
_BIN = re.compile(r"[0-9]{6}")
_ACCOUNT = re.compile(ACCOUNT_PATTERN)
_AMOUNT = re.compile(r"[1-9][0-9]{0,12}")
_ERROR_LEVEL = "m"
_QUIET_ZONE = 4

register(
    Malformed,
    {
        "VIETQR_INVALID": (
            "This is not a VietQR code of a bank account: {detail}.",
            "Đây không phải mã VietQR chuyển tiền vào tài khoản ({detail}).",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where money goes. `bank` is the bank's BIN; `amount` is in dong, 0 for the payer's choice."""

    bank: str
    account: str
    amount: int = 0
    purpose: str = ""
    is_card: bool = False


@cache
def banks(table: str = DEFAULT_BANKS) -> Mapping[str, str]:
    """The banks' short names by BIN, from dated data."""
    path = files("haidang.website_builder").joinpath("law", f"{table}.json")
    read = json.loads(path.read_text(encoding="utf-8"))
    return {str(one["bin"]): str(one["name"]) for one in read["banks"]}


def folded_purpose(text: str) -> str:
    """*text* as a purpose that every bank takes: no diacritics, at most 25 characters."""
    plain = " ".join(_NOT_PLAIN.sub(" ", fold(text)).split())
    return plain[:LONGEST_PURPOSE].strip()


def write_code(transfer: Transfer) -> str:
    """The text of the code. With an amount it is a dynamic one, for one payment.

    Raises: Malformed VIETQR_INVALID.
    """
    if not _BIN.fullmatch(transfer.bank) or not _ACCOUNT.fullmatch(transfer.account):
        raise Malformed("VIETQR_INVALID", detail="bank or account")
    amount = str(transfer.amount) if transfer.amount else ""
    if amount and not _AMOUNT.fullmatch(amount):
        raise Malformed("VIETQR_INVALID", detail="amount")
    payee = _tlv("00", transfer.bank) + _tlv("01", transfer.account)
    service = TO_CARD if transfer.is_card else TO_ACCOUNT
    purpose = folded_purpose(transfer.purpose)
    body = (
        _tlv("00", _VERSION)
        + _tlv("01", DYNAMIC if amount else STATIC)
        + _tlv("38", _tlv("00", NAPAS) + _tlv("01", payee) + _tlv("02", service))
        + _tlv("53", DONG)
        + (_tlv("54", amount) if amount else "")
        + _tlv("58", VIETNAM)
        + (_tlv("62", _tlv("08", purpose)) if purpose else "")
        + _CRC_FIELD
    )
    return body + checksum(body)


def _tlv(field: str, value: str) -> str:
    return f"{field}{len(value):02d}{value}"


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper-case hex digits. Source: EMVCo, field 63."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def read_code(text: str) -> Transfer:
    """The transfer a code asks for, as a banking app would read it.

    Raises: Malformed VIETQR_INVALID naming what is wrong.
    """
    if len(text) < _SHORTEST or text[-8:-4] != _CRC_FIELD or text[-4:] != checksum(text[:-4]):
        raise Malformed("VIETQR_INVALID", detail="checksum")
    fields = dict(_fields(text[:-8]))
    if not text.startswith(_tlv("00", _VERSION)):
        raise Malformed("VIETQR_INVALID", detail="version")
    if fields.get("53") != DONG or fields.get("58") != VIETNAM:
        raise Malformed("VIETQR_INVALID", detail="currency or country")
    merchant = dict(_fields(fields.get("38", "")))
    payee = dict(_fields(merchant.get("01", "")))
    bank, account, service = payee.get("00", ""), payee.get("01", ""), merchant.get("02")
    if merchant.get("00") != NAPAS or service not in (TO_ACCOUNT, TO_CARD):
        raise Malformed("VIETQR_INVALID", detail="service")
    if not _BIN.fullmatch(bank) or not _ACCOUNT.fullmatch(account):
        raise Malformed("VIETQR_INVALID", detail="bank or account")
    amount = fields.get("54", "")
    if amount and not _AMOUNT.fullmatch(amount):
        raise Malformed("VIETQR_INVALID", detail="amount")
    purpose = dict(_fields(fields.get("62", ""))).get("08", "")
    return Transfer(bank, account, int(amount or 0), purpose, service == TO_CARD)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """The fields of a run of TLV. Raises: Malformed VIETQR_INVALID when it does not add up."""
    while text:
        head, length = text[:2], text[2:_TLV_HEAD]
        if not (head.isdigit() and length.isdigit() and head.isascii() and length.isascii()):
            raise Malformed("VIETQR_INVALID", detail="structure")
        end = _TLV_HEAD + int(length)
        if len(length) < 2 or not int(length) or len(text) < end:
            raise Malformed("VIETQR_INVALID", detail="structure")
        yield head, text[_TLV_HEAD:end]
        text = text[end:]


def payment(
    account: object, amount: int, purpose: str
) -> tuple[Mapping[str, object], bytes] | None:
    """What a page says of the site fact `bank_account`, and its code as SVG; None without one."""
    if not isinstance(account, Mapping) or not account.get("number"):
        return None
    bank, number = str(account["bank"]), str(account["number"])
    text = write_code(Transfer(bank, number, amount, purpose))
    facts = {
        "bank": banks().get(bank, ""),
        "number": number,
        "holder": str(account.get("holder") or ""),
        "amount": amount,
        "purpose": folded_purpose(purpose),
    }
    return facts, draw_code(text)


def draw_code(text: str) -> bytes:
    """The code as an SVG image on white, with its quiet zone. The same text, the same bytes."""
    drawn = BytesIO()
    segno.make(text, error=_ERROR_LEVEL, micro=False, boost_error=False).save(
        drawn,
        kind="svg",
        border=_QUIET_ZONE,
        light="#ffffff",
        dark="#000000",
        xmldecl=False,
        omitsize=True,
    )
    return drawn.getvalue()
