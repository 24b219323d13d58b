"""Names for rows: a short noun, then 26 characters that sort by the moment they were made (as ULID does).

Two made within one millisecond by one process sort in the order in which they were made: a counter stands between the moment and
the chance (RFC 9562 §6.2, method 1). Whoever orders by id gets what happened first, not a throw of dice; between processes the
order within a millisecond is chance.

>>> new_id("firm").startswith("firm_")
True
>>> made = [new_id("firm") for _ in range(2_000)]
>>> made == sorted(made)
True
"""

from __future__ import annotations

import secrets
import threading
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COUNTER_BITS = 16


class Sequence:
    """Moment and counter in one process: each number is greater than the one before, whatever the machine's clock does."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def after(self, milliseconds: int) -> int:
        """The next number at that moment. A clock that stands or steps back counts on, if need be into the next millisecond."""
        with self._lock:
            self._last = max(self._last + 1, milliseconds << _COUNTER_BITS)
            return self._last


_made = Sequence()


def new_id(noun: str) -> str:
    """A fresh, unguessable id: 48 bits of milliseconds, 16 of a counter, 64 of chance."""
    number = (_made.after(time.time_ns() // 1_000_000) << 64) | secrets.randbits(64)
    text = ""
    for _ in range(26):
        text = _ALPHABET[number & 31] + text
        number >>= 5
    return f"{noun}_{text}"
