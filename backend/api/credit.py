"""The credit file, the assessment and the matches, for the firm."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.api import shapes
from backend.audit import views as audit
from backend.credit_data import views as credit_data
from backend.doors import Platform, headroom, own_firm, platform, someone
from backend.kit.clock import SHANGHAI
from backend.matching import actions as matching
from backend.matching.changes import Way
from backend.parties.tables import Firm
from backend.parties.views import SignedIn
from backend.scoring import actions as scoring
from backend.scoring import scorecard, selection
from backend.steps import actions as steps
from products.rules import Reason

router = APIRouter(prefix="/api/me", tags=["credit"])
House = Annotated[Platform, Depends(platform)]
Who = Annotated[SignedIn, Depends(someone)]
Mine = Annotated[Firm, Depends(own_firm)]


class MatchBody(shapes.Body):
    amount_fen: int | None = Field(default=None, gt=0, le=10**13)
    months: int | None = Field(default=None, gt=0, le=120)


@router.post("/gather", status_code=202)
def gather(house: House, who: Who, firm: Mine) -> dict[str, Any]:
    """Fetch what the firm's live consents open: a step, done within seconds."""
    with house.writing() as (session, at):
        key = f"{firm.id}:{at.isoformat()}"
        steps.enqueue(session, kind="gather", key=key, payload={"firm": firm.id, "purpose": "pre_loan"}, due=at)
    return {"step": key}


@router.get("/credit-file")
def credit_file(house: House, who: Who, firm: Mine) -> dict[str, Any]:
    """Every fact with its source, day and doubts; what is missing and how to authorise it."""
    with house.writing() as (session, at):
        file = credit_data.read(session, who.actor, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=at)
        return {
            "facts": {
                code: {
                    "value": shapes.plain(fact.value),
                    "unit": fact.unit,
                    "as_of": fact.as_of.isoformat(),
                    "source": fact.source,
                    "doubts": list(fact.doubts),
                }
                for code, fact in file.facts.items()
            },
            "withheld": dict(file.withheld),
            "absent": list(file.absent),
            "digest": file.digest,
        }


@router.post("/assessment", status_code=201)
def assess(house: House, who: Who, firm: Mine) -> dict[str, Any]:
    """The firm's own view of itself: grade, reasons, what it can carry."""
    with house.writing() as (session, at):
        return shapes.row(scoring.assess(session, who.actor, firm_id=firm.id, sealer=house.sealer, at=at))


@router.get("/what-if")
def what_if(house: House, who: Who, firm: Mine) -> list[dict[str, Any]]:
    """What the grade would be with a better fact: only facts that the firm can change, best first. Nothing is kept."""
    with house.writing() as (session, at):
        day = at.astimezone(SHANGHAI).date()
        wanted = scorecard.codes(day)
        file = credit_data.read(
            session, who.actor, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=at, codes=wanted
        )
        return [line.as_dict() for line in selection.what_if(file.facts, day)]


@router.post("/matches", status_code=201)
def match(body: MatchBody, house: House, who: Who, firm: Mine) -> list[dict[str, Any]]:
    """Every product: yes, no or unknown, with reasons and the smallest way to a yes; no bureau query is made."""
    ways: dict[str, Way] = {}
    elsewhere: dict[str, Reason] = {}
    with house.writing() as (session, at):
        found = matching.match(
            session,
            who.actor,
            firm_id=firm.id,
            at=at,
            catalogue=house.catalogue,
            amount_fen=body.amount_fen,
            months=body.months,
            headroom=headroom(session, at.date()),
            ways=ways,
            elsewhere=elsewhere,
        )
        # What each single trade adds is for the audit alone: no price list for gaming.
        on = {terms.code: terms for terms in house.catalogue.on(at.date())}
        of = {code: {"family": terms.family, "channel": terms.channel} for code, terms in on.items()}
        to_yes = {code: {"way_to_yes": way.as_dict()} for code, way in ways.items()}
        none = {"way_to_yes": None}
        shown = [shapes.row(each, "uplift_detail") | of[each.product] | to_yes.get(each.product, none) for each in found]
        # What serves other regions answers that alone, after all the others.
        return shown + [
            {"product": code, "bank": on[code].bank, "title": on[code].title.as_dict(), "answer": "no"}
            | {"reasons": [matching.reason_dict(reason)]}
            | of[code]
            for code, reason in elsewhere.items()
        ]


@router.get("/readers")
def who_read_my_data(house: House, firm: Mine) -> list[dict[str, Any]]:
    """Who read or decided what about this firm, newest first."""
    with house.reading() as (session, _):
        return [shapes.row(line, "hash", "details") for line in audit.trail(session, firm_id=firm.id)]
