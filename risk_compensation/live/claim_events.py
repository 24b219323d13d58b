"""A claim from its filing to its decision, as far as no money moves: filed, reviewed, supplied, rejected, smaller, withdrawn.

Written in: domain §6.3 (moves), §6.2 (checks). The claimant is whom the scheme names: the bank, or the guarantor that has paid
it. The decision and the payment are `payments`; what follows them is `recovery`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit import locks, rules
from backend.kit.errors import Conflict, NotFound, Refused
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Reason as R
from risk_compensation.ledger import lines, locked_pool, pool_of, post
from risk_compensation.live.awarding import figured, fix, kept, loss_fen, memo, parties_of, terms_of
from risk_compensation.live.claims import CLAIM_ENDED, CLAIM_LIVE, Move, State, after
from risk_compensation.live.queue import held_for_money, money_came
from risk_compensation.live.registrations import NO_WORDS, locked_loan, move
from risk_compensation.live.values import FiledClaim
from risk_compensation.scheme import Award, Facts, check, claimable_on
from risk_compensation.scheme.paying import shrunk
from risk_compensation.tables import Claim, Pool, Registration


def locked_claim(session: Session, claim_no: str) -> tuple[Claim, Registration]:
    """The claim and its loan, held with their pool until the transaction ends; NotFound otherwise."""
    return held_claim(session, claim_no)[1:]


def held_claim(session: Session, claim_no: str) -> tuple[Pool, Claim, Registration]:
    """The pool of a claim, the claim and its loan, held until the transaction ends; NotFound otherwise.

    The pool as well, whatever is done to the claim: money that comes in is set aside for whoever waits, and whoever gives it
    holds the pool alone.
    """
    row = session.execute(select(Claim.loan, Claim.pool).where(Claim.claim_no == claim_no)).one_or_none()
    if row is None:
        raise NotFound(Words("没有这笔代偿申请", "there is no such claim"), code="claim_unknown")
    loan = locked_loan(session, row.loan)
    pool = locked_pool(session, row.pool)
    claim = locks.fresh(session, Claim, claim_no)
    assert claim is not None, "a claim is never deleted"
    return pool, claim, loan


def file_claim(
    session: Session,
    pool: str,
    *,
    reference: str,
    claim_no: str,
    unpaid_principal_fen: int,
    documents: Mapping[str, str],
    by: str,
    on: date,
    unpaid_interest_fen: int = 0,
    guarantor_paid_fen: int = 0,
    guarantor_paid_on: date | None = None,
    judgment_no: str = "",
    judged_on: date | None = None,
    classed: Mapping[str, date] = MappingProxyType({}),
) -> FiledClaim:
    """The claimant asks for the pool's part of a loss: what the borrower has not repaid (a guarantor's own payment is not
    deducted). `documents`: checklist code -> digest or name; `classed`: class -> since when the bank has it there. The second
    time changes nothing.

    Refused `claim_checks`, naming every failed check. Conflict: reference_reused, unlawful_move.
    """
    loan = locked_loan(session, reference)
    known = session.get(Claim, claim_no)
    if known is not None:
        if (known.loan, known.guarantor_paid_fen, known.judgment_no) != (reference, guarantor_paid_fen, judgment_no):
            raise Conflict(Words("该申请编号已被使用", "this claim number stands for another claim"), code="reference_reused")
        return seen(FiledClaim, known)
    if loan.pool != pool:
        raise NotFound()
    row, terms = pool_of(session, pool), terms_of(session, loan)
    before = session.scalars(select(Claim).where(Claim.loan == reference)).all()
    facts = Facts(
        registered_on=loan.registered_on,
        principal_fen=loan.principal_fen,
        overdue_since=loan.overdue_since,
        claimed_before=any(each.state not in CLAIM_ENDED for each in before),
        guarantor_paid_fen=guarantor_paid_fen,
        guarantor_paid_on=guarantor_paid_on,
        unpaid_principal_fen=unpaid_principal_fen,
        unpaid_interest_fen=unpaid_interest_fen,
        judgment_no=judgment_no,
        judged_on=judged_on,
        classed=classed,
        documents=documents.keys(),
        on=on,
        loan=loan,
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
        claimant=parties_of(session, loan)[terms.claimant],
        filed_by=by,
        filed_on=on,
        guarantor_paid_fen=guarantor_paid_fen,
        unpaid_principal_fen=unpaid_principal_fen,
        unpaid_interest_fen=unpaid_interest_fen,
        judgment_no=judgment_no,
        judged_on=judged_on,
        documents=dict(documents),
        checks=[each.as_dict() for each in checks],
        state=State.CLAIM_SUBMITTED,
    )
    # An estimate by today's figures; approval fixes it.
    fix(made, figured(session, row, terms, loan, made), 0)
    made.counted_fen = 0
    taken = Conflict(Words("该申请编号已被使用", "this claim number stands for another claim"), code="reference_reused")
    with rules.once(session, taken):
        if loan.state == State.OVERDUE:
            move(session, loan, Move.TRIGGER, on=claimable_on(terms, facts) or on, by=by)
        session.add(made)
        move(session, loan, Move.FILE, on=on, by=by, claim=made)
    return seen(FiledClaim, made)


Opinion = Literal["approve", "reject", "supplement"]


def review(session: Session, *, claim_no: str, by: str, opinion: Opinion, on: date, words: Words = NO_WORDS) -> FiledClaim:
    """The maker's opinion: to approve, to reject, or that papers are missing (`supplement`). Refused: filed_it_himself."""
    claim, loan = locked_claim(session, claim_no)
    if by == claim.filed_by:
        raise Refused(Words("申请人不得审核自己的申请", "who files a claim does not review it"), code="filed_it_himself")
    if opinion == "supplement":
        move(session, loan, Move.ASK, on=on, by=by, words=words, claim=claim)
        return seen(FiledClaim, claim)
    if (claim.maker, claim.opinion) == (by, opinion) and claim.state != State.CLAIM_SUBMITTED:
        return seen(FiledClaim, claim)
    after(loan.state, Move.REVIEW)
    claim.maker, claim.opinion = by, opinion
    move(session, loan, Move.REVIEW, on=on, by=by, words=words, claim=claim)
    return seen(FiledClaim, claim)


def supply(session: Session, *, claim_no: str, by: str, documents: Mapping[str, str], on: date) -> FiledClaim:
    """The guarantor brings what was asked for; the claim is reviewed again."""
    claim, loan = locked_claim(session, claim_no)
    after(loan.state, Move.SUPPLY)
    claim.documents = {**claim.documents, **documents}
    move(session, loan, Move.SUPPLY, on=on, by=by, claim=claim)
    return seen(FiledClaim, claim)


def another_person(claim: Claim, by: str) -> None:
    if by in (claim.maker, claim.filed_by):
        raise Refused(
            Words("复核人与经办人不得为同一人", "the checker must be another person than the maker"), code="maker_is_checker"
        )


def reject(session: Session, *, claim_no: str, by: str, on: date, words: Words) -> FiledClaim:
    """The checker says no, in words, also to what was approved and not paid yet; the loan may be claimed again under a new
    number."""
    pool, claim, loan = held_claim(session, claim_no)
    if claim.state == State.REJECTED:
        return seen(FiledClaim, claim)
    another_person(claim, by)
    after(loan.state, Move.REJECT)
    waits = held_for_money(session, pool, on)
    with session.begin_nested():
        _freed(session, claim, loan, on, R.CLAIM_REJECTED, f"claim-rejected:{claim_no}")
        claim.checker = by
        move(session, loan, Move.REJECT, on=on, by=by, words=words, claim=claim)
        move(session, loan, Move.REOPEN, on=on, by=by)
        money_came(session, pool, [each for each in waits if each is not claim], on, f"claim-rejected:{claim_no}")
    return seen(FiledClaim, claim)


def principal_fell(session: Session, *, claim_no: str, unpaid_principal_fen: int, on: date) -> FiledClaim:
    """The borrower repaid something before the claim was paid: the payout shrinks with the principal. domain §6.4 [V 坪山].

    Conflict once the custody bank has been instructed: what then comes in is a recovery.
    """
    claim, loan = locked_claim(session, claim_no)
    if unpaid_principal_fen >= claim.unpaid_principal_fen:
        return seen(FiledClaim, claim)
    if claim.state not in CLAIM_LIVE or claim.state == State.INSTRUCTED or claim.paid_fen:
        raise Conflict(
            Words("已下达划款指令，后续来款按追偿处理", "payment is under way; book this as a recovery"), code="unlawful_move"
        )
    terms, approved = terms_of(session, loan), claim.state == State.APPROVED
    was, aside = kept(claim), claim.aside_fen
    with session.begin_nested():
        claim.unpaid_principal_fen = max(unpaid_principal_fen, 0)
        if approved:
            now = shrunk(terms, loan, was, loss_fen(terms, claim))
            fix(claim, now, min(aside, now.public_fen))
            booked = lines(
                (A.APPROVED_CLAIMS, A.OFF_BALANCE, aside - claim.aside_fen, R.CLAIM_SHRUNK, claim.claimant, loan.reference)
            ) + memo(session, terms, loan, was, now)
            post(session, pool=claim.pool, reference=f"claim-shrunk:{claim_no}:{unpaid_principal_fen}", on=on, booked=booked)
        else:
            fix(claim, figured(session, pool_of(session, claim.pool), terms, loan, claim), 0)
            claim.counted_fen = 0
        session.flush()
    return seen(FiledClaim, claim)


def withdraw(session: Session, *, claim_no: str, by: str, on: date, words: Words = NO_WORDS) -> FiledClaim:
    """The claimant takes the claim back before any of it is paid; money set aside is free again."""
    pool, claim, loan = held_claim(session, claim_no)
    if claim.state == State.WITHDRAWN:
        return seen(FiledClaim, claim)
    after(loan.state, Move.WITHDRAW)
    waits = held_for_money(session, pool, on)
    with session.begin_nested():
        _freed(session, claim, loan, on, R.CLAIM_WITHDRAWN, f"claim-withdrawn:{claim_no}")
        move(session, loan, Move.WITHDRAW, on=on, by=by, words=words, claim=claim)
        move(session, loan, Move.REOPEN, on=on, by=by)
        money_came(session, pool, [each for each in waits if each is not claim], on, f"claim-withdrawn:{claim_no}")
    return seen(FiledClaim, claim)


def _freed(session: Session, claim: Claim, loan: Registration, on: date, why: R, reference: str) -> None:
    """What an approval had set aside and used up is free again. Conflict once a part was paid: fraud is then clawed back."""
    if claim.paid_fen:
        raise Conflict(
            Words("已支付部分款项，不能撤回或驳回", "a part has been paid; the claim can no longer end unpaid"),
            code="unlawful_move",
        )
    booked = lines((A.APPROVED_CLAIMS, A.OFF_BALANCE, claim.aside_fen, why, claim.claimant, loan.reference))
    if claim.state == State.APPROVED:
        booked += memo(session, terms_of(session, loan), loan, kept(claim), Award({}))
    post(session, pool=claim.pool, reference=reference, on=on, booked=booked)
    claim.aside_fen = claim.counted_fen = 0
