"""Records in plain words: what each is for, and which change an owner's wish means. Pure.

Who comes in: the pages of a name's records. Nothing here speaks to a service: a zone as it
is held and a wish go in, changes come out; the domains service judges and publishes them.

    zone.py   records, changes, purposes, what a change would stop
    mail.py   mail providers, out of dated data: mail.toml
"""

from haidang.portal.records.mail import MailPreset, mail_changes, mail_presets
from haidang.portal.records.zone import (
    Change,
    Purpose,
    Record,
    proof_changes,
    purpose_of,
    record_changes,
    spoken,
    stops_mail,
    stops_website,
    wanted_of,
    without_value,
)

__all__ = [
    "Change",
    "MailPreset",
    "Purpose",
    "Record",
    "mail_changes",
    "mail_presets",
    "proof_changes",
    "purpose_of",
    "record_changes",
    "spoken",
    "stops_mail",
    "stops_website",
    "wanted_of",
    "without_value",
]
