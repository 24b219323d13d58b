"""What a bank's officer sees of its own claims on a pool: the card on a loan's page, and the list on the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from backend.kit.words import Language, Words
from backend.loans import claim_acts, claim_outlook, clocks
from backend.loans import views as loans
from backend.loans.values import SignedFacility
from backend.parties import views as parties
from backend.portal import claim_shares, speak, waiting_money
from backend.portal.pages import bank_claims as pages
from backend.portal.pages.shared import Choice, Form
from backend.vocabulary.codes import LOAN_CLASSES
from risk_compensation import scheme
from risk_compensation.live import ClaimCase, FiledClaim, Move, State, progress
from risk_compensation.live import views as pool_views


def card(
    session: Session,
    facility: SignedFacility | None,
    application_id: str,
    day: date,
    language: Language,
    forms: Mapping[str, Form],
) -> pages.BankClaim | None:
    """The claim on this loan, or when there may be one; None where the bank does not claim."""
    case = claim_outlook.claimed_by_bank(session, facility) if facility is not None else None
    if facility is None or case is None:
        return None
    filed = pool_views.claims_of_loan(session, facility.id)
    last = ClaimCase(case.loan, case.pool, filed[-1]) if filed else None
    if last is None and case.loan.state == State.RELEASED:
        return None
    found, terms = claim_outlook.outlook(session, facility, case, day), case.terms
    act = claim_acts.next_of_bank(found, last.claim if last is not None else None)
    fresh = last is None or act in ("claim", "wait")
    held = last.claim.documents if last is not None and not fresh else {}
    papers = terms.documents.papers
    return pages.BankClaim(
        where=f"/desk/bank/{application_id}/pool",
        scheme=scheme.scheme(case.pool.scheme).title,
        act=act,
        sharing=_estimate(found) if last is None or fresh else claim_shares.sharing(session, last),
        triggers=_triggers(found, day) if fresh else (),
        any_will_do=terms.trigger.needs == "any",
        wait_days=terms.trigger.wait_days,
        late=found.overdue_since is not None,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        too_late=found.ends_on is not None and day > found.ends_on,
        state=progress.stands_at(last.claim, day) if last is not None else "",
        waits_for=claim_shares.waiting(session, clocks.of_claim(session, last, day)) if last is not None else None,
        asked=_asked(session, last.claim, language) if act == "supply" and last is not None else "",
        papers=tuple(
            Choice(each.code, each.title, explain=None if each.required else speak.both("claim.optional"))
            for each in papers
            if each.code not in held
        ),
        judgment=terms.trigger.judgment,
        may_withdraw=last is not None and progress.may_be_withdrawn(last.claim),
        today=day,
        money=waiting_money.of_loan(session, facility.id),
        timeline=claim_shares.timeline(session, last.claim, language) if last is not None else (),
        form=forms.get("pool", Form()),
        withdraw_form=forms.get("pool_withdraw", Form()),
    )


def _estimate(found: claim_outlook.Outlook) -> pages.Sharing:
    shares = progress.shares(found.case, found.loss_fen, found.award.parts)
    return pages.Sharing(
        claim_shares.lines_of(shares),
        found.loss_fen,
        found.award.public_fen,
        claim_shares.moved(shares),
        estimate=True,
    )


def _triggers(found: claim_outlook.Outlook, day: date) -> tuple[pages.TriggerLine, ...]:
    trigger = found.case.terms.trigger
    lines = []
    for name, on in found.days.items():
        said = {"days": trigger.days_past_due} if name == "days_past_due" else {}
        class_ = {"name": LOAN_CLASSES[trigger.loan_class]} if name == "loan_class" and trigger.loan_class else {}
        held = "unknown" if on is None else "yes" if on <= day else "no"
        lines.append(pages.TriggerLine(speak.both(f"trigger.{name}", **said, **class_), held, on))
    return tuple(lines)


def _asked(session: Session, claim: FiledClaim, language: Language) -> str:
    history = pool_views.claim_history(session, claim.claim_no)
    words = [Words.of(each.words).say(language) for each in history if each.move == Move.ASK]
    return words[-1] if words else ""


def rows(session: Session, bank: str, day: date) -> tuple[pages.BankClaimRow, ...]:
    """The bank's claims: those that wait for it first, then the newest."""
    found = []
    cases = pool_views.claim_cases(session, claimant=bank)
    applications = loans.applications_of_facilities(session, bank=bank) if cases else {}
    for case in reversed([each for each in cases if each.claim.loan in applications]):
        claim, clock = case.claim, clocks.of_claim(session, case, day)
        row = pages.BankClaimRow(
            f"/desk/bank/{applications[claim.loan]}",
            parties.firm(session, case.loan.firm).name,
            claim.unpaid_principal_fen,
            claim.payout_fen,
            claim.paid_fen,
            progress.stands_at(claim, day),
            claim.filed_on,
            claim_shares.waiting(session, clock),
            clock.late_days if clock else 0,
        )
        found.append((clock is None or clock.party != bank, row))
    return tuple(row for _, row in sorted(found, key=lambda each: each[0]))


def covers(session: Session, facility: SignedFacility) -> bool:
    """Whether the bank claims the pool's part of this facility itself."""
    return claim_outlook.claimed_by_bank(session, facility) is not None
