"""How batches, their members and removals are kept. Members are kept by credit code: a firm may join the platform later."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base
from backend.kit.guards import append_only


class WhitelistBatch(Base):
    """One published batch of one programme."""

    __tablename__ = "whitelist_batches"
    __table_args__ = (UniqueConstraint("programme", "number"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    programme: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(64))
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(64))
    content_digest: Mapped[str] = mapped_column(String(64))
    policy_digest: Mapped[str] = mapped_column(String(64))
    members: Mapped[int]


class WhitelistMember(Base):
    """One firm in one batch."""

    __tablename__ = "whitelist_members"
    __table_args__ = (Index("ix_whitelist_members_uscc_programme", "uscc", "programme"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("whitelist_batches.id"), index=True)
    programme: Mapped[str] = mapped_column(String(64))
    uscc: Mapped[str] = mapped_column(String(18))
    grade: Mapped[str] = mapped_column(String(8))


class WhitelistRemoval(Base):
    """A firm taken off a programme's list from a day on, with the notice it was given."""

    __tablename__ = "whitelist_removals"
    __table_args__ = (Index("ix_whitelist_removals_uscc_programme", "uscc", "programme"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    programme: Mapped[str] = mapped_column(String(64))
    uscc: Mapped[str] = mapped_column(String(18))
    batch_id: Mapped[str] = mapped_column(ForeignKey("whitelist_batches.id"))
    removed_on: Mapped[date]
    removed_at: Mapped[datetime]
    removed_by: Mapped[str] = mapped_column(String(64))
    notice_zh: Mapped[str] = mapped_column(String(500))
    notice_en: Mapped[str] = mapped_column(String(500))


class WhitelistAppeal(Base):
    """A removed firm's objection to its removal: one per removal."""

    __tablename__ = "whitelist_appeals"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    removal_id: Mapped[str] = mapped_column(ForeignKey("whitelist_removals.id"), unique=True)
    programme: Mapped[str] = mapped_column(String(64), index=True)
    uscc: Mapped[str] = mapped_column(String(18))
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    filed_at: Mapped[datetime]
    filed_on: Mapped[date]
    filed_by: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(String(2000))
    answer_by: Mapped[date]


class WhitelistAppealAnswer(Base):
    """The issuer's answer. One that is upheld lists the firm again from its day on."""

    __tablename__ = "whitelist_appeal_answers"
    appeal_id: Mapped[str] = mapped_column(ForeignKey("whitelist_appeals.id"), primary_key=True)
    removal_id: Mapped[str] = mapped_column(ForeignKey("whitelist_removals.id"), unique=True)
    upheld: Mapped[bool]
    answered_at: Mapped[datetime]
    answered_on: Mapped[date]
    answered_by: Mapped[str] = mapped_column(String(64))
    words_zh: Mapped[str] = mapped_column(String(500))
    words_en: Mapped[str] = mapped_column(String(500))


GUARDED = (
    "whitelist_batches", "whitelist_members", "whitelist_removals", "whitelist_appeals", "whitelist_appeal_answers",
)  # fmt: skip
for _table in (WhitelistBatch, WhitelistMember, WhitelistRemoval, WhitelistAppeal, WhitelistAppealAnswer):
    for _ddl in append_only(_table.__tablename__):
        event.listen(_table.__table__, "after_create", _ddl)
