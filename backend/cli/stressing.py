"""`creditbridge pool stress`: how much money a book needs, of a live pool, of a CSV, or of public loans."""

from __future__ import annotations

import csv as csvs
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.table import Table

from backend.cli.common import day as typed_day
from backend.cli.common import house, out, progress, text_of
from backend.cli.looking import pool_app as pool_app
from backend.kit import clock
from backend.kit.errors import Invalid
from backend.kit.money import fen_of, wan

if TYPE_CHECKING:
    from backend.reporting.strength import Asked
    from risk_compensation.play.stress import Assumptions, Found, WhatIf
    from risk_compensation.play.stress_terms import StressTerms

COLUMNS = ("reference", "firm", "amount", "pd", "lgd", "share")
BETWEEN = "pd, lgd and share are numbers between 0 and 1"


def from_csv(text: str, name: str, cash_fen: int) -> Asked:
    """`reference,firm,amount,pd,lgd,share`: yuan, and probabilities and parts between 0 and 1. Refused whole, by line."""
    from backend.reporting.strength import Asked
    from risk_compensation.play import stress

    rows = csvs.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise Invalid(f"{name}, line 1", "the first line is " + ",".join(COLUMNS))
    firms: dict[str, int] = {}
    found: list[tuple[int, float, float, int, int]] = []
    for row in rows:
        where = f"{name}, line {rows.line_num}"
        try:
            pd, lgd, share = (float(row[column]) for column in COLUMNS[3:])
        except (TypeError, ValueError) as error:
            raise Invalid(where, BETWEEN) from error
        amount = fen_of(row["amount"], place=f"{where}: amount")
        if not all(0 <= each <= 1 for each in (pd, lgd, share)):
            raise Invalid(where, BETWEEN)
        if amount <= 0:
            raise Invalid(where, "the amount is positive")
        found.append((amount, pd, lgd, round(share * 10_000), firms.setdefault(row["firm"] or row["reference"], len(firms))))
    if not found:
        raise Invalid(name, "the file has no loan")
    amounts, pds, lgds, shares, numbers = (np.array(each) for each in zip(*found, strict=True))
    return Asked(name, stress.Book(amounts, pds, lgds, shares, numbers), cash_fen, int(amounts.sum()))


def sba(folder: Path, cash_fen: int) -> tuple[Asked, str]:
    """The public 7(a) sample as a book: the national rate of default over a loan's life, and the part of a defaulted loan lost.

    And the sentence that says what was taken from the file. `Term` of a charged-off loan ends with the charge-off: only loans
    paid in full tell how long a loan lives.
    """
    from backend.reporting.strength import Asked
    from risk_compensation import scheme
    from risk_compensation.play import outcomes, stress
    from risk_compensation.scheme import BookLoan

    loans = outcomes.sba(folder, outcomes.SBA_FILES[0]).loans
    terms = scheme.scheme("sba_7a_guarantee").terms[-1]
    weight = np.array([loan.weight for loan in loans])
    bad = np.array([loan.charged_off_on is not None for loan in loans])
    amount = np.array([loan.amount_fen for loan in loans], dtype=np.int64)
    lost = np.array([loan.charged_off_fen for loan in loans], dtype=np.int64)
    asked = [BookLoan(reference="-", amount_fen=loan.amount_fen, drawn_on=loan.drawn_on) for loan in loans]
    share = np.array([terms.shares_of(loan)["fund"] * 100 for loan in asked], dtype=np.int64)
    # Half of the sample are defaults: what is kept of it stands for the whole country's loans.
    kept = np.random.default_rng(1).random(len(loans)) < weight / weight.max()
    pd, lgd = float((weight * bad).sum() / weight.sum()), float(lost[bad].sum() / amount[bad].sum())
    ones = np.ones(int(kept.sum()))
    book = stress.Book(amount[kept], ones * pd, ones * lgd, share[kept], np.arange(len(ones)))
    frame = outcomes.frame_of(folder, outcomes.SBA_FILES[0])
    frame = frame[frame["MIS_Status"].str.replace(" ", "").str.upper() == "PIF"]
    years = float((frame["Term"] * frame["SampleWeight"]).sum() / frame["SampleWeight"].sum() / 12)
    said = (
        f"probability of default {pd:.2%} over a loan's life ({years:.1f} years on average), {lgd:.1%} of a defaulted loan lost: "
        "national, weighted; money in 10,000 dollars"
    )
    return Asked("sba", book, cash_fen, int(book.amount_fen.sum()), years=years), said


def live(code: str, on: str | None, terms: StressTerms | None) -> tuple[Asked, str]:
    """A pool's own book today or on a day, and the sentence that says what is known of it."""
    from backend.reporting import strength
    from risk_compensation.play import stress_terms

    platform = house()
    with platform.database.reading() as session:
        day = typed_day(on, "--on") or clock.day_of(clock.business_now(session))
        found = strength.live(session, code, day, terms)
    if found is None:
        raise Invalid("CODE", f"the pool “{code}” answers for no loan on {day}")
    firms, pd = len(np.unique(found.book.firm)), (terms or stress_terms.on(day)).pd
    said = f"{found.assessed} of {firms} firms have a probability of ours; the others {pd:.1%} (assumed)"
    if found.failed:
        said += f"; {found.failed} loans have failed already"
    if found.window_loans < found.minimum_loans:
        said += f"; {found.window_loans} loans entered in the window: below {found.minimum_loans} the breaker does not act"
    return found, said


def assumed_by(day: date, pd: float | None, lgd: float | None, correlation: float | None) -> StressTerms:
    """The dated assumptions, with what the command says instead."""
    from risk_compensation.play import stress_terms

    for name, value in (("--pd", pd), ("--lgd", lgd), ("--correlation", correlation)):
        if value is not None and not 0 <= value <= 1 - (name == "--correlation") * 1e-6:
            raise Invalid(name, "pd and lgd lie between 0 and 1, the correlation below 1")
    other = {"pd": pd, "lgd": lgd, "correlation": correlation}
    said = {name: Decimal(str(value)) for name, value in other.items() if value is not None}
    return stress_terms.on(day).model_copy(update=said)


@pool_app.command("stress")
def stress(
    code: Annotated[str | None, typer.Argument(help="a pool; its live book is judged")] = None,
    csv: Annotated[Path | None, typer.Option(help="a CSV instead: " + ",".join(COLUMNS))] = None,
    source: Annotated[Path | None, typer.Option("--sba", help="the folder of public 7(a) loans instead")] = None,
    cash: Annotated[str | None, typer.Option(help="the pool's money in 万元; a live pool has its own")] = None,
    pd: Annotated[float | None, typer.Option(help="probability of default of firms without an assessment")] = None,
    lgd: Annotated[float | None, typer.Option(help="part of a defaulted loan that is never recovered")] = None,
    correlation: Annotated[float | None, typer.Option(help="0.12 to 0.24 is Basel's range for firms")] = None,
    draws: Annotated[int, typer.Option(min=1_000, max=1_000_000)] = 50_000,
    on: Annotated[str | None, typer.Option(help="the day; today without it")] = None,
    figures: Annotated[Path | None, typer.Option("--json", help="write every figure here, for a plot")] = None,
) -> None:
    """Loss distribution of a book: money needed at 95 and 99.9 %, months of cover, the breaker, what if."""
    from backend.reporting import strength
    from risk_compensation.play import stress as stressing

    if sum(each is not None for each in (code, csv, source)) != 1:
        raise Invalid("CODE", "name a pool, or --csv FILE, or --sba FOLDER")
    money = fen_of(cash, place="--cash") * 10_000 if cash is not None else 0
    terms, said = assumed_by(typed_day(on, "--on") or clock.day_of(clock.now()), pd, lgd, correlation), ""
    assumed = strength.assumptions(terms, draws)
    with progress() as bar:
        task = bar.add_task("reading", total=None)
        if source is not None:
            asked, said = sba(source, money)
        elif csv is not None:
            asked = from_csv(text_of(csv), csv.name, money)
        else:
            asked, said = live(code or "", on, terms)
        cash_fen = money if cash is not None else asked.cash_fen
        bar.update(task, description="drawing")
        found = strength.judge(asked, assumed, cash_fen)
        bar.update(task, description="what if")
        worlds = stressing.what_if(asked.book, replace(assumed, draws=min(draws, 20_000)), cash_fen=cash_fen)
    _say(asked.name, said, found, worlds, cash_fen, assumed)
    if figures is not None:
        whole = found.figures() | {"what_if": [asdict(each) for each in worlds], "assumed": asdict(assumed), "cash_fen": cash_fen}
        figures.write_text(json.dumps(whole), encoding="utf-8")
        out.print(f"written to {figures}", highlight=False)


def _say(name: str, said: str, found: Found, worlds: Sequence[WhatIf], cash_fen: int, assumed: Assumptions) -> None:
    unit = "万元" if name != "sba" else "10,000 dollars"
    out.print(
        f"{name}: {found.loans:,} loans of {found.firms:,} firms, {wan(found.exposure_fen)} owed; cash {wan(cash_fen)} ({unit}). "
        f"Correlation {assumed.correlation:.0%}, {assumed.draws:,} draws",
        highlight=False,
    )
    if said:
        out.print(f"  {said}", highlight=False)
    cover = f"{found.months_of_cover:,.1f} months of cover" if found.months_of_cover is not None else "nothing expected"
    out.print(f"  expected payments, after recoveries, {wan(found.expected_fen)}: {cover}", highlight=False)
    for need in found.needs:
        missing = max(0, need.simulated_fen - cash_fen)
        out.print(
            f"  needed at {need.level:.1%}: {wan(need.simulated_fen)} ± {wan(need.error_fen)}; were the book granular "
            f"{wan(need.closed_form_fen)}; missing {wan(missing)}; before any recovery {wan(need.before_fen)}",
            highlight=False,
        )
    out.print(
        f"  concentration: as if {found.effective_firms:,.1f} equal firms; the ten largest {found.ten_largest_bp / 100:.1f} %\n"
        f"  breaker: warns in {found.chance_of_warning:.1%} of cases, pauses in {found.chance_of_pausing:.1%}; "
        f"nothing is lost in {found.chance_of_nothing:.1%}; the money does not reach in {found.chance_of_running_out:.2%}",
        highlight=False,
    )
    table = Table("share ×", "leverage ×", "PD ×", "expected", "needed 95 %", "needed 99.9 %", "missing 95 %", "missing 99.9 %")
    for column in table.columns:
        column.justify = "right"
    for each in worlds:
        money = (each.expected_fen, *each.needed_fen, *each.missing_fen)
        times = (f"{value:g}" for value in (each.share_times, each.leverage_times, each.pd_times))
        table.add_row(*times, *(wan(fen) for fen in money))
    out.print(table)
