"""A claim as fund and bank both see it: who bears what, what limits left to whom, what waits for money, what was paid, how far it
has come and for whom it waits.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit.clock import start_of
from backend.kit.money import share_out
from backend.kit.words import Language, Words
from backend.loans import clocks
from backend.portal import speak
from backend.portal.pages.bank_claims import ShareLine, Sharing
from backend.portal.pages.shared import Happening
from risk_compensation.ledger import Reason
from risk_compensation.live import Move, State, loss_fen, parties_of, statements, terms_of
from risk_compensation.scheme import PARTY_WORDS, SchemeTerms
from risk_compensation.tables import Claim, Entry, LoanMove, Payout, Registration

UNDECIDED = (State.CLAIM_SUBMITTED, State.UNDER_REVIEW, State.SUPPLEMENT)


def waits_fen(claim: Claim) -> int:
    """What of an approved claim waits for money."""
    if claim.state not in (State.APPROVED, State.INSTRUCTED):
        return 0
    return claim.payout_fen - claim.paid_fen - claim.aside_fen


def put_off(claim: Claim, day: date) -> bool:
    """Whether a rule has put the decision off to a later day."""
    return claim.state == State.UNDER_REVIEW and claim.deferred_until is not None and day < claim.deferred_until


def state_of(claim: Claim, day: date) -> str:
    """A key under state.claim: also what it waits for, where nobody has to act."""
    if put_off(claim, day):
        return "deferred"
    stuck = claim.state == State.APPROVED and not claim.aside_fen and claim.payout_fen > claim.paid_fen
    return "waits_for_money" if stuck else str(claim.state)


def lines_of(
    terms: SchemeTerms, loan: Registration, loss: int, parts: dict[str, int], back: dict[str, int] | None = None
) -> tuple[ShareLine, ...]:
    """Each kind of party with its part by the ratio and what it bears in the end."""
    ratio: dict[str, int] = share_out(loss, terms.shares_of(loan), odd_fen_order=terms.odd_fen_order)
    shown = [kind for kind in PARTY_WORDS if ratio.get(kind) or parts.get(kind)]
    return tuple(
        ShareLine(words(kind), ratio.get(kind, 0), parts.get(kind, 0), (back or {}).get(kind, 0))
        for kind in sorted(shown, key=lambda kind: kind == "bank")
    )


def words(kind: str) -> Words:
    """The fund bears, the bank bears…"""
    return speak.known(f"share.{kind}", "party.other")


def moved(terms: SchemeTerms, loan: Registration, loss: int, parts: dict[str, int]) -> tuple[tuple[Words, int], ...]:
    """Who bears more than the ratio says, and by how much."""
    ratio: dict[str, int] = share_out(loss, terms.shares_of(loan), odd_fen_order=terms.odd_fen_order)
    more = ((kind, parts.get(kind, 0) - ratio.get(kind, 0)) for kind in PARTY_WORDS)
    return tuple((PARTY_WORDS[kind], fen) for kind, fen in more if fen > 0)


def sharing(session: Session, claim: Claim) -> Sharing:
    """How the loss of a claim is shared, and where its money is."""
    loan = session.get_one(Registration, claim.loan)
    terms = terms_of(session, loan)
    loss = loss_fen(terms, claim)
    parts = {kind: int(fen) for kind, fen in claim.parts.items()}
    payouts = session.scalars(select(Payout).where(Payout.claim_no == claim.claim_no).order_by(Payout.no))
    return Sharing(
        lines_of(terms, loan, loss, parts, _back(session, loan)),
        loss,
        claim.payout_fen,
        moved(terms, loan, loss, parts),
        tuple((each.on, each.amount_fen, each.receipt_no) for each in payouts),
        waits_fen(claim),
        _deferred(session, claim),
        claim.state in UNDECIDED,
    )


def _back(session: Session, loan: Registration) -> dict[str, int]:
    """Kind of party -> what recoveries have given back of its loss."""
    query = select(Entry.party, func.sum(Entry.amount_fen)).where(
        Entry.loan == loan.reference, Entry.reason == Reason.LOSS_RECOVERED
    )
    found = {party: int(fen) for party, fen in session.execute(query.group_by(Entry.party))}
    return {kind: found.get(code, 0) for kind, code in parties_of(session, loan).items()}


def _deferred(session: Session, claim: Claim) -> tuple[date, Words] | None:
    if claim.deferred_until is None or claim.state != State.UNDER_REVIEW:
        return None
    query = select(LoanMove).where(LoanMove.claim_no == claim.claim_no, LoanMove.move == Move.DEFER).order_by(LoanMove.id.desc())
    move = session.scalars(query.limit(1)).first()
    return claim.deferred_until, Words.of(move.words) if move else Words("", "")


def waiting(session: Session, clock: clocks.Clock | None) -> tuple[Words, Words, date | None] | None:
    """Who has to do what, until when."""
    if clock is None:
        return None
    return speak.party_or(session, clock.party), clocks.ACTS[clock.act], clock.due_on


def timeline(session: Session, claim: Claim, language: Language) -> tuple[Happening, ...]:
    """Every move of the claim, with what was said."""
    moves = [each for each in statements.loan_history(session, claim.loan) if each.claim_no == claim.claim_no]
    return tuple(
        Happening(
            start_of(each.on),
            speak.known(f"claim_move.{each.move}", "claim_move.other"),
            None,
            Words.of(each.words).say(language) or None,
            "bad" if str(each.move) == "reject" else "done",
        )
        for each in moves
    )
