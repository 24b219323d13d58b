"""The rows behind one cell of a figure, with a stated purpose. Every look is logged, and every refusal.

Refused alike, with one sentence: a cell of fewer than five firms, and a cell whose rows, taken from what may be seen beside it,
would leave fewer than five (backend.reporting.suppression; the cells that the snapshot holds back are among them). Rows carry
what an auditor can follow (application, draw, claim, reference of the pool's booking) and neither names nor codes of firms.
Written in: domain §9 (aggregates, and audited drill-down with purpose; cells of five firms and more).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.clock import day_of
from backend.kit.errors import Invalid, NotFound, Refused
from backend.kit.plausible import purpose as stated
from backend.kit.words import Words
from backend.reporting.book import Book, read
from backend.reporting.figures_cells import DIMENSIONS, DRAWS, NEEDS, held, places
from backend.reporting.figures_loans import bucket_of
from backend.reporting.reckon import grouped, month_of
from backend.reporting.suppression import FEWEST, few, firms_of, held_back
from risk_compensation.live import statements
from risk_compensation.tables import Entry, Registration


class Line(NamedTuple):
    """One row: whose it is, the cell it stands in by each of the figure's keys, and what is shown."""

    firm: str
    about: Mapping[str, str]
    shown: dict[str, Any]


TOO_FEW = Words(
    "该分组或与之相减所余的分组不足五家企业,不提供明细;请扩大范围",
    "fewer than five firms stand behind this cell, or behind what it leaves of a wider one; ask for a wider one",
)


def rows(session: Session, actor: Actor, *, figure: str, cell: dict[str, Any], purpose: str, at: datetime) -> dict[str, Any]:
    """{"columns", "rows", "words"} behind one cell. Invalid: unknown figure or cell, no purpose. Refused: see above.

    Figures and the keys of their cells: applications (bank, month, state), draws (cls, bucket, bank, month), claims (pool,
    month), cells (dimension and cell). A key left out is not asked about. The refusal is logged too.
    """
    if actor.role != "regulator":
        raise NotFound()
    if figure not in FIGURES:
        known = ", ".join(FIGURES)
        raise Invalid(
            "figure",
            Words(f"没有可下钻的指标“{figure}”(可选:{known})", f"there is no such figure: {figure}; choose from {known}"),
        )
    look, keys = FIGURES[figure]
    for key, value in cell.items():
        if key not in keys or not isinstance(value, str):
            raise Invalid(
                f"cell.{key}",
                Words(
                    f"该指标可按 {'、'.join(keys)} 下钻,值为文字", f"this figure's cells are named by {', '.join(keys)}, as text"
                ),
            )
    said = stated(purpose)
    found = look(read(session, day_of(at)), cell)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="regulator.drilldown" if found else "regulator.drilldown_refused",
        object_kind="figure",
        object_id=figure,
        details={"cell": cell, "purpose": said} | ({"rows": len(found)} if found else {}),
    )
    if not found:
        raise Refused(TOO_FEW, code="small_cell")
    firms = len(firms_of(found))
    return {
        "columns": list(found[0].shown),
        "rows": [each.shown for each in found],
        "words": Words(
            f"{firms} 家企业,{len(found)} 行;本次查询已记录", f"{firms} firms, {len(found)} rows; this look is logged"
        ).as_dict(),
    }


def _asked(lines: Sequence[Line], cell: Mapping[str, str]) -> list[Line]:
    return [each for each in lines if all(each.about[key] == value for key, value in cell.items())]


def opened(lines: Sequence[Line], cell: Mapping[str, str]) -> list[Line]:
    """The cell's rows, or none where it may not be opened.

    Every wider question is open to the same asker: so what this cell leaves of each of them, and its neighbours along each of
    its keys, must not come down to fewer than five firms either.
    """
    inside = _asked(lines, cell)
    if len(firms_of(inside)) < FEWEST:
        return []
    for count in range(len(cell)):
        for kept in combinations(sorted(cell), count):
            wider = {key: cell[key] for key in kept}
            if few(firms_of(each for each in _asked(lines, wider) if any(each.about[key] != cell[key] for key in cell))):
                return []
    for key, value in cell.items():
        beside = grouped(_asked(lines, {k: v for k, v in cell.items() if k != key}), lambda each: each.about[key])  # noqa: B023 -- used at once
        if value in held_back({place: firms_of(some) for place, some in beside.items()}):
            return []
    return inside


def _applications(book: Book, cell: Mapping[str, str]) -> list[Line]:
    """`state` is the outcome as the figures count it: a finer state would split an outcome that is published whole."""
    return opened(
        [
            Line(
                each.firm,
                {"bank": each.bank, "month": month_of(each.submitted_on), "state": each.outcome},
                {
                    "application": each.id,
                    "need": each.need,
                    "bank": each.bank,
                    "product": each.product,
                    "submitted_on": each.submitted_on.isoformat(),
                    "amount_fen": each.amount_fen,
                    "state": each.state,
                    "outcome": each.outcome,
                    "days": each.days,
                },
            )
            for each in book.applications
        ],
        cell,
    )


def _draws(book: Book, cell: Mapping[str, str]) -> list[Line]:
    """A class or a bucket has only draws on which principal is owed, as the figures count them; the others stand as `repaid`."""
    return opened(
        [
            Line(
                each.firm,
                {
                    "cls": each.cls if each.outstanding_fen > 0 else "repaid",
                    "bucket": bucket_of(each.dpd) if each.outstanding_fen > 0 else "repaid",
                    "bank": each.bank,
                    "month": month_of(each.value_date),
                },
                {
                    "draw": each.id,
                    "bank": each.bank,
                    "product": each.product,
                    "value_date": each.value_date.isoformat(),
                    "amount_fen": each.amount_fen,
                    "outstanding_fen": each.outstanding_fen,
                    "rate_bp": each.rate_bp,
                    "dpd": each.dpd,
                    "cls": each.cls,
                },
            )
            for each in book.draws
        ],
        cell,
    )


def _claims(book: Book, cell: Mapping[str, str]) -> list[Line]:
    loans = {each.reference: each for each in book.session.scalars(select(Registration))}
    some = [each for each in statements.claims(book.session) if each.filed_on <= book.day]
    booked: dict[str, list[str]] = {}
    query = select(Entry.loan, Entry.reference).where(Entry.loan.in_([each.loan for each in some]), Entry.on <= book.day)
    for loan, reference in book.session.execute(query.order_by(Entry.id)):
        if loan is not None and reference not in booked.setdefault(loan, []):
            booked[loan].append(reference)
    return opened(
        [
            Line(
                loans[each.loan].firm,
                {"pool": each.pool, "month": month_of(each.filed_on)},
                {
                    "claim_no": each.claim_no,
                    "pool": each.pool,
                    "loan": each.loan,
                    "bank": loans[each.loan].bank,
                    "filed_on": each.filed_on.isoformat(),
                    "unpaid_principal_fen": each.unpaid_principal_fen,
                    "payout_fen": each.payout_fen,
                    "paid_fen": each.paid_fen,
                    "paid_on": each.paid_on.isoformat() if each.paid_on else None,
                    "state": each.state,
                    "entries": booked.get(each.loan, []),
                },
            )
            for each in some
        ],
        cell,
    )


def _cells(book: Book, cell: Mapping[str, str]) -> list[Line]:
    """Applications and draws of the firms in one cell; either is left out where the snapshot holds its figures back."""
    dimension, wanted = cell.get("dimension", ""), cell.get("cell", "")
    if dimension not in DIMENSIONS:
        raise Invalid("cell.dimension", Words(f"可选:{'、'.join(DIMENSIONS)}", f"choose from {', '.join(DIMENSIONS)}"))
    at, hidden = places(book, dimension), held(book, dimension)
    asked = [(each.firm, each.id, each.bank, each.submitted_on, each.amount_fen, each.outcome) for each in book.applications]
    drawn = [(each.firm, each.id, each.bank, each.value_date, each.amount_fen, each.cls) for each in book.draws]
    found: list[Line] = []
    for kind, figures, things in (("application", NEEDS, asked), ("draw", DRAWS, drawn)):
        lines = [
            Line(
                firm,
                {"cell": at[firm]},
                {"kind": kind, "id": name, "bank": bank, "on": on.isoformat(), "amount_fen": fen, "state": state},
            )
            for firm, name, bank, on, fen, state in things
        ]
        if wanted not in hidden[figures]:
            found += opened(lines, {"cell": wanted})
    return found


FIGURES: dict[str, tuple[Callable[[Book, Mapping[str, str]], list[Line]], tuple[str, ...]]] = {
    "applications": (_applications, ("bank", "month", "state")),
    "draws": (_draws, ("cls", "bucket", "bank", "month")),
    "claims": (_claims, ("pool", "month")),
    "cells": (_cells, ("dimension", "cell")),
}
