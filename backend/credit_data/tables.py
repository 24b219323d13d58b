"""How raw records, facts and faults are kept. Facts and raw records only grow, but for what an erasure names."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base
from backend.kit.guards import append_only, erasable_events

Serial = BigInteger().with_variant(Integer, "sqlite")


class RawRecordRow(Base):
    """A department's record, verbatim, sealed; `digest` is of the plain bytes, so a doubled delivery is known again."""

    __tablename__ = "raw_records"
    __table_args__ = (
        UniqueConstraint("firm_id", "source", "digest", "delivered_on"),
        Index("ix_raw_records_firm_item", "firm_id", "item"),
    )
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    source: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    item: Mapped[str] = mapped_column(String(16))
    delivered_on: Mapped[date]
    digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    consent_id: Mapped[str | None] = mapped_column(String(64))
    gathered_at: Mapped[datetime]


class FactRow(Base):
    """One fact as it was known from a day on. The newest row of a code is what is known.

    A public fact lies in `value` and `doubts`; of any other those are empty and `sealed` holds both (`seals.py`).
    """

    __tablename__ = "facts"
    __table_args__ = (Index("ix_facts_firm_code", "firm_id", "code", "known_on"),)
    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"))
    code: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(16))
    value: Mapped[Any] = mapped_column(JSON)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    unit: Mapped[str] = mapped_column(String(16))
    as_of: Mapped[date]
    known_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(64))
    consent_id: Mapped[str | None] = mapped_column(String(64))
    doubts: Mapped[list[Any]]


class DataFault(Base):
    """What was wrong with a record: for the department's complaint list and the firm's own view."""

    __tablename__ = "data_faults"
    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    source: Mapped[str] = mapped_column(String(32))
    raw_id: Mapped[str | None] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(400))
    found_at: Mapped[datetime]


class Erasure(Base):
    """What of a firm's item was forgotten, by which rule: the database lets go of no raw record or fact that no line here names.

    `what` is raw_records (all gathered up to `erased_at`) or facts (all known up to `until_day`); `how_many` rows were there.
    """

    __tablename__ = "erasures"
    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    firm_id: Mapped[str] = mapped_column(ForeignKey("firms.id"), index=True)
    item: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(16))
    until_day: Mapped[date]
    how_many: Mapped[int]
    rule: Mapped[str] = mapped_column(String(200))
    erased_at: Mapped[datetime]


_NAMED = "EXISTS (SELECT 1 FROM erasures e WHERE e.firm_id = OLD.firm_id AND e.item = OLD.item AND e.what = '{}' AND {})"
ERASABLE = {
    "raw_records": _NAMED.format("raw_records", "OLD.gathered_at <= e.erased_at"),
    "facts": _NAMED.format("facts", "OLD.known_on <= e.until_day"),
}
GUARDED = ("raw_records", "facts", "erasures")
for _table in (RawRecordRow, FactRow, Erasure):
    _name = _table.__tablename__
    for _ddl in erasable_events(_name, ERASABLE[_name]) if _name in ERASABLE else append_only(_name):
        event.listen(_table.__table__, "after_create", _ddl)
