"""Publish a batch of recognised firms; take a firm off the list with notice. Only the programme's issuer may do either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import locks
from backend.kit.clock import day_of
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.ids import new_id
from backend.kit.plausible import not_after
from backend.kit.policy import canonical, digest
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.parties import views as parties
from backend.parties.model import uscc as normal
from backend.whitelists import programme as programmes
from backend.whitelists.tables import WhitelistBatch, WhitelistMember, WhitelistRemoval
from backend.whitelists.views import ListRemoval, PublishedBatch, listing


def demand_issuer(session: Session, actor: Actor, programme: programmes.Programme, *, at: datetime, what: str) -> None:
    """The actor is of the party that issues this programme, or the house itself."""
    if actor.role == "system":
        return
    issuer = parties.party(session, programme.issuer)
    if actor.role != "whitelist_issuer" or actor.party_id != issuer.id:
        audit.record(
            session, at=at, actor=actor, action=f"whitelist.{what}_refused", object_kind="programme", object_id=programme.code
        )
        raise Refused(
            Words("只有该认定项目的主管部门可以操作", "only the programme's own issuer may do this"), code="not_the_issuer"
        )


def hold(session: Session, programme: str) -> None:
    """One at a time says who is on a programme's list. Members are named by credit code: there need not be a firm to hold."""
    locks.hold_name(session, "party", f"whitelist:{programme}")


def _checked(members: Sequence[tuple[str, str]], grades: tuple[str, ...]) -> list[tuple[str, str]]:
    """Members in order of credit code; Invalid names the row."""
    found: dict[str, str] = {}
    if not members:
        raise Invalid("members", Words("批次没有成员", "the batch has no members"))
    for row, (code, grade) in enumerate(members, 1):
        uscc, _ = normal(code, place=f"members, row {row}")
        if grade not in grades:
            raise Invalid(
                f"members, row {row}",
                Words(f"等级 {grade} 不在 {'、'.join(grades)} 之中", f"the grade {grade} is none of {', '.join(grades)}"),
            )
        if uscc in found:
            raise Invalid(f"members, row {row}", Words(f"{uscc} 重复", f"{uscc} stands in the batch twice"))
        found[uscc] = grade
    return sorted(found.items())


def publish_batch(
    session: Session,
    actor: Actor,
    *,
    programme: str,
    batch: str,
    issued_on: date,
    expires_on: date,
    members: Sequence[tuple[str, str]],
    at: datetime,
) -> PublishedBatch:
    """Publish members (credit code, grade) under a batch number. Again with the same content changes nothing.

    Refused: not the issuer, or no block in force. Conflict: the number is taken by other content. Invalid: a row or a date.
    """
    of = programmes.find(programme)
    demand_issuer(session, actor, of, at=at, what="publish")
    not_after(issued_on, day_of(at), "issued_on")
    terms = programmes.terms(of, issued_on)
    if not batch.strip():
        raise Invalid("batch", Words("请填写批次号", "give the batch its number"))
    longest = issued_on.year * 12 + issued_on.month + terms.longest_months
    if not issued_on < expires_on or (expires_on.year * 12 + expires_on.month, expires_on.day) > (longest, issued_on.day):
        raise Invalid(
            "expires_on",
            Words(
                f"有效期应晚于发布日且不超过 {terms.longest_months} 个月",
                f"a batch expires after its issue and within {terms.longest_months} months",
            ),
        )
    rows = _checked(members, terms.grade_names)
    content = digest(canonical({"issued_on": issued_on, "expires_on": expires_on, "members": rows}))
    hold(session, programme)
    known = session.scalar(select(WhitelistBatch).where(WhitelistBatch.programme == programme, WhitelistBatch.number == batch))
    if known is not None:
        if known.content_digest == content:
            return seen(PublishedBatch, known)
        raise Conflict(
            Words(
                f"批次 {batch} 已发布且内容不同；更正请发布新批次",
                f"batch {batch} is published with other content; publish a new one",
            ),
            code="batch_published",
        )
    made = WhitelistBatch(
        id=new_id("batch"), programme=programme, number=batch, issued_on=issued_on, expires_on=expires_on, published_at=at,
        published_by=actor.id, content_digest=content, members=len(rows),
        policy_digest=audit.keep_policy(session, kind="whitelist_programme", name=programme, body=terms.body),
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add_all(
        WhitelistMember(id=new_id("member"), batch_id=made.id, programme=programme, uscc=uscc, grade=grade)
        for uscc, grade in rows
    )
    audit.record(
        session, at=at, actor=actor, action="whitelist.published", object_kind="whitelist_batch", object_id=made.id,
        details={"programme": programme, "batch": batch, "members": len(rows), "content": content},
    )  # fmt: skip
    return seen(PublishedBatch, made)


def remove(session: Session, actor: Actor, *, programme: str, uscc: str, notice: Words, at: datetime) -> ListRemoval:
    """Take a firm off the list from today on, with a notice it can read. Stops new draws only; again changes nothing.

    NotFound if it is not listed today; a later batch may list it again.
    """
    of = programmes.find(programme)
    demand_issuer(session, actor, of, at=at, what="removal")
    if not notice.zh.strip() or not notice.en.strip():
        raise Invalid("notice", Words("移出须说明理由（中英文）", "a removal tells its reason, in both languages"))
    code, _ = normal(uscc)
    hold(session, programme)
    day = day_of(at)
    now = listing(session, uscc=code, programme=programme, day=day)
    if now is None:
        before = session.scalar(
            select(WhitelistRemoval)
            .where(WhitelistRemoval.programme == programme, WhitelistRemoval.uscc == code)
            .order_by(WhitelistRemoval.removed_on.desc(), WhitelistRemoval.id.desc())
            .limit(1)
        )
        if before is not None:
            return seen(ListRemoval, before)
        raise NotFound()
    made = WhitelistRemoval(
        id=new_id("removal"), programme=programme, uscc=code, batch_id=now.batch_id, removed_on=day, removed_at=at,
        removed_by=actor.id, notice_zh=notice.zh, notice_en=notice.en,
    )  # fmt: skip
    session.add(made)
    session.flush()
    firm = parties.firm_by_uscc(session, code)
    audit.record(
        session, at=at, actor=actor, action="whitelist.removed", object_kind="whitelist_removal", object_id=made.id,
        firm_id=firm.id if firm else None, details={"programme": programme, "uscc": code, "notice": notice.as_dict()},
    )  # fmt: skip
    return seen(ListRemoval, made)
