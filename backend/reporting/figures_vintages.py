"""Vintages: how the loans first lent in one month age. A renewed draw (无还本续贷) is no new loan: it goes on in the cohort in
which its first ancestor was drawn. So old money does not look young, nor does an ancestor whose renewal failed look repaid.

Written in: domain §9 (vintages), §5.5 (renewals; the bank names the draw that renews, `backend/loans/renewal.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.kit.calendar import add_months
from backend.reporting.book import ADraw, Book
from backend.reporting.reckon import Row, grouped, month_of
from backend.reporting.suppression import firms_of, held_back, without

LONGEST_MOB = 60  # five years: a loan of one year renewed four times is seen to its end


@dataclass(frozen=True)
class ALoan:
    """A draw and, in their order, the draws that renewed it. What counts is the principal first lent, from its first day."""

    draws: list[ADraw]

    @property
    def firm(self) -> str:
        return self.draws[0].firm

    @property
    def value_date(self) -> date:
        return self.draws[0].value_date

    @property
    def amount_fen(self) -> int:
        return self.draws[0].amount_fen

    def age_over(self, days: int) -> int | None:
        """Months on book by which it, or a renewal of it, was first more than `days` past due."""
        found = [day for each in self.draws if (day := each.first_over(days)) is not None]
        return months_on_book(self.value_date, min(found)) if found else None


def months_on_book(start: date, day: date) -> int:
    """The fewest months after which the day has been reached.

    >>> [months_on_book(date(2025, 1, 31), day) for day in (date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 1))]
    [0, 1, 2]
    """
    found = (day.year - start.year) * 12 + day.month - start.month
    return found + (add_months(start, found) < day)


def loans_of(draws: Sequence[ADraw]) -> list[ALoan]:
    """Each draw in the loan that it renews, or as a loan of its own; in the order in which they were first lent."""
    found: list[ALoan] = []
    of: dict[str, ALoan] = {}
    for each in sorted(draws, key=lambda draw: (draw.value_date, draw.id)):
        loan = of.get(each.renews) if each.renews is not None else None
        if loan is None:
            loan = ALoan([])
            found.append(loan)
        loan.draws.append(each)
        of[each.id] = loan
    return found


def renewals_of(draws: Sequence[ADraw]) -> list[ADraw]:
    """The draws that are no loans of their own."""
    return [each for loan in loans_of(draws) for each in loan.draws[1:]]


def vintages(book: Book) -> list[Row]:
    """By month of the first draw and months on book; the denominator is the principal first lent, prepaid or not.

    A cell is there once every loan of the cohort has reached it; `mature` once they are all twelve months old. A cohort of fewer
    than five firms has its count and its age, no amounts. `draws` counts loans: a renewal is not counted again.
    """
    found = []
    cohorts = grouped(loans_of(book.draws), lambda each: month_of(each.value_date))
    hidden = held_back({cohort: firms_of(loans) for cohort, loans in cohorts.items()})
    for cohort, loans in cohorts.items():
        youngest = _month_end(loans[0].value_date)
        mature = add_months(youngest, 12) <= book.day
        crossed = [(each.amount_fen, each.age_over(30), each.age_over(90)) for each in loans]
        for mob in range(LONGEST_MOB + 1):
            if mob and add_months(youngest, mob) > book.day:
                break
            row = {
                "cohort": cohort,
                "mob": mob,
                "drawn_fen": sum(each.amount_fen for each in loans),
                "ever30_fen": sum(fen for fen, over30, _ in crossed if over30 is not None and over30 <= mob),
                "ever90_fen": sum(fen for fen, _, over90 in crossed if over90 is not None and over90 <= mob),
                "draws": len(loans),
                "mature": int(mature),
            }
            found.append(without(row, cohort in hidden, "drawn_fen", "ever30_fen", "ever90_fen"))
    return found


def _month_end(day: date) -> date:
    return date.fromordinal(add_months(day.replace(day=1), 1).toordinal() - 1)
