"""Forget raw records and facts when their time is over. Which time that is, the caller says (`loans/retention.py`).

Raw records are a cache of what the departments hold. An item's cache goes as a whole: the next gathering fetches the whole
history again, so that no fact is ever made of half of it. Every erasure is written down before the database lets go, and stands
in the log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents import views as consents
from backend.credit_data.tables import DataFault, Erasure, FactRow, RawRecordRow
from backend.kit.clock import day_of
from backend.vocabulary.facts import items

LEDGER = "ledger"
PLAIN = {"synchronize_session": False}
_ERASURES = cast(Table, Erasure.__table__)


def _authorised() -> list[str]:
    return sorted(code for code, item in items().items() if item.access == "A")


def caches_older_than(session: Session, moment: datetime) -> list[tuple[str, str]]:
    """(firm, item) of every cache under authorisation whose oldest record was gathered before this moment; no ledgers."""
    query = (
        select(RawRecordRow.firm_id, RawRecordRow.item)
        .where(RawRecordRow.item.in_(_authorised()), RawRecordRow.kind != LEDGER, RawRecordRow.gathered_at < moment)
        .distinct()
        .order_by(RawRecordRow.firm_id, RawRecordRow.item)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def ledgers_without_basis(session: Session, at: datetime) -> list[tuple[str, str]]:
    """(firm, item) of imported ledgers none of whose bases is in force any more."""
    live = consents.live_join(RawRecordRow.firm_id, RawRecordRow.item, purpose="pre_loan", recipient="platform", at=at)
    query = select(RawRecordRow.firm_id, RawRecordRow.item).where(RawRecordRow.kind == LEDGER, ~live).distinct()
    return [(row[0], row[1]) for row in session.execute(query.order_by(RawRecordRow.firm_id, RawRecordRow.item))]


def forget_raw(session: Session, actor: Actor, *, firm_id: str, rules: Mapping[str, str], at: datetime) -> int:
    """Forget every raw record of some items (item -> by which rule), and what was noted of their faults; how many records."""
    mine = (RawRecordRow.firm_id == firm_id, RawRecordRow.item.in_(sorted(rules)), RawRecordRow.gathered_at <= at)
    query = select(RawRecordRow.item, func.count(RawRecordRow.id)).where(*mine).group_by(RawRecordRow.item)
    counts = {row[0]: int(row[1]) for row in session.execute(query.order_by(RawRecordRow.item))}
    if not counts:
        return 0
    day = day_of(at)
    _write_down(session, actor, firm_id, "raw_records", day, counts, rules, at)
    names = select(RawRecordRow.id).where(*mine).scalar_subquery()
    session.execute(delete(DataFault).where(DataFault.firm_id == firm_id, DataFault.raw_id.in_(names)), execution_options=PLAIN)
    session.execute(delete(RawRecordRow).where(*mine), execution_options=PLAIN)
    return sum(counts.values())


def firms_with_facts_before(session: Session, day: date) -> list[str]:
    """Firms of which something under authorisation has been known since that day or longer."""
    query = select(FactRow.firm_id).where(FactRow.item.in_(_authorised()), FactRow.known_on <= day)
    return list(session.scalars(query.distinct().order_by(FactRow.firm_id)))


def forget_facts(session: Session, actor: Actor, *, firm_id: str, until: date, rule: str, at: datetime) -> int:
    """Forget facts under authorisation known up to a day, of items that no consent holds open; how many."""
    closed = _closed_items(session, firm_id, at, _authorised())
    mine = (FactRow.firm_id == firm_id, FactRow.item.in_(closed), FactRow.known_on <= until)
    query = select(FactRow.item, func.count(FactRow.seq)).where(*mine).group_by(FactRow.item).order_by(FactRow.item)
    counts = {row[0]: int(row[1]) for row in session.execute(query)}
    if not counts:
        return 0
    _write_down(session, actor, firm_id, "facts", until, counts, dict.fromkeys(counts, rule), at)
    session.execute(delete(FactRow).where(*mine), execution_options=PLAIN)
    return sum(counts.values())


def _closed_items(session: Session, firm_id: str, at: datetime, codes: Collection[str]) -> list[str]:
    opened = consents.items_held_open(session, firm_id, at)
    return [code for code in codes if code not in opened]


def _write_down(
    session: Session,
    actor: Actor,
    firm_id: str,
    what: str,
    until: date,
    counts: Mapping[str, int],
    rules: Mapping[str, str],
    at: datetime,
) -> None:
    """One erasure an item, and one line in the log that names them all."""
    rows = [
        {"item": item, "what": what, "until_day": until, "how_many": count, "rule": rules[item][:200]}
        for item, count in counts.items()
    ]
    session.connection().execute(_ERASURES.insert(), [row | {"firm_id": firm_id, "erased_at": at} for row in rows])
    audit.record(
        session,
        at=at,
        actor=actor,
        action="records.erased" if what == "raw_records" else "facts.erased",
        object_kind="firm",
        object_id=firm_id,
        firm_id=firm_id,
        details={"what": what, "until_day": until.isoformat(), "how_many": dict(counts), "rule": dict(rules)},
    )
