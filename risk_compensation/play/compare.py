"""What each published scheme would have paid on one and the same book, by party: a table and a CSV.

Written in: domain §6.1. Each scheme's newest block is applied to every loan whatever its date ("as if"), unless asked otherwise.
All
columns of a row add up to the book's loss after recoveries: what each party bears, what waits for money, what lies outside.

>>> from risk_compensation.play.book import read
>>> book = read("reference,bank,firm,amount,drawn_on,months,overdue_since,unpaid_principal\\n"
...     "L1,harbour,f1,1000000.00,2025-01-06,12,2025-06-06,1000000.00\\n")
>>> [row.fen["fund"] for row in compare(book, codes=["qingyuan_2026", "taizhou_guarantee_fund"])]
[50000000, 80000000]
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.kit.errors import Fault
from backend.kit.money import yuan
from backend.kit.words import Words
from risk_compensation import scheme as schemes
from risk_compensation.play.course import Done, play
from risk_compensation.scheme import PARTY_WORDS, PUBLIC, BookLoan


@dataclass(frozen=True, slots=True)
class Row:
    """One scheme on the book. `fen`: what each party has borne in the end; the rest of the loss waits or lies outside."""

    scheme: str
    title: Words
    entered: int
    claims: int
    fen: dict[str, int]
    waiting_fen: int
    outside_fen: int
    cut_fen: int
    refused: dict[str, int]
    stops: tuple[str, ...]
    done: Done

    @property
    def public_fen(self) -> int:
        return sum(self.fen[party] for party in PUBLIC)

    @property
    def total_fen(self) -> int:
        return sum(self.fen.values()) + self.waiting_fen + self.outside_fen


def loss_fen(book: Sequence[BookLoan]) -> int:
    """What the borrowers did not pay, less what was recovered after costs."""
    return sum(loan.loss_fen - loan.recovered_fen + loan.costs_fen for loan in book)


def compare(
    book: Sequence[BookLoan],
    *,
    codes: Sequence[str] | None = None,
    money_fen: int | None = None,
    as_dated: bool = False,
    progress: Callable[[str], None] = lambda code: None,
) -> list[Row]:
    """Each scheme of the pool's own currency on the book. `money_fen` gives every scheme the same money instead of its own;
    `as_dated` lets only loans in that were drawn while the scheme was in force. NotFound for an unknown code."""
    rows = []
    for code in codes or [each for each in schemes.codes() if schemes.scheme(each).currency == "CNY"]:
        scheme = schemes.scheme(code)
        progress(code)
        done = play(scheme, book, money_fen=money_fen, terms=None if as_dated else scheme.terms[-1])
        net = done.net_fen()
        row = Row(
            scheme=code,
            title=scheme.title,
            entered=len(done.cases),
            claims=done.claims,
            fen={party: net.get(party, 0) for party in PARTY_WORDS},
            waiting_fen=done.waiting_fen,
            outside_fen=done.outside_fen,
            cut_fen=sum(case.cut_fen for case in done.cases),
            refused=dict(Counter(done.refused.values())),
            stops=tuple(f"{day} {what}" for day, what in done.stops),
            done=done,
        )
        if row.total_fen != loss_fen(book):
            raise Fault(f"{code}: the parts add up to {row.total_fen}, the loss is {loss_fen(book)}")
        rows.append(row)
    return rows


def as_csv(rows: Sequence[Row]) -> str:
    """The rows as CSV, money in yuan."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["scheme", "title", "entered", "claims", *PARTY_WORDS, "waiting", "outside", "public", "total", "cut", "refused", "stops"]
    )
    for row in rows:
        money = [*row.fen.values(), row.waiting_fen, row.outside_fen, row.public_fen, row.total_fen, row.cut_fen]
        writer.writerow(
            [
                *(row.scheme, row.title.zh, row.entered, row.claims),
                *(yuan(fen) for fen in money),
                "; ".join(f"{why} {count}" for why, count in row.refused.items()),
                "; ".join(row.stops),
            ]
        )
    return text.getvalue()
