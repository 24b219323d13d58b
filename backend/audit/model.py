"""One line of the log, and how the lines are chained.

Each line's hash covers its own content and the hash of the line before: a line changed, dropped or swapped breaks the
chain from there on (the shape of RFC 6962's idea, without the tree).

>>> a = chained("", {"seq": 1, "action": "consent.signed"})
>>> b = chained(a, {"seq": 2, "action": "facts.read"})
>>> b == chained(a, {"seq": 2, "action": "facts.read"}) != chained("", {"seq": 2, "action": "facts.read"})
True
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from backend.kit.policy import canonical


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user or an API client, in a role, for a party."""

    id: str
    role: str
    party_id: str | None = None


SYSTEM = Actor("system", "system", None)


def chained(previous: str, line: dict[str, Any]) -> str:
    """The hash of a line that follows `previous`."""
    return hashlib.sha256(previous.encode() + canonical(line)).hexdigest()
