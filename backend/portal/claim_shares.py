"""A claim as fund and bank both see it: who bears what, what limits left to whom, what waits for money, what was paid, how far it
has come and for whom it waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from backend.kit.clock import start_of
from backend.kit.words import Language, Words
from backend.loans import clocks
from backend.portal import speak
from backend.portal.pages.bank_claims import ShareLine, Sharing
from backend.portal.pages.shared import Happening
from risk_compensation.live import ClaimCase, FiledClaim, Move, State, progress, statements
from risk_compensation.live import views as pool_views
from risk_compensation.scheme import PARTY_WORDS


def lines_of(shares: Sequence[progress.PartShare]) -> tuple[ShareLine, ...]:
    """Each kind of party with its part by the ratio and what it bears in the end."""
    return tuple(
        ShareLine(speak.known(f"share.{each.kind}", "party.other"), each.ratio_fen, each.bears_fen, each.back_fen)
        for each in shares
    )


def moved(shares: Sequence[progress.PartShare]) -> tuple[tuple[Words, int], ...]:
    """Who bears more than the ratio says, and by how much."""
    more = {each.kind: each.bears_fen - each.ratio_fen for each in shares}
    return tuple((words, more[kind]) for kind, words in PARTY_WORDS.items() if more.get(kind, 0) > 0)


def sharing(session: Session, case: ClaimCase) -> Sharing:
    """How the loss of a claim is shared, and where its money is."""
    claim, back = case.claim, statements.recovered_fen(session, case.claim.loan)
    shares = progress.shares(case, case.loss_fen, claim.parts, back)
    return Sharing(
        lines_of(shares),
        case.loss_fen,
        claim.payout_fen,
        moved(shares),
        tuple((each.on, each.amount_fen, each.receipt_no) for each in pool_views.payments(session, claim.claim_no)),
        progress.waits_fen(claim),
        _deferred(session, claim),
        claim.state in progress.UNDECIDED,
    )


def _deferred(session: Session, claim: FiledClaim) -> tuple[date, Words] | None:
    if claim.deferred_until is None or claim.state != State.UNDER_REVIEW:
        return None
    said = [Words.of(each.words) for each in pool_views.claim_history(session, claim.claim_no) if each.move == Move.DEFER]
    return claim.deferred_until, said[-1] if said else Words("", "")


def waiting(session: Session, clock: clocks.Clock | None) -> tuple[Words, Words, date | None] | None:
    """Who has to do what, until when."""
    if clock is None:
        return None
    return speak.party_or(session, clock.party), clocks.ACTS[clock.act], clock.due_on


def timeline(session: Session, claim: FiledClaim, language: Language) -> tuple[Happening, ...]:
    """Every move of the claim, with what was said."""
    return tuple(
        Happening(
            start_of(each.on),
            speak.known(f"claim_move.{each.move}", "claim_move.other"),
            None,
            Words.of(each.words).say(language) or None,
            "bad" if each.move == Move.REJECT else "done",
        )
        for each in pool_views.claim_history(session, claim.claim_no)
    )
