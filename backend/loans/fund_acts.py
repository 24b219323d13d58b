"""The fund's own acts on a claim and on its pools, each with its role and its line in the log: review, decide, instruct, book the
custody bank's receipt; write off what is lost, claw back what fraud took; pause and reopen.

Written in: domain §6.3-§6.4. What they do to money is `risk_compensation`'s. Two people: the maker proposes, the checker decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.errors import Invalid, NotFound, Refused
from backend.kit.words import Words
from backend.loans import certainty
from backend.loans.guarantees import party_code
from risk_compensation import events as pool_events
from risk_compensation.claim_events import Opinion
from risk_compensation.tables import Claim, Pool, Registration


def _fund_claim(session: Session, actor: Actor, claim_no: str, role: str) -> Claim:
    """A claim on a pool of the actor's own fund, for someone in that role; else as good as missing."""
    claim = session.get(Claim, claim_no)
    if claim is None or actor.role != role or session.get_one(Pool, claim.pool).fund != party_code(session, actor):
        raise NotFound()
    return claim


def review_claim(session: Session, actor: Actor, *, claim_no: str, opinion: Opinion, words: Words, at: datetime) -> Claim:
    """The fund's maker: approve, reject or supplement."""
    _fund_claim(session, actor, claim_no, "fund_maker")
    claim = pool_events.review(session, claim_no=claim_no, by=actor.id, opinion=opinion, on=at.date(), words=words)
    return decided(session, actor, claim, f"claim.reviewed_{opinion}", at)


def approve_claim(session: Session, actor: Actor, *, claim_no: str, words: Words, at: datetime) -> Claim:
    """The fund's checker says yes. Refused: maker_is_checker, maker_advised_no, pool_cash_short."""
    _fund_claim(session, actor, claim_no, "fund_checker")
    claim = pool_events.approve(session, claim_no=claim_no, by=actor.id, on=at.date(), words=words)
    return decided(session, actor, claim, "claim.approved", at)


def reject_claim(session: Session, actor: Actor, *, claim_no: str, reasons: Sequence[str], words: Words, at: datetime) -> Claim:
    """The fund's checker says no, in words, for `reasons` that were left open when the loan entered (`certainty.grounds`).

    Refused: checked_at_registration, maker_is_checker.
    """
    named = certainty.grounds(session, _fund_claim(session, actor, claim_no, "fund_checker").loan, reasons)
    said = Words("；".join(each.zh for each in named) + f"。{words.zh}", "; ".join(each.en for each in named) + f". {words.en}")
    claim = pool_events.reject(session, claim_no=claim_no, by=actor.id, on=at.date(), words=said)
    return decided(session, actor, claim, "claim.rejected", at, reasons=list(reasons))


def instruct_payment(session: Session, actor: Actor, *, claim_no: str, at: datetime) -> Claim:
    """The fund's checker instructs the custody bank."""
    _fund_claim(session, actor, claim_no, "fund_checker")
    claim = pool_events.instruct(session, claim_no=claim_no, by=actor.id, on=at.date())
    return decided(session, actor, claim, "claim.instructed", at)


def payment_receipt(
    session: Session, actor: Actor, *, claim_no: str, receipt_no: str, amount_fen: int, on: date, at: datetime
) -> Claim:
    """The custody bank's receipt, entered by the fund's maker: only this makes the claim paid, once."""
    _fund_claim(session, actor, claim_no, "fund_maker")
    if not receipt_no.strip():
        raise Invalid("receipt_no", Words("请填写托管银行回单号", "enter the custody bank’s receipt number"))
    claim = pool_events.pay(session, claim_no=claim_no, receipt_no=receipt_no, amount_fen=amount_fen, on=on)
    return decided(session, actor, claim, "claim.paid", at)


def settle_year(session: Session, actor: Actor, *, pool: str, year: int, at: datetime) -> dict[str, int]:
    """The fund's checker shares out the year's money where claims are paid in one proportion. Refused: not_pro_rata,
    year_runs."""
    _fund_pool(session, actor, pool, "fund_checker")
    given = pool_events.settle_year(session, pool, year=year, on=at.date())
    _log_settled(session, actor, "pool.year_settled", pool, at, {"year": year, "claims": len(given), "fen": sum(given.values())})
    return given


def settle_excess(
    session: Session, actor: Actor, *, pool: str, year: int, amount_fen: int, receipt_no: str, on: date, at: datetime
) -> int:
    """The custody bank's receipt for a year's excess, entered by the maker. Refused: no_excess, year_runs, excess_amount."""
    _fund_pool(session, actor, pool, "fund_maker")
    booked = pool_events.settle_excess(session, pool, year=year, amount_fen=amount_fen, receipt_no=receipt_no, on=on)
    _log_settled(session, actor, "pool.excess_paid", pool, at, {"year": year, "fen": booked, "receipt_no": receipt_no})
    return booked


def _log_settled(session: Session, actor: Actor, action: str, pool: str, at: datetime, details: dict[str, Any]) -> None:
    audit.record(session, at=at, actor=actor, action=action, object_kind="pool", object_id=pool, details=details)


def propose_write_off(session: Session, actor: Actor, *, claim_no: str, words: Words, at: datetime) -> Claim:
    """The fund's maker proposes to write off what is still to be recovered. Invalid: no words."""
    _fund_claim(session, actor, claim_no, "fund_maker")
    _said(words)
    claim = pool_events.apply_write_off(session, claim_no=claim_no, by=actor.id, on=at.date(), words=words)
    return decided(session, actor, claim, "claim.write_off_proposed", at, words=words.as_dict())


def write_off(session: Session, actor: Actor, *, claim_no: str, at: datetime) -> Claim:
    """The fund's checker writes it off; the file stays open and recovery goes on (账销案存). Refused: maker_is_checker."""
    _fund_claim(session, actor, claim_no, "fund_checker")
    claim = pool_events.write_off(session, claim_no=claim_no, by=actor.id, on=at.date())
    return decided(session, actor, claim, "claim.written_off", at)


def claw_back(session: Session, actor: Actor, *, claim_no: str, receipt_no: str, words: Words, at: datetime) -> int:
    """Fraud was found after payment: the payee has returned what the fund still bears, on the custody bank's receipt (fen).

    Decided by the checker, who may not be the claim's maker. Refused: maker_is_checker. Invalid: no receipt, no words.
    """
    claim = _fund_claim(session, actor, claim_no, "fund_checker")
    _said(words)
    if not receipt_no.strip():
        raise Invalid("receipt_no", Words("请填写托管银行回单号", "enter the custody bank’s receipt number"))
    if actor.id == claim.maker:
        raise Refused(
            Words("复核人与经办人不得为同一人", "the checker must be another person than the maker"), code="maker_is_checker"
        )
    back = pool_events.claw_back(session, claim_no=claim_no, receipt_no=receipt_no, by=actor.id, on=at.date(), words=words)
    decided(session, actor, claim, "claim.clawed_back", at, returned_fen=back, receipt_no=receipt_no, words=words.as_dict())
    return back


def _said(words: Words) -> None:
    if not words.zh.strip():
        raise Invalid("words", Words("请写明理由", "please give the reason"))


def set_pool(
    session: Session, actor: Actor, *, pool: str, paused: bool, words: Words, at: datetime, party: str | None = None
) -> Pool:
    """The fund's checker pauses the pool for new loans, or reopens it as the maker proposed; with `party` one bank or guarantor.

    Refused on reopening: ratio_not_cured, reopening_not_proposed, maker_is_checker. NotFound for a party not in the pool.
    """
    row = _fund_pool(session, actor, pool, "fund_checker")
    act = pool_events.pause if paused else pool_events.reopen
    act(session, pool, by=actor.id, words=words, on=at.date(), party=party)
    _log_pool(session, actor, "pool.paused" if paused else "pool.reopened", pool, party, words, at)
    return row


def propose_reopening(session: Session, actor: Actor, *, pool: str, words: Words, at: datetime, party: str | None = None) -> Pool:
    """The fund's maker proposes to take loans again of the pool, a bank or the guarantor, whoever stopped it."""
    row = _fund_pool(session, actor, pool, "fund_maker")
    pool_events.propose_reopening(session, pool, by=actor.id, words=words, on=at.date(), party=party)
    _log_pool(session, actor, "pool.reopening_proposed", pool, party, words, at)
    return row


def _fund_pool(session: Session, actor: Actor, pool: str, role: str) -> Pool:
    row = session.get(Pool, pool)
    if row is None or actor.role != role or row.fund != party_code(session, actor):
        raise NotFound()
    return row


def _log_pool(session: Session, actor: Actor, verb: str, pool: str, party: str | None, words: Words, at: datetime) -> None:
    details = words.as_dict() | ({"party": party} if party is not None else {})
    audit.record(session, at=at, actor=actor, action=verb, object_kind="pool", object_id=pool, details=details)


def decided(session: Session, actor: Actor, claim: Claim, action: str, at: datetime, **more: Any) -> Claim:
    """One line in the log for whatever was done to a claim."""
    loan = session.get_one(Registration, claim.loan)
    details = {"payout_fen": claim.payout_fen, "state": claim.state} | more
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="claim",
        object_id=claim.claim_no,
        firm_id=loan.firm,
        details=details,
    )
    return claim
