"""Texts that nobody should send and somebody will: for forms, messages and files."""

from __future__ import annotations

MARK = "<i7x>"
"""What must never stand unescaped on a page."""
TEXTS = (
    "", " ", "\x00", "a\x00b", "\ud800", "a\udfffb", "\ufffe\uffff", "\U0010ffff", "\x7f\x85",
    "\u202egnp.exe", "a\u200bb\u200dc\ufeff", "e" + "\u0301" * 400, "\u0323\u0302", "ẞİıſK",
    f"{MARK}\"'`{{{{7*7}}}}{{%x%}}&#0;", f"javascript:alert(1)//{MARK}", "..",
    "../../../etc/passwd", "..\\..\\", "%2e%2e%2f", "/", "//", "a/b/c", "?", "#",
    "\r\nSet-Cookie: a=b", "\n", "\u2028", "-1", "-0", "0", "1", "00", "1e400", "1" + "0" * 400,
    "9" * 19, "9" * 5000, "NaN", "inf", "-Infinity", "1_000", "+1", "0x10", "١٢", "１２", "²",
    "1.5", "1,5", "½", "Ⅷ", "1 000 000", "true", "None", "null", "[]", "{}", '{"a":' * 300,
    "[" * 3000, "websites/1", "operations/x", "2026-02-30", "0000-00-00", "9999-12-31",
    "10000-01-01", "12:60", "24:00", "T", "+84", "0" * 12, "+84901234567", "lan@example.vn", "@",
    "a@", "@b", "a@b@c", "xn--", "xn--a.vn", "xn--zzzzzz99999", "a" * 64 + ".vn", ".vn", "a..vn",
    "-a-.vn", "phở-lan.vn", "http://[", "https://[::1", "http://a:99999/", "http://\x00/",
    "https://xn--/", "mailto:", "data:text/html,x", "10.0.0.256", "::", "::ffff:1.2.3.4",
    "1.2.3.4/33", "\\000", "\\", '"', '"\\', ";", "a;b=c", "*", "_", "@.", "%", "%%", "%s%n",
    "{0}", "{x}", "{0.__class__}", "$" + "{x}", "'; DROP TABLE users;--", "a" * 255, "ă" * 1000,
    "x" * 20_000, "packs/vn.homestay.bien", "site/phone", "pages/0/sections/0", "pages/-1",
    "pages/99999999999999999999", "pages/١", "pages/home/sections/²", "0.1", "=cmd|' /C calc'!A0",
    "MX", "TXT", "CAA", "AAAA", "vi", "en", "VI",
)  # fmt: skip
"""Each of them is a str; two bear lone surrogates, which no UTF-8 can."""
LONG = "k" * 100_000
