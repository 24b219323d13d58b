"""The fund's page of one claim: the loss and its shares, the checks at filing and today, papers, evidence, the clock, what was
signed at registration, and what this hand may do next.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from backend.kit.clock import start_of
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.loans import certainty, claim_checks, clocks
from backend.parties import views as parties
from backend.parties.tables import Firm
from backend.portal import speak
from backend.portal.door import Door
from backend.portal.pages import claims as pages
from backend.portal.pages import desk
from backend.portal.pages.shared import Choice, Form, Happening
from risk_compensation import statements
from risk_compensation.tables import Claim, Registration

# What each hand does next, by the state of a claim.
ACTS = {
    ("fund_maker", "claim_submitted"): "review",
    ("fund_checker", "under_review"): "approve",
    ("fund_checker", "approved"): "instruct",
    ("fund_maker", "instructed"): "pay",
    ("fund_checker", "write_off_applied"): "write_off",
}
# What a hand may do besides, once the claim was paid.
LATER = {
    **{("fund_maker", state): "propose" for state in ("paid", "recovering", "part_recovered")},
    **{
        ("fund_checker", state): "claw_back"
        for state in ("paid", "recovering", "part_recovered", "write_off_applied", "written_off")
    },
}


def own_claim(session: Session, door: Door, claim_no: str) -> Claim:
    """A claim on one of this fund's pools; another's is as good as missing."""
    found = session.get(Claim, claim_no)
    pools = {pool.code for pool in statements.pools(session) if pool.fund == door.who.party.code}
    if found is None or found.pool not in pools:
        raise NotFound()
    return found


def firm_name(session: Session, name: str) -> str:
    """A registration names its firm by id or by credit code."""
    found = session.get(Firm, name) or parties.firm_by_uscc(session, name)
    return found.name if found else "—"


def row(session: Session, found: Claim, day: date) -> desk.ClaimRow:
    """A claim in a list, with the day until which somebody has to act."""
    loan = session.get_one(Registration, found.loan)
    clock = clocks.of_claim(session, found, day)
    return desk.ClaimRow(
        id=found.claim_no,
        firm=firm_name(session, loan.firm),
        bank=speak.party(session, loan.bank),
        guarantor=speak.party(session, loan.guarantor),
        loss_fen=found.unpaid_principal_fen,
        share_fen=found.payout_fen,
        state=str(found.state),
        filed_on=found.filed_on,
        until=clock.due_on if clock else None,
        late_days=clock.late_days if clock else 0,
    )


def show(door: Door, claim_no: str, form: Form, status: int = 200, refused: str = "") -> HTMLResponse:
    """The page; `refused` names the second form if that one comes back with its sentence."""
    with door.house.reading() as (session, at):
        found, day = own_claim(session, door, claim_no), at.date()
        parts = {kind: int(fen) for kind, fen in found.parts.items()}
        moves = [each for each in statements.loan_history(session, found.loan) if each.claim_no == claim_no]
        hand = door.who.actor.role, str(found.state)
        clock = clocks.of_claim(session, found, day)
        page = pages.ClaimPage(
            claim=row(session, found, day),
            act=ACTS.get(hand, "nothing"),
            later=LATER.get(hand, ""),
            duty=f"/api/fund/loans/{quote(found.loan)}/duty",
            judgment=found.judgment_no,
            judged_on=found.judged_on,
            checks=tuple(desk.Check(Words.of(each["words"]), bool(each["passed"])) for each in found.checks),
            today=tuple(desk.Check(each.words, each.passed) for each in claim_checks.today(session, found, day)),
            shares=tuple((speak.known(f"share.{kind}", "party.other"), fen) for kind, fen in parts.items()),
            papers=tuple(
                pages.PaperLine(each.title, each.required, each.held is not None) for each in claim_checks.papers(session, found)
            ),
            evidence=tuple(_draw(each) for each in claim_checks.evidence(session, found)),
            clock=pages.ClockLine(speak.party_or(session, clock.party), clocks.ACTS[clock.act], clock.since) if clock else None,
            signed=_signed(door, session, found.loan),
            reasons=tuple(Choice(each.code, each.words) for each in certainty.of_loan(session, found.loan).left_open),
            timeline=tuple(
                Happening(
                    start_of(each.on),
                    speak.known(f"claim_move.{each.move}", "claim_move.other"),
                    None,
                    Words.of(each.words).say(door.language) or None,
                    "bad" if str(each.move) == "reject" else "done",
                )
                for each in moves
            ),
            form=Form() if refused else form,
            later_form=form if refused else Form(),
        )
    return door.show("desk/claim.html", page, status)


def _draw(found: claim_checks.Evidence) -> pages.EvidenceDraw:
    draw = found.draw
    return pages.EvidenceDraw(
        draw.draw_no,
        draw.amount_fen,
        draw.value_date,
        draw.dpd,
        draw.cls,
        tuple((each.paid_on, each.amount_fen, each.source) for each in found.payments),
    )


def _signed(door: Door, session: Session, reference: str) -> pages.SignedList:
    held = certainty.of_loan(session, reference)
    return pages.SignedList(
        tuple(each.words for each in held.checked),
        held.signed.signed_on if held.signed else None,
        held.signed.signer if held.signed else "",
        certainty.genuine(held.signed, door.house.signing) if held.signed else False,
    )
