"""What search engines read: schema.org data built from the same values the page shows (pure).

Prices and names are never typed twice, so they equal the visible text.
Source: field guide websites section 4; schema.org (hotels).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from haidang.website_builder.website import Business
from haidang.website_builder.written import vnd

Node = dict[str, object]

TYPES = {
    "homestay": "LodgingBusiness",
    "hotel": "Hotel",
    "restaurant": "Restaurant",
    "farm": "LocalBusiness",
    "shop": "Store",
    "craft": "LocalBusiness",
}
SOLD_OUT = "out"
WEIGHED: Mapping[object, Node] = {
    "kg": {"value": 1, "unitCode": "KGM"},
    "100g": {"value": 100, "unitCode": "GRM"},
}
"""Amounts that a price is for, in UN/CEFACT Common Codes, by a fact's `unit`."""

LEASE_OUT = "http://purl.org/goodrelations/v1#LeaseOut"
_DAYS = {
    "mo": "Monday",
    "tu": "Tuesday",
    "we": "Wednesday",
    "th": "Thursday",
    "fr": "Friday",
    "sa": "Saturday",
    "su": "Sunday",
}


def business_node(
    business: Business, facts: Mapping[str, object], origin: str, images: list[str]
) -> Node:
    """The business with what it offers. *facts* are the site's, read for one language."""
    kind = str(facts.get("kind") or "")
    identity = f"{origin}/#business"
    node: Node = {
        "@context": "https://schema.org",
        "@type": TYPES.get(kind, "LocalBusiness"),
        "@id": identity,
        "name": business.name,
        "url": f"{origin}/",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": business.street,
            "addressLocality": business.commune,
            "addressRegion": business.province,
            "addressCountry": "VN",
        },
    }
    if business.phone:
        node["telephone"] = business.phone
    if business.email:
        node["email"] = business.email
    if business.latitude or business.longitude:
        node["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": business.latitude,
            "longitude": business.longitude,
        }
    if images:
        node["image"] = [origin + image for image in images]
    if hours := list(_hours(facts.get("opening_hours"))):
        node["openingHoursSpecification"] = hours
    node.update(_offers(kind, facts, origin))
    return node


def _hours(value: object) -> Iterator[Node]:
    for one in value if isinstance(value, list) else []:
        yield {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": [_DAYS[day] for day in one["days"]],
            "opens": one["opens"],
            "closes": one["closes"],
        }


def _offers(kind: str, facts: Mapping[str, object], origin: str) -> Node:
    node: Node = {}
    rooms = [_room_offer(room, origin) for room in _listed(facts, "rooms") if room.get("price")]
    rooms += [_produce_offer(one, origin) for one in _listed(facts, "products") if one.get("price")]
    groups = _listed(facts, "offers")
    if kind == "restaurant":
        node |= _table_facts(facts, _listed(facts, "menu") or groups, origin)
    else:
        rooms += [
            _product_offer(item, origin)
            for group in groups
            for item in _listed(group, "items")
            if item.get("price")
        ]
    if rooms:
        node["makesOffer"] = rooms
    return node


def _table_facts(
    facts: Mapping[str, object], groups: list[Mapping[str, object]], origin: str
) -> Node:
    """What a restaurant says beyond a business: its kitchen, what a meal costs, its menu.

    Source: schema.org Restaurant, Menu, MenuSection; field guide websites section 4.
    """
    node: Node = {}
    if cuisine := facts.get("cuisine"):
        node["servesCuisine"] = cuisine
    if low := facts.get("price_low"):
        node["priceRange"] = " – ".join(vnd(one) for one in (low, facts.get("price_high")) if one)
    catch = [_menu_item(item, origin) for item in _listed(facts, "catch") if _is_sold(item)]
    sections = [_menu_section(group, origin) for group in groups]
    menu = {"hasMenuItem": catch, "hasMenuSection": sections}
    if any(menu.values()):
        node["hasMenu"] = {"@type": "Menu"} | {key: said for key, said in menu.items() if said}
    return node


def _is_sold(item: Mapping[str, object]) -> bool:
    """Whether a dish can be had today: the page says so too."""
    return not item.get("sold_out") and item.get("stock") != SOLD_OUT


def _listed(holder: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    value = holder.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _room_offer(room: Mapping[str, object], origin: str) -> Node:
    identity = f"{origin}/#{room.get('id')}"
    return {
        "@type": "Offer",
        "@id": identity,
        "businessFunction": LEASE_OUT,
        "itemOffered": _described(
            {"@type": ["HotelRoom", "Product"], "offers": {"@id": identity}}, room, origin
        ),
        "price": room["price"],
        "priceCurrency": "VND",
        "availability": "https://schema.org/InStock",
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "price": room["price"],
            "priceCurrency": "VND",
            "unitCode": "DAY",
        },
    }


STOCK: Mapping[object, str] = {
    "in": "InStock",
    "few": "LimitedAvailability",
    "soon": "PreOrder",
    SOLD_OUT: "OutOfStock",
}
"""What schema.org calls a product's `stock`. Source: schema.org ItemAvailability."""


def _produce_offer(item: Mapping[str, object], origin: str) -> Node:
    """A product with its price for one unit, whether it can be had, and its batch."""
    identity = f"{origin}/#{item.get('id')}"
    product = _described({"@type": "Product", "offers": {"@id": identity}}, item, origin)
    if batch := item.get("batch"):
        product["sku"] = f"{item.get('id')}/{batch}"
    return {
        "@type": "Offer",
        "@id": identity,
        "itemOffered": product,
        "price": item["price"],
        "priceCurrency": "VND",
        "availability": f"https://schema.org/{STOCK.get(item.get('stock'), 'InStock')}",
        "priceSpecification": _for_one(item),
    }


def _for_one(item: Mapping[str, object]) -> Node:
    unit = str(item.get("unit") or "")
    specification: Node = {
        "@type": "UnitPriceSpecification",
        "price": item["price"],
        "priceCurrency": "VND",
    }
    if weighed := WEIGHED.get(unit):
        specification["referenceQuantity"] = {"@type": "QuantitativeValue", **weighed}
    elif unit:
        specification["unitText"] = unit
    return specification


def _product_offer(item: Mapping[str, object], origin: str) -> Node:
    return {
        "@type": "Offer",
        "itemOffered": _described({"@type": "Product"}, item, origin),
        "price": item["price"],
        "priceCurrency": "VND",
        "availability": "https://schema.org/InStock",
    }


def _menu_section(group: Mapping[str, object], origin: str) -> Node:
    return {
        "@type": "MenuSection",
        "name": group.get("name"),
        "hasMenuItem": [
            _menu_item(item, origin) for item in _listed(group, "items") if _is_sold(item)
        ],
    }


def _menu_item(item: Mapping[str, object], origin: str) -> Node:
    node = _described({"@type": "MenuItem"}, item, origin)
    if item.get("price") and not item.get("market"):
        node["offers"] = _dish_offer(item)
    if item.get("vegetarian"):
        node["suitableForDiet"] = "https://schema.org/VegetarianDiet"
    return node


def _dish_offer(item: Mapping[str, object]) -> Node:
    offer: Node = {"@type": "Offer", "price": item["price"], "priceCurrency": "VND"}
    if unit := WEIGHED.get(item.get("unit")):
        offer["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "price": item["price"],
            "priceCurrency": "VND",
            "referenceQuantity": {"@type": "QuantitativeValue", **unit},
        }
    return offer


def _described(node: Node, item: Mapping[str, object], origin: str) -> Node:
    """*node* with the name, words and photo the page shows for *item*."""
    node["name"] = item.get("name")
    if text := item.get("text"):
        node["description"] = " ".join(text) if isinstance(text, list) else text
    photo = item.get("photo")
    if isinstance(photo, Mapping):
        node["image"] = f"{origin}{photo['path']}"
    return node


def script(node: Node) -> str:
    """A JSON-LD data block. No text in it can end the element or start another.

    `<`, `>` and `&` are written as escapes, so are the line separators of old parsers.
    """
    text = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/ld+json">{text}</script>'
