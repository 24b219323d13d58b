"""What may become of a paid claim: recovery in the scheme's order, write-off by two people, claw-back after fraud.

Written in: domain §6.3 (moves), §6.4 (recoveries after costs go back in sharing ratio, never above what was paid), §6.1 (重庆:
recoveries to the fund first).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend.kit.errors import Conflict, Invalid, Refused
from backend.kit.money import yuan_text
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Reason as R
from risk_compensation.ledger import lines, locked_pool, post
from risk_compensation.live.awarding import parties_of, terms_of
from risk_compensation.live.claim_events import held_claim, locked_claim
from risk_compensation.live.claims import PAID_STATES, Move, State, after
from risk_compensation.live.queue import held_for_money, money_came
from risk_compensation.live.registrations import locked_loan, move
from risk_compensation.live.standing import LiveStanding
from risk_compensation.live.values import FiledClaim
from risk_compensation.scheme import PUBLIC
from risk_compensation.scheme.returning import clawed_back, costs_first, given_back, passed_on
from risk_compensation.tables import Claim, Entry, LoanMove, Pool, Registration


def paid_claim_of(session: Session, reference: str) -> Claim:
    """The loan's paid claim; Refused `nothing_paid` when there is none to recover for, `still_waits` while a part waits for
    money."""
    for claim in session.scalars(select(Claim).where(Claim.loan == reference)):
        if claim.state in PAID_STATES and claim.state != State.CLAWBACK:
            return claim
        if claim.paid_fen:
            raise Refused(
                Words(
                    "代偿款尚未付清，付清后再登记追偿",
                    "the pool still owes a part of this claim; book the recovery once it is paid",
                ),
                code="still_waits",
            )
    raise Refused(Words("尚未代偿，没有可分配的追偿", "nothing has been paid out on this loan yet"), code="nothing_paid")


def borne_on(session: Session, loan: Registration) -> tuple[dict[str, int], dict[str, int]]:
    """What each kind of party bore of a loan, and what it has got back (fen). What an excess-loss cover got back counts as got
    back by whom it relieves: the book takes over its excess of a year, not of a loan."""
    query = select(Entry.party, Entry.debit, func.sum(Entry.amount_fen)).where(Entry.loan == loan.reference)
    touches = or_(Entry.debit == A.PARTY_LOSS, Entry.credit == A.PARTY_LOSS)
    rows = session.execute(query.where(touches).group_by(Entry.party, Entry.debit)).all()
    kind_of = {code: kind for kind, code in parties_of(session, loan).items()}
    cover = terms_of(session, loan).excess
    sums: dict[bool, dict[str, int]] = {True: defaultdict(int), False: defaultdict(int)}
    for party, debit, fen in rows:
        kind = kind_of[str(party)]
        kind = cover.relieves if cover is not None and kind == cover.payer else kind
        sums[debit == A.PARTY_LOSS][kind] += int(fen)
    borne = {kind: fen for kind, fen in sums[True].items() if fen}
    return borne, {kind: sums[False].get(kind, 0) for kind in borne}


def _held(session: Session, reference: str) -> tuple[Pool, Registration]:
    """The loan and its pool, held; NotFound otherwise."""
    loan = locked_loan(session, reference)
    return locked_pool(session, loan.pool), loan


def recover(session: Session, *, reference: str, gross_fen: int, costs_fen: int, receipt_no: str, on: date) -> dict[str, int]:
    """Money recovered from the debtor: costs first, the rest to who bore the loss, in the scheme's order; answers kind -> fen.

    `receipt_no` is the custody bank's and the idempotency key. Where the scheme leaves costs to the bank they are its own affair.
    Refused: nothing_paid, still_waits, recovery_above_paid. Invalid: costs_fen.
    """
    pool, loan = _held(session, reference)
    key, parties = f"recovered:{receipt_no}", parties_of(session, loan)
    kept = session.scalars(select(Entry).where(Entry.reference == key, Entry.credit == A.PARTY_LOSS)).all()
    if any(each.loan != reference for each in kept):
        raise Conflict(
            Words("该回单已用于另一笔贷款的追偿", "this receipt stands for a recovery on another loan"), code="reference_reused"
        )
    if kept:
        return {kind: sum(each.amount_fen for each in kept if each.party == code) for kind, code in parties.items()}
    if not 0 <= costs_fen <= gross_fen or gross_fen == 0:
        raise Invalid(
            "costs_fen", Words("费用不得超过追偿额", "the costs are not above what was recovered"), code="costs_above_gross"
        )
    claim, terms = paid_claim_of(session, reference), terms_of(session, loan)
    costs = costs_first(terms, costs_fen)
    borne, already = borne_on(session, loan)
    net, left = gross_fen - costs, sum(borne.values()) - sum(already.values())
    if net > left:
        text = yuan_text(left)
        raise Refused(Words(f"追偿净额超过尚未收回的 {text} 元", f"only {text} yuan are still lost"), code="recovery_above_paid")
    parts = given_back(terms, borne, already, net)
    parts = passed_on(terms, parts, (claim.paid_on or on).year, on, LiveStanding(session, pool))
    booked = lines(
        (A.POOL_CASH, A.RECOVERY_CLEARING, gross_fen, R.RECOVERY_RECEIVED, None, reference),
        (A.RECOVERY_CLEARING, A.POOL_CASH, costs, R.RECOVERY_COSTS, claim.claimant, reference),
    )
    owned = A.WRITE_OFF if claim.state == State.WRITTEN_OFF else A.RECEIVABLE
    for kind, fen in parts.items():
        to, why = (owned, R.RECOVERY_TO_FUND) if kind in PUBLIC else (A.POOL_CASH, R.RECOVERY_TO_PARTY)
        booked += lines((A.RECOVERY_CLEARING, to, fen, why, parties[kind], reference))
    booked += lines(
        *((A.OFF_BALANCE, A.PARTY_LOSS, fen, R.LOSS_RECOVERED, parties[kind], reference) for kind, fen in parts.items())
    )
    with session.begin_nested():
        waits = held_for_money(session, pool, on)
        post(session, pool=loan.pool, reference=key, on=on, booked=booked)
        if claim.state == State.PAID:
            move(session, loan, Move.START_RECOVERY, on=on, by="custodian", claim=claim)
        step = Move.RECOVER_ALL if net == left else Move.RECOVER_PART
        move(session, loan, step, on=on, by="custodian", claim=claim)
        money_came(session, pool, waits, on, key)
    return {kind: parts.get(kind, 0) for kind in parties}


def receivable_left(session: Session, reference: str) -> int:
    """What the fund may still recover on a loan, in fen."""

    def booked(side: object) -> int:
        query = select(func.sum(Entry.amount_fen)).where(Entry.loan == reference)
        column = Entry.debit if side == "debit" else Entry.credit
        return session.scalar(query.where(column == A.RECEIVABLE)) or 0

    return booked("debit") - booked("credit")


def apply_write_off(session: Session, *, claim_no: str, by: str, on: date, words: Words) -> FiledClaim:
    """The maker proposes to write the rest off."""
    claim, loan = locked_claim(session, claim_no)
    if claim.state != State.WRITE_OFF_APPLIED:
        move(session, loan, Move.APPLY_WRITE_OFF, on=on, by=by, words=words, claim=claim)
    return seen(FiledClaim, claim)


def write_off(session: Session, *, claim_no: str, by: str, on: date) -> FiledClaim:
    """Another person decides: the right of recovery leaves the balance sheet, the case stays open (账销案存).

    Refused: maker_is_checker.
    """
    claim, loan = locked_claim(session, claim_no)
    if claim.state == State.WRITTEN_OFF:
        return seen(FiledClaim, claim)
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
    return seen(FiledClaim, claim)


def claw_back(session: Session, *, claim_no: str, receipt_no: str, by: str, on: date, words: Words) -> int:
    """Fraud was found after payment and whoever must has returned what public money still bears; answers the fen returned.

    The loss then falls on whom the scheme names (`claw_back.returned_by`), else on the claimant. The second time changes
    nothing (0).
    """
    pool, claim, loan = held_claim(session, claim_no)
    if claim.state == State.CLAWBACK:
        return 0
    after(loan.state, Move.CLAW_BACK)
    terms, parties = terms_of(session, loan), parties_of(session, loan)
    borne, back = borne_on(session, loan)
    owed, giver = clawed_back(terms, {kind: fen - back[kind] for kind, fen in borne.items()})
    left, name = sum(owed.values()), loan.reference
    account = A.WRITE_OFF if claim.state == State.WRITTEN_OFF else A.RECEIVABLE
    booked = lines(
        (A.POOL_CASH, account, left, R.CLAWED_BACK, claim.claimant, name),
        *((A.OFF_BALANCE, A.PARTY_LOSS, fen, R.CLAWED_BACK, parties[kind], name) for kind, fen in owed.items()),
        (A.PARTY_LOSS, A.OFF_BALANCE, left, R.CLAWED_BACK, parties[giver], name),
    )
    with session.begin_nested():
        waits = held_for_money(session, pool, on)
        post(session, pool=claim.pool, reference=f"clawed-back:{receipt_no}", on=on, booked=booked, words=words)
        move(session, loan, Move.CLAW_BACK, on=on, by=by, words=words, claim=claim)
        money_came(session, pool, waits, on, f"clawed-back:{receipt_no}")
    return left
