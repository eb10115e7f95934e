"""The sandbox bank's HTTP protocol.

    POST /v1/authorizations                 {payer, amount_dong, reference}   201 | 402
    POST /v1/authorizations/{id}/capture    {amount_dong}               200 | 402 | 404 | 409
    POST /v1/authorizations/{id}/release    {}                                200 | 404 | 409
    GET  /v1/requests/{key}                 the answer once given             200 | 404

Every POST carries `Idempotency-Key`; every call `Authorization: Bearer <secret>`. Every
answer carries `X-Sandbox: no money moves`. A body that is not understood is answered 400,
a key used for another body 409, a caller who does not know the secret 401. A payer called
"declined…" is refused when money is set aside, one called "uncollectable…" when it is taken.
"""

from __future__ import annotations

import hmac
import json

from haidang.portal.sandbox_bank.store import Answer, Store
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

SANDBOX = {"X-Sandbox": "no money moves"}
LONGEST_BODY_BYTES = 16_384


def bank(store: Store, secret: str) -> Starlette:
    """The bank's application over its *store*; callers must know *secret*."""

    def is_known(request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {secret}".encode())

    async def effect(request: Request, verb: str, **more: str) -> JSONResponse:
        key = request.headers.get("idempotency-key", "")
        if not is_known(request):
            return _json(Answer(401, {"error": "UNKNOWN_CALLER"}))
        if not key:
            return _json(Answer(400, {"error": "KEY_MISSING"}))
        asked = _asked(await _body(request))
        if asked is None:
            return _json(Answer(400, {"error": "BODY_INVALID"}))
        return _json(store.once(key, {**asked, **more, "verb": verb}))

    async def authorize(request: Request) -> JSONResponse:
        return await effect(request, "authorize")

    async def capture(request: Request) -> JSONResponse:
        return await effect(request, "capture", authorization=request.path_params["id"])

    async def release(request: Request) -> JSONResponse:
        return await effect(request, "release", authorization=request.path_params["id"])

    async def answered(request: Request) -> JSONResponse:
        if not is_known(request):
            return _json(Answer(401, {"error": "UNKNOWN_CALLER"}))
        found = store.answered(request.path_params["key"])
        return _json(found or Answer(404, {"error": "NO_SUCH_REQUEST"}), found is not None)

    return Starlette(
        routes=[
            Route("/v1/authorizations", authorize, methods=["POST"]),
            Route("/v1/authorizations/{id}/capture", capture, methods=["POST"]),
            Route("/v1/authorizations/{id}/release", release, methods=["POST"]),
            Route("/v1/requests/{key:path}", answered, methods=["GET"]),
        ]
    )


async def _body(request: Request) -> bytes | None:
    """The whole body; None, the rest unread, when it is longer than any we understand."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY_BYTES:
            return None
    return body


def _asked(body: bytes | None) -> dict[str, object] | None:
    """The JSON object in *body*; None for anything else."""
    if body is None:
        return None
    try:
        asked = json.loads(body or b"{}")
        json.dumps(asked, ensure_ascii=False).encode()  # half a character cannot be kept
    except (ValueError, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None


def _json(answer: Answer, is_lookup: bool = False) -> JSONResponse:
    if is_lookup:
        return JSONResponse({"status": answer.status, "body": answer.body}, 200, SANDBOX)
    return JSONResponse(answer.body, answer.status, SANDBOX)
