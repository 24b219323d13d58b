"""A claim's award in the live book: what it comes to by the figures of the day, what an approval sets aside, and how that is
undone.

Written in: domain §6.1 (waterfalls, caps, quotas; what happens when money runs out), §6.4 (payout shrinks with unpaid principal).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.kit.money import share_out
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Line, balances, lines, pool_of
from risk_compensation.ledger import Reason as R
from risk_compensation.live import figures
from risk_compensation.scheme import Award, SchemeTerms, award, covered_fen, public, shortened, terms_on
from risk_compensation.tables import Claim, Pool, Registration


def terms_of(session: Session, loan: Registration) -> SchemeTerms:
    """The terms under which the loan entered: they rule its claim for good."""
    return terms_on(pool_of(session, loan.pool).scheme, loan.registered_on)


def parties_of(session: Session, loan: Registration) -> dict[str, str]:
    """Kind of party -> its code, for one loan."""
    pool = pool_of(session, loan.pool)
    known = {"guarantor": loan.guarantor, "fund": pool.fund, "bank": loan.bank} | pool.parties
    return {kind: code for kind, code in known.items() if code}


def loss_fen(terms: SchemeTerms, claim: Claim) -> int:
    """The loss that is shared: what of unpaid principal and interest the scheme covers."""
    return covered_fen(terms, claim.unpaid_principal_fen, claim.unpaid_interest_fen)


def figured(session: Session, pool: Pool, terms: SchemeTerms, loan: Registration, claim: Claim) -> Award:
    """What the claim comes to by the pool's figures as they stand; whoever decides on it holds the pool."""
    on = claim.approved_on or claim.filed_on
    return award(
        terms,
        terms.shares_of(loan),
        loss_fen(terms, claim),
        collected=figures.collections(session, pool, terms),
        rooms=figures.rooms(session, pool, terms, loan, on),
    )


def most_public_fen(terms: SchemeTerms, loan: Registration, loss: int) -> int:
    """The most that the pool can owe for such a loss: no limit cuts it, and nobody has collected anything."""
    return public(award(terms.model_copy(update={"limits": None}), terms.shares_of(loan), loss).parts)


def free_cash(session: Session, pool: str) -> int:
    """The pool's cash that is not set aside for a claim yet."""
    now = balances(session, pool)
    return now["cash_fen"] - now["approved_fen"]


def set_aside(terms: SchemeTerms, found: Award, free_fen: int) -> tuple[Award, int]:
    """The award and how much of it is set aside at once, by what the scheme says for when money runs out.

    `approval_order`: all of it (the account refuses what it does not have, and the claim waits for approval). `bank_bears`:
    what is
    there; the rest falls on whoever bears what is beyond. `next_budget`: what is there; the rest waits. `pro_rata`: nothing
    before the year is settled.
    """
    rule, due = terms.money_short.rule, found.public_fen
    if rule == "bank_bears":
        found = shortened(terms, found, min(due, max(0, free_fen)))
        return found, found.public_fen
    return found, {"approval_order": due, "next_budget": min(due, max(0, free_fen)), "pro_rata": 0}[rule]


def fix(claim: Claim, found: Award, aside_fen: int) -> None:
    """Keep what was decided on the claim."""
    claim.parts, claim.payout_fen = dict(found.parts), found.public_fen
    claim.counted_fen, claim.aside_fen = found.counted_fen, aside_fen


def shrunk(terms: SchemeTerms, loan: Registration, claim: Claim) -> Award:
    """The award of a claim whose loss became smaller: never more of anything than it had been given."""
    drawn: dict[str, int] = {each.party: int(claim.parts.get(each.party, 0)) for each in terms.backing}
    rooms = [claim.counted_fen] if terms.limits is not None else []
    found = award(terms, terms.shares_of(loan), loss_fen(terms, claim), collected=drawn, rooms=rooms)
    return shortened(terms, found, min(found.public_fen, claim.payout_fen))


def memo(session: Session, terms: SchemeTerms, loan: Registration, was: Award, now: Award) -> list[Line]:
    """How collections and the bank's quota move between two awards of a claim (none: `Award({})`)."""
    code, name, booked = parties_of(session, loan), loan.reference, []
    before, after = was.drawn(terms), now.drawn(terms)
    for kind in sorted({*before, *after}):
        more = after.get(kind, 0) - before.get(kind, 0)
        booked += lines(
            (A.OFF_BALANCE, A.COLLECTED, max(0, more), R.COLLECTION_USED, code[kind], name),
            (A.COLLECTED, A.OFF_BALANCE, max(0, -more), R.COLLECTION_FREED, code[kind], name),
        )
    if terms.limits is not None and terms.limits.quota is not None:
        more = now.counted_fen - was.counted_fen
        booked += lines(
            (A.OFF_BALANCE, A.QUOTA, max(0, more), R.QUOTA_USED, loan.bank, name),
            (A.QUOTA, A.OFF_BALANCE, max(0, -more), R.QUOTA_FREED, loan.bank, name),
        )
    return booked


def kept(claim: Claim) -> Award:
    """The award as it stands on the claim."""
    return Award({kind: int(fen) for kind, fen in claim.parts.items()}, claim.counted_fen)


def public_parts(terms: SchemeTerms, owed: dict[str, int], fen: int) -> dict[str, int]:
    """`fen` of public money, by the parties that owe it."""
    return share_out(fen, owed, odd_fen_order=terms.odd_fen_order) if fen else {}
