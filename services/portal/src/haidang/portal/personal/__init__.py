"""Personal data of the portal: journeys and payments, the business and its people.

Starts and looks bring their own parts.
"""

from haidang.portal.personal.ledger import JourneysPart
from haidang.portal.personal.people import PeoplePart

__all__ = ["JourneysPart", "PeoplePart"]
