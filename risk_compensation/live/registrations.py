"""Loans entering and leaving a pool: registration (入库), draw, overdue, cure, release. Written in: domain §6.3, §6.4.

A registration books a contingent commitment: headroom = leverage x cash - commitments - live reservations. Repayment releases
it. A paused pool takes nothing new.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.kit import locks, rules
from backend.kit.errors import Conflict, NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import Account, Reason, lines, locked_pool, pool_of, post
from risk_compensation.live import admission
from risk_compensation.live.admission import Checks
from risk_compensation.live.claims import CLAIM_LIVE, Move, State, after
from risk_compensation.live.reservations import lapse, usable
from risk_compensation.live.values import RegisteredLoan
from risk_compensation.rules import LAWFUL_MOVE, ONE_CLAIM, RESERVED_ONCE
from risk_compensation.scheme import terms_on
from risk_compensation.tables import Claim, LoanMove, Registration

NO_WORDS = Words("", "")
OPEN_STATES = frozenset({State.REGISTERED, State.ACTIVE, State.OVERDUE, State.CLAIMABLE})


def locked_loan(session: Session, reference: str) -> Registration:
    """The registration, held until the transaction ends; NotFound otherwise."""
    found = locks.hold(session, Registration, reference)
    if found is None:
        raise NotFound(Words("这笔贷款没有入库", "this loan is not registered in a pool"), code="not_registered")
    return found


def move(
    session: Session, loan: Registration, step: Move, *, on: date, by: str, words: Words = NO_WORDS, claim: Claim | None = None
) -> None:
    """One lawful move of a loan in the pool, with its claim if it has one; kept for good."""
    was, became = State(loan.state), after(loan.state, step)
    rules.put(session, loan, "state", became, rule=LAWFUL_MOVE)
    if claim is not None:
        rules.put(session, claim, "state", became, rule=ONE_CLAIM)
    claim_no = claim.claim_no if claim is not None else None
    session.add(
        LoanMove(loan=loan.reference, claim_no=claim_no, move=step, was=was, became=became, on=on, by=by, words=words.as_dict())
    )
    session.flush()


def register(
    session: Session,
    pool: str,
    *,
    reference: str,
    amount_fen: int,
    on: date,
    checks: Checks,
    reservation: str | None = None,
) -> RegisteredLoan:
    """Take a loan into the pool before its draw: books a commitment, uses up its reservation. The second time changes nothing.

    Refused: no_guarantee_decision, wrong_guarantor, industry_out_of_scope, scope_…, cap_loan, cap_firm, pool_paused, bank_paused,
    guarantor_paused, headroom.
    Conflict: reference_reused (the reference stands for another loan, or for a loan in another pool: one loan, one scheme).
    """
    locks.hold_name(session, "firm", checks.firm)
    locks.hold_name(session, "loan", reference)
    row = locked_pool(session, pool)
    known = locks.fresh(session, Registration, reference)
    if known is not None:
        if (known.pool, known.amount_fen, known.firm) != (pool, amount_fen, checks.firm):
            raise Conflict(
                Words("该贷款已在池中登记", "this loan is already registered, in other terms"), code="reference_reused"
            )
        return seen(RegisteredLoan, known)
    terms, loan = terms_on(row.scheme, on), checks.of(amount_fen)
    admission.guarantor_decided(row, terms, checks, loan, on)
    admission.within_scope(session, row, terms, checks, loan, on)
    lapse(session, pool, on)
    admission.within_caps(session, row, terms, checks.firm, loan)
    admission.not_stopped(session, row, terms, checks.bank, checks.guarantor, on)
    committed = terms.commitment_fen(loan, amount_fen)
    held = usable(session, pool, checks.firm, reservation)
    booked = lines(
        (Account.RESERVATIONS, Account.OFF_BALANCE, held.held_fen if held else 0, Reason.RESERVATION_USED, None, reservation),
        (Account.OFF_BALANCE, Account.COMMITMENTS, committed, Reason.REGISTERED, None, reference),
    )
    booked += admission.collected(session, row, terms, checks.bank, reference, loan)
    times_bp = terms.leverage.times_bp
    with session.begin_nested():
        post(session, pool=pool, reference=f"registered:{reference}", on=on, booked=booked, headroom_times_bp=times_bp)
        if held is not None:
            rules.put(session, held, "state", "used", rule=RESERVED_ONCE)
        made = Registration(
            reference=reference,
            pool=pool,
            bank=checks.bank,
            guarantor=checks.guarantor,
            firm=checks.firm,
            amount_fen=amount_fen,
            principal_fen=amount_fen,
            committed_fen=committed,
            guarantee_no=checks.guarantee_no or "",
            guaranteed_on=checks.guaranteed_on or on,
            registered_on=on,
            overdue_since=None,
            policy_digest=terms.digest,
            state=State.REGISTERED,
            mode=loan.mode,
            size=loan.size,
            months=loan.months,
            revenue_fen=loan.revenue_fen,
            tags=list(loan.tags),
        )
        session.add(made)
        session.flush()
    return seen(RegisteredLoan, made)


def activate(session: Session, *, reference: str, on: date) -> None:
    """The bank has drawn on the loan. The second draw changes nothing here."""
    loan = locked_loan(session, reference)
    if loan.state == State.REGISTERED:
        move(session, loan, Move.DRAW, on=on, by="bank")


def overdue(session: Session, *, reference: str, since: date, on: date) -> None:
    """The loan is overdue: `since` is the due day that was missed. The second time changes nothing."""
    loan = locked_loan(session, reference)
    if loan.state == State.ACTIVE:
        loan.overdue_since = since
        move(session, loan, Move.FALL_DUE, on=on, by="bank")


def cure(session: Session, *, reference: str, on: date) -> None:
    """Everything due has been paid."""
    loan = locked_loan(session, reference)
    if loan.state in (State.OVERDUE, State.CLAIMABLE):
        loan.overdue_since = None
        move(session, loan, Move.CURE, on=on, by="bank")


def release(session: Session, *, reference: str, on: date, principal_fen: int = 0) -> int:
    """Bring the covered principal down to `principal_fen` because the borrower repaid; answers the fen released.

    Never goes up; the second time changes nothing; while a claim runs or after it was paid nothing is released here.
    """
    loan = locked_loan(session, reference)
    terms = terms_on(pool_of(session, loan.pool).scheme, loan.registered_on)
    if loan.state not in OPEN_STATES or loan.state in CLAIM_LIVE:
        return 0
    down_to = terms.commitment_fen(loan, principal_fen)
    freed = max(0, loan.committed_fen - down_to)
    booked = lines((Account.COMMITMENTS, Account.OFF_BALANCE, freed, Reason.REPAID, None, reference))
    with session.begin_nested():
        if freed:
            post(session, pool=loan.pool, reference=f"released:{reference}:{principal_fen}", on=on, booked=booked)
            loan.committed_fen = down_to
        loan.principal_fen = min(loan.principal_fen, principal_fen)
        if principal_fen == 0:
            move(session, loan, Move.RELEASE, on=on, by="bank")
        session.flush()
    return freed
