"""Passkeys: WebAuthn credentials of users."""
