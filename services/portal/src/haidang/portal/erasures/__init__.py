"""Erasures: a business leaves, and every service forgets it, durably.

`office.py` is the operation that asks the services in turn; `desk.py` starts it and tells
whoever left how it stands, by a token, for they have no session any more; `values.py`
what they exchange; `ledger.py` the tokens' hashes.
"""

from haidang.portal.erasures.desk import Farewells
from haidang.portal.erasures.ledger import MIGRATIONS, FarewellLedger
from haidang.portal.erasures.office import BusinessErasure
from haidang.portal.erasures.values import EraseBusiness, ErasedLine, Farewell

__all__ = [
    "MIGRATIONS",
    "BusinessErasure",
    "EraseBusiness",
    "ErasedLine",
    "Farewell",
    "FarewellLedger",
    "Farewells",
]
