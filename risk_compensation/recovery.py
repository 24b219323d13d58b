"""What may become of a paid claim: recovery in sharing ratio, write-off by two people, claw-back after fraud.

Written in: domain §6.3 (moves), §6.4 (recoveries after costs go back in sharing ratio, never above what was paid).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit.errors import Invalid, Refused
from backend.kit.money import yuan_text
from backend.kit.words import Words
from risk_compensation.accounts import Account as A
from risk_compensation.claim_events import locked_claim, parties_of, terms_of
from risk_compensation.claims import PAID_STATES, Move, State, after
from risk_compensation.ledger import lines, post
from risk_compensation.reasons import Reason as R
from risk_compensation.registrations import locked_loan, move
from risk_compensation.sharing import share_loss, share_recovery
from risk_compensation.tables import Claim, Entry, LoanMove, Registration


def paid_claim_of(session: Session, reference: str) -> Claim:
    """The loan's paid claim; Refused `nothing_paid` when there is none to recover for."""
    for claim in session.scalars(select(Claim).where(Claim.loan == reference)):
        if claim.state in PAID_STATES and claim.state != State.CLAWBACK:
            return claim
    raise Refused(Words("尚未代偿，没有可分配的追偿", "nothing has been paid out on this loan yet"), code="nothing_paid")


def returned_so_far(session: Session, loan: Registration) -> dict[str, int]:
    """What each kind of party has got back on a loan, in fen."""
    query = select(Entry.party, func.sum(Entry.amount_fen)).where(Entry.loan == loan.reference, Entry.credit == A.PARTY_LOSS)
    by_code = {code: int(total) for code, total in session.execute(query.group_by(Entry.party))}
    return {kind: by_code.get(code, 0) for kind, code in parties_of(session, loan).items()}


def recover(session: Session, *, reference: str, gross_fen: int, costs_fen: int, receipt_no: str, on: date) -> dict[str, int]:
    """Money recovered from the debtor: costs first, the rest back in sharing ratio; answers kind of party -> fen.

    `receipt_no` is the custody bank's and the idempotency key. Refused: nothing_paid, recovery_above_paid. Invalid: costs_fen.
    """
    loan = locked_loan(session, reference)
    key, parties = f"recovered:{receipt_no}", parties_of(session, loan)
    kept = session.scalars(select(Entry).where(Entry.reference == key, Entry.credit == A.PARTY_LOSS)).all()
    if kept:
        return {kind: sum(each.amount_fen for each in kept if each.party == code) for kind, code in parties.items()}
    if not 0 <= costs_fen <= gross_fen or gross_fen == 0:
        raise Invalid(
            "costs_fen", Words("费用不得超过追偿额", "the costs are not above what was recovered"), code="costs_above_gross"
        )
    claim, terms = paid_claim_of(session, reference), terms_of(session, loan)
    already, loss, net = returned_so_far(session, loan), claim.unpaid_principal_fen, gross_fen - costs_fen
    left = loss - sum(already.values())
    if net > left:
        text = yuan_text(left)
        raise Refused(Words(f"追偿净额超过尚未收回的 {text} 元", f"only {text} yuan are still lost"), code="recovery_above_paid")
    parts = share_recovery(terms, net_fen=net, loss_fen=loss, already=already)
    given_up = claim.state == State.WRITTEN_OFF
    booked = lines(
        (A.POOL_CASH, A.RECOVERY_CLEARING, gross_fen, R.RECOVERY_RECEIVED, None, reference),
        (A.RECOVERY_CLEARING, A.POOL_CASH, costs_fen, R.RECOVERY_COSTS, loan.guarantor, reference),
        *(
            (A.RECOVERY_CLEARING, A.POOL_CASH, parts[kind], R.RECOVERY_TO_PARTY, parties[kind], reference)
            for kind in parts
            if kind != "fund"
        ),
        (
            A.RECOVERY_CLEARING,
            A.WRITE_OFF if given_up else A.RECEIVABLE,
            parts["fund"],
            R.RECOVERY_TO_FUND,
            parties["fund"],
            reference,
        ),
        *((A.OFF_BALANCE, A.PARTY_LOSS, fen, R.LOSS_RECOVERED, parties[kind], reference) for kind, fen in parts.items()),
    )
    with session.begin_nested():
        post(session, pool=loan.pool, reference=key, on=on, booked=booked)
        if claim.state == State.PAID:
            move(session, loan, Move.START_RECOVERY, on=on, by="custodian", claim=claim)
        step = Move.RECOVER_ALL if net == left else Move.RECOVER_PART
        move(session, loan, step, on=on, by="custodian", claim=claim)
    return parts


def receivable_left(session: Session, reference: str) -> int:
    """What the fund may still recover on a loan, in fen."""

    def booked(side: object) -> int:
        query = select(func.sum(Entry.amount_fen)).where(Entry.loan == reference)
        column = Entry.debit if side == "debit" else Entry.credit
        return session.scalar(query.where(column == A.RECEIVABLE)) or 0

    return booked("debit") - booked("credit")


def apply_write_off(session: Session, *, claim_no: str, by: str, on: date, words: Words) -> Claim:
    """The maker proposes to write the rest off."""
    claim, loan = locked_claim(session, claim_no)
    if claim.state != State.WRITE_OFF_APPLIED:
        move(session, loan, Move.APPLY_WRITE_OFF, on=on, by=by, words=words, claim=claim)
    return claim


def write_off(session: Session, *, claim_no: str, by: str, on: date) -> Claim:
    """Another person decides: the right of recovery leaves the balance sheet, the case stays open (账销案存).

    Refused: maker_is_checker.
    """
    claim, loan = locked_claim(session, claim_no)
    if claim.state == State.WRITTEN_OFF:
        return claim
    after(loan.state, Move.WRITE_OFF)
    query = select(LoanMove.by).where(LoanMove.claim_no == claim_no, LoanMove.move == Move.APPLY_WRITE_OFF)
    if session.scalar(query.order_by(LoanMove.id.desc()).limit(1)) == by:
        raise Refused(
            Words("复核人与经办人不得为同一人", "the checker must be another person than the maker"), code="maker_is_checker"
        )
    left = receivable_left(session, loan.reference)
    with session.begin_nested():
        booked = lines((A.WRITE_OFF, A.RECEIVABLE, left, R.WRITTEN_OFF, None, loan.reference))
        post(session, pool=claim.pool, reference=f"written-off:{claim_no}", on=on, booked=booked)
        move(session, loan, Move.WRITE_OFF, on=on, by=by, claim=claim)
    return claim


def claw_back(session: Session, *, claim_no: str, receipt_no: str, by: str, on: date, words: Words) -> int:
    """Fraud was found after payment and the payee has returned what the fund still bears; answers the fen returned.

    The loss then falls on the payee. The second time changes nothing (0).
    """
    claim, loan = locked_claim(session, claim_no)
    if claim.state == State.CLAWBACK:
        return 0
    after(loan.state, Move.CLAW_BACK)
    parties = parties_of(session, loan)
    borne = share_loss(terms_of(session, loan), claim.unpaid_principal_fen)["fund"]
    left = borne - returned_so_far(session, loan)["fund"]
    account = A.WRITE_OFF if claim.state == State.WRITTEN_OFF else A.RECEIVABLE
    booked = lines(
        (A.POOL_CASH, account, left, R.CLAWED_BACK, claim.claimant, loan.reference),
        (A.OFF_BALANCE, A.PARTY_LOSS, left, R.CLAWED_BACK, parties["fund"], loan.reference),
        (A.PARTY_LOSS, A.OFF_BALANCE, left, R.CLAWED_BACK, parties["guarantor"], loan.reference),
    )
    with session.begin_nested():
        post(session, pool=claim.pool, reference=f"clawed-back:{receipt_no}", on=on, booked=booked, words=words)
        move(session, loan, Move.CLAW_BACK, on=on, by=by, words=words, claim=claim)
    return left
