"""The credit file, the assessment and the matches, for the firm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from backend.api import shapes
from backend.api.match_answers import MatchAnswer
from backend.audit import views as audit
from backend.credit_data import gather as gathering
from backend.credit_data import views as credit_data
from backend.doors import Platform, around, own_firm, platform, someone
from backend.kit.clock import day_of
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.matching import actions as matching
from backend.matching import ranking
from backend.parties.views import RegisteredFirm, SignedIn
from backend.scoring import actions as scoring
from backend.scoring import scorecard, selection
from backend.scoring.views import CreditAssessment

router = APIRouter(prefix="/api/me", tags=["credit"])
House = Annotated[Platform, Depends(platform)]
Who = Annotated[SignedIn, Depends(someone)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]


class MatchBody(shapes.Body):
    amount_fen: int | None = Field(default=None, gt=0, le=10**13)
    months: int | None = Field(default=None, gt=0, le=120)


@dataclass(frozen=True, slots=True)
class GatheringAsked:
    """The step that fetches the records."""

    step: str


@dataclass(frozen=True, slots=True)
class FactShown:
    """One fact: its value in its unit, the day it speaks of, its source, what is doubtful about it."""

    value: Any
    unit: str
    as_of: date
    source: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreditFileShown:
    """Facts by code; what no consent opens (code -> item); what is open but not there; a digest of all."""

    facts: dict[str, FactShown]
    withheld: dict[str, str]
    absent: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class BetterGrade:
    """What the grade would be with one fact at another value, and how to get there."""

    fact: str
    value_now: Any
    value: Any
    points: int
    grade_now: str
    grade: str
    capacity_now_fen: int | None
    capacity_fen: int | None
    words: Words
    way: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderLine:
    """Who read or decided something about the firm, and when."""

    seq: int
    at: datetime
    written_at: datetime
    actor_id: str
    role: str
    party_id: str | None
    action: str
    object_kind: str
    object_id: str
    firm_id: str | None


@router.post("/gather", status_code=202)
def gather(house: House, who: Who, firm: Mine) -> GatheringAsked:
    """Fetch what the firm's live consents open: a step, done within seconds; asked twice while it waits, one."""
    with house.writing() as (session, at):
        return GatheringAsked(gathering.ask(session, firm.id, purpose="pre_loan", at=at))


@router.get("/credit-file")
def credit_file(house: House, who: Who, firm: Mine) -> CreditFileShown:
    """Every fact with its source, day and doubts; what is missing and how to authorise it."""
    with house.writing() as (session, at):
        file = credit_data.read(session, who.actor, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=at)
        facts = {code: seen(FactShown, fact) for code, fact in file.facts.items()}
        return CreditFileShown(facts, dict(file.withheld), tuple(file.absent), file.digest)


@router.post("/assessment", status_code=201)
def assess(house: House, who: Who, firm: Mine) -> CreditAssessment:
    """The firm's own view of itself: grade, reasons, what it can carry."""
    with house.writing() as (session, at):
        return scoring.assess(session, who.actor, firm_id=firm.id, sealer=house.sealer, at=at)


@router.get("/what-if", response_model=list[BetterGrade])
def what_if(house: House, who: Who, firm: Mine) -> list[dict[str, Any]]:
    """What the grade would be with a better fact: only facts that the firm can change, best first. Nothing is kept."""
    with house.writing() as (session, at):
        day = day_of(at)
        wanted = scorecard.codes(day)
        file = credit_data.read(
            session, who.actor, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=at, codes=wanted
        )
        return [line.as_dict() for line in selection.what_if(file.facts, day)]


@router.post("/matches", status_code=201, response_model=list[MatchAnswer])
def match(body: MatchBody, house: House, who: Who, firm: Mine) -> Response:
    """Every product: yes, no or unknown, with reasons and the smallest way to a yes; no bureau query is made.

    Those with the same answer stand by `score`; `score_parts` add up to it, and `weights` are the published ones
    (`GET /api/me/ranking` says them in words).
    """
    with house.writing() as (session, at):
        found = matching.look(
            session,
            who.actor,
            firm_id=firm.id,
            at=at,
            catalogue=house.catalogue,
            amount_fen=body.amount_fen,
            months=body.months,
            ways=True,
            **around(house, session, firm.id, day_of(at)).given(),
        )
        on = {terms.code: terms for terms in house.catalogue.on(day_of(at))}
    of = {code: {"family": terms.family, "channel": terms.channel} for code, terms in on.items()}
    weights = found.run["weights"]
    shown = []
    for row in found.rows:
        code, way = row["product"], found.ways.get(row["product"])
        # What each single trade adds is for the audit alone: no price list for gaming.
        told = {name: value for name, value in row.items() if name != "uplift_detail"}
        told |= {"facts_on": row["facts_on"].isoformat(), "policy_on": row["policy_on"].isoformat(), "weights": weights}
        shown.append(told | of[code] | {"way_to_yes": way.as_dict() if way is not None else None})
    # What serves other regions answers that alone, after all the others.
    for code, reason in found.elsewhere.items():
        alone = {"product": code, "bank": on[code].bank, "title": on[code].title.as_dict(), "answer": "no"}
        shown.append(alone | {"reasons": [matching.reason_dict(reason)]} | of[code])
    return JSONResponse(shown, 201)


@router.get("/ranking")
def how_matches_are_ranked(house: House, firm: Mine) -> ranking.Ranking:
    """The published weights and limits by which matches stand, since when, from what source, and in words."""
    with house.reading() as (_, at):
        return ranking.in_force_on(day_of(at))


@router.get("/readers")
def who_read_my_data(house: House, firm: Mine) -> list[ReaderLine]:
    """Who read or decided what about this firm, newest first."""
    with house.reading() as (session, _):
        return [seen(ReaderLine, line) for line in audit.trail(session, firm_id=firm.id)]
