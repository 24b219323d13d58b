"""The fund's own acts on a claim and on its pools, each with its role and its line in the log: review, decide, instruct;
write off what is lost; open, pause and reopen. What moves money on a receipt is `pool_money`.

Written in: domain §6.3-§6.4. What they do to money is `risk_compensation`'s. Two people: the maker proposes, the checker decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import Invalid, NotFound
from backend.kit.words import Words
from backend.loans import certainty
from backend.loans.guarantees import party_code
from risk_compensation import live as pool_events
from risk_compensation.live import ClaimCase, FiledClaim, Opinion, PoolView
from risk_compensation.live import views as pool_views
from risk_compensation.play import checking


def fund_claim(session: Session, actor: Actor, claim_no: str, role: str) -> ClaimCase:
    """A claim on a pool of the actor's own fund, for someone in that role; else as good as missing."""
    found = pool_views.claim_case(session, claim_no)
    if found is None or actor.role != role or found.pool.fund != party_code(session, actor):
        raise NotFound()
    return found


def review_claim(session: Session, actor: Actor, *, claim_no: str, opinion: Opinion, words: Words, at: datetime) -> FiledClaim:
    """The fund's maker: approve, reject or supplement."""
    case = fund_claim(session, actor, claim_no, "fund_maker")
    said(words)
    claim = pool_events.review(session, claim_no=claim_no, by=actor.id, opinion=opinion, on=day_of(at), words=words)
    return decided(session, actor, claim, case.loan.firm, f"claim.reviewed_{opinion}", at)


def approve_claim(session: Session, actor: Actor, *, claim_no: str, words: Words, at: datetime) -> FiledClaim:
    """The fund's checker says yes. Refused: maker_is_checker, maker_advised_no, pool_cash_short."""
    case = fund_claim(session, actor, claim_no, "fund_checker")
    said(words)
    claim = pool_events.approve(session, claim_no=claim_no, by=actor.id, on=day_of(at), words=words)
    return decided(session, actor, claim, case.loan.firm, "claim.approved", at)


def reject_claim(
    session: Session, actor: Actor, *, claim_no: str, reasons: Sequence[str], words: Words, at: datetime
) -> FiledClaim:
    """The fund's checker says no, in words, for `reasons` that were left open when the loan entered (`certainty.grounds`).

    Refused: checked_at_registration, maker_is_checker.
    """
    case = fund_claim(session, actor, claim_no, "fund_checker")
    said(words)
    named = certainty.grounds(session, case, reasons)
    because = Words(
        "；".join(each.zh for each in named) + f"。{words.zh}", "; ".join(each.en for each in named) + f". {words.en}"
    )
    claim = pool_events.reject(session, claim_no=claim_no, by=actor.id, on=day_of(at), words=because)
    return decided(session, actor, claim, case.loan.firm, "claim.rejected", at, reasons=list(reasons))


def instruct_payment(session: Session, actor: Actor, *, claim_no: str, at: datetime) -> FiledClaim:
    """The fund's checker instructs the custody bank."""
    case = fund_claim(session, actor, claim_no, "fund_checker")
    claim = pool_events.instruct(session, claim_no=claim_no, by=actor.id, on=day_of(at))
    return decided(session, actor, claim, case.loan.firm, "claim.instructed", at)


def propose_write_off(session: Session, actor: Actor, *, claim_no: str, words: Words, at: datetime) -> FiledClaim:
    """The fund's maker proposes to write off what is still to be recovered. Invalid: no words."""
    case = fund_claim(session, actor, claim_no, "fund_maker")
    said(words)
    claim = pool_events.apply_write_off(session, claim_no=claim_no, by=actor.id, on=day_of(at), words=words)
    return decided(session, actor, claim, case.loan.firm, "claim.write_off_proposed", at, words=words.as_dict())


def write_off(session: Session, actor: Actor, *, claim_no: str, at: datetime) -> FiledClaim:
    """The fund's checker writes it off; the file stays open and recovery goes on (账销案存). Refused: maker_is_checker."""
    case = fund_claim(session, actor, claim_no, "fund_checker")
    claim = pool_events.write_off(session, claim_no=claim_no, by=actor.id, on=day_of(at))
    return decided(session, actor, claim, case.loan.firm, "claim.written_off", at)


def said(words: Words) -> None:
    """Invalid without a reason."""
    if not words.zh.strip():
        raise Invalid("words", Words("请写明理由", "please give the reason"))


def open_pool(
    session: Session,
    actor: Actor,
    *,
    code: str,
    scheme: str,
    custodian: str,
    guarantor: str,
    parties: Mapping[str, str],
    at: datetime,
) -> PoolView:
    """The fund's checker opens a pool under a published scheme whose worked examples come out; no money is in it yet. The second
    time changes nothing."""
    if actor.role != "fund_checker":
        raise NotFound()
    fund = party_code(session, actor)
    checking.insist([scheme])
    made = pool_events.open_pool(
        session,
        code=code,
        scheme=scheme,
        guarantor=guarantor,
        fund=fund,
        custodian=custodian,
        parties=parties,
        on=day_of(at),
    )
    audit.record(session, at=at, actor=actor, action="pool.opened", object_kind="pool", object_id=made.code)
    return made


def set_pool(
    session: Session, actor: Actor, *, pool: str, paused: bool, words: Words, at: datetime, party: str | None = None
) -> PoolView:
    """The fund's checker pauses the pool for new loans, or reopens it as the maker proposed; with `party` one bank or guarantor.

    Refused on reopening: ratio_not_cured, reopening_not_proposed, maker_is_checker. NotFound for a party not in the pool.
    """
    fund_pool(session, actor, pool, "fund_checker")
    said(words)
    act = pool_events.pause if paused else pool_events.reopen
    row = act(session, pool, by=actor.id, words=words, on=day_of(at), party=party)
    _log_pool(session, actor, "pool.paused" if paused else "pool.reopened", pool, party, words, at)
    return row


def propose_reopening(
    session: Session, actor: Actor, *, pool: str, words: Words, at: datetime, party: str | None = None
) -> PoolView:
    """The fund's maker proposes to take loans again of the pool, a bank or the guarantor, whoever stopped it."""
    fund_pool(session, actor, pool, "fund_maker")
    said(words)
    row = pool_events.propose_reopening(session, pool, by=actor.id, words=words, on=day_of(at), party=party)
    _log_pool(session, actor, "pool.reopening_proposed", pool, party, words, at)
    return row


def fund_pool(session: Session, actor: Actor, pool: str, role: str) -> PoolView:
    """A pool of the actor's own fund, for someone in that role; else as good as missing."""
    row = pool_views.pool(session, pool)
    if row is None or actor.role != role or row.fund != party_code(session, actor):
        raise NotFound()
    return row


def _log_pool(session: Session, actor: Actor, verb: str, pool: str, party: str | None, words: Words, at: datetime) -> None:
    details = words.as_dict() | ({"party": party} if party is not None else {})
    audit.record(session, at=at, actor=actor, action=verb, object_kind="pool", object_id=pool, details=details)


def decided(session: Session, actor: Actor, claim: FiledClaim, firm: str, action: str, at: datetime, **more: Any) -> FiledClaim:
    """One line in the log for whatever was done to a claim; `firm` is the borrower's."""
    details = {"payout_fen": claim.payout_fen, "state": claim.state} | more
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="claim",
        object_id=claim.claim_no,
        firm_id=firm,
        details=details,
    )
    return claim
