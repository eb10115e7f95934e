"""Files for this user alone: keys, and the evidence that names who signed."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE = 0o600


def write_private(path: Path, content: bytes) -> None:
    """Write *path* durably, all at once, readable by this user only."""
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # a rename outlasts a power cut only with its folder
    finally:
        os.close(folder)
