"""What fund and regulator may read of single loans and claims: the fund of its own pools, the regulator of all, saying why.

The regulator's looks are logged, one line each with its purpose; without one nothing is shown. Totals and pools as a whole are
free: they show no firm. For anybody else these things do not exist. The doors only render what comes from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from backend.audit.looking import COMMAND, looked
from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.loans import clocks, views
from backend.loans.guarantees import party_code
from risk_compensation.live import (
    ClaimCase,
    FiledClaim,
    LoanCase,
    MoneyProposal,
    PoolView,
    RegisteredLoan,
    printing,
    proposals,
    statements,
)
from risk_compensation.live import views as pool_views

FUND = ("fund_maker", "fund_checker")


def _reader(
    session: Session, actor: Actor, *, kind: str, name: str, purpose: str, at: datetime, firm_id: str | None = None
) -> frozenset[str] | None:
    """The pools whose matters this actor may read: those of its fund; None means all, and the look is logged."""
    if actor.role in FUND:
        fund = party_code(session, actor)
        return frozenset(pool.code for pool in statements.pools(session) if pool.fund == fund)
    if actor.role != "regulator":
        raise NotFound()
    looked(
        session,
        actor,
        action=f"regulator.read_{kind}",
        object_kind=kind,
        object_id=name,
        purpose=purpose,
        at=at,
        firm_id=firm_id,
    )
    return None


def book(session: Session, actor: Actor, *, purpose: str, at: datetime) -> list[views.BookLine]:
    """Every bank's whole loan book, draw by draw: the regulator's alone."""
    if actor.role != "regulator":
        raise NotFound()
    _reader(session, actor, kind="book", name="all", purpose=purpose, at=at)
    return views.book_lines(session)


def loans(session: Session, actor: Actor, *, purpose: str, at: datetime) -> list[RegisteredLoan]:
    """The loans in the fund's own pools, or in all, in the order in which they entered."""
    mine = _reader(session, actor, kind="loans", name="all", purpose=purpose, at=at)
    return pool_views.loans_of_pools(session, mine)


def claims(session: Session, actor: Actor, *, purpose: str, at: datetime) -> list[FiledClaim]:
    """The claims on the fund's own pools, or on all, oldest first."""
    mine = _reader(session, actor, kind="claims", name="all", purpose=purpose, at=at)
    return [each for each in statements.claims(session) if mine is None or each.pool in mine]


def running(session: Session, actor: Actor, *, late: bool, purpose: str, at: datetime) -> list[clocks.Clock]:
    """Whom each claim waits for and until when, most urgent first."""
    mine = _reader(session, actor, kind="clocks", name="all", purpose=purpose, at=at)
    found: Sequence[clocks.Clock] = clocks.late(session, day_of(at)) if late else clocks.every(session, day_of(at))
    if mine is None:
        return list(found)
    loans = pool_views.loans(session, [each.loan for each in found])
    return [each for each in found if loans[each.loan].pool in mine]


def claim(session: Session, actor: Actor, *, claim_no: str, purpose: str, at: datetime) -> ClaimCase:
    """One claim with its loan and pool; another fund's is as good as missing."""
    found = pool_views.claim_case(session, claim_no)
    firm = found.loan.firm if found is not None else None
    mine = _reader(session, actor, kind="claim", name=claim_no, purpose=purpose, at=at, firm_id=firm)
    if found is None or (mine is not None and found.claim.pool not in mine):
        raise NotFound()
    return found


def loan(session: Session, actor: Actor, *, reference: str, purpose: str, at: datetime) -> LoanCase:
    """One loan with its pool; another fund's is as good as missing."""
    found = pool_views.loan_case(session, reference)
    firm = found.loan.firm if found is not None else None
    mine = _reader(session, actor, kind="loan", name=reference, purpose=purpose, at=at, firm_id=firm)
    if found is None or (mine is not None and found.pool.code not in mine):
        raise NotFound()
    return found


def pool(session: Session, actor: Actor, *, code: str) -> PoolView:
    """One pool as a whole: no firm shows in it, so nobody is asked why. Another fund's is as good as missing."""
    found = pool_views.pool(session, code)
    own = found is not None and actor.role in FUND and found.fund == party_code(session, actor)
    if found is None or not (own or actor.role == "regulator"):
        raise NotFound()
    return found


def said(session: Session, actor: Actor, *, everything: bool, purpose: str, at: datetime) -> list[MoneyProposal]:
    """What was said of the pools' money and waits for another person's word; or everything, decided or not."""
    mine = _reader(session, actor, kind="proposals", name="all", purpose=purpose, at=at)
    pools = mine if mine is not None else [each.code for each in statements.pools(session)]
    return proposals.every(session, pools) if everything else proposals.waiting(session, pools)


def on_paper(
    session: Session, actor: Actor, *, code: str, party: str | None, since: date, until: date, purpose: str, at: datetime
) -> printing.Page:
    """Every entry of a pool, loan by loan, or those that name a party: for whoever sits at the machine, saying why."""
    if actor != COMMAND:
        raise NotFound()
    looked(session, actor, action="pool.read_journal", object_kind="pool", object_id=code, purpose=purpose, at=at, party=party)
    return (
        printing.party_page(session, code, party, since, until) if party else printing.journal_page(session, code, since, until)
    )
