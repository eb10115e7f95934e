"""No frame breaks the registry: every message it can read it answers with a code, by a seed."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from tests import hostile
from tests.domains.sandbox_house import RawClient, SandboxHouse, registered

GOLDEN = Path(__file__).parents[2] / "golden" / "epp"
ROUNDS = 250
TEXTS = tuple(
    escape(text)
    for text in hostile.TEXTS
    if len(text) < 6000 and not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", text)
)
VALUE = re.compile(r">([^<>]+)<|\"([^\"<>]*)\"")
ELEMENT = re.compile(r"<([\w:]+)(?: [^<>]*)?>[^<>]*</\1>")
CLOSING = re.compile(rb'result code="25\d\d"|result code="1500"')
CODE = re.compile(rb'result code="[12]\d{3}"|<greeting>')


class Frames:
    """Commands of ours, spoilt at one or two places; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        names = sorted(GOLDEN.glob("*.xml"))
        self.golden = [one.read_text() for one in names if "log" not in one.name]

    def frame(self) -> bytes:
        text = self.random.choice(self.golden)
        for _ in range(self.random.randrange(1, 3)):
            text = self._spoilt(text)
        return text.encode()

    def _spoilt(self, text: str) -> str:
        pattern = VALUE if self.random.random() < 0.7 else ELEMENT
        places = [m for m in pattern.finditer(text) if not m[0].strip('"').startswith("urn:")]
        if not places:
            return text
        place = self.random.choice(places)
        if pattern is VALUE:
            group = 1 if place[1] is not None else 2
            new = self.random.choice(TEXTS).replace('"', "&quot;")
            return text[: place.start(group)] + new + text[place.end(group) :]
        times = self.random.choice((0, 2, 50))
        return text[: place.start()] + place[0] * times + text[place.end() :]


async def test_every_frame_is_answered_with_a_code(tmp_path: Path) -> None:
    frames = Frames(seed=20_261_128)
    async with SandboxHouse(tmp_path) as house:
        await registered(house.client())
        client = None
        for _ in range(ROUNDS):
            if client is None:
                client = await RawClient(house).__aenter__()
                await client.log_in()
            frame = frames.frame()

            answer = await client.ask(frame)

            assert CODE.search(answer), (frame.decode(), answer.decode())
            if CLOSING.search(answer):
                client = None
