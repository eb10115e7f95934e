"""What the Door tells of the calls it lets in: log lines, traces, counters."""

from __future__ import annotations

import json

import grpc
import pytest
from haidang.core import telemetry
from haidang.core.errors import Absent
from haidang.core.server import Context

from tests.core.doors import SERVICE, Echo, a_caller, call


async def test_log_lines_of_a_call_bear_its_tenant_method_and_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.setup("echo")
    trace = "0af7651916cd43dd8448eb211c80319c"
    echo = Echo()
    echo.meanwhile = lambda: telemetry.logger("echo").info("working")
    async with a_caller(echo) as opened:
        await call(opened, "unary_unary", metadata=(("traceparent", f"00-{trace}-{'a' * 16}-01"),))
        await call(opened, "unary_unary")

    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["tenant"], first["trace"]) == ("t1", trace)
    assert first["method"] == f"/{SERVICE}/unary_unary"
    assert second["trace"] != trace


async def test_a_call_passes_its_trace_on() -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    passed_on: list[str] = []

    class Listener:
        # Within the call: its metadata is freed memory once grpc has ended it.
        async def unary_unary(self, request: bytes, context: Context) -> bytes:
            passed_on.append(str(dict(context.invocation_metadata() or ())["traceparent"]))
            return b""

    with telemetry.bound(trace=trace):
        async with a_caller(Listener()) as opened:
            await call(opened, "unary_unary")

    assert passed_on[0].startswith(f"00-{trace}-")


async def test_calls_are_counted_by_outcome() -> None:
    method = f"/{SERVICE}/unary_unary"
    before = telemetry.snapshot()["calls"]

    async with a_caller(Echo(Absent("OPERATION_ABSENT"))) as opened:
        with pytest.raises(grpc.aio.AioRpcError):
            await call(opened, "unary_unary")
    async with a_caller(Echo()) as opened:
        await call(opened, "unary_unary")
    after = telemetry.snapshot()["calls"]

    for outcome in ("OK", "OPERATION_ABSENT"):
        assert after[f"{method} {outcome}"] == before.get(f"{method} {outcome}", 0) + 1
