"""The decision on a claim and its payment: money is set aside, the custody bank is told, only its receipt makes it paid, once.

Written in: domain §6.3 (moves), §6.4 (entries), §6.1 (what happens when money runs out; rules that defer). Whoever decides
holds the loan, then the pool: caps, collections and cash are looked at one claim at a time.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit import rules
from backend.kit.errors import Conflict, Refused
from backend.kit.money import yuan_text
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Line, lines, locked_pool, post
from risk_compensation.ledger import Reason as R
from risk_compensation.live import awarding
from risk_compensation.live.awarding import parties_of, terms_of
from risk_compensation.live.breaker import waits_for_next_year
from risk_compensation.live.claim_events import another_person, held_claim, locked_claim
from risk_compensation.live.claims import PAID_STATES, Move, State, after
from risk_compensation.live.queue import held_for_money, money_came, waiting
from risk_compensation.live.registrations import NO_WORDS, move
from risk_compensation.live.standing import free_cash
from risk_compensation.live.values import FiledClaim
from risk_compensation.scheme import PUBLIC, Award, SchemeTerms, shortened, terms_still
from risk_compensation.scheme.paying import at_years_end, by_party, in_proportion, rest_waits, set_aside
from risk_compensation.tables import Claim, Entry, Payout, Registration

_REUSED = Words("该回单已用于另一笔申请", "this receipt belongs to another claim")


def approve(session: Session, *, claim_no: str, by: str, on: date, words: Words = NO_WORDS) -> FiledClaim:
    """The checker, another person than the maker, approves: who bears what is fixed, and the pool's part is set aside.

    Where a rule defers the claim, it stays under review until next year (`deferred_until`).
    Refused: maker_is_checker, maker_advised_no, deferred, pool_cash_short (liability ends where the pool's cash ends; the
    claim waits).
    """
    pool, claim, loan = held_claim(session, claim_no)
    if claim.state in {State.APPROVED, State.INSTRUCTED} | PAID_STATES:
        return seen(FiledClaim, claim)
    another_person(claim, by)
    after(loan.state, Move.APPROVE)
    if claim.opinion != "approve":
        raise Refused(Words("经办人未建议批准", "the maker did not advise approval"), code="maker_advised_no")
    if claim.deferred_until is not None and on < claim.deferred_until:
        said = claim.deferred_until.isoformat()
        raise Refused(Words(f"已按规则延至 {said} 后支付", f"by the rule it waits until {said}"), code="deferred")
    terms = terms_of(session, loan)
    with session.begin_nested():
        claim.approved_on = on
        found = awarding.figured(session, pool, terms, loan, claim)
        put_off = waits_for_next_year(session, pool, terms, loan, on, found.public_fen) if claim.deferred_until is None else None
        if put_off is not None:
            claim.approved_on, claim.deferred_until = None, date(on.year + 1, 1, 1)
            move(session, loan, Move.DEFER, on=on, by=by, words=put_off, claim=claim)
            return seen(FiledClaim, claim)
        found, aside = set_aside(terms, found, _free_for(session, terms, claim))
        booked = lines((A.OFF_BALANCE, A.APPROVED_CLAIMS, aside, R.CLAIM_APPROVED, claim.claimant, loan.reference))
        booked += awarding.memo(session, terms, loan, Award({}), found)
        post(session, pool=claim.pool, reference=f"claim-approved:{claim_no}", on=on, booked=booked)
        awarding.fix(claim, found, aside)
        claim.checker = by
        move(session, loan, Move.APPROVE, on=on, by=by, words=words, claim=claim)
    return seen(FiledClaim, claim)


def _free_for(session: Session, terms: SchemeTerms, claim: Claim) -> int:
    """The cash a new approval may use: none while earlier ones still wait for money."""
    earlier = rest_waits(terms) and bool(waiting(session, claim.pool))
    return 0 if earlier else free_cash(session, claim.pool)


def instruct(session: Session, *, claim_no: str, by: str, on: date) -> FiledClaim:
    """The custody bank is told to pay what is set aside to the claimant, under `instruction_no`. The second time changes nothing.

    Refused `waits_for_money`: nothing is set aside yet.
    """
    claim, loan = locked_claim(session, claim_no)
    if claim.state == State.INSTRUCTED or claim.state in PAID_STATES:
        return seen(FiledClaim, claim)
    after(loan.state, Move.INSTRUCT)
    if claim.aside_fen == 0 and claim.payout_fen > claim.paid_fen:
        raise Refused(
            Words("资金未到位，暂不能划款", "the money is not there yet; this claim waits for it"), code="waits_for_money"
        )
    paid_before = len(session.scalars(select(Payout.no).where(Payout.claim_no == claim_no)).all())
    claim.instruction_no = f"pay:{claim_no}" + (f":{paid_before + 1}" if paid_before else "")
    move(session, loan, Move.INSTRUCT, on=on, by=by, claim=claim)
    return seen(FiledClaim, claim)


def pay(session: Session, *, claim_no: str, receipt_no: str, amount_fen: int, on: date) -> FiledClaim:
    """The custody bank's receipt: only this makes the claim paid, and each payment only once. Where the pool owes nothing (an
    insurer bears it) it is that party's receipt, over 0 fen.

    Refused `receipt_amount` when the receipt is not for what was instructed. Conflict `paid_once` for a second receipt.
    """
    pool, claim, loan = held_claim(session, claim_no)
    known = session.get(Payout, receipt_no)
    if known is not None and known.claim_no != claim_no:
        raise Conflict(_REUSED, code="receipt_reused")
    if known is not None and known.amount_fen == amount_fen:
        return seen(FiledClaim, claim)
    if known is not None or claim.state in PAID_STATES:
        raise Conflict(Words("该申请已付款，不得重复支付", "this claim has been paid; it is paid only once"), code="paid_once")
    after(loan.state, Move.PAY)
    if amount_fen != claim.aside_fen:
        asked, got = yuan_text(claim.aside_fen), yuan_text(amount_fen)
        raise Refused(
            Words(f"回单金额 {got} 与指令 {asked} 不符", f"the receipt says {got}, instructed was {asked}"), code="receipt_amount"
        )
    last = claim.paid_fen + amount_fen == claim.payout_fen
    number = int(session.scalar(select(func.count()).select_from(Payout).where(Payout.claim_no == claim_no)) or 0) + 1
    key, waits = payment_reference(claim_no, number), held_for_money(session, pool, on)
    # Claims of two pools meet only here: their transactions hold nothing in common.
    with rules.once(session, Conflict(_REUSED, code="receipt_reused")):
        booked = _paid(session, loan, claim, amount_fen, first=number == 1, last=last)
        post(session, pool=claim.pool, reference=key, on=on, booked=booked)
        session.add(Payout(receipt_no=receipt_no, claim_no=claim_no, no=number, amount_fen=amount_fen, on=on))
        claim.receipt_no, claim.paid_on = receipt_no, on
        claim.paid_fen, claim.aside_fen = claim.paid_fen + amount_fen, 0
        loan.committed_fen = 0 if last else loan.committed_fen
        move(session, loan, Move.PAY if last else Move.PAY_PART, on=on, by="custodian", claim=claim)
        money_came(session, pool, waits, on, key)  # what came while this payment was under way
    return seen(FiledClaim, claim)


def payment_reference(claim_no: str, number: int) -> str:
    """Under which reference a claim's payment of that number stands in the journal."""
    return f"claim-paid:{claim_no}" + (f":{number}" if number > 1 else "")


def _paid(session: Session, loan: Registration, claim: Claim, amount_fen: int, *, first: bool, last: bool) -> list[Line]:
    """The entries of a payment: cash, the promise, and each party's part of the loss (others than the pool bear theirs at
    once)."""
    terms, code, name = terms_of(session, loan), parties_of(session, loan), loan.reference
    parts = {kind: int(fen) for kind, fen in claim.parts.items()}
    bears = {kind: fen for kind, fen in parts.items() if kind not in PUBLIC} if first else {}
    query = select(Entry.party, func.sum(Entry.amount_fen)).where(Entry.loan == name, Entry.reason == R.LOSS_SHARED)
    borne = {party: int(fen) for party, fen in session.execute(query.group_by(Entry.party))}
    owed: dict[str, int] = {kind: fen - borne.get(code[kind], 0) for kind, fen in parts.items() if kind in PUBLIC and fen}
    bears |= by_party(terms, owed, amount_fen)
    return lines(
        (A.RECEIVABLE, A.POOL_CASH, amount_fen, R.CLAIM_PAID, claim.claimant, name),
        (A.APPROVED_CLAIMS, A.OFF_BALANCE, amount_fen, R.CLAIM_PAID, claim.claimant, name),
        (A.COMMITMENTS, A.OFF_BALANCE, loan.committed_fen if last else 0, R.COMMITMENT_MET, None, name),
        *((A.PARTY_LOSS, A.OFF_BALANCE, fen, R.LOSS_SHARED, code[kind], name) for kind, fen in bears.items()),
    )


def settle_year(session: Session, pool: str, *, year: int, on: date) -> dict[str, int]:
    """Where the claims of a year are paid in one proportion: share out the cash there is; what is not paid falls on whoever
    bears what is beyond. Answers claim -> fen set aside for it. The second time changes nothing.

    Refused `not_pro_rata`: the scheme pays in another order; `year_runs`: the year is not over.
    """
    row = locked_pool(session, pool)
    if not at_years_end(terms_still(row.scheme, on)):
        raise Refused(Words("该方案不按比例清算", "this scheme does not pay in proportion"), code="not_pro_rata")
    if on < date(year, 12, 31):
        raise Refused(Words(f"{year} 年尚未结束", f"{year} is not over yet"), code="year_runs")
    due = [each for each in waiting(session, pool) if each.approved_on is not None and each.approved_on.year <= year]
    wants = {each.claim_no: each.payout_fen for each in due}
    if not due:
        return {}
    given = in_proportion(wants, free_cash(session, pool))
    booked = lines(
        *((A.OFF_BALANCE, A.APPROVED_CLAIMS, given[each.claim_no], R.MONEY_CAME, each.claimant, each.loan) for each in due)
    )
    with session.begin_nested():
        post(session, pool=pool, reference=f"year-settled:{pool}:{year}:{on}", on=on, booked=booked)
        for claim in due:
            terms = terms_of(session, session.get_one(Registration, claim.loan))
            awarding.fix(claim, shortened(terms, awarding.kept(claim), given[claim.claim_no]), given[claim.claim_no])
        session.flush()
    return given
