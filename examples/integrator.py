"""Takes a business online from code: `python examples/integrator.py FILE.yaml STATE_FOLDER`.

HAIDANG_API_KEY is a key of Tài khoản > Khóa API that may use journeys and websites."""

import asyncio
import os
import sys
import uuid
from pathlib import Path

import yaml
from google.protobuf.json_format import ParseDict
from haidang.api.journeys.v1.journeys_pb2 import GoOnlineRequest
from haidang.core.client import Haidang


async def with_photos(haidang, part, folder):
    """*part* of the file with each {"$photo": path, "alt": ...} sent, and named instead."""
    match part:
        case {"$photo": path, "alt": alt}:
            return await haidang.upload_photo((folder / path).read_bytes(), alt=alt)
        case dict():
            return {key: await with_photos(haidang, each, folder) for key, each in part.items()}
        case list():
            return [await with_photos(haidang, each, folder) for each in part]
    return part


async def go_online(text, folder, state):
    async with Haidang.on_this_machine(state, os.environ["HAIDANG_API_KEY"]) as haidang:
        business = await with_photos(haidang, yaml.safe_load(text), folder)
        business["draft"] = business.pop("website")
        business["request_id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, text))
        return await haidang.go_online(ParseDict(business, GoOnlineRequest()))


file = Path(sys.argv[1])
online = asyncio.run(go_online(file.read_text(), file.parent, Path(sys.argv[2])))
print(online.deployment.uri)
