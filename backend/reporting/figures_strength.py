"""How strong each pool is: what its live book may cost, what money is needed, what the breaker would do, what if.

A pool's money is a public fund's account and stands in full. What is drawn from its loans does not: of fewer than five firms
nothing is said; a probability or an arrear that fewer than five firms have is not used; money is rounded, because a need can
be the very part of one large loan. The draws have a fixed seed: the same book gives the same bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backend.reporting import strength
from backend.reporting.book import Book
from backend.reporting.reckon import Row
from backend.reporting.suppression import FEWEST
from risk_compensation.live import statements
from risk_compensation.play import stress as stressing
from risk_compensation.play import stress_terms

DRAWS, DRAWS_A_WORLD = 20_000, 10_000
MANY = 30


def stress(book: Book) -> list[Row]:
    return [row for row, _, _ in _all(book)]


def stress_bars(book: Book) -> list[Row]:
    return [each for _, bars, _ in _all(book) for each in bars]


def stress_worlds(book: Book) -> list[Row]:
    return [each for _, _, worlds in _all(book) for each in worlds]


def _all(book: Book) -> list[tuple[Row, list[Row], list[Row]]]:
    """Three tables' rows of every pool that carries a loan, reckoned once."""
    if "stress" not in book.kept:
        codes = [pool.code for pool in statements.pools(book.session)]
        asked = (strength.live(book.session, code, book.day, fewest=FEWEST) for code in codes)
        book.kept["stress"] = [_of(book, each) for each in asked if each is not None]
    found: list[tuple[Row, list[Row], list[Row]]] = book.kept["stress"]
    return found


def _of(book: Book, asked: strength.Asked) -> tuple[Row, list[Row], list[Row]]:
    terms = stress_terms.on(book.day)
    firms = len(np.unique(asked.book.firm))
    row: Row = {
        "pool": asked.name,
        "loans": len(asked.book.firm),
        "firms": firms,
        "owed_fen": int(asked.book.amount_fen.sum()),
        "cash_fen": asked.cash_fen,
        "failed": asked.failed,
        "window_loans": asked.window_loans,
        "minimum_loans": asked.minimum_loans,
        "correlation_bp": int(terms.correlation * 10_000),
        "pd_bp": int(terms.pd * 10_000),
        "lgd_bp": int(terms.lgd * 10_000),
        "hidden": int(firms < FEWEST),
    }
    if firms < FEWEST:
        return row | dict.fromkeys(_TOLD), [], []
    assumed = strength.assumptions(terms, DRAWS)
    found = strength.judge(asked, assumed, asked.cash_fen)
    row |= _told(found, firms) | {"assessed": asked.assessed, "draws": found.draws}
    edges, cases = found.histogram
    step: int = max(100, 10 ** (len(str(edges[-1])) - 3))
    edges = tuple(round(each / step) * step for each in edges)
    bars = [
        {"pool": asked.name, "from_fen": low, "to_fen": high, "cases": count}
        for low, high, count in zip(edges, edges[1:], cases, strict=False)
    ]
    some = strength.assumptions(terms, DRAWS_A_WORLD)
    worlds = [
        {
            "pool": asked.name,
            "share_times": each.share_times,
            "leverage_times": each.leverage_times,
            "pd_times": each.pd_times,
            "expected_fen": rounded(each.expected_fen, firms),
            "need95_fen": (need95 := rounded(each.needed_fen[0], firms)),
            "need999_fen": (need999 := rounded(each.needed_fen[1], firms)),
            "missing95_fen": max(0, need95 - asked.cash_fen),
            "missing999_fen": max(0, need999 - asked.cash_fen),
        }
        for each in stressing.what_if(asked.book, some, cash_fen=asked.cash_fen)
    ]
    return row, bars, worlds


def rounded(fen: int, firms: int) -> int:
    """To two significant digits, three from thirty firms on; a whole yuan at the least.

    >>> rounded(2_840_123_456, 6), rounded(2_840_123_456, 300), rounded(0, 6)
    (2800000000, 2840000000, 0)
    """
    step: int = max(100, 10 ** (len(str(abs(fen))) - (2 if firms < MANY else 3)))
    return (fen + step // 2) // step * step


def _told(found: stressing.Found, firms: int) -> dict[str, Any]:
    row: dict[str, Any] = {"expected_fen": rounded(found.expected_fen, firms), "cover_months": found.months_of_cover}
    for name, need in zip(("95", "999"), found.needs, strict=True):
        row |= {
            f"need{name}_fen": rounded(need.simulated_fen, firms),
            f"error{name}_fen": rounded(need.error_fen, firms),
            f"granular{name}_fen": rounded(need.closed_form_fen, firms),
            f"before{name}_fen": rounded(need.before_fen, firms),
        }
    for name, chance in (
        ("nothing_bp", found.chance_of_nothing),
        ("short_bp", found.chance_of_running_out),
        ("warn_bp", found.chance_of_warning),
        ("pause_bp", found.chance_of_pausing),
    ):
        row[name] = round(chance * 10_000)
    return row | {"equal_firms": found.effective_firms, "largest_bp": found.ten_largest_bp}


_TOLD = (
    *("expected_fen", "cover_months", "need95_fen", "error95_fen", "granular95_fen", "before95_fen", "need999_fen"),
    *("error999_fen", "granular999_fen", "before999_fen", "nothing_bp", "short_bp", "warn_bp", "pause_bp", "equal_firms"),
    *("largest_bp", "assessed", "draws"),
)
