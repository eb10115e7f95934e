"""This machine's operator: an API key that `up` makes and `haidang go-online` uses.

The text stays in a file for this user alone; the portal is told its hash. Here is also
where whoever works on this machine finds the platform.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from haidang.core.errors import Absent, register

TENANT = "local"
ACTOR = "local-operator"
KEY_FILE = "local-operator.key"
HASHES_FILE = "portal/api-keys.json"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600

register(
    Absent,
    {
        "PLATFORM_NOT_RUNNING": (
            "Nothing runs over {state}; start it with `haidang up`.",
            "Hải Đăng chưa chạy trên thư mục {state}; hãy khởi động bằng lệnh haidang up.",
        ),
    },
)


def ensure_local_operator(state: Path) -> None:
    """Make the key on first use. Other keys the portal knows are kept."""
    # Imported here: `status` and `sandbox journal` need no cryptography.
    from haidang.core.tenancy import EVERYTHING, new_api_key

    path, hashes = state / KEY_FILE, state / HASHES_FILE
    if path.exists() and hashes.exists():
        return
    identifier, text, stored = new_api_key()
    entry = {
        "id": identifier,
        "hash": stored,
        "actor": ACTOR,
        "tenant": TENANT,
        "grants": [EVERYTHING],
    }
    hashes.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    known = json.loads(hashes.read_text()) if hashes.exists() else []
    others = [one for one in known if one["actor"] != ACTOR]
    _write_private(hashes, json.dumps([*others, entry]))
    _write_private(path, text + "\n")


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.rename(path)


def local_addresses(state: Path) -> dict[str, str]:
    """host:port of everything that runs over *state*. Raises: Absent PLATFORM_NOT_RUNNING."""
    try:
        found: dict[str, str] = json.loads((state / "run/addresses.json").read_text())
    except (OSError, ValueError) as error:
        raise Absent("PLATFORM_NOT_RUNNING", state=str(state)) from error
    return found


def local_key(state: Path) -> str:
    """The local operator's API key. Raises: Absent PLATFORM_NOT_RUNNING."""
    try:
        return (state / KEY_FILE).read_text().strip()
    except OSError as error:
        raise Absent("PLATFORM_NOT_RUNNING", state=str(state)) from error
