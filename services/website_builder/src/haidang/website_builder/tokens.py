"""A pack's tokens: typed values in, CSS custom properties out (pure).

Tokens are colours, lengths, ratios and font families, never free strings, so nothing
can be smuggled into the style sheet. A colour scheme below its contrast is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

TEXT_CONTRAST = 4.5
"""Source: WCAG 2.2, success criterion 1.4.3."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LENGTH = re.compile(r"-?[0-9]*\.?[0-9]+(?:rem|em|px|ch)?")
_FAMILY = re.compile(r"[A-Za-z\"][A-Za-z0-9 ,\"-]*")
_NAME = re.compile(r"[a-z][a-z0-9-]*")


def token_css(tokens: Mapping[str, object]) -> str:
    """The custom properties of every scheme (light and dark) and of the shared tokens.

    Raises: ValueError naming the token that is not of its type or a pair without contrast.
    """
    shared = "".join(_shared(tokens))
    schemes = tokens.get("schemes")
    if not isinstance(schemes, Mapping) or not schemes:
        raise ValueError("tokens.json has no schemes")
    light = "".join(_scheme(name, modes, "light") for name, modes in schemes.items())
    dark = "".join(
        _scheme(name, modes, "dark") for name, modes in schemes.items() if "dark" in modes
    )
    problems = [fault for name, modes in schemes.items() for fault in _faults(tokens, name, modes)]
    if problems:
        raise ValueError("; ".join(problems))
    return f":root{{{shared}}}{light}@media(prefers-color-scheme:dark){{{dark}}}"


def _shared(tokens: Mapping[str, object]) -> Iterator[str]:
    for group in ("family", "space", "size", "radius"):
        values = tokens.get(group, {})
        if not isinstance(values, Mapping):
            raise TypeError(f"tokens.json: {group} is not an object")
        for name, value in values.items():
            kind = _FAMILY if group == "family" else _LENGTH
            yield f"--{_typed(name, _NAME, name)}:{_typed(value, kind, name)};"


def _scheme(name: str, modes: Mapping[str, Mapping[str, str]], mode: str) -> str:
    colours = "".join(
        f"--{_typed(key, _NAME, key)}:{_typed(value, _COLOUR, key)};"
        for key, value in modes[mode].items()
    )
    return f'[data-scheme="{_typed(name, _NAME, name)}"]{{{colours}color-scheme:{mode}}}'


def _typed(value: object, kind: re.Pattern[str], name: str) -> str:
    if not isinstance(value, str) or not kind.fullmatch(value):
        raise ValueError(f"token {name} is not of its type")
    return value


def _faults(
    tokens: Mapping[str, object], name: str, modes: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    pairs = tokens.get("contrast")
    for front, back in pairs if isinstance(pairs, list) else []:
        for mode, colours in modes.items():
            measured = contrast(colours[front], colours[back])
            if measured < TEXT_CONTRAST:
                yield f"{name}/{mode}: {front} on {back} is {measured:.2f}:1"


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two "#rrggbb" colours, 1 to 21. Source: WCAG 2.2, definition."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
