"""Commands for planning: share scarce capacity, solve the CUMCM question. Nothing here decides for a firm."""

from __future__ import annotations

import csv
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.table import Table

from backend.cli.common import house, out, progress
from backend.kit import clock
from backend.kit.errors import Invalid

plan_app = typer.Typer(no_args_is_help=True, help="Planning only: how scarce money could be shared.")


def _capacity(texts: list[str]) -> dict[str, int]:
    found = {}
    for text in texts:
        name, equals, amount = text.partition("=")
        if not equals or not amount.isdigit():
            raise Invalid("--left", f"“{text}” is not NAME=AMOUNT; write a bank or pool and whole 万元, like harbour_bank=5000")
        found[name] = int(amount)
    return found


@plan_app.command("capacity")
def capacity(
    left: Annotated[list[str], typer.Option("--left", help="bank or scheme = 万元 it still has; may be said several times")],
    to: Annotated[Path | None, typer.Option("--out", help="also write every firm here (CSV)")] = None,
) -> None:
    """Share what is left among matched firms: the best sharing beside first come, first served, and what scarcity cost whom."""
    from backend.matching import scarcity, views

    caps, platform = _capacity(left), house()
    with progress() as bar:
        bar.add_task("sharing", total=None)
        with platform.database.reading() as session:
            today = clock.day_of(clock.business_now(session))
            schemes = {terms.code: terms.scheme for terms in platform.catalogue.on(today)}
            asks = views.asks(session, schemes)
        known = {option.bank for ask in asks for option in ask.options} | {one for one in schemes.values() if one is not None}
        for name in caps:
            if name not in known:
                raise Invalid("--left", f"no matched product is of “{name}”; there are {', '.join(sorted(known))}")
        begin = perf_counter()
        rows = scarcity.compared(asks, caps)
        taken = perf_counter() - begin
    grid = Table(title=f"{len(asks)} firms with a yes, in the order of their match; 万元")
    for head in ("", "asked", "alone", "first come", "best"):
        grid.add_column(head, justify="right")
    grid.add_row("lent", *(f"{sum(getattr(row, name) for row in rows):,}" for name in ("asked", "alone", "first_come", "best")))
    grid.add_row("firms short of what they could have", "", "", *(
        str(sum(getattr(row, name) < row.alone for row in rows)) for name in ("first_come", "best")
    ))  # fmt: skip
    out.print(grid)
    worst = sorted(rows, key=lambda row: (row.best - row.alone, row.firm))[:10]
    for row in worst:
        if row.best < row.alone:
            out.print(f"{row.firm}: could have {row.alone}, by turn {row.first_come}, best sharing {row.best}", highlight=False)
    out.print(f"solved in {taken:.2f} s; planning only, no reservation is made", highlight=False)
    if to is not None:
        with to.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(("firm", "asked", "alone", "first_come", "best"))
            sheet.writerows((row.firm, row.asked, row.alone, row.first_come, row.best) for row in rows)
        out.print(f"wrote {to}", highlight=False)


@plan_app.command("cumcm")
def cumcm(
    folder: Annotated[Path, typer.Argument(help="the folder of the CUMCM files")],
    scores: Annotated[Path, typer.Option(help="the CSV that `creditbridge score apply` wrote for the 302 firms")],
    to: Annotated[Path | None, typer.Option("--out", help="also write every loan here (CSV)")] = None,
) -> None:
    """CUMCM 2020 C, question 2: 100 million yuan over the firms, with clients lost by rate, for the largest expected profit."""
    from backend.matching import cumcm as task

    rates, lost = task.churn(folder / task.CHURN)
    wanted = task.asked(folder / "enterprises_302.csv")
    firms = [firm for firm in task.scores(scores) if firm.key in wanted]
    begin = perf_counter()
    table = task.units(firms, rates, lost)
    loans = task.best(firms, rates, table)
    taken = perf_counter() - begin
    grid = Table(
        title=f"{len(firms)} scored firms, {sum(firm.grade in lost for firm in firms)} of rating A to C; {task.BUDGET:,} 万元"
    )
    for head in ("rule", "loans", "lent 万元", "expected profit 万元", "rates"):
        grid.add_column(head, justify="right")
    rules = {
        "best (minimum-cost flow)": loans,
        "greedy: safest first, each at its best rate": task.by_grade(firms, rates, table),
        "greedy: safest first, one rate for all": task.greedy(firms, rates, table),
    }
    for name, found in rules.items():
        span = f"{min(loan.rate for loan in found):.4f}–{max(loan.rate for loan in found):.4f}" if found else ""
        grid.add_row(name, str(len(found)), f"{sum(loan.amount for loan in found):,}", f"{task.profit(found):,.4f}", span)
    out.print(grid)
    out.print(f"solved in {taken:.3f} s", highlight=False)
    if to is not None:
        with to.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(("企业代号", "grade", "pd", "amount_wan", "rate", "expected_profit_wan"))
            sheet.writerows(
                (one.firm.key, one.firm.grade, one.firm.pd, one.amount, one.rate, f"{one.profit:.6f}") for one in loans
            )
        out.print(f"wrote {to}", highlight=False)
