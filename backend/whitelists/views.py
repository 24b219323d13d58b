"""Who is recognised on a day, and who was taken off and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.errors import NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.parties import views as parties
from backend.whitelists.tables import (
    WhitelistAppeal,
    WhitelistAppealAnswer,
    WhitelistBatch,
    WhitelistMember,
    WhitelistRemoval,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A firm's recognition on a day."""

    programme: str
    batch: str
    batch_id: str
    uscc: str
    grade: str
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class Removed:
    """A firm taken off: from when, why, and what that stops."""

    programme: str
    uscc: str
    removed_on: date
    notice: Words
    effect: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBatch:
    """One published batch of one programme; `members` is how many firms stand in it."""

    id: str
    programme: str
    number: str
    issued_on: date
    expires_on: date
    published_at: datetime
    published_by: str
    content_digest: str
    policy_digest: str
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMember:
    """One firm in one batch."""

    id: str
    batch_id: str
    programme: str
    uscc: str
    grade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRemoval:
    """A firm taken off a programme's list from a day on, with the notice it was given."""

    id: str
    programme: str
    uscc: str
    batch_id: str
    removed_on: date
    removed_at: datetime
    removed_by: str
    notice_zh: str
    notice_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledAppeal:
    """A removed firm's objection, as it was filed; it is answered by `answer_by`."""

    id: str
    removal_id: str
    programme: str
    uscc: str
    firm_id: str
    filed_at: datetime
    filed_on: date
    filed_by: str
    words: str
    answer_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRuling:
    """The issuer's answer to an appeal. One that is upheld lists the firm again from its day on."""

    appeal_id: str
    removal_id: str
    upheld: bool
    answered_at: datetime
    answered_on: date
    answered_by: str
    words_zh: str
    words_en: str


EFFECT = Words("不再发放新的用款；已发放的贷款按合同继续", "no new draws; loans already drawn run on as agreed")


def _listings(session: Session, usccs: Collection[str], day: date, programme: str | None = None) -> dict[str, dict[str, Listing]]:
    """By firm and programme."""
    batches = (
        select(WhitelistMember, WhitelistBatch)
        .join(WhitelistBatch, WhitelistBatch.id == WhitelistMember.batch_id)
        .where(WhitelistMember.uscc.in_(usccs), WhitelistBatch.issued_on <= day)
        .order_by(WhitelistBatch.issued_on, WhitelistBatch.id)
    )
    upheld = select(WhitelistAppealAnswer.removal_id).where(
        WhitelistAppealAnswer.upheld.is_(True), WhitelistAppealAnswer.answered_on <= day
    )
    removals = select(WhitelistRemoval.uscc, WhitelistRemoval.batch_id).where(
        WhitelistRemoval.uscc.in_(usccs), WhitelistRemoval.removed_on <= day, WhitelistRemoval.id.not_in(upheld)
    )
    if programme is not None:
        batches = batches.where(WhitelistMember.programme == programme)
    gone = {(row.uscc, row.batch_id) for row in session.execute(removals)}
    found: dict[str, dict[str, Listing]] = {uscc: {} for uscc in usccs}
    for member, batch in session.execute(batches):
        # The newest batch a firm stands in is what holds: an older one does not outlive it, nor a removal from it.
        found[member.uscc][batch.programme] = Listing(
            batch.programme, batch.number, batch.id, member.uscc, member.grade, batch.issued_on, batch.expires_on
        )
    return {
        uscc: {name: one for name, one in own.items() if (uscc, one.batch_id) not in gone and day <= one.expires_on}
        for uscc, own in found.items()
    }


def listing(
    session: Session, *, programme: str, day: date, firm_id: str | None = None, uscc: str | None = None
) -> Listing | None:
    """The firm's listing under one programme on that day, or None. Say the firm by id or by credit code."""
    code = uscc if uscc is not None else parties.firm(session, firm_id or "").uscc
    return _listings(session, [code], day, programme)[code].get(programme)


def listings(session: Session, firm_id: str, day: date) -> dict[str, Listing]:
    """Every listing of the firm on that day, by programme."""
    uscc = parties.firm(session, firm_id).uscc
    return _listings(session, [uscc], day)[uscc]


def grades_of(session: Session, usccs: Collection[str], day: date) -> dict[str, dict[str, str]]:
    """Many firms at once: credit code -> programme -> grade on that day."""
    found = _listings(session, usccs, day)
    return {uscc: {name: one.grade for name, one in own.items()} for uscc, own in found.items()}


def removal(session: Session, *, programme: str, uscc: str, day: date) -> Removed | None:
    """The latest removal known on that day, if the firm is not listed."""
    if listing(session, programme=programme, uscc=uscc, day=day) is not None:
        return None
    row = session.scalar(
        select(WhitelistRemoval)
        .where(WhitelistRemoval.programme == programme, WhitelistRemoval.uscc == uscc, WhitelistRemoval.removed_on <= day)
        .order_by(WhitelistRemoval.removed_on.desc(), WhitelistRemoval.id.desc())
        .limit(1)
    )
    return Removed(programme, uscc, row.removed_on, Words(row.notice_zh, row.notice_en), EFFECT) if row else None


@dataclass(frozen=True, slots=True)
class Appeal:
    """A removed firm's objection and, once given, its answer."""

    id: str
    programme: str
    uscc: str
    words: str
    filed_on: date
    answer_by: date
    upheld: bool | None
    answer: Words | None
    answered_on: date | None


def appeals(session: Session, *, programme: str | None = None, firm_id: str | None = None) -> list[Appeal]:
    """Appeals of a programme or of a firm, oldest first."""
    query = select(WhitelistAppeal, WhitelistAppealAnswer).outerjoin(
        WhitelistAppealAnswer, WhitelistAppealAnswer.appeal_id == WhitelistAppeal.id
    )
    if programme is not None:
        query = query.where(WhitelistAppeal.programme == programme)
    if firm_id is not None:
        query = query.where(WhitelistAppeal.firm_id == firm_id)
    return [
        Appeal(
            row.id, row.programme, row.uscc, row.words, row.filed_on, row.answer_by,
            said.upheld if said else None, Words(said.words_zh, said.words_en) if said else None,
            said.answered_on if said else None,
        )
        for row, said in session.execute(query.order_by(WhitelistAppeal.filed_at, WhitelistAppeal.id))
    ]  # fmt: skip


def batches(session: Session, programme: str) -> list[PublishedBatch]:
    """Every batch of a programme, newest first."""
    query = select(WhitelistBatch).where(WhitelistBatch.programme == programme)
    newest = query.order_by(WhitelistBatch.issued_on.desc(), WhitelistBatch.id.desc())
    return [seen(PublishedBatch, row) for row in session.scalars(newest)]


def members(session: Session, batch_id: str) -> list[BatchMember]:
    """Everyone in a batch, by credit code."""
    query = select(WhitelistMember).where(WhitelistMember.batch_id == batch_id).order_by(WhitelistMember.uscc)
    return [seen(BatchMember, row) for row in session.scalars(query)]


def member(session: Session, member_id: str) -> BatchMember:
    """One firm in one batch, whoever's list it is: callers ask whose programme it is."""
    found = session.get(WhitelistMember, member_id)
    if found is None:
        raise NotFound()
    return seen(BatchMember, found)
