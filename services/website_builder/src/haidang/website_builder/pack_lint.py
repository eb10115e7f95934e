"""What a pack may not contain: the linter's rules over its texts (pure).

Source: field guide websites section 3, rules 5 to 7, and section 11, points 1 to 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import minijinja

LAYOUT = "layout.html"
CORE_PARTS = ("core/head.html",)
"""Macros of the platform's own that every pack may take."""

_IDENTIFIER = "^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$"
_LOCALE = "^[a-z]{2}(?:-[A-Z][a-z]{3})?$"
_NAMES = {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": _IDENTIFIER}}
_TITLE = {
    "type": "object",
    "required": ["vi", "en"],
    "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 80},
}
_SENTENCE = {
    **_TITLE,
    "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 160},
}

PACK_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        *("id", "version", "api", "title", "kinds", "license", "locales", "default_locale"),
        *("commerce", "content_version", "sections", "required_sections", "pages"),
    ],
    "properties": {
        "$schema": {"const": "haidang:pack/1"},
        "id": {"type": "string", "pattern": _IDENTIFIER, "maxLength": 80},
        "version": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"},
        "api": {"const": "1"},
        "requires_core": {"type": "string"},
        "title": _TITLE,
        "about": _SENTENCE,
        "schemes": {"type": "object", "additionalProperties": _TITLE},
        "kinds": _NAMES,
        "license": {"type": "string", "minLength": 1},
        "locales": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": _LOCALE},
        },
        "default_locale": {"type": "string", "pattern": _LOCALE},
        "features": _NAMES,
        "commerce": {"enum": ["showcase", "inquiry", "order"]},
        "content_version": {"type": "integer", "minimum": 1},
        "sections": _NAMES,
        "required_sections": _NAMES,
        "pages": _NAMES,
        "scripts": {"type": "array", "maxItems": 0},
        "csp": {"type": "object"},
        "budget": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}

OUR_FILTERS = frozenset({"vnd", "safe_url", "phone", "date", "by_month"})
_STOCK_FILTERS = frozenset(
    {
        *("default", "first", "last", "length", "join", "lower", "upper", "replace", "round"),
        *("int", "float", "min", "max", "sum", "sort", "slice", "batch", "trim", "list", "abs"),
        *("map", "select", "reject", "selectattr", "rejectattr", "unique", "reverse", "title"),
    }
)
OUR_FUNCTIONS = frozenset(
    {"picture", "form", "t", "sections", "structured_data", "legal_footer", "contact_bar"}
)
_STOCK_FUNCTIONS = frozenset({"range", "namespace", "loop", "cycle", "dict"})

_CODE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_FILTER = re.compile(r"\|\s*([A-Za-z_][A-Za-z0-9_]*)")
_CALL = re.compile(r"(?<![.\w|])([A-Za-z_][A-Za-z0-9_]*)\s*\(")
_METHOD = re.compile(r"\.\s*([A-Za-z_][A-Za-z0-9_]*)\s*\(")
_MACRO = re.compile(r"\{%-?\s*macro\s+([A-Za-z_][A-Za-z0-9_]*)")
_IMPORT = re.compile(r"\{%-?\s*from\s+['\"]([^'\"]+)['\"]\s+import\s+([^%]+?)-?%\}")
_INCLUDE = re.compile(r"\{%-?\s*(include|extends|import)\b")
_MESSAGE = re.compile(r"\bt\(\s*['\"]([^'\"]+)['\"]\s*\)")
_KEYWORDS = frozenset({"if", "elif", "in", "not", "and", "or", "set", "for", "is", "else"})

_MARKUP = (
    (re.compile(r"<script", re.IGNORECASE), "a <script>"),
    (re.compile(r"<style|\sstyle\s*=", re.IGNORECASE), "an inline style"),
    (re.compile(r"\son[a-z]+\s*=", re.IGNORECASE), "an event attribute"),
    (re.compile(r"<(?:iframe|object|embed|base|form)\b", re.IGNORECASE), "a forbidden element"),
    (re.compile(r"\bsrc\s*=\s*['\"]?\s*(?:https?:)?//", re.IGNORECASE), "a foreign source"),
)
_STYLE = (
    (re.compile(r"@import", re.IGNORECASE), "@import"),
    (re.compile(r"url\(", re.IGNORECASE), "url()"),
    (re.compile(r"expression\(|(?<![a-z-])behavior\s*:|</", re.IGNORECASE), "script in CSS"),
)


def lint_templates(templates: Mapping[str, str], messages: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse what templates may not do; every branch is read, not only those that run.

    Raises: ValueError naming template and fault.
    """
    checker = minijinja.Environment(debug=False)
    for name, source in templates.items():
        faults = list(_template_faults(source, templates))
        faults += [
            f"t({key!r}) is not said in {locale}"
            for key in _MESSAGE.findall(source)
            for locale, said in messages.items()
            if key not in said
        ]
        if faults:
            raise ValueError(f"{name}: {faults[0]}")
        try:
            checker.add_template(name, source)
        except minijinja.TemplateError as fault:
            raise ValueError(f"{name}: line {fault.line}: {fault.kind}") from fault


def _template_faults(source: str, templates: Mapping[str, str]) -> Iterator[str]:
    for pattern, named in _MARKUP:
        if pattern.search(source):
            yield f"{named} is not allowed"
    if _INCLUDE.search(source):
        yield "include, extends and import are not allowed; use from … import"
    macros = set(_MACRO.findall(source))
    for part, names in _IMPORT.findall(source):
        if part not in templates and part not in CORE_PARTS:
            yield f"{part} is not in the pack"
        macros |= {name.strip().split(" ")[0] for name in names.split(",")}
    for code in (one or other for one, other in _CODE.findall(source)):
        yield from _code_faults(_STRING.sub("''", code), macros)


def _code_faults(code: str, macros: set[str]) -> Iterator[str]:
    if "autoescape" in code:
        yield "an autoescape block is not allowed"
    for name in _FILTER.findall(code):
        if name not in OUR_FILTERS | _STOCK_FILTERS:
            yield f"filter {name} is not allowed"
    is_macro = "macro" in code.split()[:2]
    for name in _CALL.findall(code):
        if is_macro or name in _KEYWORDS:
            continue
        if name not in OUR_FUNCTIONS | _STOCK_FUNCTIONS | macros | OUR_FILTERS | _STOCK_FILTERS:
            yield f"function {name} is not known"
    for name in _METHOD.findall(code):
        yield f"method {name} is not allowed"


def lint_css(css: str) -> str:
    """*css* itself. Raises: ValueError when it reaches outside the pack."""
    for pattern, named in _STYLE:
        if pattern.search(css):
            raise ValueError(f"style.css: {named} is not allowed")
    return css
