"""Zones as zone files, and the name server of one machine that answers from them."""
