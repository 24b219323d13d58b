"""Import VAT ledgers of firms that nobody authorised one by one: on a stated basis, for the platform's own assessment only.

The source names its firms by codes of its own (E124). Each gets a *fictional* credit code, valid by both check digits, made from
the source's code alone, with the division 000000 that no authority has; the source's code is kept beside it. Each firm's invoices
are kept as one sealed record, as they were read, under a consent of kind *imported*, which reaches no bank. Facts follow by the
definitions of `invoices.py`, the same as for a department's months.

Nothing is written before every file has been read; then each firm is written whole. The second import of the same files changes
nothing; an import that was killed goes on where it stopped.

>>> fictional_uscc("E124", "enterprise")
'91000000E000012409'
>>> fictional_uscc("E124", "sole_trader")[:2]
'92'
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from stdnum.cn import uscc as national

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.consents import actions as consents
from backend.credit_data import invoices
from backend.credit_data.actions import keep_facts
from backend.credit_data.distil import Value
from backend.credit_data.invoices import EPOCH, TOLERANCE_FEN
from backend.credit_data.ledger_files import STATES, UnreadableLedger, read_parts
from backend.credit_data.ledger_report import ImportReport, sheets
from backend.credit_data.tables import DataFault, FactRow, RawRecordRow
from backend.kit import clock
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid
from backend.kit.ids import new_id
from backend.kit.money import yuan_text
from backend.kit.policy import digest
from backend.kit.words import Words
from backend.parties import actions as parties
from backend.parties.model import organisation_check
from backend.parties.views import RegisteredFirm

ITEM, SOURCE, KIND = "TAX04", "invoices", "ledger"
AT_ONCE = 50
KEPT = ["out", "row", "number", "day", "partner", "net", "vat", "gross", "state"]
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_TYPES = {"sole_trader": "92", "cooperative": "93", "enterprise": "91"}

Progress = Callable[[str, int, int | None], None]


def subject_type(name: str) -> str:
    """What a masked name tells: 个体经营 is a sole trader, 合作社 a cooperative, anything else an enterprise."""
    return "sole_trader" if name.startswith("个体") else "cooperative" if "合作社" in name else "enterprise"


def fictional_uscc(source_code: str, kind: str) -> str:
    """A credit code that nobody has, always the same for the same source code. Both check characters are right (domain §2.1)."""
    plain = re.fullmatch(r"E(\d{1,7})", source_code)
    if plain:
        body = f"E{int(plain.group(1)):07d}"
    else:
        number = int.from_bytes(hashlib.sha256(source_code.encode()).digest()[:8])
        body = "X" + "".join(_ALPHABET[number // 31**place % 31] for place in range(7))
    front = f"{_TYPES[kind]}000000{body}{organisation_check(body)}"
    return front + str(national.calc_check_digit(front))


def import_invoices(
    database: Database,
    path: Path,
    *,
    part: str,
    basis: str,
    actor: Actor,
    at: datetime,
    sealer: Sealer,
    progress: Progress = lambda what, done, total: None,
) -> ImportReport:
    """Read a folder of ledgers (`ledger_files.py`) and keep it; facts are made as of its last day.

    Raises UnreadableLedger with the first twenty faults, after noting the refusal in the log; nothing else is written then.
    """
    if not basis.strip():
        raise Invalid("basis", Words("请用一句话写明依据", "say in words on what basis these ledgers may be read"))
    try:
        found = read_parts(path, part, clock.day_of(at), progress)
    except UnreadableLedger as refused:
        with database.writing() as session:
            details = {"count": refused.count, "faults": [str(fault) for fault in refused.faults]}
            _note(session, actor, at, "ledgers.refused", path.name, details)
        raise
    last = max((int(each.rows["day"].max()) for each in found if len(each.rows)), default=(clock.day_of(at) - EPOCH).days)
    day = EPOCH + timedelta(days=last)
    firms = [(each, code, name) for each in found for code, name in each.firms]
    frames = {each.name: dict(iter(each.rows.groupby("code", sort=False))) for each in found}
    new = facts = 0
    for start in range(0, len(firms), AT_ONCE):
        progress("keeping ledgers", start, len(firms))
        with database.writing() as session:
            batch = firms[start : start + AT_ONCE]
            held = _held(session, [(code, name) for _, code, name in batch], at)
            there = _there(session, held)
            for (each, code, _), firm_id in zip(batch, held, strict=True):
                rows = frames[each.name].get(code, each.rows.iloc[:0])
                body = _body(rows)
                if (firm_id, digest(body)) in there:
                    continue
                there.add((firm_id, digest(body)))
                raw_id, consent = _keep(session, actor, firm_id, body, day, each.digest, basis, sealer, at)
                new += 1
                _flag(session, firm_id, raw_id, rows, at)
                facts += keep_facts(session, firm_id=firm_id, found=facts_of(rows, day), day=day, consents={ITEM: consent})
    progress("keeping ledgers", len(firms), len(firms))
    report = ImportReport(
        tuple(sheet for each in found for sheet in sheets(each)), len(firms), new, facts, day, {e.name: e.digest for e in found}
    )
    with database.writing() as session:
        details = {"part": part, "basis": basis, "digests": report.digests, "firms": report.firms, "new": new, "facts": facts}
        _note(session, actor, at, "ledgers.imported", path.name, details)
    return report


def _note(session: Session, actor: Actor, at: datetime, action: str, name: str, details: dict[str, Any]) -> None:
    audit.record(session, at=at, actor=actor, action=action, object_kind="folder", object_id=name[:80], details=details)


def _held(session: Session, batch: Sequence[tuple[str, str]], at: datetime) -> list[str]:
    """The firms of a batch of (source's code, name), in its order, held until the transaction ends.

    Whoever brings the same firms in another order waits for us before the first of them: new firms are made in the order of their
    credit codes, and then all are held in that of their ids. What of them is here already is asked only afterwards.
    """
    named = {fictional_uscc(code, subject_type(name)): (code, name) for code, name in reversed(batch)}
    made: dict[str, RegisteredFirm] = {}
    with session.begin_nested():
        for uscc, (code, name) in sorted(named.items()):
            kind = subject_type(name)
            firm = parties.import_firm(session, uscc=uscc, name=name, subject_type=kind, source_code=code, at=at)
            if not firm.imported or firm.source_code != code:
                words = Words(f"{code} 的虚构信用代码已被占用", f"the fictional credit code of {code} belongs to another firm")
                raise Conflict(words)
            made[uscc] = firm
    parties.hold_firms(session, [firm.id for firm in made.values()])
    return [made[fictional_uscc(code, subject_type(name))].id for code, name in batch]


def _there(session: Session, firm_ids: Sequence[str]) -> set[tuple[str, str]]:
    """The ledgers of these firms that are here: (firm, digest)."""
    query = select(RawRecordRow.firm_id, RawRecordRow.digest).where(RawRecordRow.source == SOURCE, RawRecordRow.kind == KIND)
    return {(firm_id, name) for firm_id, name in session.execute(query.where(RawRecordRow.firm_id.in_(sorted(set(firm_ids)))))}


def _keep(
    session: Session,
    actor: Actor,
    firm_id: str,
    body: bytes,
    last: date,
    file_digest: str,
    basis: str,
    sealer: Sealer,
    at: datetime,
) -> tuple[str, str]:
    """Keep a new ledger of a firm that is held: its record and its consent. `last`: the day the ledgers reach to."""
    consent = consents.import_basis(session, actor, firm_id=firm_id, items=[ITEM], file_digest=file_digest, basis=basis, at=at)
    raw_id = new_id("raw")
    sealed = sealer.seal(zlib.compress(body, 1), place=f"raw_records|{raw_id}")
    row = {
        "id": raw_id, "firm_id": firm_id, "source": SOURCE, "kind": KIND, "item": ITEM, "delivered_on": last,
        "digest": digest(body), "sealed": sealed, "consent_id": consent.id, "gathered_at": at,
    }  # fmt: skip
    session.execute(insert(RawRecordRow), [row])
    return raw_id, consent.id


def _body(rows: pd.DataFrame) -> bytes:
    """The rows as read, one line each: what the digest names."""
    sink = io.BytesIO()
    plain = rows[KEPT].assign(out=rows["out"].astype(np.int64))
    pyarrow.csv.write_csv(pa.Table.from_pandas(plain, preserve_index=False), sink)
    return sink.getvalue()


def _rows(body: bytes) -> pd.DataFrame:
    """The same rows back from the kept record, with the flags worked out anew."""
    texts = {name: pa.string() for name in ("number", "partner", "state")}
    options = pyarrow.csv.ConvertOptions(column_types=texts, strings_can_be_null=False)
    rows: pd.DataFrame = pyarrow.csv.read_csv(io.BytesIO(body), convert_options=options).to_pandas()
    rows["out"] = rows["out"].astype(np.bool_)
    rows["valid"] = rows["state"].str.strip().map(STATES).astype(np.bool_)
    rows["repeated"] = rows.duplicated([name for name in KEPT if name != "row"])
    rows["unequal"] = (rows["net"] + rows["vat"] - rows["gross"]).abs() > TOLERANCE_FEN
    return rows


def facts_of(rows: pd.DataFrame, day: date) -> dict[str, Value]:
    """Every INV fact of one firm's ledger as of `day`, with what is doubtful in the rows up to that day."""
    known = rows[rows["day"].to_numpy() <= (day - EPOCH).days]
    book = invoices.Book(
        known["day"].to_numpy(dtype=np.int64),
        known["out"].to_numpy(dtype=np.bool_),
        known["net"].to_numpy(dtype=np.int64),
        known["valid"].to_numpy(dtype=np.bool_),
        pd.factorize(known["partner"])[0].astype(np.int64),
    )
    doubts = invoices.doubts(repeated=int(known["repeated"].sum()), unequal=int(known["unequal"].sum()))
    return {code: Value(value, day, doubts) for code, value in invoices.facts(book, day).items()}


def _flag(session: Session, firm_id: str, raw_id: str, rows: pd.DataFrame, at: datetime) -> None:
    """Each doubtful row by its number in the source's sheet."""
    doubtful = rows[rows["repeated"] | rows["unequal"]]
    columns = [doubtful[name].tolist() for name in ("out", "row", "number", "repeated")]
    off = (doubtful["net"] + doubtful["vat"] - doubtful["gross"]).tolist()
    flags = [
        {
            "firm_id": firm_id,
            "source": SOURCE,
            "raw_id": raw_id,
            "what": f"{'销项' if out else '进项'} row {row}, invoice {number}: "
            + ("said before" if repeated else f"net + VAT differs from the gross by {yuan_text(difference)} yuan"),
            "found_at": at,
        }
        for out, row, number, repeated, difference in zip(*columns, off, strict=True)
    ]
    if flags:
        session.execute(insert(DataFault), flags)


def distil_ledgers(
    database: Database,
    *,
    day: date,
    sealer: Sealer,
    firm_ids: Sequence[str] | None = None,
    progress: Progress = lambda what, done, total: None,
) -> int:
    """Make facts of every kept ledger as of another day (for `match --facts-on`); how many are new.

    A ledger says nothing of days after its own last one: for a later day its facts stay those of that last day, not zero. Of a
    firm's two ledgers the one imported last counts. The second time changes nothing.
    """
    with database.reading() as session:
        firms = sorted({firm_id for _, firm_id, *_ in _unmade(session, day) if firm_ids is None or firm_id in firm_ids})
    new = 0
    for start in range(0, len(firms), AT_ONCE):
        progress("making facts", start, len(firms))
        with database.writing() as session:
            some = firms[start : start + AT_ONCE]
            parties.hold_firms(session, some)
            # Asked again once they are held: another may have made them meanwhile, or brought a newer ledger.
            for raw_id, firm_id, consent, on in _unmade(session, day, some):
                sealed = session.get_one(RawRecordRow, raw_id).sealed
                rows = _rows(zlib.decompress(sealer.open(sealed, place=f"raw_records|{raw_id}")))
                new += keep_facts(session, firm_id=firm_id, found=facts_of(rows, on), day=on, consents={ITEM: consent})
    progress("making facts", len(firms), len(firms))
    return new


def _unmade(session: Session, day: date, of: Sequence[str] | None = None) -> list[tuple[str, str, str | None, date]]:
    """Each firm's newest ledger of which no facts were made as of that day (or its own last, if that is sooner): record, firm,
    consent, the day. `of`: of these firms only."""
    rank = func.row_number().over(
        partition_by=RawRecordRow.firm_id, order_by=(RawRecordRow.gathered_at.desc(), RawRecordRow.id.desc())
    )
    columns = (RawRecordRow.id, RawRecordRow.firm_id, RawRecordRow.consent_id, RawRecordRow.delivered_on)
    kept = select(*columns, rank.label("rank")).where(RawRecordRow.source == SOURCE, RawRecordRow.kind == KIND)
    made = select(FactRow.firm_id, FactRow.consent_id, FactRow.known_on).distinct().where(FactRow.item == ITEM)
    if of is not None:
        kept, made = kept.where(RawRecordRow.firm_id.in_(of)), made.where(FactRow.firm_id.in_(of))
    ranked = kept.subquery()
    query = select(*(ranked.c[column.key] for column in columns)).where(ranked.c.rank == 1).order_by(ranked.c.firm_id)
    # Each ledger has a consent of its own, which its facts carry: what was made of this very ledger is not made again.
    done = {tuple(row) for row in session.execute(made)}
    return [
        (raw_id, firm_id, consent, min(day, last))
        for raw_id, firm_id, consent, last in session.execute(query)
        if (firm_id, consent, min(day, last)) not in done
    ]
