"""A removed firm objects; the issuer answers within the published days. An appeal that is upheld lists the firm again.

While it waits, the removal stands: it stops new draws only, so that nothing is called back in the meantime.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import locks
from backend.kit.clock import day_of
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.parties import views as parties
from backend.whitelists import programme as programmes
from backend.whitelists.actions import demand_issuer, hold
from backend.whitelists.tables import WhitelistAppeal, WhitelistAppealAnswer, WhitelistRemoval
from backend.whitelists.views import AppealRuling, FiledAppeal


def file(session: Session, actor: Actor, *, firm_id: str, programme: str, words: str, at: datetime) -> FiledAppeal:
    """A firm objects to its latest removal. Again changes nothing.

    NotFound if it was never taken off; Invalid without words; Refused (`too_late`) after the published days.
    """
    hold(session, programme)
    firm, day = parties.firm(session, firm_id), day_of(at)
    terms = programmes.find(programme).appeal_terms(day)
    removal = session.scalar(
        select(WhitelistRemoval)
        .where(WhitelistRemoval.programme == programme, WhitelistRemoval.uscc == firm.uscc, WhitelistRemoval.removed_on <= day)
        .order_by(WhitelistRemoval.removed_on.desc(), WhitelistRemoval.id.desc())
        .limit(1)
    )
    if removal is None or terms is None:
        raise NotFound()
    known = session.scalar(select(WhitelistAppeal).where(WhitelistAppeal.removal_id == removal.id))
    if known is not None:
        return seen(FiledAppeal, known)
    if not words.strip():
        raise Invalid("words", Words("请写明申诉理由", "please say why you object"))
    if day > removal.removed_on + timedelta(days=terms.file_within_days):
        raise Refused(
            Words(
                f"申诉须在移出后 {terms.file_within_days} 日内提出",
                f"an appeal comes within {terms.file_within_days} days of the removal",
            ),
            code="too_late",
        )
    made = WhitelistAppeal(
        id=new_id("appeal"), removal_id=removal.id, programme=programme, uscc=firm.uscc, firm_id=firm_id, filed_at=at,
        filed_on=day, filed_by=actor.id, words=words.strip()[:2000], answer_by=day + timedelta(days=terms.answer_within_days),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, at=at, actor=actor, action="whitelist.appealed", object_kind="whitelist_appeal", object_id=made.id,
        firm_id=firm_id, details={"programme": programme, "removal": removal.id, "answer_by": made.answer_by.isoformat()},
    )  # fmt: skip
    return seen(FiledAppeal, made)


def answer(session: Session, actor: Actor, *, appeal_id: str, upheld: bool, words: Words, at: datetime) -> AppealRuling:
    """The issuer's answer, once. NotFound for another issuer's; Conflict if it was answered otherwise before."""
    appeal = session.get(WhitelistAppeal, appeal_id)
    if appeal is None:
        raise NotFound()
    demand_issuer(session, actor, programmes.find(appeal.programme), at=at, what="appeal_answer")
    if not words.zh.strip() or not words.en.strip():
        raise Invalid("words", Words("答复须说明理由（中英文）", "an answer tells its reason, in both languages"))
    hold(session, appeal.programme)
    known = locks.fresh(session, WhitelistAppealAnswer, appeal_id)
    if known is not None:
        if (known.upheld, known.words_zh, known.words_en) != (upheld, words.zh, words.en):
            raise Conflict(Words("该申诉已答复", "this appeal has been answered"), code="answered")
        return seen(AppealRuling, known)
    made = WhitelistAppealAnswer(
        appeal_id=appeal_id, removal_id=appeal.removal_id, upheld=upheld, answered_at=at,
        answered_on=day_of(at), answered_by=actor.id, words_zh=words.zh, words_en=words.en,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, at=at, actor=actor, action="whitelist.appeal_answered", object_kind="whitelist_appeal", object_id=appeal_id,
        firm_id=appeal.firm_id, details={"upheld": upheld, "late": made.answered_on > appeal.answer_by},
    )  # fmt: skip
    return seen(AppealRuling, made)
