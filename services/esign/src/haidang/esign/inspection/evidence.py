"""Collect the validation data a document carries: /DSS certificates, OCSP answers, CRLs.

Comes in: the last revision. Never here: whether the evidence is authentic or enough.
Source: ETSI EN 319 142-1 clause 5.4.2.
"""

from __future__ import annotations

from asn1crypto import x509
from haidang.esign.inspection.certificates import read_certificate
from haidang.esign.inspection.filters import decoded
from haidang.esign.inspection.revisions import Revision
from haidang.esign.inspection.revocation import Evidence
from haidang.esign.inspection.syntax import PdfSyntaxError, Stream

MAX_EVIDENCE_ITEMS = 2000


def collect(revision: Revision) -> tuple[list[x509.Certificate], Evidence]:
    """Everything listed in /DSS; an item that cannot be read is left out."""
    store = revision.dictionary(revision.dictionary(revision.trailer.get("Root")).get("DSS"))
    certificates = [read_certificate(der) for der in _streams(revision, store.get("Certs"))]
    evidence = Evidence()
    for key in ("OCSPs", "CRLs"):
        for der in _streams(revision, store.get(key)):
            evidence.add(der, "embedded")
    return [one for one in certificates if one is not None], evidence


def _streams(revision: Revision, listed: object) -> list[bytes]:
    found: list[bytes] = []
    for item in revision.array(listed)[:MAX_EVIDENCE_ITEMS]:
        try:
            stream = revision.value(item)
            if isinstance(stream, Stream):
                found.append(decoded(stream))
        except PdfSyntaxError:
            continue
    return found
