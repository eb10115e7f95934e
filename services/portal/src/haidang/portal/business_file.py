"""The file `haidang go-online` takes: one business, its name, its website, its pictures.

Pure: text in, values out; every fault is a Malformed at its field. Photos are named by
path and stand in the content as {"$photo": "bien.jpg", "alt": {"vi": "..."}}.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from haidang.core.errors import Malformed, register

REQUESTS = uuid.UUID("0f6f7f0f-0cf5-4b9b-8a53-5d8ad3f40c55")
PHOTO = "$photo"
PHOTO_FORM = '{"$photo": "bien.jpg", "alt": {"vi": "Bãi biển buổi sáng"}}'
SECTIONS = {"domain", "years", "accepted_total_dong", "payer", "registrant", "website"}

register(
    Malformed,
    {
        "FILE_UNREADABLE": (
            "{file} is not a readable YAML file: {detail}.",
            "Không đọc được tệp {file}: {detail}.",
        ),
        "FILE_KEY_UNKNOWN": (
            "{field} is not known here; known are: {known}.",
            "Mục {field} không có trong mẫu; các mục có thể dùng: {known}.",
        ),
    },
)


class _Loader(yaml.SafeLoader):
    """Leaves dates as they are written: the contract takes them as text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - so the library has it
        first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


# Any: content is plain data that the pack's schemas judge.
Content = Any


@dataclass(frozen=True, slots=True)
class BusinessFile:
    """A parsed file. `website` still names photos by path."""

    domain: str
    years: int
    accepted_total_dong: int
    payer: str
    registrant: dict[str, Content]
    website: dict[str, Content]


def parse(text: str, *, file: str) -> BusinessFile:
    """The business described in *text*. Raises: Malformed at its field."""
    try:
        found = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        detail = str(getattr(error, "problem_mark", None) or error).strip()
        raise Malformed("FILE_UNREADABLE", file=file, detail=detail) from error
    if not isinstance(found, dict):
        raise Malformed("FILE_UNREADABLE", file=file, detail="YAML mapping expected")
    for key in found.keys() - SECTIONS:
        raise Malformed("FILE_KEY_UNKNOWN", field=str(key), known=sorted(SECTIONS))
    for key in ("domain", "accepted_total_dong", "registrant", "website"):
        if key not in found:
            raise Malformed("FIELD_REQUIRED", field=key)
    return BusinessFile(
        domain=_text(found, "domain"),
        years=_whole(found, "years", default=1),
        accepted_total_dong=_whole(found, "accepted_total_dong"),
        payer=_text(found, "payer", default="sandbox-account"),
        registrant=_mapping(found, "registrant"),
        website=_mapping(found, "website"),
    )


def photos(content: Content) -> Iterator[tuple[str, dict[str, str]]]:
    """The photos named in *content*, in order: path and alternative text by locale.

    Raises: Malformed at the photo that is not described so.
    """
    if isinstance(content, dict):
        if PHOTO in content:
            yield _photo(content)
        for value in content.values():
            yield from photos(value)
    elif isinstance(content, list):
        for value in content:
            yield from photos(value)


def with_media(content: Content, media: Callable[[str], str]) -> Content:
    """*content* with each {"$photo": path, "alt": ...} turned into its media name."""
    if isinstance(content, dict):
        if PHOTO in content:
            return media(str(content[PHOTO]))
        return {key: with_media(value, media) for key, value in content.items()}
    if isinstance(content, list):
        return [with_media(value, media) for value in content]
    return content


def request_id(business: BusinessFile, digests: dict[str, str]) -> str:
    """The same id for the same file and the same photos, so that a journey is joined."""
    text = json.dumps(
        [
            business.domain,
            business.years,
            business.accepted_total_dong,
            business.payer,
            business.registrant,
            business.website,
            digests,
        ],
        sort_keys=True,
        default=str,
    )
    return str(uuid.uuid5(REQUESTS, hashlib.sha256(text.encode()).hexdigest()))


def _photo(content: dict[str, Content]) -> tuple[str, dict[str, str]]:
    path, alt = content[PHOTO], content.get("alt", {})
    texts = alt.values() if isinstance(alt, dict) else [None]
    if not isinstance(path, str) or not all(isinstance(text, str) for text in texts):
        raise Malformed("FIELD_INVALID", field=f"website.{PHOTO}", detail=PHOTO_FORM)
    return path, dict(alt)


def _text(found: dict[str, Content], key: str, *, default: str = "") -> str:
    value = found.get(key, default)
    if not isinstance(value, str) or not value.strip():
        raise Malformed("FIELD_INVALID", field=key, detail="cần một dòng chữ")
    return value.strip()


def _whole(found: dict[str, Content], key: str, *, default: int = 0) -> int:
    value = found.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("FIELD_INVALID", field=key, detail="cần một số nguyên")
    return value


def _mapping(found: dict[str, Content], key: str) -> dict[str, Content]:
    value = found.get(key)
    if not isinstance(value, dict):
        raise Malformed("FIELD_INVALID", field=key, detail="cần một nhóm mục con")
    return value
