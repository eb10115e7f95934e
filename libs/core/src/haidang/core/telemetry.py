"""Logs as JSON lines on stderr, redacted; and the counters of every RPC.

Every room comes in by `logger`. Personal data and secrets never leave this process
through a log: keys that name them are masked, and so are phone numbers, e-mail addresses
and personal numbers in any text. What other libraries log takes the same way.

Names of domains, tenants or persons are never labels of a counter.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

MASK = "***"
SECRET_KEY = re.compile(
    r"passw|secret|token|authorization|api_key|auth_?info|private|personal_id|phone|email|birth",
    re.IGNORECASE,
)
SECRET_TEXT = re.compile(
    r"hd_live_[\w-]+"
    r"|Bearer\s+\S+"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # a token without its word
    r"|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|(?<!\w)0\d{2}(?:[ .-]?\d{3}){3}(?!\w)"  # a personal number, 12 digits
    # A phone number: +84, 84 or 0, then nine or ten digits, in any usual grouping.
    r"|(?<!\w)(?:\+?84[ .-]?|0)[2-9](?:[ .-]?\d){8,9}(?!\w)"
)
"""Ten digits that begin with 0 may be a tax code as well; that is masked, to be safe."""
TOLD_SECRET = re.compile(
    rf"(\b\w*(?:{SECRET_KEY.pattern})\w*=)(?:'[^']*'|\"[^\"]*\"|[^\s,)&]+)", re.IGNORECASE
)
"""A secret told by name, as in password=x: in a repr, a query string, another's message."""

OURS = ("haidang", "__main__")
"""Loggers that speak from INFO on; of other libraries only warnings tell an operator much."""

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
TRACE_BYTES, SPAN_BYTES = 16, 8

BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the duration histogram: those of the Prometheus client libraries."""

# Any: a log event's values are of many types.
Event = dict[str, Any]


def redacted(value: Any) -> Any:
    """*value* with secrets and personal data masked, in nested values too.

    What JSON has no form for becomes its masked repr.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _without_secrets(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return {
            str(key): MASK if SECRET_KEY.search(str(key)) else redacted(part)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(part) for part in value]
    return _without_secrets(repr(value))


def _without_secrets(text: str) -> str:
    return SECRET_TEXT.sub(MASK, TOLD_SECRET.sub(rf"\1{MASK}", text))


def _redact(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Event:
    masked: Event = redacted(dict(event))
    return masked


def _processors() -> list[structlog.typing.Processor]:
    """What a line goes through; redaction is the last step before it becomes JSON."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


class _Stdlib(logging.Handler):
    """What libraries say through `logging` becomes lines like our own."""

    def emit(self, record: logging.LogRecord) -> None:
        line = structlog.get_logger(room=record.name)
        line.log(record.levelno, record.getMessage(), exc_info=record.exc_info or None)


def setup(process: str) -> None:
    """Send this process's logs to stderr as redacted JSON lines that bear its name."""
    structlog.configure(
        processors=_processors(),
        # The stderr of the moment: one kept from here may be closed when a test or a
        # daemon has put another in its place.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    structlog.contextvars.bind_contextvars(process=process)
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _Stdlib)]:
        root.removeHandler(handler)
    root.addHandler(_Stdlib())
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


def logger(name: str) -> Any:  # Any: structlog's bound logger is typed by its configuration
    """A logger that names the room it speaks from."""
    return structlog.get_logger(room=name)


def bound(**values: object) -> AbstractContextManager[None]:
    """Put *values* (operation, tenant, request) on every log line inside."""
    return structlog.contextvars.bound_contextvars(**values)


def trace_of(traceparent: str) -> str:
    """The trace id in a W3C *traceparent*; a new one when it bears none.

    Source: W3C Trace Context, section 3.2.
    """
    found = TRACEPARENT.fullmatch(traceparent)
    return found[1] if found else secrets.token_hex(TRACE_BYTES)


def traceparent() -> str:
    """What the calls of this task pass on, so that one trace goes through all logs; or ""."""
    trace = structlog.contextvars.get_contextvars().get("trace")
    return f"00-{trace}-{secrets.token_hex(SPAN_BYTES)}-01" if trace else ""


def bind(**values: object) -> None:
    """Put *values* on every log line of this task from here on.

    For a task that is one request: nothing is reset, so it holds for a generator that
    another task closes, too.
    """
    structlog.contextvars.bind_contextvars(**values)


_lock = threading.Lock()
_calls: dict[tuple[str, str], int] = defaultdict(int)
_seconds: dict[str, float] = defaultdict(float)
_durations: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_SECONDS) + 1))


def count_call(method: str, code: str, seconds: float) -> None:
    """Count one finished RPC. Names of domains or tenants are never labels."""
    with _lock:
        _calls[method, code] += 1
        _seconds[method] += seconds
        _durations[method][bisect_left(BUCKETS_SECONDS, seconds)] += 1


def snapshot() -> dict[str, dict[str, float]]:
    """Calls by "method code", seconds by method, and calls by "method ≤bound", so far.

    Bounds are seconds; as in Prometheus each bucket counts all that were not slower,
    and "≤inf" counts all.
    """
    with _lock:
        calls: dict[str, float] = {f"{method} {code}": n for (method, code), n in _calls.items()}
        durations: dict[str, float] = {}
        for method, counts in _durations.items():
            total = 0
            for bound_seconds, count in zip((*BUCKETS_SECONDS, "inf"), counts, strict=True):
                total += count
                durations[f"{method} ≤{bound_seconds}"] = total
        return {"calls": calls, "seconds": dict(_seconds), "durations": durations}
