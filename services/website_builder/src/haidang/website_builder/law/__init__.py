"""Legal profiles of websites: dated data, read by `legal.py`. No rule lives here."""
