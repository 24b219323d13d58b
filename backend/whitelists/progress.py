"""How far a bank has come with what it promised to a programme: credit really drawn by listed firms, against the promised floor.

What banks reported is read where every room to the left learns it: the facts of group BNK (internal, no consent). Each firm that
is looked at leaves a line in the log. Amounts of fewer than five firms are held back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.credit_data import views as credit_data
from backend.kit.clock import day_of
from backend.kit.dated import holds_on
from backend.parties import views as parties
from backend.whitelists import programme as programmes
from backend.whitelists import views
from backend.whitelists.tables import WhitelistMember

FEW = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """One bank's promise: the floor, how many listed firms borrowed, what they drew since the promise. None: too few to say."""

    bank: str
    at_least_fen: int
    since: date
    listed: int
    borrowed: int
    drawn_fen: int | None

    @property
    def share_bp(self) -> int | None:
        """How much of the promised floor is reached, in basis points; more than 10,000 is welcome."""
        return self.drawn_fen * 10_000 // self.at_least_fen if self.drawn_fen is not None else None


def of(session: Session, actor: Actor, *, programme: str, at: datetime) -> list[Progress]:
    """Every promise in force, in the order of the file."""
    day = day_of(at)
    codes = sorted(set(session.scalars(select(WhitelistMember.uscc).where(WhitelistMember.programme == programme))))
    listed = [uscc for uscc, grades in views.grades_of(session, codes, day).items() if programme in grades]
    firms = [firm.id for uscc in listed if (firm := parties.firm_by_uscc(session, uscc)) is not None]
    swept = dict(
        credit_data.sweep(session, actor, purpose="post_loan", at=at, codes=["bnk_loans"], firm_ids=firms) if firms else ()
    )
    found = []
    for promise in (one for one in programmes.find(programme).commitments if holds_on(one, day)):
        drawn = {
            firm: sum(
                int(loan["amount_fen"])
                for loan in facts["bnk_loans"].value
                if loan["bank"] == promise.bank and promise.valid_from <= date.fromisoformat(loan["value_date"]) <= day
            )
            for firm, facts in swept.items()
            if "bnk_loans" in facts
        }
        borrowers = [fen for fen in drawn.values() if fen]
        told = sum(borrowers) if not borrowers or len(borrowers) >= FEW else None
        found.append(Progress(promise.bank, promise.at_least_fen, promise.valid_from, len(listed), len(borrowers), told))
    return found
