"""What moves a pool's money on the word of a person, always of two: somebody proposes, the fund's checker confirms or declines.

Money paid in, interest, the receipt of a payment, a recovery, a claw-back, a year's excess, a year settled. The fund's maker
proposes; a recovery its guarantor or bank, that has paid it into the special account. Nothing is booked, and no headroom opens,
before another person has confirmed it against the custody bank's statement.

Written in: domain §6.4 (maker ≠ checker; only the custody bank's receipt moves money).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.loans.fund_acts import decided, fund_claim, fund_pool
from backend.loans.guarantees import party_code
from risk_compensation.live import Kind, MoneyProposal, proposals, statements
from risk_compensation.live import views as pool_views

# What the log says once it is booked: of a pool, of a claim, or of a loan.
BOOKED: Mapping[str, str] = {
    "contribution": "pool.paid_in",
    "interest": "pool.interest_credited",
    "payment": "claim.paid",
    "recovery": "loan.recovered",
    "claw_back": "claim.clawed_back",
    "excess": "pool.excess_paid",
    "year": "pool.year_settled",
}
PROPOSERS = ("fund_maker", "guarantor_officer", "bank_officer")


def propose_contribution(
    session: Session, actor: Actor, *, pool: str, amount_fen: int, receipt_no: str, on: date, at: datetime
) -> MoneyProposal:
    """The fund's money is in the special account, says its maker. Invalid: future_day, too_early, amount, receipt_no."""
    fund = fund_pool(session, actor, pool, "fund_maker").fund
    body = {"funder": fund, "amount_fen": amount_fen, "receipt_no": receipt_no, "on": on}
    return put(session, actor, pool, "contribution", body, at)


def propose_interest(
    session: Session, actor: Actor, *, pool: str, amount_fen: int, receipt_no: str, on: date, at: datetime
) -> MoneyProposal:
    """The custody bank has credited interest, says the maker."""
    fund_pool(session, actor, pool, "fund_maker")
    body = {"amount_fen": amount_fen, "receipt_no": receipt_no, "on": on}
    return put(session, actor, pool, "interest", body, at)


def propose_payment(
    session: Session, actor: Actor, *, claim_no: str, receipt_no: str, amount_fen: int, on: date, at: datetime
) -> MoneyProposal:
    """The custody bank has paid what it was instructed to, says the maker with its receipt: confirmed, the claim is paid, once.

    Refused: receipt_amount. Conflict: paid_once, unlawful_move, receipt_reused.
    """
    claim = fund_claim(session, actor, claim_no, "fund_maker").claim
    body = {"claim_no": claim_no, "amount_fen": amount_fen, "receipt_no": receipt_no, "on": on}
    return put(session, actor, claim.pool, "payment", body, at)


def propose_claw_back(
    session: Session, actor: Actor, *, claim_no: str, receipt_no: str, words: Words, at: datetime
) -> MoneyProposal:
    """Fraud was found after payment and the payee has returned what the fund still bears, says the maker with the custody bank's
    receipt. Invalid: no receipt, no words. Whoever confirms it has not reviewed the claim either."""
    claim = fund_claim(session, actor, claim_no, "fund_maker").claim
    body = {"claim_no": claim_no, "receipt_no": receipt_no, "words": words.as_dict()}
    return put(session, actor, claim.pool, "claw_back", body, at)


def propose_excess(
    session: Session, actor: Actor, *, pool: str, year: int, amount_fen: int, receipt_no: str, on: date, at: datetime
) -> MoneyProposal:
    """The custody bank has paid a year's excess, says the maker. Refused: no_excess, year_runs, excess_amount."""
    fund_pool(session, actor, pool, "fund_maker")
    body = {"year": year, "amount_fen": amount_fen, "receipt_no": receipt_no, "on": on}
    return put(session, actor, pool, "excess", body, at)


def propose_year(session: Session, actor: Actor, *, pool: str, year: int, at: datetime) -> MoneyProposal:
    """Share out a year's money where claims are paid in one proportion, says the maker. Refused: not_pro_rata, year_runs,
    nothing_due."""
    fund_pool(session, actor, pool, "fund_maker")
    return put(session, actor, pool, "year", {"year": year}, at)


def put(session: Session, actor: Actor, pool: str, kind: Kind, body: Mapping[str, Any], at: datetime) -> MoneyProposal:
    """Propose it, and one line in the log for it; told again it changes nothing."""
    party = party_code(session, actor)
    made, new = proposals.propose(session, pool, kind=kind, body=body, by=actor.id, party=party, on=day_of(at))
    if new:
        _log(session, actor, made, f"{made.kind}_proposed", at)
    return made


def confirm(session: Session, actor: Actor, *, proposal: str, words: Words, at: datetime) -> MoneyProposal:
    """The fund's checker: it stands so in the custody bank's statement; it is booked. The second time changes nothing.

    Refused: maker_is_checker, and what the book refuses by now. Conflict: proposal_over, book_changed.
    """
    _of_fund(session, actor, proposal, "fund_checker")
    done, now = proposals.confirm(session, proposal, by=actor.id, on=day_of(at), words=words)
    if now:
        _log(session, actor, done, "", at)
    return done


def decline(session: Session, actor: Actor, *, proposal: str, words: Words, at: datetime) -> MoneyProposal:
    """The fund's checker: it does not. Invalid: no words. Refused: maker_is_checker. Conflict: proposal_over."""
    _of_fund(session, actor, proposal, "fund_checker")
    done, now = proposals.decline(session, proposal, by=actor.id, on=day_of(at), words=words)
    if now:
        _log(session, actor, done, f"{done.kind}_declined", at)
    return done


def withdraw(session: Session, actor: Actor, *, proposal: str, words: Words, at: datetime) -> MoneyProposal:
    """Whoever proposed it takes it back. Another's is as good as missing. Conflict: proposal_over."""
    found = proposals.one(session, proposal)
    if found is None or actor.role not in PROPOSERS or found.proposed_by != actor.id:
        raise NotFound()
    done, now = proposals.withdraw(session, proposal, by=actor.id, on=day_of(at), words=words)
    if now:
        _log(session, actor, done, f"{done.kind}_withdrawn", at)
    return done


def of_fund(session: Session, actor: Actor) -> list[MoneyProposal]:
    """What waits for another person's word in the pools of the actor's fund."""
    code = party_code(session, actor)
    return proposals.waiting(session, [each.code for each in statements.pools(session) if each.fund == code])


def one_of_fund(session: Session, actor: Actor, proposal: str) -> MoneyProposal:
    """One proposal for a pool of the actor's fund; another's is as good as missing."""
    return _of_fund(session, actor, proposal, "fund_maker", "fund_checker")


def next_act(actor: Actor, found: MoneyProposal) -> str:
    """What this hand of the fund may do with it: decide | withdraw | nothing. Whoever proposed it never decides."""
    own = found.proposed_by == actor.id
    if found.state != proposals.PROPOSED or own == (actor.role == "fund_checker"):
        return "nothing"
    return "withdraw" if own else "decide"


def of_own(session: Session, actor: Actor) -> list[MoneyProposal]:
    """What the people of the actor's party proposed, and what became of it."""
    return proposals.of_party(session, party_code(session, actor))


def _of_fund(session: Session, actor: Actor, proposal: str, *roles: str) -> MoneyProposal:
    found = proposals.one(session, proposal)
    pool = pool_views.pool(session, found.pool) if found is not None and actor.role in roles else None
    if found is None or pool is None or pool.fund != party_code(session, actor):
        raise NotFound()
    return found


def _log(session: Session, actor: Actor, row: MoneyProposal, said: str, at: datetime) -> None:
    """One line, with the claim, the loan or the pool that it is about; `said` is empty once it is booked."""
    action = BOOKED[row.kind] if not said else f"{BOOKED[row.kind].partition('.')[0]}.{said}"
    body = {name: value for name, value in row.body.items() if name not in ("claim_no", "loan", "on") and value != ""}
    about: dict[str, Any] = {"proposal": row.id, "day": row.body.get("on"), **body, "result": row.result["fen"]}
    if row.words and row.words.get("zh"):
        about["words"] = row.words
    if "claim_no" in row.body:
        case = pool_views.claim_case(session, row.body["claim_no"])
        assert case is not None, "a claim is never deleted"
        decided(session, actor, case.claim, case.loan.firm, action, at, **about)
        return
    loan = pool_views.loan(session, row.loan) if row.loan is not None else None
    if row.kind == "recovery":
        about["parts"] = about.pop("result")
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="pool" if loan is None else "facility",
        object_id=row.pool if loan is None else loan.reference,
        firm_id=loan.firm if loan is not None else None,
        details=about,
    )
