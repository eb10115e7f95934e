"""What a later revision may hold: the dictionary keys of lawful additions.

Pure data. Who comes in: `changes`, whose default is to deny. Source: ISO 32000-2 clauses
12.7.4 and 12.8.1 (signature fields and dictionaries), 12.8.4.3 (document security store).
"""

from __future__ import annotations

CATALOG_MAY_CHANGE = frozenset({"AcroForm", "DSS", "Extensions", "Version"})
METADATA_KEYS = frozenset({"Type", "Subtype", "Length", "Filter", "DecodeParms"})
FORM_MAY_CHANGE = frozenset({"Fields", "SigFlags"})
TRAILER_MAY_CHANGE = frozenset(
    [
        "Size",
        "Prev",
        "ID",
        "XRefStm",
        "Type",
        "W",
        "Index",
        "Length",
        "Filter",
        "DecodeParms",
        "Info",
    ]
)
INFO_MAY_CHANGE = frozenset({"ModDate", "Producer"})
FIELD_KEYS = frozenset(
    [
        "Type",
        "Subtype",
        "FT",
        "T",
        "V",
        "F",
        "P",
        "Rect",
        "AP",
        "Ff",
        "MK",
        "Lock",
        "SV",
        "DA",
        "DR",
        "TU",
        "Border",
        "BS",
    ]
)
FILLED_FIELD_MAY_CHANGE = frozenset({"V", "F", "AP", "MK"})
SIGNATURE_KEYS = frozenset(
    [
        "Type",
        "Filter",
        "SubFilter",
        "ByteRange",
        "Contents",
        "M",
        "Reason",
        "Location",
        "ContactInfo",
        "Name",
        "Reference",
        "Prop_Build",
        "Prop_AuthTime",
        "Prop_AuthType",
        "V",
        "R",
        "Changes",
    ]
)
DSS_KEYS = frozenset({"Type", "VRI", "Certs", "OCSPs", "CRLs"})
VRI_KEYS = frozenset({"Type", "Cert", "OCSP", "CRL", "TU", "TS"})
EVIDENCE_STREAM_KEYS = frozenset({"Type", "Length", "Filter", "DecodeParms"})
RECTANGLE_NUMBERS = 4
