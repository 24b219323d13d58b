"""Proposals that move a pool's money, as rows of a list and as what booking them does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from backend.kit.words import Words
from backend.parties import views as parties
from backend.portal import speak
from backend.portal.pages import money as pages
from risk_compensation.live import MoneyProposal, RegisteredLoan, proposals
from risk_compensation.live import views as pool_views
from risk_compensation.scheme import PARTY_WORDS


def rows(session: Session, found: Sequence[MoneyProposal]) -> tuple[pages.ProposalRow, ...]:
    """Several, in their order."""
    named = [each.loan for each in found if each.loan is not None]
    loans = pool_views.loans(session, named) if named else {}
    return tuple(_row(session, each, loans[each.loan] if each.loan is not None else None) for each in found)


def of_loan(session: Session, loan: str | None) -> tuple[pages.ProposalRow, ...]:
    """What waits for the fund's word about a loan."""
    return rows(session, proposals.of_loan(session, loan)) if loan is not None else ()


def row(session: Session, found: MoneyProposal) -> pages.ProposalRow:
    """One of them."""
    return _row(session, found, pool_views.loan(session, found.loan) if found.loan else None)


def _row(session: Session, found: MoneyProposal, loan: RegisteredLoan | None) -> pages.ProposalRow:
    body = found.body
    return pages.ProposalRow(
        id=found.id,
        what=speak.both(f"money.kind.{found.kind}"),
        about=speak.firm(session, loan.firm) if loan else speak.party_or(session, found.party),
        fen=int(body.get("amount_fen") or body.get("gross_fen") or sum(found.result["fen"].values())),
        receipt_no=str(body.get("receipt_no", "")),
        on=date.fromisoformat(body["on"]) if "on" in body else None,
        by=person(session, found.proposed_by),
        proposed_on=found.proposed_on,
        state=found.state,
    )


def person(session: Session, actor: str) -> Words | str:
    """An officer by name."""
    return parties.person_name(session, actor) or speak.both("party.other")


def effects(found: MoneyProposal) -> tuple[tuple[Words, int], ...]:
    """What booking it does, each with its name."""
    fen: dict[str, int] = found.result["fen"]
    if found.kind == "year":
        return ((speak.both("money.claims", n=len(fen)), sum(fen.values())),)
    if found.kind == "recovery":
        return tuple((PARTY_WORDS[kind], value) for kind, value in fen.items() if value)
    return tuple((speak.both(f"money.effect.{name}"), value) for name, value in fen.items() if value or name != "waits")
