"""What can be kept at all, by either make of database and by any calendar we reckon with.

PostgreSQL takes no NUL and no half of a surrogate pair; neither make takes a whole number beyond 64 bits; a day near either end
of the calendar overflows as soon as a term is added to it.
"""

from __future__ import annotations

import re

from backend.kit.words import Words

MOST_WHOLE = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2200
UNFIT = re.compile("[\x00\ud800-\udfff]")
UNFIT_WORDS = Words(
    "含有无法保存的字符（NUL 或不成对的代理字符）", "holds a character that cannot be kept (NUL or half a surrogate pair)"
)
TOO_LARGE = Words("数字过大", "the number is too large")
FAR_AWAY = Words(f"日期应在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间", f"a day lies between {FIRST_YEAR} and {LAST_YEAR}")
