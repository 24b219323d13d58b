"""Loans entering and leaving a pool: reservation, registration (入库), breaker, release. Written in: domain §6.3, §6.4.

A reservation holds headroom between the firm's acceptance and the registration, and expires. A registration books a contingent
commitment: headroom = leverage x cash - commitments - live reservations. Repayment releases it. A paused pool takes nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.money import wan
from backend.kit.words import Words
from risk_compensation.accounts import Account
from risk_compensation.breaker import evaluate_breaker, locked_pool, refuse_if_paused
from risk_compensation.claims import CLAIM_LIVE, Move, State, after
from risk_compensation.ledger import lines, pool_of, post
from risk_compensation.reasons import Reason
from risk_compensation.scheme import SchemeTerms, terms_on
from risk_compensation.tables import Claim, LoanMove, Registration, Reservation

NO_WORDS = Words("", "")
OPEN_STATES = frozenset({State.REGISTERED, State.ACTIVE, State.OVERDUE, State.CLAIMABLE})


@dataclass(frozen=True, slots=True)
class Checks:
    """What a registration is checked against: the parties' codes, the guarantor's decision, the firm's GB/T 4754 industry."""

    bank: str
    guarantor: str
    firm: str
    guarantee_no: str | None
    guaranteed_on: date | None
    industry: str | None


def locked_loan(session: Session, reference: str) -> Registration:
    """The registration, held until the transaction ends; NotFound otherwise."""
    query = select(Registration).where(Registration.reference == reference).with_for_update(key_share=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(Words("这笔贷款没有入库", "this loan is not registered in a pool"), code="not_registered")
    return found


def move(
    session: Session, loan: Registration, step: Move, *, on: date, by: str, words: Words = NO_WORDS, claim: Claim | None = None
) -> None:
    """One lawful move of a loan in the pool, with its claim if it has one; kept for good."""
    was, became = State(loan.state), after(loan.state, step)
    loan.state = became
    if claim is not None:
        claim.state = became
    claim_no = claim.claim_no if claim is not None else None
    session.add(
        LoanMove(loan=loan.reference, claim_no=claim_no, move=step, was=was, became=became, on=on, by=by, words=words.as_dict())
    )
    session.flush()


def lapse(session: Session, pool: str, on: date) -> None:
    """Give back the headroom of reservations whose last day has passed. Doing it again changes nothing."""
    stale = select(Reservation).where(Reservation.pool == pool, Reservation.state == "live", Reservation.expires_on < on)
    for held in session.scalars(stale.with_for_update().execution_options(populate_existing=True)):
        _free(session, held, on, Reason.RESERVATION_EXPIRED, "expired")


def _free(session: Session, held: Reservation, on: date, reason: Reason, state: str) -> None:
    booked = lines((Account.RESERVATIONS, Account.OFF_BALANCE, held.held_fen, reason, None, held.reference))
    post(session, pool=held.pool, reference=f"{state}:{held.reference}", on=on, booked=booked)
    held.state = state
    session.flush()


def reserve(
    session: Session,
    pool: str,
    *,
    reference: str,
    bank: str,
    guarantor: str,
    firm: str,
    amount_fen: int,
    expires_on: date,
    on: date,
) -> Reservation:
    """Hold headroom for a loan of `amount_fen` until `expires_on` (that day included). The second time changes nothing.

    Refused: pool_paused, bank_paused, guarantor_paused, cap_loan, cap_firm, headroom.
    Invalid: expires_on before `on`. Conflict: reference_reused.
    """
    row = locked_pool(session, pool)
    known = session.get(Reservation, reference)
    if known is not None:
        if (known.pool, known.amount_fen, known.firm) != (pool, amount_fen, firm):
            raise Conflict(
                Words("该编号已用于另一笔预留", "this reference already holds another reservation"), code="reference_reused"
            )
        return known
    if expires_on < on:
        raise Invalid("expires_on", Words("预留的到期日早于当日", "the reservation would expire before it is made"))
    terms = terms_on(row.scheme, on)
    for party in (None, bank, guarantor):
        refuse_if_paused(session, row, party)
    lapse(session, pool, on)
    _caps(session, terms, firm, amount_fen)
    held = terms.commitment_fen(amount_fen)
    made = Reservation(
        reference=reference,
        pool=pool,
        bank=bank,
        guarantor=guarantor,
        firm=firm,
        amount_fen=amount_fen,
        held_fen=held,
        reserved_on=on,
        expires_on=expires_on,
        state="live",
    )
    booked = lines((Account.OFF_BALANCE, Account.RESERVATIONS, held, Reason.RESERVED, None, reference))
    post(
        session,
        pool=pool,
        reference=f"reserved:{reference}",
        on=on,
        booked=booked,
        headroom_times_bp=terms.leverage.times_bp,
    )
    session.add(made)
    session.flush()
    return made


def cancel_reservation(session: Session, *, reference: str, on: date) -> None:
    """Give the headroom back before it expires; a reservation that is no longer live stays as it is."""
    found = session.get(Reservation, reference)
    if found is None:
        raise NotFound()
    locked_pool(session, found.pool)
    session.refresh(found)
    if found.state == "live":
        _free(session, found, on, Reason.RESERVATION_CANCELLED, "cancelled")


def _caps(session: Session, terms: SchemeTerms, firm: str, amount_fen: int) -> None:
    if amount_fen <= 0:
        raise Invalid("amount_fen", Words("金额须为正", "the amount must be positive"))
    if amount_fen > terms.caps.loan_fen:
        cap = wan(terms.caps.loan_fen)
        raise Refused(Words(f"单笔贷款不得超过 {cap} 万元", f"one loan may not be more than {cap} 万元"), code="cap_loan")
    query = select(func.sum(Registration.principal_fen)).where(Registration.firm == firm, Registration.state != State.RELEASED)
    if (session.scalar(query) or 0) + amount_fen > terms.caps.firm_fen:
        cap = wan(terms.caps.firm_fen)
        raise Refused(Words(f"同一企业合计不得超过 {cap} 万元", f"one firm may not have more than {cap} 万元"), code="cap_firm")


def register(
    session: Session,
    pool: str,
    *,
    reference: str,
    amount_fen: int,
    on: date,
    checks: Checks,
    reservation: str | None = None,
) -> Registration:
    """Take a loan into the pool before its draw: books a commitment, uses up its reservation. The second time changes nothing.

    Refused: no_guarantee_decision, wrong_guarantor, pool_paused, bank_paused, guarantor_paused, industry_out_of_scope, cap_loan,
    cap_firm, headroom.
    Conflict: reference_reused (the reference stands for another loan, or for a loan in another pool: one loan, one scheme).
    """
    row = locked_pool(session, pool)
    known = session.get(Registration, reference)
    if known is not None:
        if (known.pool, known.amount_fen, known.firm) != (pool, amount_fen, checks.firm):
            raise Conflict(
                Words("该贷款已在池中登记", "this loan is already registered, in other terms"), code="reference_reused"
            )
        return known
    terms = terms_on(row.scheme, on)
    if not checks.guarantee_no or checks.guaranteed_on is None or checks.guaranteed_on > on:
        raise Refused(
            Words("入库前须有担保机构的担保决定", "the guarantor must decide before a loan can enter the pool"),
            code="no_guarantee_decision",
        )
    if checks.guarantor != row.guarantor:
        raise Refused(Words("该担保机构不属于本资金池", "this guarantor does not belong to the pool"), code="wrong_guarantor")
    for party in (None, checks.bank, checks.guarantor):  # the pool first: what stops all of it says nothing of one bank in it
        evaluate_breaker(session, row, terms, on, party)
        refuse_if_paused(session, row, party)
    if terms.scope.industries and (not checks.industry or checks.industry[0] not in terms.scope.industries):
        raise Refused(
            Words("企业所属行业不在方案支持范围内", "the firm’s industry is outside what the scheme supports"),
            code="industry_out_of_scope",
        )
    lapse(session, pool, on)
    _caps(session, terms, checks.firm, amount_fen)
    committed = terms.commitment_fen(amount_fen)
    held = session.get(Reservation, reservation) if reservation else None
    if held is not None:
        session.refresh(held)
    used = held if held is not None and held.state == "live" and held.pool == pool and held.firm == checks.firm else None
    booked = lines(
        (Account.RESERVATIONS, Account.OFF_BALANCE, used.held_fen if used else 0, Reason.RESERVATION_USED, None, reservation),
        (Account.OFF_BALANCE, Account.COMMITMENTS, committed, Reason.REGISTERED, None, reference),
    )
    times_bp = terms.leverage.times_bp
    with session.begin_nested():
        post(session, pool=pool, reference=f"registered:{reference}", on=on, booked=booked, headroom_times_bp=times_bp)
        if used is not None:
            used.state = "used"
        made = Registration(
            reference=reference,
            pool=pool,
            bank=checks.bank,
            guarantor=checks.guarantor,
            firm=checks.firm,
            amount_fen=amount_fen,
            principal_fen=amount_fen,
            committed_fen=committed,
            guarantee_no=checks.guarantee_no,
            guaranteed_on=checks.guaranteed_on,
            registered_on=on,
            overdue_since=None,
            policy_digest=terms.digest,
            state=State.REGISTERED,
        )
        session.add(made)
        session.flush()
    return made


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
    down_to = terms.commitment_fen(principal_fen)
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
