"""Know the same firm again when departments write it differently.

>>> partner_name(" ９1130600738737199k ")
'91130600738737199K'
>>> partner_name("个体 王五")
'个体 王五'
"""

from __future__ import annotations

from functools import lru_cache

from backend.credit_data.clean import text
from backend.kit.errors import Invalid
from backend.parties.model import uscc

_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def spellings(code: str) -> list[str]:
    """How departments write one credit code: as it is, in small letters, full-width, with a stray space.

    >>> spellings("91A")[:3]
    ['91A', '91a', '９１Ａ']
    """
    forms = [code, code.lower(), code.translate(_WIDE), code.lower().translate(_WIDE)]
    return [*forms, f" {code}", f"{code} "]


@lru_cache(maxsize=16384)
def partner_name(written: str) -> str:
    """The credit code if it is one, else the cleaned text."""
    plain = text(written)
    try:
        return uscc(plain)[0]
    except Invalid:
        return plain
