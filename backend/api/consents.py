"""Consents and powers of attorney, for the firm."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from backend.api import shapes
from backend.consents import actions, powers, views
from backend.consents.model import Signer
from backend.consents.views import AgentPower, ConsentPaper
from backend.doors import Platform, own_firm, platform, someone
from backend.parties.views import RegisteredFirm, SignedIn
from backend.vocabulary.facts import item_titles

router = APIRouter(prefix="/api/me", tags=["consents"])
House = Annotated[Platform, Depends(platform)]
Who = Annotated[SignedIn, Depends(someone)]
Mine = Annotated[RegisteredFirm, Depends(own_firm)]


@router.post("/powers", status_code=201)
def store_power(body: shapes.PowerBody, house: House, who: Who, firm: Mine) -> AgentPower:
    """Keep a power of attorney: who may sign for the legal representative, for what, until when."""
    with house.writing() as (session, at):
        return powers.store(
            session,
            who.actor,
            firm_id=firm.id,
            agent_name=body.agent_name,
            items=body.items,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            document=body.document.encode(),
            titles=item_titles(),
            at=at,
        )


@router.post("/consents", status_code=201)
def draft(body: shapes.ConsentBody, house: House, who: Who, firm: Mine) -> ConsentPaper:
    """Write a consent down; it opens nothing until it is signed, which `signer` does in the same call."""
    with house.writing() as (session, at):
        made = actions.draft(
            session, who.actor, firm_id=firm.id, **body.model_dump(exclude={"signer"}), titles=item_titles(), at=at
        )
        if body.signer is not None:
            signer = Signer(body.signer.name, body.signer.capacity, body.signer.power_id)
            made = actions.sign(session, who.actor, made.id, signer=signer, port=house.signing, at=at)
        return made


@router.post("/consents/{consent_id}/sign")
def sign(consent_id: str, body: shapes.SignBody, house: House, who: Who, firm: Mine) -> ConsentPaper:
    """Sign: by the legal representative, or an agent with a stored power of attorney."""
    with house.writing() as (session, at):
        views.get(session, firm.id, consent_id)
        signer = Signer(body.name, body.capacity, body.power_id)
        return actions.sign(session, who.actor, consent_id, signer=signer, port=house.signing, at=at)


@router.get("/consents")
def mine(house: House, firm: Mine) -> list[ConsentPaper]:
    """Every consent, the newest first."""
    with house.reading() as (session, at):
        return views.of_firm(session, firm.id, at)


@router.delete("/consents/{consent_id}")
def revoke(consent_id: str, house: House, who: Who, firm: Mine) -> ConsentPaper:
    """Withdraw: from this moment the next reading is refused."""
    with house.writing() as (session, at):
        views.get(session, firm.id, consent_id)
        return actions.revoke(session, who.actor, consent_id, at=at)
