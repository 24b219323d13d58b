"""Powers of attorney: who may sign for the legal representative, for what, until when; kept with their papers under the seal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents import model, views
from backend.consents.tables import PowerOfAttorney
from backend.consents.views import AgentPower
from backend.kit import uploads
from backend.kit.database import sealer_of
from backend.kit.errors import Invalid
from backend.kit.ids import new_id
from backend.kit.policy import digest
from backend.kit.words import Words
from backend.parties.actions import hold_firm


def store(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    agent_name: str,
    items: Sequence[str],
    valid_from: datetime,
    valid_to: datetime,
    document: bytes,
    titles: Mapping[str, Words],
    at: datetime,
) -> AgentPower:
    """Keep a power of attorney with its paper, which goes under the session's seal. The same paper again answers the first."""
    if not agent_name.strip() or not items:
        raise Invalid("agent_name", Words("请填写代理人、授权事项并上传委托书", "give the agent, the items and the paper"))
    uploads.fit("paper", document, "document")
    model.exist(items, titles)
    if valid_from.tzinfo is None or valid_to.tzinfo is None:
        raise Invalid("valid_from", Words("时间须带时区", "moments carry a time zone"))
    if not valid_from < valid_to or valid_to <= at:
        raise Invalid("valid_to", Words("结束时间应晚于开始时间", "it must end after it begins"))
    hold_firm(session, firm_id)
    said = (agent_name.strip(), sorted(items), valid_from, valid_to)
    for one in session.scalars(select(PowerOfAttorney).where(PowerOfAttorney.firm_id == firm_id)):
        if one.digest == digest(document) and (one.agent_name, one.items, one.valid_from, one.valid_to) == said:
            return views.of_power(one)
    power = PowerOfAttorney(
        id=new_id("power"),
        firm_id=firm_id,
        agent_name=agent_name.strip(),
        items=sorted(items),
        valid_from=valid_from,
        valid_to=valid_to,
        digest=digest(document),
        stored_at=at,
    )
    power.sealed = sealer_of(session).seal(document, place=views.power_place(power))
    session.add(power)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="power.stored",
        object_kind="power",
        object_id=power.id,
        firm_id=firm_id,
        details={"agent": power.agent_name, "digest": power.digest},
    )
    return views.of_power(power)
