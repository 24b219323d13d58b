"""Many claims by one file: a guarantor's or a bank's on the fund, a bank's demands on the guarantor. Every row is answered.

In a scheme where the guarantor pays first (domain §6.4) the bank demands and the guarantor claims; in the others the bank claims.
A row is done whole or not at all; the same file sent again changes nothing that was done, and tries again what was refused.

>>> read("draw_no\\nJJ-1\\n".encode(), BANK_COLUMNS)
[{'draw_no': 'JJ-1'}]
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit import uploads
from backend.kit.errors import Answer, Invalid, NotFound
from backend.kit.policy import digest
from backend.kit.words import Words
from backend.loans import claiming, compensation
from backend.loans.guarantees import party_code
from backend.loans.tables import Draw, Facility, Guarantee
from backend.parties.actions import hold_firms
from risk_compensation.live import FiledClaim
from risk_compensation.live import views as pool_views

GUARANTOR_COLUMNS = ("guarantee_no", "claim_no", "judgment_no", "judged_on", "documents")
BANK_COLUMNS = ("draw_no",)
BANK_CLAIM_COLUMNS = ("draw_no", "claim_no", "judgment_no", "judged_on", "documents")
MOST_ROWS = 5_000
MOST_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What became of one row. outcome: done | refused; `code` is the refusal's, for machines. Row 1 follows the head."""

    row: int
    key: str
    outcome: str
    code: str
    words: Words
    amount_fen: int | None = None


def read(body: bytes, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8. Invalid, for the whole file: another encoding, other columns, no row, a row too long."""
    if len(body) > MOST_BYTES:
        raise Invalid("file", Words("文件过大", "the file is too large"))
    uploads.fit("file", body, "file")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("file", Words("文件须为 UTF-8 编码的 CSV", "the file must be CSV in UTF-8")) from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [each.strip() for each in next(lines, [])]
        rows = [line for line in lines if any(each.strip() for each in line)]
    except csv.Error as error:
        raise Invalid("file", Words("不是有效的 CSV 文件", "this is not a sound CSV file")) from error
    if head != list(columns):
        said = ",".join(columns)
        raise Invalid("row 0", Words(f"表头须为 {said}", f"the first line must be {said}"))
    if not 0 < len(rows) <= MOST_ROWS:
        raise Invalid("file", Words(f"须有 1 至 {MOST_ROWS} 行", f"between 1 and {MOST_ROWS} rows are taken"))
    for number, line in enumerate(rows, 1):
        if len(line) != len(head):
            said = f"{len(line)} / {len(head)}"
            raise Invalid(f"row {number}", Words(f"列数不符（{said}）", f"another number of columns ({said})"))
    return [dict(zip(head, (each.strip() for each in line), strict=True)) for line in rows]


def _answered(
    session: Session, rows: list[dict[str, str]], key: str, do: Callable[[dict[str, str]], int]
) -> tuple[RowAnswer, ...]:
    found = []
    for number, row in enumerate(rows, 1):
        try:
            with session.begin_nested():
                amount = do(row)
        except Answer as no:
            place = f"{no.place}: " if isinstance(no, Invalid) else ""
            words = Words(f"{place}{no.words.zh}", f"{place}{no.words.en}")
            found.append(RowAnswer(number, row[key], "refused", no.code, words))
        else:
            found.append(RowAnswer(number, row[key], "done", "", Words("已受理", "taken"), amount))
    return tuple(found)


def _all(rows: list[dict[str, str]], column: str) -> list[str]:
    return sorted({row[column] for row in rows})


def _drawn(bank: str, rows: list[dict[str, str]]) -> Select[str, str]:
    """Facility and firm of every draw that a bank's file names."""
    return select(Draw.facility_id, Draw.firm_id).where(Draw.bank == bank, Draw.draw_no.in_(_all(rows, "draw_no")))


def _hold(session: Session, named: Select[str, str]) -> None:
    """Hold whatever the file speaks of before its first row: the firms, then their loans in the pools, then the pools."""
    found = session.execute(named).all()
    hold_firms(session, {firm for _, firm in found})
    pool_views.hold_loans(session, {facility for facility, _ in found})


def _day(text: str, place: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(place, Words("日期须如 2025-03-01", "a day is written like 2025-03-01")) from None


def claims(session: Session, actor: Actor, *, body: bytes, at: datetime) -> tuple[RowAnswer, ...]:
    """A guarantor's claims. `documents`: code=name or digest, separated by semicolons. A judgment only where one is asked."""
    guarantor, rows = party_code(session, actor), read(body, GUARANTOR_COLUMNS)
    named = select(Facility.id, Facility.firm_id).join(Guarantee, Guarantee.application_id == Facility.application_id)
    _hold(session, named.where(Guarantee.guarantor == guarantor, Guarantee.guarantee_no.in_(_all(rows, "guarantee_no"))))

    def one(row: dict[str, str]) -> FiledClaim:
        mine = select(Guarantee).where(Guarantee.guarantor == guarantor, Guarantee.guarantee_no == row["guarantee_no"])
        guarantee = session.scalar(mine)
        if guarantee is None:
            raise NotFound(Words("没有这份担保", "there is no such guarantee"))
        return claiming.file_claim(session, actor, guarantee_id=guarantee.id, at=at, **_said(row))

    return _filed(session, actor, body, rows, one, at)


def bank_claims(session: Session, actor: Actor, *, body: bytes, at: datetime) -> tuple[RowAnswer, ...]:
    """A bank's claims, where the scheme has the bank claim, by its own numbers of the draws."""
    bank, rows = party_code(session, actor), read(body, BANK_CLAIM_COLUMNS)
    _hold(session, _drawn(bank, rows))

    def one(row: dict[str, str]) -> FiledClaim:
        draw = session.scalar(select(Draw).where(Draw.bank == bank, Draw.draw_no == row["draw_no"]))
        if draw is None:
            raise NotFound(Words("没有这笔用信", "there is no such draw"))
        return claiming.file_bank_claim(session, actor, draw_id=draw.id, at=at, **_said(row))

    return _filed(session, actor, body, rows, one, at)


def _filed(
    session: Session,
    actor: Actor,
    body: bytes,
    rows: list[dict[str, str]],
    one: Callable[[dict[str, str]], FiledClaim],
    at: datetime,
) -> tuple[RowAnswer, ...]:
    found = _answered(session, rows, "claim_no", lambda row: one(row).payout_fen)
    return _kept(session, actor, "claims.by_file", body, found, at)


def _said(row: dict[str, str]) -> dict[str, Any]:
    """What a row says of its claim, whoever files it."""
    if not row["claim_no"]:
        raise Invalid("claim_no", Words("请填写申请编号", "give the claim’s number"))
    return {
        "claim_no": row["claim_no"][:80],
        "judgment_no": row["judgment_no"][:120],
        "judged_on": _day(row["judged_on"], "judged_on") if row["judged_on"] else None,
        "documents": _papers(row["documents"]),
    }


def _papers(text: str) -> dict[str, str]:
    """Papers as a file names them: code=name or digest, separated by semicolons."""
    pairs = (each.partition("=") for each in text.split(";") if each.strip())
    return {code.strip(): (name.strip() or code.strip())[:200] for code, _, name in pairs}


def demands(session: Session, actor: Actor, *, body: bytes, at: datetime) -> tuple[RowAnswer, ...]:
    """A bank's demands on its guarantors, by its own numbers of the draws."""
    bank = party_code(session, actor)
    rows = read(body, BANK_COLUMNS)
    _hold(session, _drawn(bank, rows))

    def one(row: dict[str, str]) -> int:
        draw = session.scalar(select(Draw).where(Draw.bank == bank, Draw.draw_no == row["draw_no"]))
        if draw is None:
            raise NotFound(Words("没有这笔用信", "there is no such draw"))
        return compensation.demand_on_guarantor(session, actor, draw_id=draw.id, at=at).demanded_fen

    return _kept(session, actor, "demands.by_file", body, _answered(session, rows, "draw_no", one), at)


def _kept(
    session: Session, actor: Actor, action: str, body: bytes, found: tuple[RowAnswer, ...], at: datetime
) -> tuple[RowAnswer, ...]:
    done = sum(each.outcome == "done" for each in found)
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_kind="file",
        object_id=digest(body),
        details={"rows": len(found), "done": done, "refused": len(found) - done},
    )
    return found
