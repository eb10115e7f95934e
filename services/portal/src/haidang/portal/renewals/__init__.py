"""Renewals: a name that is held is held for longer, and paid for.

Who comes in: journeys.v1 and the pages of names. The walk is that of the journey, shorter;
nothing here knows a page or a registry.

    office.py    the office: price, money set aside, renewed, money taken    ledger.py   SQL
    values.py    what is exchanged     messages.py   the contract's      reasons.py   sentences
"""

from haidang.portal.renewals.ledger import RenewalLedger
from haidang.portal.renewals.office import Renewals
from haidang.portal.renewals.values import Renewal, RenewName

__all__ = ["RenewName", "Renewal", "RenewalLedger", "Renewals"]
