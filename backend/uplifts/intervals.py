"""Intervals for shares and their difference: Wilson's for one share, Newcombe's for two (method 10).

Wilson 1927; Newcombe, Statistics in Medicine 17 (1998) 873-890. Floats: these are statistics, never money.

>>> [round(bound, 4) for bound in wilson(15, 148)]
[0.0624, 0.1605]
>>> [round(bound, 4) for bound in newcombe(56, 70, 48, 80)]
[0.0524, 0.3339]
"""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054


def wilson(count: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Bounds of the share `count` / `of`; nothing is known of nothing: (0, 1)."""
    if of == 0:
        return 0.0, 1.0
    share = count / of
    middle = share + z * z / (2 * of)
    wide = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    below = 0.0 if count == 0 else (middle - wide) / (1 + z * z / of)
    above = 1.0 if count == of else (middle + wide) / (1 + z * z / of)
    return below, above


def newcombe(count: int, of: int, other: int, of_other: int, z: float = Z95) -> tuple[float, float]:
    """Bounds of count/of minus other/of_other, from the two Wilson intervals."""
    if of == 0 or of_other == 0:
        return -1.0, 1.0
    one, two = count / of, other / of_other
    (low1, high1), (low2, high2) = wilson(count, of, z), wilson(other, of_other, z)
    apart = one - two
    return apart - sqrt((one - low1) ** 2 + (high2 - two) ** 2), apart + sqrt((high1 - one) ** 2 + (two - low2) ** 2)
