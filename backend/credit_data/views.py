"""Read facts. The consent is asked in the statement that reads; every reading writes its line in the log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, null, or_, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents import views as consents
from backend.consents.model import PLATFORM
from backend.credit_data import seals
from backend.credit_data.model import CreditFile, Fact, typed
from backend.credit_data.tables import DataFault, FactRow, RawRecordRow
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.database import Moment, sealer_of
from backend.kit.policy import canonical, digest
from backend.vocabulary.facts import definitions, items

# Items that need no consent: public ones, and our own feedback.
_OPEN = frozenset(code for code, item in items().items() if item.access != "A")
_ROW = (
    *(FactRow.seq, FactRow.firm_id, FactRow.code, FactRow.item, FactRow.known_on),
    *(FactRow.as_of, FactRow.value, FactRow.sealed, FactRow.doubts),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What was last known of a code, opened: for this room only."""

    code: str
    value: Any
    as_of: date
    doubts: tuple[str, ...]

    def same(self, value: Any, as_of: date, doubts: Sequence[str]) -> bool:
        """Whether it says just this, as it is written down."""
        return self.as_of == as_of and canonical([self.value, self.doubts]) == canonical([value, doubts])


def latest_rows(session: Session, firm_id: str, day: date, codes: Collection[str] | None = None) -> list[Known]:
    """For this room only: the newest row of each code by that day (of these codes alone, if named), no questions asked."""
    rank = func.row_number().over(partition_by=FactRow.code, order_by=(FactRow.known_on.desc(), FactRow.seq.desc())).label("rank")
    asked = select(FactRow.seq, rank).where(FactRow.firm_id == firm_id, FactRow.known_on <= day)
    ranked = (asked if codes is None else asked.where(FactRow.code.in_(sorted(codes)))).subquery()
    sealer = sealer_of(session)
    rows = session.execute(select(*_ROW).join(ranked, ranked.c.seq == FactRow.seq).where(ranked.c.rank == 1))
    found = []
    for row in rows:
        value, doubts = seals.opened(row, sealer)
        found.append(Known(row.code, value, row.as_of, doubts))
    return found


@lru_cache(maxsize=256)
def _statement(codes: tuple[str, ...], *, every_firm: bool) -> Any:
    """Newest fact per firm and code by `day`; the value only where its item is open at `at`: asking and reading are one act.

    Made once for each set of codes; day, firms, purpose, recipient and moment are given when it is used.
    """
    at = bindparam("at", type_=Moment())
    rank = (
        func.row_number()
        .over(partition_by=(FactRow.firm_id, FactRow.code), order_by=(FactRow.known_on.desc(), FactRow.seq.desc()))
        .label("rank")
    )
    ranked = select(FactRow.seq, rank).where(FactRow.known_on <= bindparam("day"), FactRow.code.in_(codes))
    if not every_firm:
        ranked = ranked.where(FactRow.firm_id.in_(bindparam("firms", expanding=True)))
    newest = ranked.subquery()
    opened = or_(
        FactRow.item.in_(sorted(_OPEN)),
        consents.live_join(FactRow.firm_id, FactRow.item, purpose=bindparam("purpose"), recipient=bindparam("recipient"), at=at),
    )
    return (
        select(
            FactRow.seq,
            FactRow.firm_id,
            FactRow.code,
            FactRow.item,
            FactRow.known_on,
            case((FactRow.item.in_(sorted(_OPEN)), FactRow.value), else_=null()).label("value"),
            # asked once: NULL is “not open”, empty is “open, and not under seal”
            case((opened, func.coalesce(FactRow.sealed, b"")), else_=null()).label("sealed"),
            FactRow.unit,
            FactRow.as_of,
            FactRow.source,
            FactRow.consent_id,
            FactRow.doubts,
        )
        .join(newest, and_(newest.c.seq == FactRow.seq, newest.c.rank == 1))
        .order_by(FactRow.firm_id, FactRow.code)
    )


def _fact(row: Row[Any], sealer: Sealer) -> Fact | None:
    """A row as a fact; None where nothing opens it, or nothing is known."""
    if row.sealed is None:
        return None
    value, doubts = seals.opened(row, sealer)
    if value is None:
        return None
    return Fact(row.code, typed(row.code, value), row.unit, row.as_of, row.source, row.consent_id, doubts)


def facts_digest(facts: dict[str, Fact]) -> str:
    """One digest of everything that was read."""
    return digest(canonical({code: [fact.value, fact.as_of, fact.source] for code, fact in facts.items()}))


def read(
    session: Session,
    reader: Actor,
    *,
    firm_id: str,
    purpose: str,
    recipient: str,
    at: datetime,
    codes: Collection[str] | None = None,
) -> CreditFile:
    """A firm's facts as far as they are open now, for this purpose and recipient. Internal feedback never goes to a bank."""
    wanted = [
        code
        for code, definition in definitions().items()
        if (codes is None or code in codes) and (recipient == PLATFORM or definition.consent != "internal")
    ]
    day = clock.day_of(at)
    given = {"at": at, "day": day, "purpose": purpose, "recipient": recipient, "firms": [firm_id]}
    session.flush()
    rows = session.connection().execute(_statement(tuple(wanted), every_firm=False), given).all()
    opened = consents.live_items(session, firm_id=firm_id, purpose=purpose, recipient=recipient, at=at)
    sealer = sealer_of(session)
    facts = {row.code: fact for row in rows if (fact := _fact(row, sealer)) is not None}
    withheld = {
        code: definitions()[code].item
        for code in wanted
        if not definitions()[code].open and definitions()[code].item not in opened
    }
    absent = tuple(code for code in wanted if code not in facts and code not in withheld)
    file = CreditFile(facts, withheld, absent, facts_digest(facts))
    audit.record(
        session,
        at=at,
        actor=reader,
        action="facts.read",
        object_kind="firm",
        object_id=firm_id,
        firm_id=firm_id,
        details={
            "purpose": purpose,
            "recipient": recipient,
            "items": sorted({definitions()[code].item for code in facts}),
            "withheld": sorted(set(withheld.values())),
            "consents": sorted({consent for item, consent in opened.items()}),
            "digest": file.digest,
        },
    )
    return file


def sweep(
    session: Session,
    reader: Actor,
    *,
    purpose: str,
    at: datetime,
    codes: Collection[str],
    facts_on: date | None = None,
    firm_ids: Collection[str] | None = None,
) -> Iterator[tuple[str, dict[str, Fact]]]:
    """Many firms in one statement that asks each one's consent; one line in the log per firm and sweep.

    `facts_on` looks at facts as they were known on a past day; the consent is asked for now (`at`) all the same.
    """
    day = facts_on or clock.day_of(at)
    statement = _statement(tuple(codes), every_firm=firm_ids is None)
    given: dict[str, Any] = {"at": at, "day": day, "purpose": purpose, "recipient": PLATFORM}
    if firm_ids is not None:
        given["firms"] = list(firm_ids)
    found: dict[str, dict[str, Fact]] = {}
    sealer = sealer_of(session)
    for row in session.execute(statement, given):
        facts = found.setdefault(row.firm_id, {})
        if (fact := _fact(row, sealer)) is not None:
            facts[row.code] = fact
    said = {firm_id: {"purpose": purpose, "facts": len(facts), "digest": facts_digest(facts)} for firm_id, facts in found.items()}
    audit.record_firms(session, at=at, actor=reader, action="facts.swept", details=said)
    yield from found.items()


def faults(session: Session, firm_id: str) -> list[DataFault]:
    """What was wrong with this firm's records, newest first."""
    return list(session.scalars(select(DataFault).where(DataFault.firm_id == firm_id).order_by(DataFault.seq.desc())))


def gathered_until(session: Session, firm_id: str) -> dict[str, date]:
    """Per item, the newest delivery that is kept."""
    rows = session.execute(
        select(RawRecordRow.item, func.max(RawRecordRow.delivered_on))
        .where(RawRecordRow.firm_id == firm_id)
        .group_by(RawRecordRow.item)
    )
    return {row[0]: row[1] for row in rows}
