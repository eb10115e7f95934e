"""Passkeys: registering, signing in with, naming and removing them.

A passkey is always a discoverable one with user verification, so that it stands for
identifier and password together. Source: W3C WebAuthn level 3, sections 7.1 and 7.2.
"""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import urlsplit

import webauthn
from haidang.core.clock import Clock
from haidang.core.errors import Malformed, Refused, Unauthenticated, register
from haidang.core.vietnamese import normal
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.passkeys.challenges import Challenges
from haidang.portal.accounts.passkeys.ledger import PasskeyLedger
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.accounts.sessions import Sessions
from haidang.portal.accounts.tokens import kept
from haidang.portal.accounts.values import Admission, Origin, Passkey, Session
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

SITE_NAME = "Hải Đăng"
LONGEST_NAME = 100
LONGEST_ID = 1400
MOST_PASSKEYS = 20
LONGEST_CREDENTIAL = 32 * 1024
CREATE, GET, PROVE = "create", "get", "prove"
VERIFIED = UserVerificationRequirement.REQUIRED

register(
    Unauthenticated,
    {
        "PASSKEY_WRONG": (
            "This passkey was not accepted. Try again, or use your password.",
            "Khóa truy cập này chưa được chấp nhận. Hãy thử lại hoặc dùng mật khẩu.",
        ),
    },
)
register(
    Malformed,
    {
        "PASSKEY_UNREADABLE": (
            "The device did not send a passkey. Try again; nothing was changed.",
            "Thiết bị chưa gửi khóa truy cập. Hãy thử lại; chưa có gì thay đổi.",
        ),
        "PASSKEY_NAME_MISSING": (
            "Say what the passkey is called.",
            "Hãy đặt tên cho khóa truy cập.",
        ),
        "PASSKEY_NAME_LONG": (
            "A passkey's name has at most {most} characters.",
            "Tên khóa truy cập dài nhất là {most} ký tự.",
        ),
    },
)
register(
    Refused,
    {
        "PASSKEY_KNOWN": (
            "This passkey belongs to an account already.",
            "Khóa truy cập này đã thuộc về một tài khoản.",
        ),
        "TOO_MANY_PASSKEYS": (
            "An account has at most {most} passkeys. Remove one first.",
            "Mỗi tài khoản có nhiều nhất {most} khóa truy cập. Hãy gỡ bớt một khóa trước.",
        ),
    },
)


class Passkeys:
    """The office. *origin* is the site's; its host is what passkeys are bound to."""

    def __init__(
        self,
        ledger: PasskeyLedger,
        people: AccountLedger,
        sessions: Sessions,
        challenges: Challenges,
        policy: AccountPolicy,
        *,
        origin: str,
        clock: Clock,
    ) -> None:
        self.ledger = ledger
        self._people = people
        self._sessions = sessions
        self._challenges = challenges
        self._policy = policy
        self._origin = origin
        self._host = urlsplit(origin).hostname or ""
        self._clock = clock

    async def all_of(self, session: Session) -> tuple[Passkey, ...]:
        """The user's passkeys, oldest first."""
        return await self.ledger.passkeys(session.user_id)

    async def creation_options(self, session: Session) -> str:
        """What the browser needs to make one, as JSON. Raises: Refused TOO_MANY_PASSKEYS."""
        held = await self.ledger.passkeys(session.user_id)
        if len(held) >= MOST_PASSKEYS:
            raise Refused("TOO_MANY_PASSKEYS", most=MOST_PASSKEYS)
        user = await self._people.user(session.user_id)
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name=SITE_NAME,
            user_id=session.user_id.encode(),
            user_name=user.identifier if user else session.user_name,
            user_display_name=session.user_name,
            challenge=self._challenge(CREATE, session.id),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(one.id))
                for one in held
            ],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
        )
        return webauthn.options_to_json(options)

    async def create(self, session: Session, credential: str, name: str) -> Passkey:
        """Keep a new passkey called *name*.

        Raises: Malformed PASSKEY_UNREADABLE, PASSKEY_NAME_*; Refused PASSKEY_KNOWN,
        TOO_MANY_PASSKEYS.
        """
        name, now = checked_name(name), self._clock.now()
        challenge = _challenge_in(credential)
        expires_at = self._expiry(challenge, CREATE, session.id)
        try:
            made = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise Malformed("PASSKEY_UNREADABLE") from error
        id = bytes_to_base64url(made.credential_id)
        if len(id) > LONGEST_ID:
            raise Malformed("PASSKEY_UNREADABLE")
        passkey = Passkey(
            id=id,
            user_id=session.user_id,
            name=name,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            is_backed_up=made.credential_backed_up,
            created_at=now,
            used_at=None,
        )
        await self._keep(session, passkey, challenge, expires_at)
        return passkey

    async def _keep(
        self, session: Session, passkey: Passkey, challenge: bytes, expires_at: datetime
    ) -> None:
        now = self._clock.now()
        async with self.ledger.database.writing() as tx:
            if not await self.ledger.use_challenge(tx, _hash(challenge), expires_at, now):
                raise Malformed("PASSKEY_UNREADABLE")
            if not await self.ledger.add(tx, passkey):
                raise Refused("PASSKEY_KNOWN")
            await self._people.note(
                tx, session.user_id, session.tenant, now, "passkey_added", passkey.name
            )

    def options(self, bound_to: str, purpose: str = GET) -> str:
        """What the browser needs to ask for a passkey of this site, as JSON."""
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=self._challenge(purpose, bound_to),
            user_verification=VERIFIED,
        )
        return webauthn.options_to_json(options)

    async def sign_in(self, credential: str, bound_to: str, origin: Origin) -> Admission:
        """Open a session. Raises: Unauthenticated PASSKEY_WRONG; Malformed PASSKEY_UNREADABLE."""
        passkey = await self._verified(credential, GET, bound_to)
        user = await self._people.user(passkey.user_id)
        if user is None:
            raise Unauthenticated("PASSKEY_WRONG")
        async with self.ledger.database.writing() as tx:
            home = await self._sessions.home_of(tx, user)
            return await self._sessions.admit(tx, user, origin, at=home)

    async def prove(self, session: Session, credential: str) -> str:
        """The session's new token once its user proved again. Raises: as `sign_in`."""
        passkey = await self._verified(credential, PROVE, session.id)
        if passkey.user_id != session.user_id:
            raise Unauthenticated("PASSKEY_WRONG")
        async with self.ledger.database.writing() as tx:
            return await self._sessions.rotate(tx, session, is_proved=True)

    async def rename(self, session: Session, id: str, name: str) -> None:
        """Call a passkey *name*. Raises: Malformed PASSKEY_NAME_*."""
        async with self.ledger.database.writing() as tx:
            await self.ledger.change(tx, session.user_id, id, name=checked_name(name))

    async def remove(self, session: Session, id: str) -> None:
        """Forget a passkey."""
        now = self._clock.now()
        async with self.ledger.database.writing() as tx:
            await self.ledger.remove(tx, session.user_id, id)
            await self._people.note(tx, session.user_id, session.tenant, now, "passkey_removed")

    async def _verified(self, credential: str, purpose: str, bound_to: str) -> Passkey:
        challenge = _challenge_in(credential)
        expires_at = self._expiry(challenge, purpose, bound_to)
        passkey = await self.ledger.passkey(_id_in(credential))
        if passkey is None:
            raise Unauthenticated("PASSKEY_WRONG")
        try:
            found = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("PASSKEY_WRONG") from error
        now = self._clock.now()
        async with self.ledger.database.writing() as tx:
            if not await self.ledger.use_challenge(tx, _hash(challenge), expires_at, now):
                raise Unauthenticated("PASSKEY_WRONG")
            await self.ledger.change(
                tx,
                passkey.user_id,
                passkey.id,
                sign_count=found.new_sign_count,
                is_backed_up=found.credential_backed_up,
                used_at=now,
            )
        return passkey

    def _challenge(self, purpose: str, bound_to: str) -> bytes:
        ends = self._clock.now() + self._policy.challenge_lasts
        return self._challenges.new(purpose, bound_to, ends)

    def _expiry(self, challenge: bytes, purpose: str, bound_to: str) -> datetime:
        """Raises: Unauthenticated PASSKEY_WRONG for one that is over or another browser's."""
        expires_at = self._challenges.expiry(challenge, purpose, bound_to)
        if expires_at is None or expires_at <= self._clock.now():
            raise Unauthenticated("PASSKEY_WRONG")
        return expires_at


def checked_name(text: str) -> str:
    """*text* as a passkey's name. Raises: Malformed PASSKEY_NAME_MISSING, _LONG at "name"."""
    name = normal(text)
    if not name:
        raise Malformed("PASSKEY_NAME_MISSING", field="name")
    if len(name) > LONGEST_NAME:
        raise Malformed("PASSKEY_NAME_LONG", field="name", most=LONGEST_NAME)
    return name


def _challenge_in(credential: str) -> bytes:
    """The challenge that *credential* answers. Raises: Malformed PASSKEY_UNREADABLE."""
    if len(credential) > LONGEST_CREDENTIAL:
        raise Malformed("PASSKEY_UNREADABLE")
    try:
        told = json.loads(credential)["response"]["clientDataJSON"]
        challenge = json.loads(webauthn.base64url_to_bytes(told))["challenge"]
        return webauthn.base64url_to_bytes(challenge)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed("PASSKEY_UNREADABLE") from error


def _id_in(credential: str) -> str:
    """The id of *credential*, in the one spelling we keep."""
    try:
        return bytes_to_base64url(webauthn.base64url_to_bytes(json.loads(credential)["rawId"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed("PASSKEY_UNREADABLE") from error


def _hash(challenge: bytes) -> str:
    return kept(challenge.hex())
