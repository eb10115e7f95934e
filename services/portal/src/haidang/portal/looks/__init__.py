"""Looks: who of the platform looked at whose personal data, at what, when, and why.

Who comes in: the operator's rooms, before they show anything; the owner's page of personal
data, which shows every look. A look is recorded first, in the same request: what could not
be recorded is not shown.
"""

from haidang.portal.looks.ledger import MIGRATIONS, LookLedger
from haidang.portal.looks.office import Looks
from haidang.portal.looks.values import EVERYBODY, Look

__all__ = ["EVERYBODY", "MIGRATIONS", "Look", "LookLedger", "Looks"]
