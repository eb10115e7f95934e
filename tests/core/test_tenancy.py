"""Grants, tokens and API keys: denied by default, and nothing forged gets through."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from haidang.core import tenancy
from haidang.core.errors import Forbidden, Unauthenticated
from haidang.core.tenancy import (
    Actor,
    TokenSigner,
    TokenVerifier,
    check_api_key,
    may,
    new_api_key,
    require,
)

from tests.core.doors import NOW, OWNER, PRIVATE, PUBLIC_KEY, a_key_pair, a_token

CLAIMS: dict[str, Any] = {
    "iss": "haidang-portal",
    "aud": "echo",
    "sub": "lan",
    "tenant": "t1",
    "grants": ["echo.write"],
    "exp": int(NOW.timestamp()) + 300,
}


def a_verifier() -> TokenVerifier:
    return TokenVerifier(PUBLIC_KEY, "echo")


def signed(claims: dict[str, Any], key: Any = PRIVATE, algorithm: str = "EdDSA") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


@pytest.mark.parametrize(
    ("grants", "asked", "answer"),
    [
        ((), "domains.read", False),
        (("domains.read",), "domains.read", True),
        (("domains.read",), "domains.write", False),
        (("domains.write",), "domains.read", True),
        (("domains.write",), "websites.read", False),
        (("operations.resolve",), "domains.read", False),
        (("esign.read",), "operations.read", True),
        (("esign.write",), "operations.resolve", False),
        ((), "operations.read", False),
        (("esign.validate",), "esign.validate", True),
        (("esign.validate",), "esign.read", False),
        (("esign.read",), "esign.validate", True),
        (("esign.write",), "esign.validate", True),
        (("domains.write",), "esign.validate", False),
        (("*",), "operations.resolve", True),
    ],
)
def test_a_grant_opens_what_it_says_and_reading_below_writing(
    grants: tuple[str, ...], asked: str, answer: bool
) -> None:
    assert may(Actor("a", "t", frozenset(grants)), asked) is answer


def test_require_names_what_was_missing() -> None:
    with pytest.raises(Forbidden) as refused:
        require(Actor("a", "t", frozenset()), "domains.write")

    assert refused.value.facts == {"verb": "domains.write"}


def test_a_token_says_who_for_whom_and_what() -> None:
    assert a_verifier().verify(a_token(), NOW) == OWNER


def test_a_token_ends_also_when_it_was_verified_before() -> None:
    verifier, token = a_verifier(), a_token()
    last = NOW + timedelta(seconds=299)

    assert verifier.verify(token, NOW) == verifier.verify(token, last) == OWNER
    with pytest.raises(Unauthenticated):
        verifier.verify(token, NOW + timedelta(seconds=300))


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_token_that_lacks_a_claim_is_refused(claim: str) -> None:
    with pytest.raises(Unauthenticated):
        a_verifier().verify(signed({k: v for k, v in CLAIMS.items() if k != claim}), NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"},
        {"aud": "esign"},
        {"tenant": ""},
        {"tenant": 7},
        {"tenant": None},
        {"sub": ""},
        {"grants": "*"},
        {"grants": {"*": 1}},
        {"exp": "soon"},
        {"exp": int(NOW.timestamp())},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated) as refused:
        a_verifier().verify(signed({**CLAIMS, **change}), NOW)

    assert refused.value.reason == "TOKEN_INVALID"


def test_another_key_or_algorithm_is_refused() -> None:
    """The classic forgeries: no signature; the public key used as an HMAC secret."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).rstrip(b"=")
    mac = jwt.get_algorithm_by_name("HS256").sign(head + b"." + body, PUBLIC_KEY)
    forged = [
        signed(CLAIMS, a_key_pair()[0]),
        signed(CLAIMS, None, "none"),
        b".".join([head, body, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode(),
    ]

    for token in forged:
        with pytest.raises(Unauthenticated):
            a_verifier().verify(token, NOW)


def test_a_changed_letter_is_noticed() -> None:
    head, body, signature = a_token().split(".")
    other = "A" if signature[10] != "A" else "B"

    with pytest.raises(Unauthenticated):
        a_verifier().verify(f"{head}.{body}.{signature[:10]}{other}{signature[11:]}", NOW)


def test_remembered_tokens_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenancy, "CACHED_TOKENS", 2)
    verifier = a_verifier()

    for number in range(5):
        verifier.verify(a_token(Actor(f"a{number}", "t1", frozenset({"x"}))), NOW)

    assert len(verifier._verified) == 2


def test_a_verified_token_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier, token = a_verifier(), a_token()
    verifier.verify(token, NOW)
    monkeypatch.setattr(verifier, "_decoded", None)

    assert verifier.verify(token, NOW) == OWNER


def test_an_api_key_opens_by_itself_alone_and_is_kept_as_a_hash() -> None:
    identifier, text, stored = new_api_key()
    _, other, _ = new_api_key()

    assert text.startswith(f"hd_live_{identifier}_")
    assert text not in stored
    assert check_api_key(text, stored)
    assert not check_api_key(other, stored)
    assert not check_api_key(text + "x", stored)
    assert not check_api_key("", stored)
    assert not check_api_key(stored, stored)


def test_a_signer_states_its_key() -> None:
    token = TokenSigner(PRIVATE, "portal-1").issue(OWNER, "echo", NOW, 60)

    assert jwt.get_unverified_header(token)["kid"] == "portal-1"
    with pytest.raises(Unauthenticated):
        a_verifier().verify(token, NOW + timedelta(seconds=60))
