"""Random books of loans, and what it means that a book ends live where it ends in memory.

Both ask the same rules: what this can show is that the two standings, and the two orders of acts, agree.
"""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from backend.kit.database import Database
from risk_compensation import scheme
from risk_compensation.live import statements
from risk_compensation.play.course import play
from risk_compensation.scheme import BookLoan, SchemeTerms
from tests.risk_compensation.live import Live

PLENTY = 10**13


def same(database: Database, code: str, block: SchemeTerms, book: tuple[BookLoan, ...], money_fen: int, until: date) -> None:
    """Played live and in memory: the same loans enter, each party bears the same fen, the same waits, as much money is left."""
    source = scheme.scheme(code)
    done = play(source, book, money_fen=money_fen, until=until, terms=block)
    with database.reading() as session:
        found = Live(session, source, block, money_fen).play(book, until)
        assert statements.faults(session) == []
    apart = sum(case.apart_fen for case in done.cases)
    said = {kind: fen - (apart if kind == "bank" else 0) for kind, fen in done.net_fen().items()}
    assert found.refused == tuple(done.refused)
    assert (found.net_fen, found.waiting_fen) == ({kind: fen for kind, fen in said.items() if fen}, done.waiting_fen)
    assert found.cash_fen == done.cash_fen


def last_day(book: tuple[BookLoan, ...]) -> date:
    return date(max(loan.ends_on for loan in book).year + 4, 12, 31) + timedelta(0)


@st.composite
def books(draw: st.DrawFn, terms: SchemeTerms) -> tuple[BookLoan, ...]:
    """A few loans of two banks over three years, some of which go bad; odd amounts, days in any order."""
    start = max(terms.valid_from, date(2019, 1, 1))
    found = []
    for number in range(draw(st.integers(1, 7))):
        on = start + timedelta(days=draw(st.integers(0, 700)))
        amount = draw(st.sampled_from((1, 3, 101, 999_983, 20_000_001, 100_000_000)))
        said: dict[str, object] = {
            "reference": f"L{number}",
            "bank": draw(st.sampled_from(("b1", "b2"))),
            "firm": draw(st.sampled_from(("f1", "f2", "f3", "f4", "f5", "f6"))),
            "amount_fen": amount,
            "drawn_on": on,
            "months": draw(st.sampled_from((6, 12, 24))),
            "mode": draw(st.sampled_from(terms.scope.modes or ("loan", "guarantee", "insurance"))),
            "size": draw(st.sampled_from(("micro", "small", "medium"))),
            "industry": draw(st.sampled_from(("C34", "F51"))),
            "revenue_fen": draw(st.sampled_from((None, 500_000_000, 30_000_000_000))),
            "tags": draw(st.sampled_from(((), ("ip",), ("first_loan",), ("ip", "pure_credit"), ("key_list",)))),
        }
        if draw(st.integers(0, 2)):
            since = on + timedelta(days=draw(st.integers(1, 200)))
            unpaid = draw(st.integers(1, amount))
            said |= {"overdue_since": since, "unpaid_principal_fen": unpaid}
            said |= {
                "guarantor_paid_on": since + timedelta(days=20),
                "judged_on": since + timedelta(days=draw(st.integers(21, 90))),
            }
            # Where a year is settled at its end, what is known of a loan before that would end its claim before it was paid.
            later = st.integers(400 if terms.money_short.rule == "pro_rata" else 1, 900)
            fate = draw(st.sampled_from(("nothing", "comes back", "comes back", "fraud")))
            if fate == "comes back":
                gross = draw(st.integers(1, unpaid))
                back = {"recovered_on": since + timedelta(days=draw(later))}
                said |= back | {"recovered_fen": gross, "costs_fen": draw(st.integers(0, gross))}
            if fate == "fraud":
                said["fraud_on"] = since + timedelta(days=draw(later))
        found.append(BookLoan.model_validate(said))
    return tuple(found)


BLOCKS = {f"{code} from {block.valid_from}": (code, block) for code in scheme.codes() for block in scheme.scheme(code).terms}
