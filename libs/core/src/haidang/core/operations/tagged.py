"""Tagged values: what a journal step answers instead of raising."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from haidang.core.errors import HaidangError, from_facts, to_facts


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag with JSON text of a value, or with an error's facts.

    `crossed` says that an earlier life of the process may have sent something.
    """

    tag: str
    value: str | None = None
    error: dict[str, object] | None = None
    crossed: bool = False

    @classmethod
    def of_error(cls, error: HaidangError, tag: str = "error", *, crossed: bool = False) -> Tagged:
        """The tagged form of an error of the vocabulary."""
        return cls(tag, None, to_facts(error), crossed)

    @classmethod
    def parse(cls, text: str) -> Tagged:
        """The value that `text` wrote."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """As JSON text."""
        return json.dumps(asdict(self))

    def rebuilt_error(self) -> HaidangError:
        """The error this was made of."""
        return from_facts(self.error or {"class": "HaidangError", "reason": "UNKNOWN"})

    def value_or_raise(self) -> str:
        """The value's text. Raises: the error, when it holds one."""
        if self.error is not None:
            raise self.rebuilt_error()
        return self.value or "null"
