"""The rows behind one cell of a figure, with a stated purpose. Refused for fewer than five distinct firms; every look is logged.

Rows carry what an auditor can follow (application, draw, claim, reference of the pool's booking) and neither names nor codes of
firms. Written in: domain §9 (aggregates, and audited drill-down with purpose; cells of five firms and more).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import Actor
from backend.kit.errors import Invalid, Refused
from backend.kit.words import Words
from backend.reporting.book import Book, day_of, read
from backend.reporting.figures_cells import DIMENSIONS, FEWEST, cell_of
from backend.reporting.figures_loans import bucket_of
from backend.reporting.reckon import month_of
from risk_compensation import statements
from risk_compensation.tables import Entry, Registration

Found = list[tuple[str, dict[str, Any]]]
"""(firm, the row that is shown)."""

SHORTEST_PURPOSE = 4


def rows(session: Session, actor: Actor, *, figure: str, cell: dict[str, Any], purpose: str, at: datetime) -> dict[str, Any]:
    """{"columns", "rows", "words"} behind one cell. Invalid: unknown figure or cell, no purpose. Refused: fewer than five firms.

    Figures and the keys of their cells: applications (bank, month, state), draws (cls, bucket, bank, month), claims (pool,
    month), cells (dimension and cell). A key left out is not asked about. The refusal is logged too.
    """
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
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        raise Invalid("purpose", Words("请写明查询目的", "say for what purpose you look"))
    found = look(read(session, day_of(at)), cell)
    firms = {firm for firm, _ in found}
    few = len(firms) < FEWEST
    audit.record(
        session,
        at=at,
        actor=actor,
        action="regulator.drilldown_refused" if few else "regulator.drilldown",
        object_kind="figure",
        object_id=figure,
        details={"cell": cell, "purpose": purpose.strip()} | ({} if few else {"rows": len(found)}),
    )
    if few:
        raise Refused(
            Words(
                "该分组不足五家企业,不提供明细;请扩大范围", "fewer than five firms stand behind this cell; ask for a wider one"
            ),
            code="small_cell",
        )
    return {
        "columns": list(found[0][1]),
        "rows": [row for _, row in found],
        "words": Words(
            f"{len(firms)} 家企业,{len(found)} 行;本次查询已记录", f"{len(firms)} firms, {len(found)} rows; this look is logged"
        ).as_dict(),
    }


def _matches(cell: Mapping[str, str], about: Mapping[str, str]) -> bool:
    return all(about[key] == value for key, value in cell.items())


def _applications(book: Book, cell: Mapping[str, str]) -> Found:
    """`state` is the outcome as the figures count it, or the state the application stands in."""
    rest = {key: value for key, value in cell.items() if key != "state"}
    return [
        (
            each.firm,
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
        if cell.get("state", each.outcome) in (each.outcome, each.state)
        and _matches(rest, {"bank": each.bank, "month": month_of(each.submitted_on)})
    ]


def _draws(book: Book, cell: Mapping[str, str]) -> Found:
    """With a class or a bucket only draws on which principal is owed, as the figures count them."""
    live = "cls" in cell or "bucket" in cell
    return [
        (
            each.firm,
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
        for each in (book.live if live else book.draws)
        if _matches(cell, {"cls": each.cls, "bucket": bucket_of(each.dpd), "bank": each.bank, "month": month_of(each.value_date)})
    ]


def _claims(book: Book, cell: Mapping[str, str]) -> Found:
    loans = {each.reference: each for each in book.session.scalars(select(Registration))}
    some = [each for each in statements.claims(book.session, cell.get("pool")) if each.filed_on <= book.day]
    some = [each for each in some if cell.get("month", month_of(each.filed_on)) == month_of(each.filed_on)]
    booked: dict[str, list[str]] = {}
    query = select(Entry.loan, Entry.reference).where(Entry.loan.in_([each.loan for each in some]), Entry.on <= book.day)
    for loan, reference in book.session.execute(query.order_by(Entry.id)):
        if loan is not None and reference not in booked.setdefault(loan, []):
            booked[loan].append(reference)
    return [
        (
            loans[each.loan].firm,
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
    ]


def _cells(book: Book, cell: Mapping[str, str]) -> Found:
    """Applications and draws of the firms in one cell; held back where either has too few firms, as in the figures."""
    dimension, wanted = cell.get("dimension", ""), cell.get("cell", "")
    if dimension not in DIMENSIONS:
        raise Invalid("cell.dimension", Words(f"可选:{'、'.join(DIMENSIONS)}", f"choose from {', '.join(DIMENSIONS)}"))
    members = {firm for firm, about in book.firms.items() if cell_of(dimension, about, book.day) == wanted}
    found: Found = []
    for kind, things in (
        (
            "application",
            [(each.firm, each.id, each.bank, each.submitted_on, each.amount_fen, each.outcome) for each in book.applications],
        ),
        ("draw", [(each.firm, each.id, each.bank, each.value_date, each.amount_fen, each.cls) for each in book.draws]),
    ):
        some = [each for each in things if each[0] in members]
        if _firms(each[0] for each in some) >= FEWEST:
            found += [
                (firm, {"kind": kind, "id": name, "bank": bank, "on": on.isoformat(), "amount_fen": fen, "state": state})
                for firm, name, bank, on, fen, state in some
            ]
    return found


def _firms(firms: Iterable[str]) -> int:
    return len(set(firms))


FIGURES: dict[str, tuple[Callable[[Book, Mapping[str, str]], Found], tuple[str, ...]]] = {
    "applications": (_applications, ("bank", "month", "state")),
    "draws": (_draws, ("cls", "bucket", "bank", "month")),
    "claims": (_claims, ("pool", "month")),
    "cells": (_cells, ("dimension", "cell")),
}
