"""What moves a pool's money on somebody's word: one person says it, another confirms it or declines; only then is it booked.

Written in: domain §6.4 (maker ≠ checker; only the custody bank's receipt moves money). Nothing is booked and no headroom opens
before the confirmation. When it is said it is rehearsed: booked and taken back at once, so that whoever says it hears every
refusal then, and `result` keeps what booking it would do. The confirmation books it under the pool's lock; if the book has moved
on so that it would now do something else, it refuses, and the proposal is made anew.

A receipt names one movement of one account: it stands in one proposal of the pool that is waiting or confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit import rules
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.policy import canonical, digest
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import locked_pool
from risk_compensation.live.proposed import Kind, book, booked, sound
from risk_compensation.live.registrations import locked_loan
from risk_compensation.live.values import MoneyProposal
from risk_compensation.rules import SAID_BY_TWO
from risk_compensation.tables import Claim, Pool, Proposal, Registration

PROPOSED, CONFIRMED, DECLINED, WITHDRAWN = "proposed", "confirmed", "declined", "withdrawn"


def propose(
    session: Session, pool: str, *, kind: Kind, body: Mapping[str, Any], by: str, party: str, on: date
) -> tuple[MoneyProposal, bool]:
    """Say what shall be booked; nothing is yet. Whether it is new: the same again answers the one that is there.

    Invalid: future_day, too_early, amount, missing …, at its place. Conflict: reference_reused, receipt_booked. And whatever
    booking it would be refused for.
    """
    # Claim, loan and pool are asked for again below: the session knows them as long as they are at hand here.
    claim = session.get_one(Claim, body["claim_no"]) if "claim_no" in body else None
    loan = claim.loan if claim is not None else body.get("loan")
    row, _loan = _hold(session, pool, loan)
    said = sound(session, row, kind, dict(body), on)
    reference = f"{pool}:{said['year']}:year" if kind == "year" else f"{pool}:{said['receipt_no']}"
    seal = digest(canonical([pool, kind, said]))
    known = session.scalar(select(Proposal).where(Proposal.reference == reference, Proposal.state.in_((PROPOSED, CONFIRMED))))
    if known is not None and known.digest == seal:
        return seen(MoneyProposal, known), False
    if known is not None:
        raise Conflict(
            Words("该回单号已用于另一笔业务", "this receipt’s number already stands for something else"), code="reference_reused"
        )
    if booked(session, row, kind, said):
        raise Conflict(Words("该回单已入账", "this receipt is booked already"), code="receipt_booked")
    made = Proposal(
        id=new_id("prop"),
        pool=pool,
        kind=kind,
        reference=reference,
        loan=loan,
        body=said,
        result={},
        digest=seal,
        party=party,
        proposed_by=by,
        proposed_on=on,
        state=PROPOSED,
        words={},
    )
    with session.begin_nested() as trial:
        found = book(session, made, by=by, on=on)
        trial.rollback()
    made.result = found
    session.add(made)
    session.flush()
    return seen(MoneyProposal, made), True


def confirm(session: Session, proposal: str, *, by: str, on: date, words: Words) -> tuple[MoneyProposal, bool]:
    """Another person says that it is so: it is booked. The second time changes nothing. Whether it is decided now: who asks
    before the pool is held does not know.

    Refused: maker_is_checker, and whatever the book refuses now. Conflict: proposal_over, book_changed.
    """
    row = _held(session, proposal)
    if row.state == CONFIRMED:
        return seen(MoneyProposal, row), False
    _open(row)
    _another(session, row, by)
    with session.begin_nested():
        done = book(session, row, by=by, on=on)
        if canonical(done) != canonical(row.result):
            raise Conflict(
                Words("账簿在提出后已变化，请重新提出", "the book has changed since this was proposed; propose it anew"),
                code="book_changed",
            )
        _decided(session, row, CONFIRMED, by, on, words)
        session.flush()
    return seen(MoneyProposal, row), True


def decline(session: Session, proposal: str, *, by: str, on: date, words: Words) -> tuple[MoneyProposal, bool]:
    """Another person says that it is not so, in words; nothing is booked. The second time changes nothing.

    Invalid: no words. Refused: maker_is_checker. Conflict: proposal_over.
    """
    row = _held(session, proposal)
    if not words.zh.strip():
        raise Invalid("words", Words("请写明理由", "please give the reason"))
    if row.state == DECLINED:
        return seen(MoneyProposal, row), False
    _open(row)
    _another(session, row, by)
    _decided(session, row, DECLINED, by, on, words)
    session.flush()
    return seen(MoneyProposal, row), True


def withdraw(session: Session, proposal: str, *, by: str, on: date, words: Words) -> tuple[MoneyProposal, bool]:
    """Whoever said it takes it back before it is decided. The second time changes nothing. Conflict: proposal_over."""
    row = _held(session, proposal)
    if row.proposed_by != by:
        raise NotFound()
    if row.state == WITHDRAWN:
        return seen(MoneyProposal, row), False
    _open(row)
    _decided(session, row, WITHDRAWN, by, on, words)
    session.flush()
    return seen(MoneyProposal, row), True


def _held(session: Session, proposal: str) -> Proposal:
    """The proposal as it stands once its pool is held until the transaction ends; NotFound otherwise."""
    found = session.execute(select(Proposal.pool, Proposal.loan).where(Proposal.id == proposal)).one_or_none()
    if found is None:
        raise NotFound()
    _hold(session, found.pool, found.loan)
    query = select(Proposal).where(Proposal.id == proposal).execution_options(populate_existing=True)
    return session.scalars(query).one()


def _hold(session: Session, pool: str, loan: str | None) -> tuple[Pool, Registration | None]:
    """The loan it is about, then the pool: held until the transaction ends."""
    found = locked_loan(session, loan) if loan is not None else None
    return locked_pool(session, pool), found


def one(session: Session, proposal: str) -> MoneyProposal | None:
    """The proposal of that name; None where there is none."""
    found = session.get(Proposal, proposal)
    return seen(MoneyProposal, found) if found is not None else None


def waiting(session: Session, pools: Iterable[str]) -> list[MoneyProposal]:
    """What waits for another person's word in these pools, oldest first."""
    return _listed(session, Proposal.pool.in_(list(pools)), Proposal.state == PROPOSED)


def every(session: Session, pools: Iterable[str]) -> list[MoneyProposal]:
    """Everything that was ever proposed for these pools, oldest first."""
    return _listed(session, Proposal.pool.in_(list(pools)))


def of_party(session: Session, party: str) -> list[MoneyProposal]:
    """What the people of a party proposed, oldest first."""
    return _listed(session, Proposal.party == party)


def of_loan(session: Session, loan: str) -> list[MoneyProposal]:
    """What waits for another person's word about a loan, oldest first."""
    return _listed(session, Proposal.loan == loan, Proposal.state == PROPOSED)


def _listed(session: Session, *where: Any) -> list[MoneyProposal]:
    return [seen(MoneyProposal, each) for each in session.scalars(select(Proposal).where(*where).order_by(Proposal.id))]


def _open(row: Proposal) -> None:
    if row.state != PROPOSED:
        raise Conflict(Words("该事项已有结论", "this has been decided already"), code="proposal_over")


def _another(session: Session, row: Proposal, by: str) -> None:
    """Whoever decides did not say it; a claw-back is not decided by whoever reviewed the claim either."""
    claim = session.get(Claim, str(row.body["claim_no"])) if row.kind == "claw_back" else None
    if by == row.proposed_by or (claim is not None and by == claim.maker):
        raise Refused(
            Words("复核人与经办人不得为同一人", "the checker must be another person than the maker"), code="maker_is_checker"
        )


def _decided(session: Session, row: Proposal, state: str, by: str, on: date, words: Words) -> None:
    rules.put(session, row, "state", state, rule=SAID_BY_TWO)
    row.decided_by, row.decided_on, row.words = by, on, words.as_dict()
