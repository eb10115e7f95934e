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
PHOTO = TypeAdapter(MadePhoto)


class MediaProcess:
    """The media worker as its callers see it."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def make_renditions(self, source: Path, output: Path) -> MadePhoto:
        """Have *source* encoded into *output*.

        Raises: Malformed IMAGE_*; Refused IMAGE_TOO_COMPLEX when its limits ended it;
            Unavailable MEDIA_WORKER_DOWN.
        """
        request = json.dumps({"source": str(source), "output": str(output)})
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError as error:
            raise Unavailable("MEDIA_WORKER_DOWN") from error
        try:
            writer.write(request.encode() + b"\n")
            await writer.drain()
            line = await asyncio.wait_for(reader.readline(), ANSWER_SECONDS)
        except (OSError, TimeoutError) as error:
            raise Refused("IMAGE_TOO_COMPLEX", field="file") from error
        finally:
            writer.close()
        if not line:
            raise Refused("IMAGE_TOO_COMPLEX", field="file")
        answer = json.loads(line)
        if "error" in answer:
            raise from_facts(answer["error"])
        return PHOTO.validate_python(answer["photo"])
