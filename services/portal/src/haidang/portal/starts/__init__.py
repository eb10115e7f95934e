"""Starts: the saved state of one sitting, from the first question to the journey.

Who comes in: the rooms of the wizard. A start is a set of facts, kept field by field as
they are typed, with photos, consents and the price shown; it ends as the request of a
journey. Nothing here speaks to another service or knows a page.

    keeper.py    the office: save, photos, consents, attempts    ledger.py   SQL behind it
    facts.py     what is asked where, and what is missing        changes.py  two tabs, one start
    requests.py  facts -> the journey's request                  retention.toml   dated setting
"""

from haidang.portal.starts.keeper import Starts
from haidang.portal.starts.values import Photo, Start

__all__ = ["Photo", "Start", "Starts"]
