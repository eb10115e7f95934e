"""Read RFC 3161 time-stamp tokens.

Comes in: a token's DER and a function that digests what it should be of. Goes out:
`TimestampFacts` without a path, beside the parsed CMS. Never here: a verdict.
Source: RFC 3161 section 2.4.2; RFC 5816.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from asn1crypto import tsp
from haidang.esign.facts import TimestampFacts
from haidang.esign.inspection.algorithms import PARSING_FAULTS
from haidang.esign.inspection.cms import Digester, ReadCms, read_cms

TST_INFO = "tst_info"


@dataclass(frozen=True)
class ReadTimestamp:
    """A token's facts beside its CMS."""

    facts: TimestampFacts
    cms: ReadCms


def read_timestamp(der: bytes, digester: Digester, *, covers_to: int) -> ReadTimestamp:
    """Read the token *der*; *digester* answers the digest of what it should stamp."""
    read = read_cms(der, digester, use="timestamp")
    if read.facts.problem or read.facts.content_type != TST_INFO:
        return ReadTimestamp(TimestampFacts(read.facts, covers_to=covers_to), read)
    try:
        info = tsp.TSTInfo.load(read.content, strict=True)
        imprint = info["message_imprint"]
        name = str(imprint["hash_algorithm"]["algorithm"].native)
        expected = digester(name)
        facts = TimestampFacts(
            read.facts,
            generated_at=info["gen_time"].native.astimezone(UTC),
            imprint_matches=None
            if expected is None
            else expected == imprint["hashed_message"].native,
            imprint_digest=name,
            covers_to=covers_to,
        )
    except PARSING_FAULTS:
        facts = TimestampFacts(read.facts, covers_to=covers_to)
    return ReadTimestamp(facts, read)
