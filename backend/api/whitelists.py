"""Recognition batches, for their issuer; listings, for the firm."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.api import shapes
from backend.doors import Platform, in_role, own_firm, platform, someone
from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.kit.words import Words
from backend.parties.views import RegisteredFirm, SignedIn
from backend.whitelists import actions, appeals, programme, progress, views

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
def publish(body: BatchBody, house: House, who: Issuer) -> dict[str, Any]:
    """Publish a batch; the same batch again changes nothing."""
    with house.writing() as (session, at):
        made = actions.publish_batch(
            session,
            who.actor,
            programme=body.programme,
            batch=body.batch,
            issued_on=body.issued_on,
            expires_on=body.expires_on,
            members=[(member.uscc, member.grade) for member in body.members],
            at=at,
        )
        return shapes.row(made)


@router.post("/issuer/removals", status_code=201)
def remove(body: RemovalBody, house: House, who: Issuer) -> dict[str, Any]:
    """Take a firm off the list, with notice."""
    with house.writing() as (session, at):
        notice = Words(body.notice_zh, body.notice_en)
        made = actions.remove(session, who.actor, programme=body.programme, uscc=body.uscc, notice=notice, at=at)
        return shapes.row(made)


class AppealBody(shapes.Body):
    words: str = Field(max_length=2000)


class AppealAnswerBody(shapes.Body):
    upheld: bool
    words_zh: str
    words_en: str


@router.post("/me/listings/{programme_code}/appeal", status_code=201)
def appeal(programme_code: str, body: AppealBody, house: House, who: Who, firm: Mine) -> dict[str, Any]:
    """Object to having been taken off; the answer comes by the day named."""
    with house.writing() as (session, at):
        return shapes.row(appeals.file(session, who.actor, firm_id=firm.id, programme=programme_code, words=body.words, at=at))


@router.get("/me/appeals")
def my_appeals(house: House, firm: Mine) -> list[dict[str, Any]]:
    """What this firm objected to, and the answers."""
    with house.reading() as (session, _):
        return [asdict(each) for each in views.appeals(session, firm_id=firm.id)]


@router.get("/issuer/appeals")
def open_appeals(house: House, who: Issuer) -> list[dict[str, Any]]:
    """Every appeal against this issuer's removals, oldest first."""
    with house.reading() as (session, _):
        own = [each.code for each in programme.programmes().values() if each.issuer == who.party.code]
        return [asdict(each) for code in own for each in views.appeals(session, programme=code)]


@router.post("/issuer/appeals/{appeal_id}")
def answer(appeal_id: str, body: AppealAnswerBody, house: House, who: Issuer) -> dict[str, Any]:
    """Answer one appeal, with its reason."""
    with house.writing() as (session, at):
        words = Words(body.words_zh, body.words_en)
        return shapes.row(appeals.answer(session, who.actor, appeal_id=appeal_id, upheld=body.upheld, words=words, at=at))


@router.get("/issuer/programmes/{code}/progress")
def promised(code: str, house: House, who: Issuer) -> list[dict[str, Any]]:
    """How far banks have come with what they promised to a programme of this issuer; few firms' amounts are held back."""
    if programme.find(code).issuer != who.party.code:
        raise NotFound()
    with house.writing() as (session, at):
        found = progress.of(session, who.actor, programme=code, at=at)
        return [asdict(each) | {"since": each.since.isoformat(), "share_bp": each.share_bp} for each in found]


@router.get("/me/listings")
def listings(house: House, firm: Annotated[RegisteredFirm, Depends(own_firm)]) -> dict[str, Any]:
    """The programmes that list this firm today."""
    with house.reading() as (session, at):
        found = views.listings(session, firm.id, day_of(at))
        return {
            name: {"grade": each.grade, "batch": each.batch, "expires_on": each.expires_on.isoformat()}
            for name, each in found.items()
        }
