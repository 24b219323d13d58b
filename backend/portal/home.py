"""Where the firm stands on the road, and what waits for whom."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.applications import model
from backend.applications import views as applications
from backend.applications.model import LoanApplication
from backend.consents import views as consents
from backend.kit.clock import day_of
from backend.kit.words import Words
from backend.loans import views as loans
from backend.matching import views as matching
from backend.portal import fresh, needs, speak
from backend.portal.door import Anyone, Door
from backend.portal.entry import home_of
from backend.portal.pages import firm as pages
from backend.portal.pages.shared import Wait
from backend.refusing import SignInNeeded

router = APIRouter()
ROAD = (
    ("authorise", "/authorise"),
    ("credit_file", "/credit-file"),
    ("matches", "/matches"),
    ("apply", "/applications"),
    ("offers", "/offers"),
    ("loan", "/loans"),
)


@router.get("/")
def home(door: Anyone) -> Response:
    """The firm's home; other roles go to their desk, visitors to the sign-in page."""
    if door.visitor is None:
        raise SignInNeeded()
    if door.who.firm is None:
        return Door.go(home_of(door, door.who.actor.role))
    with door.house.reading() as (session, at):
        page = _page(session, door, at)
    return door.show("firm/home.html", page)


def _page(session: Session, door: Door, at: datetime) -> pages.Home:
    firm = door.firm
    live = [each for each in consents.of_firm(session, firm.id, at) if consents.state_now(each, at) == "signed"]
    drafts = [each for each in consents.of_firm(session, firm.id, at) if each.state == "draft"]
    run = matching.briefs(session, firm.id)
    in_full = applications.needs_in_full(session, firm.id)
    mine = [each for need in in_full for each in need.applications]
    standing = [offer for need in in_full for offer in need.offers if offer.binds_on(day_of(at))]
    facilities = [each for over in (False, True) for each in loans.facilities(session, firm.id, day_of(at), over=over)]
    opened = fresh.authorised(session, firm.id, at)
    # The first thing that is not done is what to do now; what lies behind an open door can be walked to.
    done = {
        "authorise": opened,
        "credit_file": opened and bool(run),
        "matches": bool(mine) or bool(facilities),
        "apply": bool(standing) or bool(facilities),
        "offers": bool(facilities),
        "loan": False,
    }
    words: dict[str, Words | None] = {
        "authorise": speak.both("home.drafts", n=len(drafts))
        if drafts
        else speak.both("home.live", n=len(live))
        if live
        else None,
        "matches": speak.both("home.can", n=sum(row.answer == "yes" for row in run)) if opened and run else None,
        "apply": speak.both("home.open", n=sum(each.state in model.OPEN for each in mine)) if mine else None,
        "offers": speak.both("home.offers", n=len(standing)) if standing else None,
        "loan": speak.both("home.loans", n=len(facilities)) if facilities else None,
    }
    steps, now = [], False
    for key, href in ROAD:
        state = "done" if done[key] else "later" if now else "now"
        now = now or state == "now"
        steps.append(pages.RoadStep(key, state, "/apply" if key == "apply" and not mine else href, words.get(key)))
    return pages.Home(firm.name, tuple(steps), _waits(session, door, mine, at), _asked(session, door, mine, day_of(at)))


def _waits(session: Session, door: Door, mine: list[LoanApplication], at: datetime) -> tuple[Wait, ...]:
    rows = [needs.row(session, each, door.house.catalogue, at) for each in mine]
    return tuple(row.wait for row in rows if row.wait is not None)


def _asked(session: Session, door: Door, mine: list[LoanApplication], day: date) -> tuple[tuple[Words, date, str], ...]:
    return tuple(
        (
            speak.both("home.asked", bank=speak.party(session, each.bank)),
            each.wait_until or day,
            f"/applications/{each.id}",
        )
        for each in mine
        if each.state == "documents_asked"
    )
