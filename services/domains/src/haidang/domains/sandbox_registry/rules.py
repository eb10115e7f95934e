"""The sandbox registry's own typed rules: what a value and an element's children may be.

Pure. `requests` comes here. Written from the schemas' text, not from our client: the
two must not certify each other. A breach is a `Refusal` with the precise result code.

Source: RFC 5730 section 3 (codes); eppcom-1.0, epp-1.0, domain-1.0, contact-1.0, host-1.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import TypeVar

from lxml import etree

Element = etree._Element
T = TypeVar("T")
Rule = Callable[[str], T]

SYNTAX, MISSING, RANGE, VALUE_SYNTAX = 2001, 2003, 2004, 2005
XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Refusal(Exception):
    """A command is refused with a result code; *value* names the offending element."""

    def __init__(self, code: int, reason: str, value: Element | None = None) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason
        self.value = value


def token(low: int, high: int) -> Rule[str]:
    """xsd:token: white space is collapsed before the length counts."""

    def rule(text: str) -> str:
        collapsed = " ".join(text.split())
        if not low <= len(collapsed) <= high:
            raise Refusal(RANGE, f"length must be {low} to {high}")
        return collapsed

    return rule


def normalized(low: int, high: int) -> Rule[str]:
    """xsd:normalizedString: tabs and line ends become spaces."""

    def rule(text: str) -> str:
        spaced = re.sub(r"[\t\r\n]", " ", text)
        if not low <= len(spaced) <= high:
            raise Refusal(RANGE, f"length must be {low} to {high}")
        return spaced

    return rule


def pattern(expression: str, high: int) -> Rule[str]:
    """xsd:token that matches *expression* whole."""
    compiled = re.compile(expression)

    def rule(text: str) -> str:
        collapsed = " ".join(text.split())
        if len(collapsed) > high or not compiled.fullmatch(collapsed):
            raise Refusal(VALUE_SYNTAX, "does not match its pattern")
        return collapsed

    return rule


def among(*allowed: str) -> Rule[str]:
    """An enumeration."""

    def rule(text: str) -> str:
        collapsed = " ".join(text.split())
        if collapsed not in allowed:
            raise Refusal(RANGE, "not one of the allowed values")
        return collapsed

    return rule


def whole_number(low: int, high: int) -> Rule[int]:
    """A decimal integer within bounds."""

    def rule(text: str) -> int:
        stripped = text.strip()
        if not (stripped.isascii() and stripped.isdigit()):
            raise Refusal(VALUE_SYNTAX, "not a whole number")
        if not low <= int(stripped) <= high:
            raise Refusal(RANGE, f"must be {low} to {high}")
        return int(stripped)

    return rule


def xsd_date(text: str) -> date:
    """xsd:date without zone."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as fault:
        raise Refusal(VALUE_SYNTAX, "not a date") from fault


def boolean(text: str) -> bool:
    """xsd:boolean."""
    if text.strip() in {"1", "true"}:
        return True
    if text.strip() in {"0", "false"}:
        return False
    raise Refusal(VALUE_SYNTAX, "not a boolean")


def address(version: str, text: str) -> str:
    """An IP address of the version it claims to be."""
    try:
        read = ip_address(text.strip())
    except ValueError as fault:
        raise Refusal(VALUE_SYNTAX, "not an IP address") from fault
    if f"v{read.version}" != version:
        raise Refusal(VALUE_SYNTAX, f"not an IP{version} address")
    return str(read)


def anything(text: str) -> str:
    """Any text: used where a schema allows it."""
    return text


class Children:
    """An element's children in one namespace, consumed strictly in the schema's order."""

    def __init__(self, element: Element, namespace: str) -> None:
        self._element = element
        self._namespace = namespace
        self._rest = list(element)

    def take(self, tag: str) -> Element | None:
        """The next child if it is *tag*."""
        if self._rest and self._rest[0].tag == f"{{{self._namespace}}}{tag}":
            return self._rest.pop(0)
        return None

    def need(self, tag: str) -> Element:
        """The next child, which must be *tag*: 2003 when absent."""
        found = self.take(tag)
        if found is None:
            here = etree.QName(self._element).localname
            raise Refusal(MISSING, f"{here}: {tag} expected", self._element)
        return found

    def one(self, tag: str, rule: Rule[T]) -> T:
        """The value of the next child, which must be *tag*."""
        return text_of(self.need(tag), rule)

    def optional(self, tag: str, rule: Rule[T], default: T) -> T:
        """The value of the next child if it is *tag*."""
        found = self.take(tag)
        return default if found is None else text_of(found, rule)

    def every(self, tag: str, low: int = 0, high: int = 1000) -> list[Element]:
        """All next children that are *tag*; between *low* and *high* of them."""
        found: list[Element] = []
        while (child := self.take(tag)) is not None:
            found.append(child)
        if not low <= len(found) <= high:
            code = MISSING if len(found) < low else SYNTAX
            raise Refusal(code, f"{low} to {high} of {tag} expected", self._element)
        return found

    def any_foreign(self) -> list[Element]:
        """All remaining children, which must be of other namespaces (xsd:any ##other)."""
        rest, self._rest = self._rest, []
        for child in rest:
            if etree.QName(child).namespace in {None, self._namespace}:
                raise Refusal(SYNTAX, "element of this namespace not expected", child)
        return rest

    def end(self) -> None:
        """Refuse whatever is left."""
        if self._rest:
            raise Refusal(SYNTAX, "element not expected here", self._rest[0])


def text_of(element: Element, rule: Rule[T]) -> T:
    """The element's text by *rule*; a breach names the element."""
    if len(element):
        raise Refusal(SYNTAX, "text expected, not elements", element)
    try:
        return rule(element.text or "")
    except Refusal as breach:
        raise Refusal(breach.code, breach.reason, element) from breach


def attribute(element: Element, name: str, rule: Rule[T], default: T | None = None) -> T:
    """The attribute's value by *rule*; required unless *default* is given."""
    found = element.get(name)
    if found is None:
        if default is None:
            raise Refusal(MISSING, f"attribute {name} expected", element)
        return default
    try:
        return rule(found)
    except Refusal as breach:
        raise Refusal(breach.code, f"{name}: {breach.reason}", element) from breach


def only_attributes(element: Element, *names: str) -> None:
    """Refuse attributes other than *names*; those of XML Schema itself may always stand."""
    for name in map(str, element.attrib):
        if name not in names and not name.startswith(f"{{{XSI}}}"):
            raise Refusal(SYNTAX, f"attribute {name!s} not expected", element)
