"""What a claim comes to by the book as it stands: the room that each limit leaves, what a waterfall has collected. Pure.

Written in: domain §6.1 (caps, quotas, fees), §6.4. `awards.award` divides; here stands by which figures.
"""

from __future__ import annotations

from datetime import date

from risk_compensation.scheme.awards import Award, award
from risk_compensation.scheme.parts import Weighed
from risk_compensation.scheme.standing import Names, Standing
from risk_compensation.scheme.terms import SchemeTerms


def rooms(terms: SchemeTerms, loan: Weighed, names: Names, on: date, standing: Standing) -> list[int]:
    """What each limit of the scheme still leaves for a claim on this loan. Only what the scheme limits is asked of the book."""
    limits, year = terms.limits, on.year
    if limits is None:
        return []

    def left(most: int | None, *, year: int | None = None, **of: str) -> list[int]:
        return [] if most is None else [most - standing.counted_fen(year=year, **of)]

    def of_last_balance(rate_bp: int | None) -> int | None:
        """A part of the bank's balance at the end of last year; in its first year there is none to take it of."""
        balance = standing.bank_balance_at_end_of(year - 1, names.bank) if rate_bp is not None else None
        return balance * rate_bp // 10_000 if balance is not None and rate_bp is not None else None

    return [
        *left(limits.loan_fen, loan=names.loan),
        *left(limits.of_firm(loan.size), firm=names.firm),
        *left(limits.year_fen, year=year),
        *left(limits.bank_year_fen, year=year, bank=names.bank),
        *left(limits.guarantor_year_fen, year=year, guarantor=names.guarantor),
        *left(of_last_balance(limits.bank_balance_bp), year=year, bank=names.bank),
        *left(limits.entered_bp and standing.entered_fen() * limits.entered_bp // 10_000),
        *left(limits.fees_times_bp and standing.fees_fen() * limits.fees_times_bp // 10_000),
        *([standing.quota_fen(names.bank)] if limits.quota is not None else []),
    ]


def comes_to(terms: SchemeTerms, loan: Weighed, names: Names, loss_fen: int, on: date, standing: Standing) -> Award:
    """What a claim for that loss comes to on that day."""
    return award(
        terms,
        terms.shares_of(loan),
        loss_fen,
        collected={each.party: standing.collected_fen(each.party) for each in terms.backing},
        rooms=rooms(terms, loan, names, on, standing),
    )
