"""A SANDBOX trust service: a foreign party with its own process, store and keys.

Root and issuing authority, OCSP, CRL and an RFC 3161 time-stamp authority. Every name it
writes into a certificate says that it has no legal value. It is spoken to only by its
protocols: EST (RFC 7030), OCSP (RFC 6960), HTTP for CRLs (RFC 2585), RFC 3161.
"""
