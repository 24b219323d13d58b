"""A pool's live book as its stress sees it: what is owed, how likely each firm fails, the pool's part, the breaker's lines.

The one reading for command and snapshot. A firm's probability is that of its newest assessment, or the assumed one
(`risk_compensation/play/stress.yaml`); a loan whose claim can be or has been filed has failed already; a loan past due is at
least as doubtful as assumed there. Paid, written off and released loans are over for the pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.scoring.tables import Assessment
from risk_compensation.ledger import pool_of
from risk_compensation.live import CLAIM_LIVE, State, statements, terms_of
from risk_compensation.play import stress_terms
from risk_compensation.play.stress import Assumptions, Book, Found, stress
from risk_compensation.play.stress_terms import StressTerms
from risk_compensation.scheme import most_public_fen, terms_still
from risk_compensation.tables import Registration

SOUND = frozenset({State.REGISTERED, State.ACTIVE})
DOUBTFUL = frozenset({State.OVERDUE, State.REJECTED, State.WITHDRAWN})
FAILED = frozenset({State.CLAIMABLE, *CLAIM_LIVE})


@dataclass(frozen=True, slots=True)
class Asked:
    """A book to judge, the pool's money, what entered in the breaker's window, and the breaker's lines. Money in fen.

    `assessed`: of how many of its firms the probability is ours; `failed`: loans that have failed already.
    """

    name: str
    book: Book
    cash_fen: int
    entered_fen: int
    warn_bp: int = 300
    pause_bp: int = 500
    window_loans: int = 0
    minimum_loans: int = 0
    assessed: int = 0
    failed: int = 0
    years: float = 1.0


def judge(asked: Asked, assumed: Assumptions, cash_fen: int) -> Found:
    """The distribution of what this book costs the pool, with so much money."""
    return stress(
        asked.book,
        assumed,
        cash_fen=cash_fen,
        entered_fen=asked.entered_fen,
        warn_bp=asked.warn_bp,
        pause_bp=asked.pause_bp,
        years=asked.years,
    )


def assumptions(terms: StressTerms, draws: int) -> Assumptions:
    """The dated assumptions, and how many cases are drawn."""
    return Assumptions(correlation=float(terms.correlation), lgd_sd=float(terms.lgd_sd), draws=draws)


def live(session: Session, code: str, day: date, terms: StressTerms | None = None, *, fewest: int = 0) -> Asked | None:
    """The loans that a pool answers for, as they stand; None when there is none. NotFound: no such pool.

    `fewest`: what fewer firms have of their own (an assessment, a loan past due) is left out, and the assumed value stands for
    them: otherwise a published figure would tell it by subtraction.
    """
    terms = terms or stress_terms.on(day)
    pool = pool_of(session, code)
    states = {*SOUND, *DOUBTFUL, *FAILED}
    query = select(Registration).where(
        Registration.pool == code,
        Registration.state.in_(states),
        Registration.principal_fen > 0,
        Registration.registered_on <= day,
    )
    loans = list(session.scalars(query.order_by(Registration.reference)))
    if not loans:
        return None
    ours = _chances(session, code, day)
    firms = {firm: number for number, firm in enumerate(sorted({loan.firm for loan in loans}))}
    ours = {firm: pd for firm, pd in ours.items() if firm in firms}
    ours = ours if len(ours) >= fewest else {}
    doubted = len({loan.firm for loan in loans if loan.state in DOUBTFUL}) >= fewest
    pds = [_worsened(ours.get(loan.firm, terms.pd), loan.state, terms, doubted=doubted) for loan in loans]
    shares = [most_public_fen(terms_of(session, loan), loan, loan.principal_fen) * 10_000 // loan.principal_fen for loan in loans]
    book = Book(
        amount_fen=np.array([loan.principal_fen for loan in loans], dtype=np.int64),
        pd=np.array([float(pd) for pd in pds]),
        lgd=np.full(len(loans), float(terms.lgd)),
        share_bp=np.array(shares, dtype=np.int64),
        firm=np.array([firms[loan.firm] for loan in loans]),
    )
    ratio, breaker = statements.breaker(session, code, day), terms_still(pool.scheme, day).breaker
    return Asked(
        name=code,
        book=book,
        cash_fen=statements.cash_on(session, code, day),
        # A pool that has not entered anything for a while is still measured against what it carries.
        entered_fen=max(ratio.whole_fen, int(book.amount_fen.sum())),
        warn_bp=breaker.warn_bp,
        pause_bp=breaker.pause_bp,
        window_loans=ratio.loans,
        minimum_loans=breaker.minimum_loans,
        assessed=len(ours),
        failed=sum(loan.state in FAILED for loan in loans),
    )


def _worsened(pd: Decimal, state: str, terms: StressTerms, *, doubted: bool) -> Decimal:
    if state in FAILED:
        return Decimal(1)
    return max(pd, terms.pd_overdue) if doubted and state in DOUBTFUL else pd


def _chances(session: Session, code: str, day: date) -> dict[str, Decimal]:
    """Firm -> the probability of its newest assessment; firms whose newest has none are left out."""
    firms = select(Registration.firm).where(Registration.pool == code)
    query = select(Assessment.firm_id, Assessment.pd).where(Assessment.firm_id.in_(firms), Assessment.facts_on <= day)
    newest = {row.firm_id: row.pd for row in session.execute(query.order_by(Assessment.at, Assessment.id))}
    return {firm: pd for firm, pd in newest.items() if pd is not None}
