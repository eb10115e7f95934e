"""Accounts of the portal: users, businesses, and how users prove who they are.

Who comes in: the rooms of the site, the token service, `haidang operator-link`. Nothing
here knows a page or a cookie; nothing here verifies a phone number or an e-mail address,
for no message provider exists.

    office.py      sign up, sign in, prove, recover     sessions.py   who a browser is
    passwords.py   argon2id, common passwords           grants.py     roles and their grants
    policy.py      dated settings                       tokens.py     secrets kept as hashes
    teams/         businesses, roles, invitations       passkeys/     WebAuthn
    keys/          API keys of integrators              throttle/     growing delays
"""

from haidang.portal.accounts.office import Accounts
from haidang.portal.accounts.values import Role, Session

__all__ = ["Accounts", "Role", "Session"]
