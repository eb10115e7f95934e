"""A device in words, from what its browser says of itself. Pure; a guess for people to read."""

from __future__ import annotations

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("coc_coc_browser/", "Cốc Cốc"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""The first mark found wins: browsers name each other, phones name Linux and Mac."""


def device_words(agent: str) -> str:
    """*agent* (User-Agent) as "Chrome · Android"; "" when it says nothing we know."""
    found = [
        next((word for mark, word in table if mark in agent), "") for table in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(word for word in found if word)
