"""What is to settle of a year that is over: claims that are paid in one proportion, or an insurer's excess.

Written in: domain §6.1 (what happens when money runs out; excess of loss). What settles it is `payments.settle_year`, `excess`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from risk_compensation.live.excess import due_fen, settled
from risk_compensation.live.queue import waiting
from risk_compensation.live.standing import free_cash
from risk_compensation.live.values import PoolView
from risk_compensation.scheme import terms_still


@dataclass(frozen=True, slots=True)
class YearToSettle:
    """`how`: by proportion, or as an excess. `owed_fen`: what `claims` claims, or the relieved party, are owed; `have_fen`: what
    there is for the claims. `party`: the kind of party on whom the rest falls, or that is relieved."""

    how: Literal["settle", "excess"]
    year: int
    owed_fen: int
    party: str
    have_fen: int = 0
    claims: int = 0
    done: bool = False


def year_to_settle(session: Session, pool: PoolView, day: date) -> YearToSettle | None:
    """Of the year that is over on that day; None where the scheme settles nothing by the year."""
    year = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    terms = terms_still(pool.scheme, day)
    if terms.money_short.rule == "pro_rata":
        every = waiting(session, pool.code)
        due = [each for each in every if each.approved_on is not None and each.approved_on.year <= year]
        owed = sum(each.payout_fen for each in due)
        return YearToSettle("settle", year, owed, terms.beyond, min(max(0, free_cash(session, pool.code)), owed), len(due))
    if terms.excess is None or pool.opened_on.year > year:
        return None
    done = settled(session, pool.code, year)
    return YearToSettle("excess", year, 0 if done else due_fen(session, pool.code, year), terms.excess.relieves, done=done)
