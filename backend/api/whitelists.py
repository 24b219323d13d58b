"""Recognition batches, for their issuer; listings, for the firm."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from backend.api import shapes
from backend.doors import Platform, in_role, own_firm, platform
from backend.kit.words import Words
from backend.parties.tables import Firm
from backend.parties.views import SignedIn
from backend.whitelists import actions, views

router = APIRouter(prefix="/api", tags=["whitelists"])
House = Annotated[Platform, Depends(platform)]
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


@router.get("/me/listings")
def listings(house: House, firm: Annotated[Firm, Depends(own_firm)]) -> dict[str, Any]:
    """The programmes that list this firm today."""
    with house.reading() as (session, at):
        found = views.listings(session, firm.id, at.date())
        return {
            name: {"grade": each.grade, "batch": each.batch, "expires_on": each.expires_on.isoformat()}
            for name, each in found.items()
        }
