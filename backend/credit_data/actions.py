"""Keep raw records, make facts of them, take in what banks report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.credit_data import compare, records, seals
from backend.credit_data.distil import Record, Value, distil
from backend.credit_data.model import plain
from backend.credit_data.sources.exchange import RawRecord
from backend.credit_data.tables import DataFault, FactRow, RawRecordRow
from backend.credit_data.views import latest_rows
from backend.kit.crypto import Sealer
from backend.kit.database import sealer_of
from backend.kit.errors import Invalid
from backend.kit.ids import new_id
from backend.kit.policy import digest
from backend.kit.words import Words
from backend.vocabulary.facts import definitions

# Many rows at once go straight to their tables, without the mapper's cost.
_RAW, _FACTS = cast(Table, RawRecordRow.__table__), cast(Table, FactRow.__table__)


def store_records(
    session: Session,
    actor: Actor,
    *,
    firm_id: str,
    records_by_consent: Sequence[tuple[RawRecord, str | None]],
    sealer: Sealer,
    at: datetime,
) -> int:
    """Keep records verbatim and sealed, each under its consent; a doubled delivery is recognised. How many were new."""
    columns = (RawRecordRow.source, RawRecordRow.digest, RawRecordRow.delivered_on)
    known = {tuple(row) for row in session.execute(select(*columns).where(RawRecordRow.firm_id == firm_id))}
    rows = []
    for record, consent in records_by_consent:
        body = record.payload.encode()
        name = (record.source, digest(body), record.delivered_on)
        if name in known:
            continue
        known.add(name)
        key = new_id("raw")
        rows.append(
            {
                "id": key,
                "firm_id": firm_id,
                "source": record.source,
                "kind": record.kind,
                "item": records.SHAPES[record.source, record.kind].item,
                "delivered_on": record.delivered_on,
                "digest": name[1],
                "sealed": sealer.seal(body, place=f"raw_records|{key}"),
                "consent_id": consent,
                "gathered_at": at,
            }
        )
    if rows:
        session.connection().execute(_RAW.insert(), rows)
    sources = sorted({record.source for record, _ in records_by_consent})
    audit.record(
        session,
        at=at,
        actor=actor,
        action="records.gathered",
        object_kind="firm",
        object_id=firm_id,
        firm_id=firm_id,
        details={"new": len(rows), "sources": sources},
    )
    return len(rows)


def distil_firm(
    session: Session, *, firm_id: str, day: date, delivered: Mapping[str, str | None], sealer: Sealer, at: datetime
) -> int:
    """Make facts of the firm's raw records as of `day`, of the items in `delivered` (item -> consent). New rows only where
    something changed; how many."""
    cleaned, faults = _cleaned(session, firm_id, delivered, day, sealer)
    found = distil(cleaned, day, delivered=delivered)
    _keep_faults(session, firm_id, faults, at)
    return keep_facts(session, firm_id=firm_id, found=found, day=day, consents=delivered)


def _cleaned(
    session: Session, firm_id: str, delivered: Mapping[str, str | None], day: date, sealer: Sealer
) -> tuple[list[Record], list[tuple[str, str, str]]]:
    rows = session.execute(
        select(RawRecordRow.id, RawRecordRow.source, RawRecordRow.kind, RawRecordRow.delivered_on, RawRecordRow.sealed)
        .where(
            RawRecordRow.firm_id == firm_id,
            RawRecordRow.item.in_(list(delivered)),
            RawRecordRow.delivered_on <= day,
            RawRecordRow.kind != "ledger",
        )
        .order_by(RawRecordRow.delivered_on, RawRecordRow.id)
    ).all()
    named: list[compare.Named] = []
    faults = []
    for raw_id, source, kind, delivered_on, sealed in rows:
        try:
            payload = json.loads(sealer.open(sealed, place=f"raw_records|{raw_id}"))
        except ValueError:
            faults.append((source, raw_id, "the record is not JSON"))
            continue
        fields, wrong = records.read(source, kind, payload if isinstance(payload, dict) else {})
        faults += [(source, raw_id, what) for what in wrong]
        if fields is not None:
            named.append((records.key_of(source, kind, fields), delivered_on, fields))
    names = list(dict.fromkeys(entry[0] for entry in sorted(named, key=lambda entry: entry[1])))
    return [
        Record(name[0], name[1], fields, delivered_on, doubts)
        for name, (fields, delivered_on, doubts) in zip(names, compare.compared(named), strict=True)
    ], faults


def keep_facts(
    session: Session, *, firm_id: str, found: Mapping[str, Value], day: date, consents: Mapping[str, str | None]
) -> int:
    """Append what changed. `day` is the day from which it is known. What is not public goes under the session's seal."""
    known = {each.code: each for each in latest_rows(session, firm_id, day, codes=found)}
    rows: list[dict[str, Any]] = []
    for code, value in found.items():
        definition = definitions()[code]
        new, before = plain(value.value), known.get(code)
        if before is not None and before.same(new, value.as_of, value.doubts):
            continue
        rows.append(
            {
                "firm_id": firm_id,
                "code": code,
                "item": definition.item,
                "value": new,
                "unit": definition.unit,
                "as_of": value.as_of,
                "known_on": day,
                "source": definition.source,
                "consent_id": consents.get(definition.item),
                "doubts": list(value.doubts),
            }
        )
    if rows:
        numbers, sealer = seals.next_numbers(session, len(rows)), sealer_of(session)
        kept = [seals.closed(row | {"seq": seq}, sealer) for seq, row in zip(numbers, rows, strict=True)]
        session.connection().execute(_FACTS.insert(), kept)
    return len(rows)


def _keep_faults(session: Session, firm_id: str, faults: Sequence[tuple[str, str, str]], at: datetime) -> None:
    if not faults:
        return
    query = select(DataFault.raw_id, DataFault.what).where(DataFault.firm_id == firm_id)
    known = {tuple(row) for row in session.execute(query)}
    fresh = [
        {"firm_id": firm_id, "source": source, "raw_id": raw_id, "what": what[:400], "found_at": at}
        for source, raw_id, what in faults
        if (raw_id, what[:400]) not in known
    ]
    if fresh:
        session.execute(insert(DataFault), fresh)


def append_bank_facts(session: Session, *, firm_id: str, values: Mapping[str, Any], as_of: date, source: str) -> int:
    """What banks reported about loans through this platform, as facts of group BNK: how rooms to the left learn outcomes."""
    for code in values:
        if definitions()[code].group != "BNK":
            raise Invalid(code, Words("不是银行反馈项目", "this is no fact of group BNK"))
    found = {code: Value(value, as_of) for code, value in values.items()}
    return keep_facts(session, firm_id=firm_id, found=found, day=as_of, consents={})
