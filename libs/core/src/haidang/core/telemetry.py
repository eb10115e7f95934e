"""Logs as JSON lines on stderr, redacted; and the counters of every RPC.

Personal data and secrets never leave this process through a log: keys that name them
are masked, and so are phone numbers, e-mail addresses and personal numbers in any text.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections import defaultdict
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

MASK = "***"
SECRET_KEY = re.compile(
    r"passw|secret|token|authorization|api_key|auth_?info|private|personal_id|phone|email|birth",
    re.IGNORECASE,
)
SECRET_TEXT = re.compile(
    r"hd_live_\w+|Bearer\s+\S+|[\w.+-]+@[\w-]+\.[\w.]+|\+84\d{8,10}|(?<!\w)0\d{9}(?!\w)|(?<!\w)0\d{11}(?!\w)"
)

# Any: a log event's values are of many types.
Event = dict[str, Any]


def redacted(value: Any) -> Any:
    """*value* with secrets and personal data masked, in nested values too."""
    if isinstance(value, str):
        return SECRET_TEXT.sub(MASK, value)
    if isinstance(value, dict):
        return {
            key: MASK if SECRET_KEY.search(str(key)) else redacted(part)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(part) for part in value]
    return value


def _redact(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Event:
    masked: Event = redacted(dict(event))
    return masked


def setup(process: str) -> None:
    """Send this process's logs to stderr as redacted JSON lines that bear its name."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # The stderr of the moment: one kept from here may be closed when a test or a
        # daemon has put another in its place.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    structlog.contextvars.bind_contextvars(process=process)


def logger(name: str) -> Any:  # Any: structlog's bound logger is typed by its configuration
    """A logger that names the room it speaks from."""
    return structlog.get_logger(room=name)


def bound(**values: object) -> AbstractContextManager[None]:
    """Put *values* (operation, tenant, request) on every log line inside."""
    return structlog.contextvars.bound_contextvars(**values)


_lock = threading.Lock()
_calls: dict[tuple[str, str], int] = defaultdict(int)
_seconds: dict[str, float] = defaultdict(float)


def count_call(method: str, code: str, seconds: float) -> None:
    """Count one finished RPC. Names of domains or tenants are never labels."""
    with _lock:
        _calls[method, code] += 1
        _seconds[method] += seconds


def snapshot() -> dict[str, dict[str, float]]:
    """Calls by "method code", seconds by method, since the process started."""
    with _lock:
        calls: dict[str, float] = {f"{method} {code}": n for (method, code), n in _calls.items()}
        return {"calls": calls, "seconds": dict(_seconds)}
