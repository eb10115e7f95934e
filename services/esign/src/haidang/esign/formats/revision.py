"""An incremental update that adds what is asked and nothing else. Pure.

`formats/pades.py` comes in. Works around pyHanko 0.38, whose writer also rewrites the
file's metadata with the clock's time and its own name, and takes half of /ID from chance:
a signature should change nothing but its field, and preparing twice should be the same.
Can go when pyHanko offers a switch for each.

Source: ISO 32000-1 sections 7.5.6 and 14.4; ISO 19005-2 (metadata stay as they were made).
"""

from __future__ import annotations

import hashlib
from io import BytesIO

from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

ID_BYTES = 16


class Revision(IncrementalPdfFileWriter):
    """The next revision of *pdf*; *distinct* tells it from other revisions of the same bytes.

    Raises: what pyHanko raises for a file that it cannot read strictly.
    """

    def __init__(self, pdf: bytes, distinct: bytes) -> None:
        super().__init__(BytesIO(pdf), strict=True)
        first = hashlib.sha256(pdf).digest()
        second = hashlib.sha256(first + distinct).digest()[:ID_BYTES]
        has_id = "/ID" in self.prev.trailer
        permanent = self._document_id[0] if has_id else ByteStringObject(first[:ID_BYTES])
        self._document_id = ArrayObject([permanent, ByteStringObject(second)])

    def _update_meta(self) -> None:
        """Leave dates, producer and XMP as they are."""

    def written(self) -> bytes:
        """All of the file: earlier bytes, then this revision."""
        out = BytesIO()
        self.write(out)  # type: ignore[no-untyped-call]  # pyHanko's own is untyped
        return out.getvalue()
