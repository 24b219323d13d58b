"""What a bank's officer sees of its own claims on a pool: the card on a loan's page, and the list on the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from backend.kit.words import Language, Words
from backend.loans import claim_outlook, clocks
from backend.loans.tables import Facility
from backend.parties import views as parties
from backend.portal import claim_shares, speak, waiting_money
from backend.portal.pages import bank_claims as pages
from backend.portal.pages.shared import Choice, Form
from backend.portal.standing import BACK
from backend.vocabulary.codes import LOAN_CLASSES
from risk_compensation import scheme
from risk_compensation.live import CLAIM_ENDED, Move, State, statements
from risk_compensation.tables import Claim, Pool

WITHDRAWN_FROM = (State.CLAIM_SUBMITTED, State.UNDER_REVIEW, State.SUPPLEMENT, State.APPROVED)


def card(
    session: Session, facility: Facility | None, application_id: str, day: date, language: Language, forms: Mapping[str, Form]
) -> pages.BankClaim | None:
    """The claim on this loan, or when there may be one; None where the bank does not claim."""
    if facility is None or not claim_outlook.claimed_by_bank(session, facility):
        return None
    filed = claim_outlook.claims_of(session, facility.id)
    last = filed[-1] if filed else None
    found = claim_outlook.outlook(session, facility, day)
    if last is None and found.loan.state == State.RELEASED:
        return None
    act = _act(found, last)
    fresh = last is None or act in ("claim", "wait")
    held = last.documents if last is not None and not fresh else {}
    papers = found.terms.documents.papers
    return pages.BankClaim(
        where=f"/desk/bank/{application_id}/pool",
        scheme=scheme.scheme(session.get_one(Pool, found.loan.pool).scheme).title,
        act=act,
        sharing=_estimate(found) if last is None or fresh else claim_shares.sharing(session, last),
        triggers=_triggers(found, day) if fresh else (),
        any_will_do=found.terms.trigger.needs == "any",
        wait_days=found.terms.trigger.wait_days,
        late=found.overdue_since is not None,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        too_late=found.ends_on is not None and day > found.ends_on,
        state=claim_shares.state_of(last, day) if last is not None else "",
        waits_for=claim_shares.waiting(session, clocks.of_claim(session, last, day)) if last is not None else None,
        asked=_asked(session, last, language) if act == "supply" and last is not None else "",
        papers=tuple(
            Choice(each.code, each.title, explain=None if each.required else speak.both("claim.optional"))
            for each in papers
            if each.code not in held
        ),
        judgment=found.terms.trigger.judgment,
        may_withdraw=last is not None and last.state in WITHDRAWN_FROM and not last.paid_fen,
        today=day,
        money=waiting_money.of_loan(session, facility.id),
        timeline=claim_shares.timeline(session, last, language) if last is not None else (),
        form=forms.get("pool", Form()),
        withdraw_form=forms.get("pool_withdraw", Form()),
    )


def _act(found: claim_outlook.Outlook, last: Claim | None) -> str:
    if last is None or last.state in CLAIM_ENDED:
        return "claim" if found.may_file else "wait"
    if last.state == State.SUPPLEMENT:
        return "supply"
    return "recover" if last.state in BACK else "nothing"


def _estimate(found: claim_outlook.Outlook) -> pages.Sharing:
    terms, loan, parts = found.terms, found.loan, found.award.parts
    return pages.Sharing(
        claim_shares.lines_of(terms, loan, found.loss_fen, parts),
        found.loss_fen,
        found.award.public_fen,
        claim_shares.moved(terms, loan, found.loss_fen, parts),
        estimate=True,
    )


def _triggers(found: claim_outlook.Outlook, day: date) -> tuple[pages.TriggerLine, ...]:
    trigger = found.terms.trigger
    lines = []
    for name, on in found.days.items():
        said = {"days": trigger.days_past_due} if name == "days_past_due" else {}
        class_ = {"name": LOAN_CLASSES[trigger.loan_class]} if name == "loan_class" and trigger.loan_class else {}
        held = "unknown" if on is None else "yes" if on <= day else "no"
        lines.append(pages.TriggerLine(speak.both(f"trigger.{name}", **said, **class_), held, on))
    return tuple(lines)


def _asked(session: Session, claim: Claim, language: Language) -> str:
    asked = [each for each in statements.loan_history(session, claim.loan) if each.claim_no == claim.claim_no]
    words = [Words.of(each.words).say(language) for each in asked if each.move == Move.ASK]
    return words[-1] if words else ""


def rows(session: Session, bank: str, day: date) -> tuple[pages.BankClaimRow, ...]:
    """The bank's claims: those that wait for it first, then the newest."""
    found = []
    for claim in reversed([each for each in statements.claims(session) if each.claimant == bank]):
        facility = session.get(Facility, claim.loan)
        if facility is None:
            continue
        clock = clocks.of_claim(session, claim, day)
        row = pages.BankClaimRow(
            f"/desk/bank/{facility.application_id}",
            parties.firm(session, facility.firm_id).name,
            claim.unpaid_principal_fen,
            claim.payout_fen,
            claim.paid_fen,
            claim_shares.state_of(claim, day),
            claim.filed_on,
            claim_shares.waiting(session, clock),
            clock.late_days if clock else 0,
        )
        found.append((clock is None or clock.party != bank, row))
    return tuple(row for _, row in sorted(found, key=lambda each: each[0]))


def covers(session: Session, facility_id: str) -> bool:
    """Whether the bank claims the pool's part of this facility itself."""
    facility = session.get(Facility, facility_id)
    return facility is not None and claim_outlook.claimed_by_bank(session, facility)
