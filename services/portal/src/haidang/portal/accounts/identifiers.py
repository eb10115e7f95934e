"""What a person signs in with, in one spelling: a phone number or an e-mail address. Pure."""

from __future__ import annotations

import idna
from haidang.core.errors import HaidangError, Malformed, register
from haidang.core.identifiers import email, phone
from haidang.core.vietnamese import normal

register(
    Malformed,
    {
        "IDENTIFIER_INVALID": (
            "Enter a phone number such as 0901 234 567 or an e-mail address such as "
            "lan@example.vn.",
            "Hãy nhập số điện thoại như 0901 234 567 hoặc địa chỉ thư điện tử như lan@example.vn.",
        ),
    },
)


def identifier(text: str, *, field: str = "identifier") -> str:
    """*text* as E.164 or as an e-mail address in lower case, its domain in A-labels.

    Mailboxes that differ in case alone are one account: no provider in use tells them
    apart, and people's keyboards write capitals by themselves.

    Raises: Malformed PHONE_INVALID, EMAIL_INVALID or IDENTIFIER_INVALID at *field*.
    """
    bare = normal(text)
    if "@" in bare:
        return _email(bare, field)
    if any(letter.isalpha() for letter in bare):
        raise Malformed("IDENTIFIER_INVALID", field=field)
    return phone(bare, field=field)


def is_phone(text: str) -> bool:
    """Whether a normalised identifier is a phone number."""
    return text.startswith("+")


def maybe_identifier(text: str) -> str:
    """*text* normalised where it can be, else "": no account has that one."""
    try:
        return identifier(text)
    except HaidangError:
        return ""


def _email(bare: str, field: str) -> str:
    mailbox, _, domain = email(bare, field=field).lower().rpartition("@")
    try:
        encoded = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise Malformed("EMAIL_INVALID", field=field) from error
    return email(f"{mailbox}@{encoded}", field=field)
