"""Profiles: one registry's namespaces, limits and quirks, as a value.

Pure. `rfc-plain` is the RFC mappings and nothing else. VNNIC's own extension
namespaces are not public and are never invented here; its profile is filled from its
specification once an accreditation hands it over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
HOST = "urn:ietf:params:xml:ns:host-1.0"

VERSION = "1.0"


class HostModel(StrEnum):
    """How name servers are given. Source: RFC 5731 section 1.1."""

    ATTRIBUTES = "hostAttr"
    OBJECTS = "hostObj"


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs from registry to registry.

    `names_per_check` bounds one check command; `extensions` are wanted, and used only
    where the greeting offers them.
    """

    id: str
    objects: tuple[str, ...] = (DOMAIN, CONTACT)
    extensions: tuple[str, ...] = ()
    host_model: HostModel = HostModel.ATTRIBUTES
    names_per_check: int = 50
    language: str = "en"


RFC_PLAIN = Profile("rfc-plain")

PROFILES = {RFC_PLAIN.id: RFC_PLAIN}
