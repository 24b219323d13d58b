"""Our book laid beside the banks' own, which are read at `/_sandbox/book` and not through any adapter."""

from __future__ import annotations

from typing import Any

from tests.stage import Stage

SOURCES = ("borrower", "guarantor", "recovery")


def of_ours(stage: Stage) -> dict[tuple[str, str], dict[str, int]]:
    """(bank, draw) -> fen of every kind, as the regulator reads it."""
    if "regulator" not in stage.people:
        stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    lines = stage.people["regulator"].do("GET", "/api/regulator/book?purpose=reconciliation")
    return {(line["bank"], line["draw_no"]): line.get("totals", line) for line in lines}


def of_theirs(stage: Stage) -> dict[tuple[str, str], dict[str, int]]:
    """The same from the banks' own books."""
    return {(bank, draw["draw_no"]): _kinds(draw) for bank in stage.banks for draw in stage.book(bank)["draws"]}


def _kinds(draw: dict[str, Any]) -> dict[str, int]:
    parts = {f"principal_{source}_fen": draw["by_source"].get(source, {}).get("principal_fen", 0) for source in SOURCES}
    paid = {kind: draw[kind] for kind in ("interest_paid_fen", "penalty_paid_fen", "outstanding_fen")}
    return {"drawn_fen": draw["amount_fen"]} | parts | paid


def assert_books_agree(stage: Stage) -> None:
    """Draw by draw and kind by kind: not one fen is unexplained."""
    ours, theirs = of_ours(stage), of_theirs(stage)
    assert ours.keys() == theirs.keys()
    for name, kinds in theirs.items():
        assert {kind: ours[name][kind] for kind in kinds} == kinds, name
