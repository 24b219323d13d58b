"""Industries as GB/T 4754-2017 writes them: a section letter and two to four digits (domain §2.3 [M]).

A product says prefixes (`C`, `C30`, `I65`); a register may leave the letter out. A code is looked at by its prefix only after
its letter was put right.

>>> normal("3311"), normal("c33"), normal("Z1")
('C3311', 'C33', None)
>>> within("C3074", ("C30",)), within("I6510", ("C", "B"))
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# First and last division of each section.
SECTIONS: dict[str, tuple[int, int]] = {
    "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60), "H": (61, 62),
    "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 79), "O": (80, 82), "P": (83, 83),
    "Q": (84, 85), "R": (86, 90), "S": (91, 96), "T": (97, 97),
}  # fmt: skip
_CODE = re.compile(r"^([A-T])?(\d{2,4})?$")


@lru_cache(maxsize=4096)
def normal(code: str) -> str | None:
    """The code with its own section letter; None if it is no code of the standard."""
    found = _CODE.match(code.strip().upper())
    if found is None or not (found[1] or found[2]):
        return None
    letter, digits = found[1], found[2] or ""
    if not digits:
        return letter
    of = next((name for name, (first, last) in SECTIONS.items() if first <= int(digits[:2]) <= last), None)
    return of + digits if of is not None and letter in (None, of) else None


def within(code: str, prefixes: Iterable[str]) -> bool:
    """Whether an industry lies under one of these prefixes. A code outside the standard lies under none."""
    known = normal(code)
    return known is not None and known.startswith(tuple(prefixes))


def checked(prefix: str) -> str:
    """A prefix as a product file writes it; ValueError with the remedy."""
    if normal(prefix) != prefix:
        right = normal(prefix)
        raise ValueError(f"“{prefix}” is no industry of GB/T 4754; write {right or 'a letter and its division, like C30'}")
    return prefix
