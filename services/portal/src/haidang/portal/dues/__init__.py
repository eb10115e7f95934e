"""Dues: what was carried out for a name and not paid for, and the way to pay it.

Who comes in: journeys.v1, the pages of names, the home page. A debt is never written down
anew: it is a journey or a renewal that holds the name and whose money the bank refused to
hand over. A debt is paid at most once, however many pay at the same time.

    office.py   the office: claimed, money set aside, money taken    ledger.py    SQL
    rules.py    what may be paid, by whom, and what then holds       values.py    what is exchanged
    messages.py the contract's                                       reasons.py   sentences
"""

from haidang.portal.dues.ledger import MIGRATIONS, DueLedger
from haidang.portal.dues.office import Dues
from haidang.portal.dues.values import DueItem, DueKind, DuePayment, PayDue

__all__ = ["MIGRATIONS", "DueItem", "DueKind", "DueLedger", "DuePayment", "Dues", "PayDue"]
