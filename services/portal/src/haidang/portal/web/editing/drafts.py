"""A draft as one JSON document: business, site, pages, languages. Pure.

`{"pack": …, "locales": […], "business": {…}, "site": {…}, "pages": […]}`, so that the
pointers of findings ("/business/phone", "/pages/0/sections/2/data/heading/vi") are paths
in it.
"""

from __future__ import annotations

from google.protobuf import json_format
from haidang.api.websites.v1 import websites_pb2
from haidang.portal.web.editing.schema_forms import Json

Document = dict[str, Json]
BANK_ACCOUNT = "bank_account"
"""The site fact that says where customers' money goes."""
BUSINESS_FIELDS = tuple(one.name for one in websites_pb2.Business.DESCRIPTOR.fields)


def document_of(draft: websites_pb2.Draft) -> Document:
    """*draft* as a document; whole numbers of the Struct are integers again."""
    content = _whole(json_format.MessageToDict(draft.content))
    business = {name: getattr(draft.business, name) for name in BUSINESS_FIELDS}
    return {
        "pack": draft.pack,
        "locales": list(draft.locales),
        "business": {name: value for name, value in business.items() if value},
        "site": content.get("site", {}),
        "pages": content.get("pages", []),
    }


def draft_of(document: Document) -> websites_pb2.Draft:
    """The message of *document*."""
    draft = websites_pb2.Draft(
        pack=document["pack"],
        locales=document["locales"],
        business=websites_pb2.Business(**document["business"]),
    )
    content = {"site": document["site"], "pages": document["pages"]}
    json_format.ParseDict(content, draft.content)
    return draft


def taken_up(earlier: Document, now: Document) -> Document:
    """*earlier* as the draft again, with today's account for customers' money.

    Where money goes is changed on its own screen alone, after a fresh proof.
    """
    site = {name: value for name, value in earlier["site"].items() if name != BANK_ACCOUNT}
    if BANK_ACCOUNT in now["site"]:
        site[BANK_ACCOUNT] = now["site"][BANK_ACCOUNT]
    return {**earlier, "site": site}


def _whole(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return value
