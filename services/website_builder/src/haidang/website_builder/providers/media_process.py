"""Asks the media worker, over its socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from haidang.core.errors import Refused, Unavailable, from_facts
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.photo_facts import MadePhoto
from pydantic import TypeAdapter

ANSWER_SECONDS = 60.0
"""Longer than the worker gives a photo: its own refusal arrives first."""
AT_A_TIME = 2
"""As many as the worker decodes at once: the others wait here, not inside their 60 s."""
PHOTO = TypeAdapter(MadePhoto)


class MediaProcess:
    """The media worker as its callers see it."""

    def __init__(self, socket: Path, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._socket = socket
        self._answer_seconds = answer_seconds
        self._turn = asyncio.Semaphore(AT_A_TIME)

    async def make_renditions(self, source: Path, output: Path) -> MadePhoto:
        """Have *source* encoded into *output*.

        Raises: Malformed IMAGE_*; Refused IMAGE_TOO_COMPLEX when its limits ended it;
            Unavailable MEDIA_WORKER_DOWN when the worker is not there or went away.
        """
        request = json.dumps({"source": str(source), "output": str(output)})
        async with self._turn:
            line = await self._asked(request.encode() + b"\n")
        answer = json.loads(line)
        if "error" in answer:
            raise from_facts(answer["error"])
        return PHOTO.validate_python(answer["photo"])

    async def _asked(self, request: bytes) -> bytes:
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError as error:
            raise Unavailable("MEDIA_WORKER_DOWN") from error
        try:
            writer.write(request)
            await writer.drain()
            line = await asyncio.wait_for(reader.readline(), self._answer_seconds)
        except TimeoutError as error:
            raise Refused("IMAGE_TOO_COMPLEX", field="file") from error
        except OSError as error:
            raise Unavailable("MEDIA_WORKER_DOWN") from error
        finally:
            writer.close()
        if not line.endswith(b"\n"):
            raise Unavailable("MEDIA_WORKER_DOWN")
        return line
