"""The bank's protocol as a PaymentProvider. The effect id is the idempotency key."""

from __future__ import annotations

import json
from datetime import datetime
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
OK, SERVER_ERROR = 300, 500

register(
    Refused,
    {
        "PAYMENT_DECLINED": (
            "The bank declined the payment.",
            "Ngân hàng từ chối thanh toán. Anh/chị chưa bị trừ tiền; "
            "hãy kiểm tra tài khoản rồi thử lại.",
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
        )
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
        body = {
            "payer": authorization.payer,
            "amount_dong": authorization.amount_dong,
            "reference": authorization.reference,
        }
        return _authorized(await self._post("/v1/authorizations", body, effect_id))

    async def find_authorization(
        self, authorization: Authorization, effect_id: EffectId
    ) -> AuthorizationReceipt | None:
        """The authorisation made under *effect_id*, if any."""
        found = await self._answered(effect_id)
        return _authorized(found) if found else None

    async def capture(self, capture: Capture, effect_id: EffectId) -> CaptureReceipt:
        """Take authorised money."""
        path = f"/v1/authorizations/{quote(capture.authorization_id)}/capture"
        return _captured(await self._post(path, {"amount_dong": capture.amount_dong}, effect_id))

    async def find_capture(self, capture: Capture, effect_id: EffectId) -> CaptureReceipt | None:
        """The capture made under *effect_id*, if any."""
        found = await self._answered(effect_id)
        return _captured(found) if found else None

    async def release(self, release: Release, effect_id: EffectId) -> ReleaseReceipt:
        """Give back what is not captured."""
        path = f"/v1/authorizations/{quote(release.authorization_id)}/release"
        return _released(await self._post(path, {}, effect_id))

    async def find_release(self, release: Release, effect_id: EffectId) -> ReleaseReceipt | None:
        """The release made under *effect_id*, if any."""
        found = await self._answered(effect_id)
        return _released(found) if found else None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _secret(self) -> str:
        if self._settings.secret is not None:
            return self._settings.secret.get_secret_value()
        assert self._settings.credentials is not None
        return str(json.loads(self._settings.credentials.read_text())["secret"])

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                base_url=self._settings.url,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                headers={"Authorization": f"Bearer {self._secret()}"},
            )
        return self._session

    async def _post(
        self, path: str, body: dict[str, object], effect_id: EffectId
    ) -> dict[str, object]:
        try:
            async with self._http().post(
                path, json=body, headers={"Idempotency-Key": effect_id}
            ) as response:
                answer = await response.json()
                status = response.status
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("BANK_UNREACHABLE") from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise OutcomeUnknown("BANK_DID_NOT_ANSWER") from error
        return _judged(status, answer)

    async def _answered(self, effect_id: EffectId) -> dict[str, object] | None:
        try:
            async with self._http().get(f"/v1/requests/{effect_id}") as response:
                if response.status == 404:  # the bank never saw this key
                    return None
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("BANK_UNREACHABLE") from error
        if response.status >= OK:
            raise Unavailable("BANK_UNREACHABLE")
        return answer["body"] if answer["status"] < OK else None


def _judged(status: int, answer: dict[str, object]) -> dict[str, object]:
    if status < OK:
        return answer
    detail = str(answer.get("error", status))
    if status >= SERVER_ERROR:
        raise OutcomeUnknown("BANK_DID_NOT_ANSWER")
    if detail == "PAYMENT_DECLINED":
        raise Refused("PAYMENT_DECLINED", field="payer")
    if status == 400:
        raise Malformed("PAYMENT_MALFORMED", detail=detail)
    raise Refused("PAYMENT_REFUSED", detail=detail)


def _int(value: object) -> int:
    assert isinstance(value, int)
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
