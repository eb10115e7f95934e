"""Personal data of the domains service: who holds which name, and prices that were asked."""

from haidang.domains.personal.ledger import NamesPart, QuotesPart

__all__ = ["NamesPart", "QuotesPart"]
