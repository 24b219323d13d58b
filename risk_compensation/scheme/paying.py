"""In what order claims are paid and what happens when money runs out; what a smaller loss leaves of an award. Pure.

Written in: domain §6.1 (what happens when money runs out), §6.4 (payout shrinks with unpaid principal).
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.kit.money import share_out
from risk_compensation.scheme.awards import Award, award, shortened
from risk_compensation.scheme.parts import Weighed
from risk_compensation.scheme.terms import SchemeTerms


def at_once(terms: SchemeTerms, due_fen: int, free_fen: int | None) -> int:
    """How much of what is due a claim asks of the account at once. None is free without limit.

    `approval_order`: all of it, or the account refuses it and the whole claim waits. `next_budget`, `bank_bears`: what is
    there. `pro_rata`: nothing before the year is settled.
    """
    if free_fen is None or terms.money_short.rule == "approval_order":
        return due_fen
    return 0 if at_years_end(terms) else min(due_fen, max(0, free_fen))


def rest_waits(terms: SchemeTerms) -> bool:
    """Whether what the money does not reach waits for the next; else it falls on whoever bears what is beyond the pool."""
    return terms.money_short.rule == "next_budget"


def at_years_end(terms: SchemeTerms) -> bool:
    """Whether the claims of a year wait for its end and share the cash in one proportion."""
    return terms.money_short.rule == "pro_rata"


def set_aside(terms: SchemeTerms, found: Award, free_fen: int) -> tuple[Award, int]:
    """An approved award and how much of it is set aside at once; where the rest does not wait it falls on others at once."""
    aside = at_once(terms, found.public_fen, free_fen)
    return (shortened(terms, found, aside) if terms.money_short.rule == "bank_bears" else found), aside


def in_proportion(wants: Mapping[str, int], free_fen: int) -> dict[str, int]:
    """The claims of a year share the cash in one proportion; the odd fen goes to the first approved."""
    have = min(max(0, free_fen), sum(wants.values()))
    return share_out(have, wants, odd_fen_order=list(wants)) if sum(wants.values()) else dict(wants)


def by_party(terms: SchemeTerms, owed: Mapping[str, int], fen: int) -> dict[str, int]:
    """A payment of public money, by the parties that still owe it."""
    return share_out(fen, owed, odd_fen_order=terms.odd_fen_order) if fen else {}


def shrunk(terms: SchemeTerms, loan: Weighed, was: Award, loss_fen: int) -> Award:
    """The award of a claim whose loss became smaller: never more of anything than it had been given."""
    rooms = [was.counted_fen] if terms.limits is not None else []
    found = award(terms, terms.shares_of(loan), loss_fen, collected=was.drawn(terms), rooms=rooms)
    return shortened(terms, found, min(found.public_fen, was.public_fen))
