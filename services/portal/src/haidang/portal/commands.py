"""`haidang go-online FILE`: the journey from a terminal, with its progress shown."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from haidang.core.clock import vietnamese_date
from haidang.core.offers import CommandRef


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of `go-online`."""
    parser.add_argument("file", type=Path, help="the business, as a YAML file")
    parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")


def run(arguments: argparse.Namespace) -> int:
    """Take the business online. 0 only when it is online."""
    from haidang.core.errors import Malformed
    from haidang.portal import business_file

    file: Path = arguments.file
    began = time.monotonic()
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed("FILE_UNREADABLE", file=str(file), detail=str(error)) from error
    business = business_file.parse(text, file=str(file))
    photos = read_photos(business_file.photos(business.website), file.parent)
    state: Path = arguments.state
    request = go_online_request(business, photos)
    name, journey, pdf = asyncio.run(go_online(state, request, photos))
    path = kept(pdf, state / "papers" / f"{journey.registration.domain}.pdf")
    summary = summary_of(journey, name, path, time.monotonic() - began)
    print(json.dumps(summary, ensure_ascii=False) if arguments.json else said(summary))
    return 0


GO_ONLINE = CommandRef(
    "go-online", "take a business online: name, website, signed declaration", configure, run
)


@dataclass(frozen=True)
class Photo:
    """A photo of the business: its bytes and the name the website builder gives it."""

    path: Path
    content: bytes
    alt: Mapping[str, str]

    @property
    def media(self) -> str:
        """Its resource name."""
        return f"media/{self.sha256}"

    @property
    def sha256(self) -> str:
        """Digest of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


# Any: messages, imported only when the command runs.
async def go_online(
    state: Path, request: Any, photos: Mapping[str, Photo]
) -> tuple[str, Any, bytes]:
    """Start or join the journey and follow it: (operation, journey, signed declaration).

    Raises: Absent PLATFORM_NOT_RUNNING; what it was refused for.
    """
    from haidang.api.journeys.v1 import journeys_pb2
    from haidang.core.client import Haidang

    async with Haidang.on_this_machine(state) as haidang:
        progress = Progress(request.domain, sys.stderr)
        for photo in photos.values():
            await haidang.upload_photo(photo.content, file_name=photo.path.name, alt=photo.alt)
        operation = await haidang.patiently(lambda: haidang.journeys.GoOnline(request))
        journey = await haidang.ended(
            operation, "journeys", journeys_pb2.Journey, on_progress=progress.show
        )
        pdf = await haidang.download_paper(journey.declaration.name)
    return operation.name, journey, pdf


def read_photos(named: Iterable[tuple[str, dict[str, str]]], folder: Path) -> dict[str, Photo]:
    """The *named* photos, relative to *folder*. Raises: Malformed at the photo."""
    from haidang.core.errors import Malformed

    found: dict[str, Photo] = {}
    for path, alt in named:
        try:
            found[path] = Photo(folder / path, (folder / path).read_bytes(), alt)
        except OSError as error:
            raise Malformed("FILE_UNREADABLE", file=path, detail=str(error.strerror)) from error
    return found


def go_online_request(business: Any, photos: Mapping[str, Photo]) -> Any:
    """The contract's request. Any: values and messages imported only when the command runs."""
    from google.protobuf import json_format
    from haidang.api.journeys.v1 import journeys_pb2
    from haidang.core.errors import Malformed
    from haidang.portal import business_file

    request = journeys_pb2.GoOnlineRequest(
        request_id=business_file.request_id(
            business, {path: photo.sha256 for path, photo in photos.items()}
        ),
        domain=business.domain,
        years=business.years,
        accepted_total_dong=business.accepted_total_dong,
        payer=business.payer,
    )
    website = business_file.with_media(business.website, lambda path: photos[path].media)
    for name, value in (("registrant", business.registrant), ("draft", website)):
        try:
            json_format.ParseDict(value, getattr(request, name))
        except json_format.ParseError as error:
            raise Malformed("FIELD_INVALID", field=name, detail=str(error)) from error
    return request


def kept(pdf: bytes, path: Path) -> Path:
    """Write *pdf* to *path*, all at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")  # two commands may end at once
    fresh.write_bytes(pdf)
    fresh.rename(path)
    return path


def summary_of(journey: Any, operation: str, path: Path, seconds: float) -> dict[str, Any]:
    """The promised JSON. Any: a journey message in, plain data out."""
    from haidang.api.domains.v1 import domains_pb2
    from haidang.api.esign.v1 import esign_pb2

    registration, report = journey.registration, journey.declaration.report
    state = domains_pb2.Registration.State.Name(registration.state).removeprefix("STATE_")
    level = esign_pb2.Level.Name(journey.declaration.level).removeprefix("LEVEL_")
    return {
        "domain": registration.domain,
        "website": journey.deployment.uri,
        "registration": {
            "state": state,
            "expires_at": registration.expire_time.ToJsonString(),
        },
        "declaration": {
            "path": str(path.resolve()),
            "indication": esign_pb2.Indication.Name(report.indication).removeprefix("INDICATION_"),
            "level": level.replace("_", "-"),
        },
        "operation": operation,
        "seconds": round(seconds, 2),
    }


def said(summary: Mapping[str, Any]) -> str:
    """The same for a person, dates and numbers as Vietnamese write them."""
    expires = datetime.fromisoformat(summary["registration"]["expires_at"])
    seconds = f"{summary['seconds']:.1f}".replace(".", ",")
    return (
        f"{summary['domain']} đã lên mạng sau {seconds} giây.\n"
        f"  Trang web   {summary['website']}\n"
        f"  Hết hạn     {vietnamese_date(expires)}\n"
        f"  Bản khai    {summary['declaration']['path']}"
        f" ({summary['declaration']['indication']}, {summary['declaration']['level']})"
    )


class Progress:
    """Shows each step of a journey once it changes, in plain words, on a stream."""

    WORDS: Mapping[str, str] = {
        "quote": "Tính giá",
        "authorize": "Giữ tiền thanh toán",
        "register": "Đăng ký tên miền",
        "capture": "Thanh toán",
        "zone": "Trỏ tên miền về trang web",
        "website": "Dựng trang web",
        "publish": "Đưa trang web lên mạng",
        "declare": "Ký bản khai điện tử",
        "release": "Trả lại tiền đã giữ",
    }

    def __init__(self, domain: str, stream: Any) -> None:  # Any: a text stream
        self._stream = stream
        self._shown: dict[str, str] = {}
        print(f"{domain}: bắt đầu", file=stream, flush=True)

    def show(self, metadata: Any) -> None:  # Any: OperationMetadata, imported lazily
        """Print what changed since the last call."""
        from haidang.api.operations.v1 import operations_pb2

        states = {
            operations_pb2.Step.STATE_SETTLED: "xong",
            operations_pb2.Step.STATE_REFUSED: "bị từ chối",
            operations_pb2.Step.STATE_UNSETTLED: "đang hỏi lại kết quả",
            operations_pb2.Step.STATE_NEEDS_OPERATOR: "chờ người vận hành",
        }
        for step in metadata.steps:
            word = states.get(step.state, "")
            if word and self._shown.get(step.name) != word:
                self._shown[step.name] = word
                more = f" ({step.message.message})" if step.message.message else ""
                name = self.WORDS.get(step.name, step.name)
                print(f"  {name}: {word}{more}", file=self._stream, flush=True)
