"""A pool's page at the fund's desk: its figures, what is warned or stopped, what is settled once a year, its book."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.kit.words import Words
from backend.portal.pages.money import ProposalRow
from backend.portal.pages.shared import Choice, Form


@dataclass(frozen=True, slots=True)
class PoolCard:
    """state: open | warn | paused | closed."""

    id: str
    title: Words
    state: str
    cash_fen: int
    commitments_fen: int
    reserved_fen: int
    available_fen: int
    paid_out_fen: int
    recovered_fen: int
    state_words: Words | None = None


@dataclass(frozen=True, slots=True)
class BookLine:
    on: date
    what: Words
    debit: Words
    credit: Words
    amount_fen: int


@dataclass(frozen=True, slots=True)
class PoolStop:
    """The pool, a bank or the guarantor, warned or paused. act: propose | wait | reopen, what this officer may do, or None."""

    who: Words
    party: str
    state: str
    since: date
    words: Words
    proposal: Words | None = None
    act: str | None = None


@dataclass(frozen=True, slots=True)
class YearEnd:
    """What is settled once a year. kind: settle (claims in one proportion) | excess (an excess-loss cover). `who`: on whom falls
    what the money does not reach, or who gets the excess. `done`: it is settled; `may`: this officer may do it now."""

    kind: str
    year: int
    due_fen: int
    who: Words
    have_fen: int = 0
    count: int = 0
    done: bool = False
    may: bool = False


@dataclass(frozen=True, slots=True)
class PoolPage:
    pool: PoolCard
    day: date
    lines: tuple[BookLine, ...]
    funders: tuple[tuple[Words | str, int], ...] = ()
    may_pause: tuple[Choice, ...] = ()
    stops: tuple[PoolStop, ...] = ()
    year: YearEnd | None = None
    may_pay_in: bool = False
    money: tuple[ProposalRow, ...] = ()
    year_form: Form = field(default_factory=Form)
    paid_in_form: Form = field(default_factory=Form)
    form: Form = field(default_factory=Form)
