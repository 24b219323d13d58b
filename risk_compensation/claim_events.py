"""A claim from filing to payment and recovery. Written in: domain §6.3 (moves), §6.4 (entries), §6.2 (checks).

The guarantor files after judgment; the fund's maker reviews; the fund's checker, another person, approves; approval sets money
aside; the custody bank is instructed; only its receipt makes the claim paid, once. Recoveries come back in sharing ratio.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.errors import Conflict, NotFound, Refused
from backend.kit.money import yuan_text
from backend.kit.words import Words
from risk_compensation.accounts import Account as A
from risk_compensation.claims import CLAIM_ENDED, CLAIM_LIVE, PAID_STATES, Facts, Move, State, after, check, payout_fen
from risk_compensation.ledger import lines, pool_of, post
from risk_compensation.reasons import Reason as R
from risk_compensation.registrations import NO_WORDS, locked_loan, move
from risk_compensation.scheme import SchemeTerms, terms_on
from risk_compensation.sharing import share_loss
from risk_compensation.tables import Claim, Registration


def terms_of(session: Session, loan: Registration) -> SchemeTerms:
    """The terms under which the loan entered: they rule its claim for good."""
    return terms_on(pool_of(session, loan.pool).scheme, loan.registered_on)


def locked_claim(session: Session, claim_no: str) -> tuple[Claim, Registration]:
    """The claim and its loan, held until the transaction ends; NotFound otherwise."""
    loan = session.scalar(select(Claim.loan).where(Claim.claim_no == claim_no))
    if loan is None:
        raise NotFound(Words("没有这笔代偿申请", "there is no such claim"), code="claim_unknown")
    held = locked_loan(session, loan)
    query = select(Claim).where(Claim.claim_no == claim_no).execution_options(populate_existing=True)
    return session.scalars(query).one(), held


def parties_of(session: Session, loan: Registration) -> dict[str, str]:
    """Kind of party -> its code, for one loan."""
    return {"guarantor": loan.guarantor, "fund": pool_of(session, loan.pool).fund, "bank": loan.bank}


def file_claim(
    session: Session,
    pool: str,
    *,
    reference: str,
    claim_no: str,
    guarantor_paid_fen: int,
    unpaid_principal_fen: int,
    judgment_no: str,
    judged_on: date,
    documents: Mapping[str, str],
    by: str,
    on: date,
) -> Claim:
    """The guarantor asks for the fund's share of a loss of `unpaid_principal_fen` (what the borrower has not repaid; the
    guarantor's own payment is not deducted). `documents`: checklist code -> digest or name. The second time changes nothing.

    Refused `claim_checks`, naming every failed check. Conflict: reference_reused, unlawful_move.
    """
    loan = locked_loan(session, reference)
    known = session.get(Claim, claim_no)
    if known is not None:
        if (known.loan, known.guarantor_paid_fen, known.judgment_no) != (reference, guarantor_paid_fen, judgment_no):
            raise Conflict(Words("该申请编号已被使用", "this claim number stands for another claim"), code="reference_reused")
        return known
    if loan.pool != pool:
        raise NotFound()
    terms = terms_of(session, loan)
    before = session.scalars(select(Claim).where(Claim.loan == reference)).all()
    facts = Facts(
        registered_on=loan.registered_on,
        principal_fen=loan.principal_fen,
        overdue_since=loan.overdue_since,
        claimed_before=any(each.state not in CLAIM_ENDED for each in before),
        guarantor_paid_fen=guarantor_paid_fen,
        unpaid_principal_fen=unpaid_principal_fen,
        judgment_no=judgment_no,
        judged_on=judged_on,
        documents=documents.keys(),
        on=on,
    )
    checks = check(terms, facts)
    failed = [each.words for each in checks if not each.passed]
    if failed:
        said = Words("；".join(each.zh for each in failed), "; ".join(each.en for each in failed))
        raise Refused(said, code="claim_checks")
    made = Claim(
        claim_no=claim_no,
        loan=reference,
        pool=pool,
        claimant=loan.guarantor,
        filed_by=by,
        filed_on=on,
        guarantor_paid_fen=guarantor_paid_fen,
        unpaid_principal_fen=unpaid_principal_fen,
        payout_fen=payout_fen(terms, unpaid_principal_fen),
        judgment_no=judgment_no,
        judged_on=judged_on,
        documents=dict(documents),
        checks=[each.as_dict() for each in checks],
        state=State.CLAIM_SUBMITTED,
    )
    with session.begin_nested():
        if loan.state == State.OVERDUE:
            move(session, loan, Move.TRIGGER, on=judged_on, by=by)
        session.add(made)
        move(session, loan, Move.FILE, on=on, by=by, claim=made)
    return made


Opinion = Literal["approve", "reject", "supplement"]


def review(session: Session, *, claim_no: str, by: str, opinion: Opinion, on: date, words: Words = NO_WORDS) -> Claim:
    """The maker's opinion: to approve, to reject, or that papers are missing (`supplement`). Refused: filed_it_himself."""
    claim, loan = locked_claim(session, claim_no)
    if by == claim.filed_by:
        raise Refused(Words("申请人不得审核自己的申请", "who files a claim does not review it"), code="filed_it_himself")
    if opinion == "supplement":
        move(session, loan, Move.ASK, on=on, by=by, words=words, claim=claim)
        return claim
    if (claim.maker, claim.opinion) == (by, opinion) and claim.state != State.CLAIM_SUBMITTED:
        return claim
    after(loan.state, Move.REVIEW)
    claim.maker, claim.opinion = by, opinion
    move(session, loan, Move.REVIEW, on=on, by=by, words=words, claim=claim)
    return claim


def supply(session: Session, *, claim_no: str, by: str, documents: Mapping[str, str], on: date) -> Claim:
    """The guarantor brings what was asked for; the claim is reviewed again."""
    claim, loan = locked_claim(session, claim_no)
    after(loan.state, Move.SUPPLY)
    claim.documents = {**claim.documents, **documents}
    move(session, loan, Move.SUPPLY, on=on, by=by, claim=claim)
    return claim


def _another_person(claim: Claim, by: str) -> None:
    if by in (claim.maker, claim.filed_by):
        raise Refused(
            Words("复核人与经办人不得为同一人", "the checker must be another person than the maker"), code="maker_is_checker"
        )


def reject(session: Session, *, claim_no: str, by: str, on: date, words: Words) -> Claim:
    """The checker says no, in words; the loan may be claimed again under a new number."""
    claim, loan = locked_claim(session, claim_no)
    if claim.state == State.REJECTED:
        return claim
    _another_person(claim, by)
    with session.begin_nested():
        claim.checker = by
        move(session, loan, Move.REJECT, on=on, by=by, words=words, claim=claim)
        move(session, loan, Move.REOPEN, on=on, by=by)
    return claim


def approve(session: Session, *, claim_no: str, by: str, on: date, words: Words = NO_WORDS) -> Claim:
    """The checker, another person than the maker, approves: the payout is set aside from the pool's cash.

    Refused: maker_is_checker, maker_advised_no, pool_cash_short (liability ends where the pool's cash ends; the claim waits).
    """
    claim, loan = locked_claim(session, claim_no)
    if claim.state in {State.APPROVED, State.INSTRUCTED} | PAID_STATES:
        return claim
    _another_person(claim, by)
    after(loan.state, Move.APPROVE)
    if claim.opinion != "approve":
        raise Refused(Words("经办人未建议批准", "the maker did not advise approval"), code="maker_advised_no")
    booked = lines((A.OFF_BALANCE, A.APPROVED_CLAIMS, claim.payout_fen, R.CLAIM_APPROVED, claim.claimant, loan.reference))
    with session.begin_nested():
        post(session, pool=claim.pool, reference=f"claim-approved:{claim_no}", on=on, booked=booked)
        claim.checker, claim.approved_on = by, on
        move(session, loan, Move.APPROVE, on=on, by=by, words=words, claim=claim)
    return claim


def instruct(session: Session, *, claim_no: str, by: str, on: date) -> Claim:
    """The custody bank is told to pay `payout_fen` to the claimant, under `instruction_no`. The second time changes nothing."""
    claim, loan = locked_claim(session, claim_no)
    if claim.state == State.INSTRUCTED or claim.state in PAID_STATES:
        return claim
    after(loan.state, Move.INSTRUCT)
    claim.instruction_no = f"pay:{claim_no}"
    move(session, loan, Move.INSTRUCT, on=on, by=by, claim=claim)
    return claim


def pay(session: Session, *, claim_no: str, receipt_no: str, amount_fen: int, on: date) -> Claim:
    """The custody bank's receipt: only this makes the claim paid, and only once.

    Refused `receipt_amount` when the receipt is not for what was instructed. Conflict `paid_once` for a second receipt.
    """
    claim, loan = locked_claim(session, claim_no)
    if claim.state in PAID_STATES:
        if claim.receipt_no == receipt_no and claim.paid_fen == amount_fen:
            return claim
        raise Conflict(Words("该申请已付款，不得重复支付", "this claim has been paid; it is paid only once"), code="paid_once")
    after(loan.state, Move.PAY)
    used = session.scalar(select(Claim.claim_no).where(Claim.receipt_no == receipt_no))
    if used is not None:
        raise Conflict(Words("该回单已用于另一笔申请", "this receipt belongs to another claim"), code="receipt_reused")
    if amount_fen != claim.payout_fen:
        asked, got = yuan_text(claim.payout_fen), yuan_text(amount_fen)
        raise Refused(
            Words(f"回单金额 {got} 与指令 {asked} 不符", f"the receipt says {got}, instructed was {asked}"), code="receipt_amount"
        )
    parties = parties_of(session, loan)
    parts = share_loss(terms_of(session, loan), claim.unpaid_principal_fen)
    name = loan.reference
    booked = lines(
        (A.RECEIVABLE, A.POOL_CASH, amount_fen, R.CLAIM_PAID, claim.claimant, name),
        (A.APPROVED_CLAIMS, A.OFF_BALANCE, amount_fen, R.CLAIM_PAID, claim.claimant, name),
        (A.COMMITMENTS, A.OFF_BALANCE, loan.committed_fen, R.COMMITMENT_MET, None, name),
        *((A.PARTY_LOSS, A.OFF_BALANCE, fen, R.LOSS_SHARED, parties[kind], name) for kind, fen in parts.items()),
    )
    with session.begin_nested():
        post(session, pool=claim.pool, reference=f"claim-paid:{claim_no}", on=on, booked=booked)
        claim.receipt_no, claim.paid_on, claim.paid_fen = receipt_no, on, amount_fen
        loan.committed_fen = 0
        move(session, loan, Move.PAY, on=on, by="custodian", claim=claim)
    return claim


def principal_fell(session: Session, *, claim_no: str, unpaid_principal_fen: int, on: date) -> Claim:
    """The borrower repaid something before the claim was paid: the payout shrinks with the principal. domain §6.4 [V 坪山].

    Conflict once the custody bank has been instructed: what then comes in is a recovery.
    """
    claim, loan = locked_claim(session, claim_no)
    if unpaid_principal_fen >= claim.unpaid_principal_fen:
        return claim
    if claim.state not in CLAIM_LIVE or claim.state == State.INSTRUCTED:
        raise Conflict(
            Words("已下达划款指令，后续来款按追偿处理", "payment is under way; book this as a recovery"), code="unlawful_move"
        )
    smaller = payout_fen(terms_of(session, loan), max(unpaid_principal_fen, 0))
    with session.begin_nested():
        if claim.state == State.APPROVED:
            less = claim.payout_fen - smaller
            booked = lines((A.APPROVED_CLAIMS, A.OFF_BALANCE, less, R.CLAIM_SHRUNK, claim.claimant, loan.reference))
            post(session, pool=claim.pool, reference=f"claim-shrunk:{claim_no}:{unpaid_principal_fen}", on=on, booked=booked)
        claim.unpaid_principal_fen, claim.payout_fen = unpaid_principal_fen, smaller
        session.flush()
    return claim


def withdraw(session: Session, *, claim_no: str, by: str, on: date, words: Words = NO_WORDS) -> Claim:
    """The guarantor takes the claim back before it is paid; money set aside is free again."""
    claim, loan = locked_claim(session, claim_no)
    if claim.state == State.WITHDRAWN:
        return claim
    freed = claim.payout_fen if claim.state == State.APPROVED else 0
    after(loan.state, Move.WITHDRAW)
    with session.begin_nested():
        booked = lines((A.APPROVED_CLAIMS, A.OFF_BALANCE, freed, R.CLAIM_WITHDRAWN, claim.claimant, loan.reference))
        post(session, pool=claim.pool, reference=f"claim-withdrawn:{claim_no}", on=on, booked=booked)
        move(session, loan, Move.WITHDRAW, on=on, by=by, words=words, claim=claim)
        move(session, loan, Move.REOPEN, on=on, by=by)
    return claim
