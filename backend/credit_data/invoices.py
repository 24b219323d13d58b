"""Facts from VAT invoices, by one definition for a department's months and for an imported ledger of a million rows.

Sales are output invoices 销项, purchases input invoices 进项; net amounts. A void invoice counts nowhere but in its share; a
negative one 红字 (a return) reduces the sum. "12 months" is the year that ends with the day, that day included.

>>> book = Book.of([("2025-01-05", True, 100_00, True, "B1"), ("2025-02-05", True, -20_00, True, "B1")])
>>> facts(book, date(2025, 3, 1))["sales_12m_fen"]
8000
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.credit_data import clean, recent

EPOCH = date(1970, 1, 1)
# By how much net + VAT may differ from the gross before it is doubtful: VAT is rounded by line.
TOLERANCE_FEN = 2


@dataclass(frozen=True, slots=True)
class Book:
    """One firm's invoices as columns: day number since 1970, output or input, net fen, valid or void, partner's number."""

    day: npt.NDArray[np.int64]
    out: npt.NDArray[np.bool_]
    net: npt.NDArray[np.int64]
    valid: npt.NDArray[np.bool_]
    partner: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[tuple[str | date, bool, int, bool, str]]) -> Book:
        """From rows (day, output?, net fen, valid?, partner)."""
        names: dict[str, int] = {}
        listed = [
            (
                ((day if isinstance(day, date) else date.fromisoformat(day)) - EPOCH).days,
                out,
                net,
                valid,
                names.setdefault(partner, len(names)),
            )
            for day, out, net, valid, partner in rows
        ]
        columns = list(zip(*listed, strict=True)) if listed else [(), (), (), (), ()]
        return cls(
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=np.bool_),
            np.array(columns[2], dtype=np.int64),
            np.array(columns[3], dtype=np.bool_),
            np.array(columns[4], dtype=np.int64),
        )


def facts(book: Book, day: date) -> dict[str, Any]:
    """Every INV fact as of the end of `day`; empty if there is no valid invoice by then. Shares and changes in basis points."""
    today = (day - EPOCH).days
    known = book.day <= today
    year = (day - timedelta(days=365) - EPOCH).days
    before = (day - timedelta(days=730) - EPOCH).days
    recent = known & (book.day > year)
    sale = book.out & book.valid
    if not (known & book.valid).any():
        return {}
    found: dict[str, Any] = {}
    sales_now, bought_now = recent & sale, recent & ~book.out & book.valid
    sales, purchases = int(book.net[sales_now].sum()), int(book.net[bought_now].sum())
    earlier = int(book.net[known & sale & (book.day > before) & (book.day <= year)].sum())
    found["sales_12m_fen"], found["sales_prev_12m_fen"], found["purchases_12m_fen"] = sales, earlier, purchases
    first = int(book.day[known & book.valid].min())
    if earlier > 0 and first <= before + 31:
        found["sales_growth_bp"] = _bp(sales - earlier, earlier)
    change = _quarter_change_bp(book, sale, day)
    if change is not None:
        found["sales_3m_change_bp"] = change
    if sales > 0:
        found["gross_margin_bp"] = max(-10_000, _bp(sales - purchases, sales))
    months = _monthly(book, sales_now, day)
    found["invoice_months_12m"] = int((_monthly(book, sales_now & (book.net > 0), day) > 0).sum())
    if sales > 0:
        mean = months.mean()
        found["sales_volatility_bp"] = round(float(months.std() / mean) * 10_000) if mean > 0 else 0
    issued = recent & book.out
    if issued.any():
        found["void_share_bp"] = _bp(int((issued & ~book.valid).sum()), int(issued.sum()))
        valid = int(sales_now.sum())
        found["negative_share_bp"] = _bp(int((sales_now & (book.net < 0)).sum()), valid) if valid else 0
    found["invoice_gap_days"] = _longest_gap(np.unique(book.day[sales_now]), max(year, first), today)
    if sales_now.any():
        partners, place = np.unique(book.partner[sales_now], return_inverse=True)
        by_partner = np.bincount(place, weights=book.net[sales_now])
        found["customers_12m"] = int((by_partner > 0).sum())
        if sales > 0:
            found["top_customer_share_bp"] = min(10_000, _bp(int(by_partner.max()), sales))
        del partners
    found["suppliers_12m"] = int(np.unique(book.partner[bought_now & (book.net > 0)]).size)
    found["invoice_history_months"] = (today - first) // 30
    if (known & sale).any():
        found["last_invoice_on"] = EPOCH + timedelta(days=int(book.day[known & sale].max()))
    return found


def read(rows: Iterable[Any], day: date) -> tuple[Book, tuple[str, ...]]:
    """A department's rows (number, day, partner, direction, net, VAT, gross, state) known on `day`, and what is doubtful."""
    kept: list[tuple[date, bool, int, bool, str]] = []
    seen: set[tuple[Any, ...]] = set()
    repeated = unequal = unread = 0
    for row in rows:
        try:
            on, net, vat, gross = clean.day(row[1]), clean.amount(row[4]), clean.amount(row[5]), clean.amount(row[6])
            number, partner, side, state = clean.text(row[0]), clean.text(row[2]).upper(), clean.text(row[3]), clean.text(row[7])
        except (clean.Unclean, IndexError, TypeError, KeyError):
            unread += 1
            continue
        if on is None or net is None:
            unread += 1
            continue
        if on > day:
            continue
        whole = (number, on, partner, side, net, vat, gross, state)
        repeated += whole in seen
        seen.add(whole)
        unequal += vat is not None and gross is not None and abs(net + vat - gross) > TOLERANCE_FEN
        kept.append((on, side == "销项", net, state != "作废发票", partner))
    return Book.of(kept), doubts(repeated=repeated, unequal=unequal, unread=unread)


def doubts(*, repeated: int, unequal: int, unread: int = 0) -> tuple[str, ...]:
    """What to say of rows that are kept and counted, but doubtful; and of those that could not be read."""
    found = []
    if unread:
        found.append(f"{unread} invoices could not be read")
    if repeated:
        found.append(f"{repeated} invoices are said twice")
    if unequal:
        found.append(f"net and VAT do not make the gross on {unequal} invoices")
    return tuple(found)


def _bp(part: int, whole: int) -> int:
    return max(-(10**9), min(10**9, part * 10_000 // whole))


def _quarter_change_bp(book: Book, sale: npt.NDArray[np.bool_], day: date) -> int | None:
    """The last three whole months' sales beside the same three a year earlier; None while the history is too short for that."""
    (start, end), (then, then_end) = (((a - EPOCH).days, (b - EPOCH).days) for a, b in recent.windows(day))
    if not sale.any() or int(book.day[sale].min()) > then + 31:
        return None
    now = int(book.net[sale & (book.day >= start) & (book.day < end)].sum())
    before = int(book.net[sale & (book.day >= then) & (book.day < then_end)].sum())
    return recent.change_bp(now, before) if before >= recent.FLOOR_FEN else None


def _monthly(book: Book, chosen: npt.NDArray[np.bool_], day: date) -> npt.NDArray[np.float64]:
    """Net sales in the twelve spans of the year that ends with `day`."""
    back = (day - EPOCH).days - book.day[chosen]
    place = np.minimum(back * 12 // 365, 11)
    return np.bincount(place, weights=book.net[chosen], minlength=12).astype(np.float64)


def _longest_gap(days: npt.NDArray[np.int64], start: int, end: int) -> int:
    """Most days in a row without a sale, from the start of the year (or of the history) to the day."""
    if days.size == 0:
        return end - start
    edges = np.concatenate(([start], days, [end]))
    return int(np.diff(edges).max())
