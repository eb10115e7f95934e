"""placeholder by the lead until the owner of this file writes it"""
import contextlib, structlog
def logger(name): return structlog.get_logger(name)
def bound(**values): return structlog.contextvars.bound_contextvars(**values)
