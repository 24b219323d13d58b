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
from backend.loans import certainty, claim_checks, clocks
from backend.portal import claim_shares, speak, waiting_money
from backend.portal.door import Door
from backend.portal.pages import claims as pages
from backend.portal.pages import desk
from backend.portal.pages.shared import Choice, Form
from risk_compensation.live import statements
from risk_compensation.tables import Claim, Registration

# What each hand does next, by the state of a claim.
ACTS = {
    ("fund_maker", "claim_submitted"): "review",
    ("fund_checker", "under_review"): "approve",
    ("fund_checker", "approved"): "instruct",
    ("fund_maker", "instructed"): "pay",
    ("fund_checker", "write_off_applied"): "write_off",
}
# What a hand may do besides: before payment fraud may still be found, after it nothing may come back.
LATER: dict[tuple[str, str], tuple[str, ...]] = {
    ("fund_checker", "approved"): ("reject",),
    **{("fund_maker", state): ("propose", "claw_back") for state in ("paid", "recovering", "part_recovered")},
    **{("fund_maker", state): ("claw_back",) for state in ("write_off_applied", "written_off")},
}


def act_of(role: str, claim: Claim, day: date, waits: bool = False) -> str:
    """What this hand does next: nothing while a rule has put the claim off, or while it waits for money, or for the confirmation
    of its receipt."""
    act = ACTS.get((role, str(claim.state)), "nothing")
    stuck = claim_shares.state_of(claim, day) in ("deferred", "waits_for_money")
    return "nothing" if (stuck and act in ("approve", "instruct")) or (waits and act == "pay") else act


def later_of(role: str, claim: Claim, day: date, waits: bool = False) -> tuple[str, ...]:
    """What it may do besides; nothing more while something of it waits for the fund's other hand."""
    if role == "fund_checker" and claim_shares.put_off(claim, day):
        return ("reject",)
    later = LATER.get((role, str(claim.state)), ())
    return () if waits or ("reject" in later and claim.paid_fen) else later


def own_claim(session: Session, door: Door, claim_no: str) -> Claim:
    """A claim on one of this fund's pools; another's is as good as missing."""
    found = session.get(Claim, claim_no)
    pools = {pool.code for pool in statements.pools(session) if pool.fund == door.who.party.code}
    if found is None or found.pool not in pools:
        raise NotFound()
    return found


def row(session: Session, found: Claim, day: date) -> desk.ClaimRow:
    """A claim in a list, with the day until which somebody has to act."""
    loan = session.get_one(Registration, found.loan)
    clock = clocks.of_claim(session, found, day)
    return desk.ClaimRow(
        id=found.claim_no,
        firm=speak.firm(session, loan.firm),
        bank=speak.party(session, loan.bank),
        claimant=speak.party_or(session, found.claimant),
        guarantor=speak.party(session, loan.guarantor) if loan.guarantor else None,
        loss_fen=sum(int(fen) for fen in found.parts.values()),
        share_fen=found.payout_fen,
        state=claim_shares.state_of(found, day),
        filed_on=found.filed_on,
        until=clock.due_on if clock else None,
        late_days=clock.late_days if clock else 0,
    )


def show(door: Door, claim_no: str, form: Form, status: int = 200, refused: str = "") -> HTMLResponse:
    """The page; `refused` names the second form if that one comes back with its sentence."""
    with door.house.reading() as (session, at):
        found, day = own_claim(session, door, claim_no), day_of(at)
        role = door.who.actor.role
        clock = clocks.of_claim(session, found, day)
        waits = waiting_money.of_loan(session, found.loan)
        page = pages.ClaimPage(
            claim=row(session, found, day),
            act=act_of(role, found, day, bool(waits)),
            later=later_of(role, found, day, bool(waits)),
            money=waits,
            refused=refused,
            due_fen=found.aside_fen,
            duty=f"/api/fund/loans/{quote(found.loan)}/duty",
            judgment=found.judgment_no,
            judged_on=found.judged_on,
            checks=tuple(desk.Check(Words.of(each["words"]), bool(each["passed"])) for each in found.checks),
            today=tuple(desk.Check(each.words, each.passed) for each in claim_checks.today(session, found, day)),
            sharing=claim_shares.sharing(session, found),
            papers=_papers(session, found),
            evidence=tuple(_draw(each) for each in claim_checks.evidence(session, found)),
            clock=pages.ClockLine(speak.party_or(session, clock.party), clocks.ACTS[clock.act], clock.since) if clock else None,
            signed=_signed(door, session, found.loan),
            reasons=tuple(Choice(each.code, each.words) for each in certainty.of_loan(session, found.loan).left_open),
            timeline=claim_shares.timeline(session, found, door.language),
            form=Form() if refused else form,
            later_form=form if refused else Form(),
        )
    return door.show("desk/claim.html", page, status)


def _papers(session: Session, found: Claim) -> tuple[pages.PaperLine, ...]:
    """The scheme's checklist, then what was brought besides, by its own name."""
    listed = claim_checks.papers(session, found)
    known = {each.code for each in listed}
    more = [str(name) for code, name in found.documents.items() if code not in known]
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


def _signed(door: Door, session: Session, reference: str) -> pages.SignedList:
    held = certainty.of_loan(session, reference)
    return pages.SignedList(
        tuple(each.words for each in held.checked),
        held.signed.signed_on if held.signed else None,
        held.signed.signer if held.signed else "",
        certainty.genuine(held.signed, door.house.signing) if held.signed else False,
    )
