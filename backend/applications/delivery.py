"""What of an application has not reached its bank yet, and since when: the firm reads it as `line`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications.model import LoanApplication
from backend.applications.tables import ApplicationDocument, Offer
from backend.kit.words import Words
from backend.steps import views as steps


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Something of the firm's has not reached the bank yet: since when it should have, and what the firm can do."""

    since: datetime
    words: Words


_NOT_YET = {
    "lender.submit": Words(
        "银行尚未接收，自 {since} 起；您可以撤回并改选其他银行",
        "the bank has not taken it yet, since {since}; you can withdraw it and choose another bank",
    ),
    "lender.supplement": Words(
        "银行尚未收到补充材料，自 {since} 起；我们会继续送达",
        "the bank has not taken your documents yet, since {since}; we go on trying",
    ),
    "lender.accept": Words(
        "银行尚未收到您的接受，自 {since} 起；我们会继续送达",
        "the bank has not taken your acceptance yet, since {since}; we go on trying",
    ),
    "lender.withdraw": Words(
        "银行尚未收到撤回通知，自 {since} 起；我们会继续送达",
        "the bank has not taken your withdrawal yet, since {since}; we go on trying",
    ),
}


def line(session: Session, application: LoanApplication, at: datetime) -> HeldUp | None:
    """What of this application has not reached its bank and since when; None where nothing is held up."""
    for kind, key in _on_its_way(session, application):
        held_up = steps.line_state(session, kind, key, at)
        if held_up is not None:
            since = f"{held_up.since:%Y-%m-%d %H:%M}"
            words = _NOT_YET[kind]
            return HeldUp(held_up.since, Words(words.zh.format(since=since), words.en.format(since=since)))
    return None


def _on_its_way(session: Session, application: LoanApplication) -> list[tuple[str, str]]:
    """The steps that carry what the firm did last to its bank, by where the application stands."""
    if application.state == "created":
        return [("lender.submit", application.id)]
    if application.state == "submitted" and application.documents_asked:
        waiting = ApplicationDocument.application_id == application.id, ApplicationDocument.sent.is_(False)
        return [("lender.supplement", each) for each in session.scalars(select(ApplicationDocument.id).where(*waiting))]
    if application.state == "accepted":
        accepted = select(Offer.id).where(Offer.application_id == application.id, Offer.state == "accepted")
        return [("lender.accept", each) for each in session.scalars(accepted)]
    if application.state == "withdrawing":
        # Asked again after the bank kept it, the step has a number behind: the newest is the one under way.
        return [("lender.withdraw", each) for each in steps.keys(session, "lender.withdraw", application.id)]
    return []
