"""Names for rows: a short noun, then 26 characters that sort by the moment they were made (as ULID does).

>>> new_id("firm").startswith("firm_")
True
"""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(noun: str) -> str:
    """A fresh, unguessable id: 48 bits of milliseconds, 80 bits of chance."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    text = ""
    for _ in range(26):
        text = _ALPHABET[number & 31] + text
        number >>= 5
    return f"{noun}_{text}"
