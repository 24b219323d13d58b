"""The fund's page of one claim: the loss and its shares, the checks at filing and today, papers, evidence, the clock, what was
signed at registration, and what this hand may do next.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.loans import certainty, claim_acts, claim_checks, clocks
from backend.portal import claim_shares, speak, waiting_money
from backend.portal.door import Door
from backend.portal.pages import claims as pages
from backend.portal.pages import desk
from backend.portal.pages.shared import Choice, Form
from risk_compensation.live import ClaimCase, progress
from risk_compensation.live import views as pool_views


def own_claim(session: Session, door: Door, claim_no: str) -> ClaimCase:
    """A claim on one of this fund's pools; another's is as good as missing."""
    found = pool_views.claim_case(session, claim_no)
    if found is None or found.pool.fund != door.who.party.code:
        raise NotFound()
    return found


def row(session: Session, case: ClaimCase, clock: clocks.Clock | None, day: date) -> desk.ClaimRow:
    """A claim in a list, with the day until which somebody has to act."""
    claim, loan = case.claim, case.loan
    return desk.ClaimRow(
        id=claim.claim_no,
        firm=speak.firm(session, loan.firm),
        bank=speak.party(session, loan.bank),
        claimant=speak.party_or(session, claim.claimant),
        guarantor=speak.party(session, loan.guarantor) if loan.guarantor else None,
        loss_fen=sum(claim.parts.values()),
        share_fen=claim.payout_fen,
        state=progress.stands_at(claim, day),
        filed_on=claim.filed_on,
        until=clock.due_on if clock else None,
        late_days=clock.late_days if clock else 0,
    )


def show(door: Door, claim_no: str, form: Form, status: int = 200, refused: str = "") -> HTMLResponse:
    """The page; `refused` names the second form if that one comes back with its sentence."""
    with door.house.reading() as (session, at):
        case, day = own_claim(session, door, claim_no), day_of(at)
        found, role = case.claim, door.who.actor.role
        clock, held = clocks.of_claim(session, case, day), certainty.of_case(session, case)
        waits = waiting_money.of_loan(session, found.loan)
        page = pages.ClaimPage(
            claim=row(session, case, clock, day),
            act=claim_acts.next_of_fund(role, found, day, told=bool(waits)),
            later=claim_acts.besides_of_fund(role, found, day, told=bool(waits)),
            money=waits,
            refused=refused,
            due_fen=found.aside_fen,
            duty=f"/api/fund/loans/{quote(found.loan)}/duty",
            judgment=found.judgment_no,
            judged_on=found.judged_on,
            checks=tuple(desk.Check(Words.of(each["words"]), bool(each["passed"])) for each in found.checks),
            today=tuple(desk.Check(each.words, each.passed) for each in claim_checks.today(session, case, day)),
            sharing=claim_shares.sharing(session, case),
            papers=_papers(case),
            evidence=tuple(_draw(each) for each in claim_checks.evidence(session, found)),
            clock=pages.ClockLine(speak.party_or(session, clock.party), clocks.ACTS[clock.act], clock.since) if clock else None,
            signed=_signed(door, held),
            reasons=tuple(Choice(each.code, each.words) for each in held.left_open),
            timeline=claim_shares.timeline(session, found, door.language),
            form=Form() if refused else form,
            later_form=form if refused else Form(),
        )
    return door.show("desk/claim.html", page, status)


def _papers(case: ClaimCase) -> tuple[pages.PaperLine, ...]:
    """The scheme's checklist, then what was brought besides, by its own name."""
    listed = claim_checks.papers(case)
    known = {each.code for each in listed}
    more = [str(name) for code, name in case.claim.documents.items() if code not in known]
    lines = [pages.PaperLine(each.title, each.required, each.held is not None) for each in listed]
    return tuple(lines + [pages.PaperLine(Words(name, name), False, True) for name in more])


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


def _signed(door: Door, held: certainty.Certainty) -> pages.SignedList:
    return pages.SignedList(
        tuple(each.words for each in held.checked),
        held.signed.signed_on if held.signed else None,
        held.signed.signer if held.signed else "",
        certainty.genuine(held.signed, door.house.signing) if held.signed else False,
    )
