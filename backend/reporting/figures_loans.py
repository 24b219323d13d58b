"""Rates, the book month by month, classes, days past due. Draws, never limits. Definitions: domain §9."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backend.kit.calendar import add_months
from backend.kit.errors import Misconfigured
from backend.loans.model import CLASSES
from backend.reporting.book import ADraw, Book
from backend.reporting.reckon import Row, grouped, month_of, months, share_bp, weighted_bp
from backend.reporting.suppression import few, firms_of, held_back, held_in_table, without
from products.pricing import lpr_on

BUCKETS = (("0", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90), ("91-180", 180), ("181+", None))
BAND_BP = 50
PRICED = ("amount_fen", "weighted_rate_bp", "weighted_all_in_bp", "all_in_fen", "lpr_bp")


def bucket_of(dpd: int) -> str:
    """The bucket of so many days past due.

    >>> [bucket_of(days) for days in (0, 1, 30, 31, 90, 91, 181)]
    ['0', '1-30', '1-30', '31-60', '61-90', '91-180', '181+']
    """
    return next(name for name, top in BUCKETS if top is None or dpd <= top)


def lpr_bp(day: date) -> int | None:
    """One-year LPR of a day; None before the first quote on file."""
    try:
        return int(lpr_on(day).one_year)
    except Misconfigured:
        return None


def rate_of(draws: Sequence[ADraw]) -> float | None:
    """Weighted average nominal rate."""
    return weighted_bp((each.rate_bp, each.amount_fen) for each in draws)


def all_in_of(draws: Sequence[ADraw]) -> float | None:
    """Weighted average all-in rate, of the draws whose accepted offer is known."""
    return weighted_bp((each.all_in_bp, each.amount_fen) for each in draws if each.all_in_bp is not None)


def rates(book: Book) -> list[Row]:
    """By bank and month; `all_in_fen` is the part of the amount whose accepted offer is known. Small ones only as a count.

    What a month lent in all, and a bank in all, is published too: hence held back by rows and columns.
    """
    by_month = grouped(book.draws, lambda each: (each.bank, month_of(each.value_date)))
    hidden = held_in_table({cell: firms_of(draws) for cell, draws in by_month.items()})
    return [without(_rates(bank, month, draws), (bank, month) in hidden, *PRICED) for (bank, month), draws in by_month.items()]


def _rates(bank: str, month: str, draws: Sequence[ADraw]) -> Row:
    priced = [each for each in draws if each.all_in_bp is not None]
    row = {
        "bank": bank,
        "month": month,
        "n": len(draws),
        "amount_fen": sum(each.amount_fen for each in draws),
        "weighted_rate_bp": rate_of(draws),
        "weighted_all_in_bp": all_in_of(draws),
        "all_in_fen": sum(each.amount_fen for each in priced),
        "lpr_bp": weighted_bp((lpr, each.amount_fen) for each in draws if (lpr := lpr_bp(each.value_date)) is not None),
    }
    # what is left beside the offers that are known would give a single firm's amount away
    rest = [each for each in draws if each.all_in_bp is None]
    return without(row, few(firms_of(priced)) or few(firms_of(rest)), "weighted_all_in_bp", "all_in_fen")


def rate_bands(book: Book) -> list[Row]:
    """Bands of 50 bp without a gap, from the lowest rate to the highest; the amount only where five firms stand in the band."""
    by_band = grouped(book.draws, lambda each: each.rate_bp // BAND_BP)
    hidden = held_back({band: firms_of(draws) for band, draws in by_band.items()})
    return [
        {
            "from_bp": band * BAND_BP,
            "to_bp": (band + 1) * BAND_BP,
            "draws": len(by_band.get(band, [])),
            "amount_fen": None if band in hidden else sum(each.amount_fen for each in by_band.get(band, [])),
        }
        for band in (range(min(by_band), max(by_band) + 1) if by_band else ())
    ]


def book_monthly(book: Book) -> list[Row]:
    """Each month end: outstanding = the month before + drawn - repaid, by whomever it was repaid."""
    if not book.draws:
        return []
    ends = months(min(each.value_date for each in book.draws), book.day)
    drawn, repaid = dict.fromkeys(map(month_of, ends), 0), dict.fromkeys(map(month_of, ends), 0)
    for each in book.draws:
        drawn[month_of(each.value_date)] += each.amount_fen
        for day, fen in each.repaid:
            repaid[month_of(day)] += fen
    late = [each for each in book.draws if each.spans]
    found, owed = [], 0
    for end in ends:
        month = month_of(end)
        owed += drawn[month] - repaid[month]
        overdue = sum(each.outstanding_on(end) for each in late if each.overdue_on(end))
        found.append(
            {
                "month": month,
                "drawn_fen": drawn[month],
                "repaid_fen": repaid[month],
                "outstanding_fen": owed,
                "overdue_fen": overdue,
            }
        )
    return found


def classes(book: Book) -> list[Row]:
    live = book.live
    return [
        {
            "cls": cls,
            "draws": sum(1 for each in live if each.cls == cls),
            "outstanding_fen": sum(each.outstanding_fen for each in live if each.cls == cls),
        }
        for cls in CLASSES
    ]


def dpd_buckets(book: Book) -> list[Row]:
    by_bucket = grouped(book.live, lambda each: bucket_of(each.dpd))
    return [
        {
            "bucket": name,
            "draws": len(by_bucket.get(name, [])),
            "outstanding_fen": sum(each.outstanding_fen for each in by_bucket.get(name, [])),
        }
        for name, _ in BUCKETS
    ]


def default12(book: Book) -> tuple[int | None, int]:
    """Ever more than 90 days past due within twelve months, of draws at least twelve months old: bp of principal, and draws."""
    old = [each for each in book.draws if add_months(each.value_date, 12) <= book.day]
    bad = [each for each in old if (day := each.first_over(90)) is not None and day <= add_months(each.value_date, 12)]
    return share_bp(sum(each.amount_fen for each in bad), sum(each.amount_fen for each in old)), len(old)
