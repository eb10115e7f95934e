"""The bank's protocol as a PaymentProvider. The effect id is the idempotency key."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import aiohttp
from haidang.core.errors import Malformed, OutcomeUnknown, Refused, Unavailable, register
from haidang.core.ports.marks import EffectId
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)
from haidang.portal.providers.settings import BankSettings

TIMEOUT_SECONDS = 10.0
OK, BAD_REQUEST, NOT_FOUND, SERVER_ERROR = 300, 400, 404, 500
NOT_CARRIED_OUT = frozenset({401, 403, 429})
"""Said to us as a caller, not about the payment: worth repeating."""

NO_ANSWER = (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError)
"""The line broke, or what came is none of the protocol's answers."""

R = TypeVar("R")

register(
    Refused,
    {
        "PAYMENT_DECLINED": (
            "The bank declined the payment.",
            "Ngân hàng từ chối thanh toán; hãy kiểm tra tài khoản rồi thử lại.",
        ),
        "PAYMENT_REFUSED": (
            "The bank refused: {detail}.",
            "Ngân hàng không thực hiện được yêu cầu ({detail}).",
        ),
    },
)
register(
    Malformed,
    {
        "PAYMENT_MALFORMED": (
            "The bank did not understand: {detail}.",
            "Yêu cầu thanh toán chưa đúng ({detail}).",
        )
    },
)
register(
    Unavailable,
    {
        "BANK_UNREACHABLE": (
            "The bank cannot be reached.",
            "Chưa kết nối được với ngân hàng; chúng tôi sẽ thử lại.",
        ),
        "BANK_CREDENTIALS_ABSENT": (
            "The file of the bank's credentials cannot be read.",
            "Chưa đọc được thông tin kết nối ngân hàng; chúng tôi sẽ thử lại.",
        ),
    },
)
register(
    OutcomeUnknown,
    {
        "BANK_DID_NOT_ANSWER": (
            "The bank did not answer; it is asked again.",
            "Ngân hàng chưa trả lời; chúng tôi đang hỏi lại, anh/chị không cần thanh toán lần nữa.",
        )
    },
)


class Bank:
    """Speaks the bank's protocol over HTTP."""

    def __init__(self, settings: BankSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def authorize(
        self, authorization: Authorization, effect_id: EffectId
    ) -> AuthorizationReceipt:
        """Set money aside. Raises: Refused PAYMENT_DECLINED; Unavailable; OutcomeUnknown."""
        body: dict[str, object] = {
            "payer": authorization.payer,
            "amount_dong": authorization.amount_dong,
            "reference": authorization.reference,
        }
        return await self._post("/v1/authorizations", body, effect_id, _authorized)

    async def find_authorization(
        self, authorization: Authorization, effect_id: EffectId
    ) -> AuthorizationReceipt | None:
        """The authorisation made under *effect_id*, if any."""
        return await self._answered(effect_id, _authorized)

    async def capture(self, capture: Capture, effect_id: EffectId) -> CaptureReceipt:
        """Take authorised money."""
        path = _path(capture.authorization_id, "capture")
        body: dict[str, object] = {"amount_dong": capture.amount_dong}
        return await self._post(path, body, effect_id, _captured)

    async def find_capture(self, capture: Capture, effect_id: EffectId) -> CaptureReceipt | None:
        """The capture made under *effect_id*, if any."""
        return await self._answered(effect_id, _captured)

    async def release(self, release: Release, effect_id: EffectId) -> ReleaseReceipt:
        """Give back what is not captured."""
        path = _path(release.authorization_id, "release")
        return await self._post(path, {}, effect_id, _released)

    async def find_release(self, release: Release, effect_id: EffectId) -> ReleaseReceipt | None:
        """The release made under *effect_id*, if any."""
        return await self._answered(effect_id, _released)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _headers(self) -> dict[str, str]:
        """Read anew for each request: a bank may hand out another secret. Raises: Unavailable."""
        secret, file = self._settings.secret, self._settings.credentials
        if secret is not None:
            return {"Authorization": f"Bearer {secret.get_secret_value()}"}
        assert file is not None  # the settings' own rule
        try:
            return {"Authorization": f"Bearer {json.loads(file.read_text())['secret']}"}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("BANK_CREDENTIALS_ABSENT") from error

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                base_url=self._settings.url, timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            )
        return self._session

    async def _post(
        self,
        path: str,
        body: dict[str, object],
        effect_id: EffectId,
        receipt: Callable[[dict[str, object]], R],
    ) -> R:
        headers = {**self._headers(), "Idempotency-Key": effect_id}
        try:
            async with self._http().post(path, json=body, headers=headers) as response:
                answer = await response.json()
                _judge(response.status, answer)
                return receipt(answer)
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("BANK_UNREACHABLE") from error
        except NO_ANSWER as error:
            raise OutcomeUnknown("BANK_DID_NOT_ANSWER") from error

    async def _answered(
        self, effect_id: EffectId, receipt: Callable[[dict[str, object]], R]
    ) -> R | None:
        try:
            async with self._http().get(
                f"/v1/requests/{effect_id}", headers=self._headers()
            ) as response:
                answer = await response.json()
                if response.status == NOT_FOUND and answer["error"] == "NO_SUCH_REQUEST":
                    return None
                if response.status >= OK:
                    raise Unavailable("BANK_UNREACHABLE")
                return receipt(answer["body"]) if answer["status"] < OK else None
        except NO_ANSWER as error:
            raise Unavailable("BANK_UNREACHABLE") from error


def _path(authorization_id: str, verb: str) -> str:
    return f"/v1/authorizations/{quote(authorization_id, safe='')}/{verb}"


def _judge(status: int, answer: dict[str, object]) -> None:
    """Raises: what an answer other than a yes means."""
    if status < OK:
        return
    detail = str(answer["error"])
    if status in NOT_CARRIED_OUT:
        raise Unavailable("BANK_UNREACHABLE")
    if status >= SERVER_ERROR:
        raise OutcomeUnknown("BANK_DID_NOT_ANSWER")
    if detail == "PAYMENT_DECLINED":
        raise Refused("PAYMENT_DECLINED", field="payer")
    if status == BAD_REQUEST:
        raise Malformed("PAYMENT_MALFORMED", detail=detail)
    raise Refused("PAYMENT_REFUSED", detail=detail)


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("an amount in whole đồng is expected")
    return value


def _authorized(body: dict[str, object]) -> AuthorizationReceipt:
    return AuthorizationReceipt(
        str(body["authorization_id"]),
        _int(body["amount_dong"]),
        datetime.fromisoformat(str(body["expires_at"])),
    )


def _captured(body: dict[str, object]) -> CaptureReceipt:
    return CaptureReceipt(
        str(body["authorization_id"]),
        _int(body["amount_dong"]),
        datetime.fromisoformat(str(body["captured_at"])),
    )


def _released(body: dict[str, object]) -> ReleaseReceipt:
    return ReleaseReceipt(
        str(body["authorization_id"]),
        _int(body["amount_dong"]),
        datetime.fromisoformat(str(body["released_at"])),
    )
