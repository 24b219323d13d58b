"""Recognition batches, for their issuer; listings, for the firm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.api import shapes
from backend.doors import Platform, in_role, own_firm, platform, someone
from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.parties.views import RegisteredFirm, SignedIn
from backend.whitelists import actions, appeals, programme, progress, views
from backend.whitelists.views import Appeal, AppealRuling, FiledAppeal, ListRemoval, PublishedBatch

router = APIRouter(prefix="/api", tags=["whitelists"])
House = Annotated[Platform, Depends(platform)]
Who = Annotated[SignedIn, Depends(someone)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]
Issuer = Annotated[SignedIn, Depends(in_role("whitelist_issuer"))]


class MemberBody(shapes.Body):
    uscc: str
    grade: str


class BatchBody(shapes.Body):
    programme: str
    batch: str
    issued_on: date
    expires_on: date
    members: list[MemberBody] = Field(min_length=1, max_length=5000)


class RemovalBody(shapes.Body):
    programme: str
    uscc: str
    notice_zh: str
    notice_en: str


@router.post("/issuer/batches", status_code=201)
def publish(body: BatchBody, house: House, who: Issuer) -> PublishedBatch:
    """Publish a batch; the same batch again changes nothing."""
    with house.writing() as (session, at):
        return actions.publish_batch(
            session,
            who.actor,
            programme=body.programme,
            batch=body.batch,
            issued_on=body.issued_on,
            expires_on=body.expires_on,
            members=[(member.uscc, member.grade) for member in body.members],
            at=at,
        )


@router.post("/issuer/removals", status_code=201)
def remove(body: RemovalBody, house: House, who: Issuer) -> ListRemoval:
    """Take a firm off the list, with notice."""
    with house.writing() as (session, at):
        notice = Words(body.notice_zh, body.notice_en)
        return actions.remove(session, who.actor, programme=body.programme, uscc=body.uscc, notice=notice, at=at)


class AppealBody(shapes.Body):
    words: str = Field(max_length=2000)


class AppealAnswerBody(shapes.Body):
    upheld: bool
    words_zh: str
    words_en: str


@router.post("/me/listings/{programme_code}/appeal", status_code=201)
def appeal(programme_code: str, body: AppealBody, house: House, who: Who, firm: Mine) -> FiledAppeal:
    """Object to having been taken off; the answer comes by the day named."""
    with house.writing() as (session, at):
        return appeals.file(session, who.actor, firm_id=firm.id, programme=programme_code, words=body.words, at=at)


@router.get("/me/appeals")
def my_appeals(house: House, firm: Mine) -> list[Appeal]:
    """What this firm objected to, and the answers."""
    with house.reading() as (session, _):
        return views.appeals(session, firm_id=firm.id)


@router.get("/issuer/appeals")
def open_appeals(house: House, who: Issuer) -> list[Appeal]:
    """Every appeal against this issuer's removals, oldest first."""
    with house.reading() as (session, _):
        own = [each.code for each in programme.programmes().values() if each.issuer == who.party.code]
        return [each for code in own for each in views.appeals(session, programme=code)]


@router.post("/issuer/appeals/{appeal_id}")
def answer(appeal_id: str, body: AppealAnswerBody, house: House, who: Issuer) -> AppealRuling:
    """Answer one appeal, with its reason."""
    with house.writing() as (session, at):
        words = Words(body.words_zh, body.words_en)
        return appeals.answer(session, who.actor, appeal_id=appeal_id, upheld=body.upheld, words=words, at=at)


@dataclass(frozen=True, slots=True)
class PromiseKept:
    """How far one bank has come with its promise; `drawn_fen` and its share of the floor are null where too few firms drew."""

    bank: str
    at_least_fen: int
    since: date
    listed: int
    borrowed: int
    drawn_fen: int | None
    share_bp: int | None


@router.get("/issuer/programmes/{code}/progress")
def promised(code: str, house: House, who: Issuer) -> list[PromiseKept]:
    """How far banks have come with what they promised to a programme of this issuer; few firms' amounts are held back."""
    if programme.find(code).issuer != who.party.code:
        raise NotFound()
    with house.writing() as (session, at):
        found = progress.of(session, who.actor, programme=code, at=at)
        return [seen(PromiseKept, each) for each in found]


@dataclass(frozen=True, slots=True)
class ListedNow:
    """A firm's standing on one programme's list."""

    grade: str
    batch: str
    expires_on: date


@router.get("/me/listings")
def listings(house: House, firm: Annotated[RegisteredFirm, Depends(own_firm)]) -> dict[str, ListedNow]:
    """The programmes that list this firm today."""
    with house.reading() as (session, at):
        found = views.listings(session, firm.id, day_of(at))
        return {name: seen(ListedNow, each) for name, each in found.items()}
