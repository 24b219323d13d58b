"""`creditbridge pool replay`: public outcomes through a pool's book, beside a sum of the file that shares no code with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from backend.cli.common import out, progress
from backend.cli.looking import pool_app as pool_app
from backend.kit.database import Base, Database
from backend.kit.money import yuan_text

if TYPE_CHECKING:
    from risk_compensation.play.replay import Vintage

SHOWN = 20  # exceptions named before the rest are only counted
AGES = 10


@contextmanager
def scratch() -> Iterator[Database]:
    """A database with the pool's own tables and triggers, thrown away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'replay.db'}")
        Base.metadata.create_all(database.engine)
        try:
            yield database
        finally:
            database.dispose()


@pool_app.command("replay")
def replay(
    folder: Path,
    source: Annotated[Literal["sba", "ssbci"], typer.Option(help="whose files the folder holds")],
    csv: Annotated[Path | None, typer.Option(help="write the vintages, or the exceptions, here")] = None,
) -> None:
    """What a pool would have paid on public outcomes; leaves with 1 when book and file differ by a cent."""
    sound = _sba(folder, csv) if source == "sba" else _ssbci(folder, csv)
    if not sound:
        raise typer.Exit(1)


def _sba(folder: Path, csv: Path | None) -> bool:
    from risk_compensation.play import outcomes
    from risk_compensation.play import replay as replaying

    sound = True
    for name in outcomes.SBA_FILES:
        with scratch() as database, progress() as bar:
            task = bar.add_task(name, total=None)
            found = outcomes.sba(folder, name)
            done = replaying.sba(database, found.loans, "sba", partial(bar.advance, task))
            claims, paid = replaying.sba_alone(folder, name)
        difference = done.paid_fen - paid
        sound = sound and difference == 0 and not done.faults and claims == done.claims
        out.print(f"{name}: {found.rows:,} rows, {len(found.loans):,} loans, {done.claims:,} claims", highlight=False)
        for why, count in [*found.left_out.items(), *found.noted.items()]:
            if count:
                out.print(f"  {count:>6,}  {why}", highlight=False)
        out.print(f"  the pool paid  {yuan_text(done.paid_fen):>20}   the banks bore {yuan_text(done.bank_fen)}", highlight=False)
        out.print(f"  the file alone {yuan_text(paid):>20}   from {claims:,} claims", highlight=False)
        said = "; ".join(done.faults) or "the book is sound"
        out.print(f"  difference     {yuan_text(difference):>20}   {said}; {done.seconds:.1f} s", highlight=False)
        if name == outcomes.SBA_FILES[0]:
            _vintages(replaying.vintages(found.loans, AGES), csv)
    return sound


def _vintages(rows: Sequence[Vintage], csv: Path | None) -> None:
    table = Table("drawn in", "loans", *(f"{age + 1} y" for age in range(AGES)))
    for column in table.columns[1:]:
        column.justify = "right"
    text = "year,loans,weighted_loans,amount," + ",".join(f"year_{age + 1}_bp" for age in range(AGES)) + "\n"
    for row in rows:
        curve = [f"{value / 100:.2f}" if value is not None else "" for value in row.cumulative_curve]
        if row.loans >= 100:
            table.add_row(str(row.year), f"{row.loans:,}", *curve)
        cells = [f"{value:.2f}" if value is not None else "" for value in row.cumulative_curve]
        text += f"{row.year},{row.loans},{row.weighted:.1f},{row.amount_fen / 100:.2f}," + ",".join(cells) + "\n"
    out.print("  claims paid so far, % of original principal, weighted, by age of the loan; years with 100 loans or more")
    out.print(table)
    if csv is not None:
        csv.write_text(text, encoding="utf-8")
        out.print(f"  written to {csv}", highlight=False)


def _ssbci(folder: Path, csv: Path | None) -> bool:
    from risk_compensation.play import outcomes
    from risk_compensation.play import replay as replaying

    with scratch() as database, progress() as bar:
        task = bar.add_task(outcomes.SSBCI_FILE, total=None)
        rows, all_rows = outcomes.ssbci(folder)
        done = replaying.premiums(database, rows, progress=lambda count: bar.advance(task, count))
        alone = replaying.premiums_alone(folder)
    share = done.agreeing / done.rows
    out.print(f"{outcomes.SSBCI_FILE}: {all_rows:,} rows, {done.rows:,} of capital-access programmes", highlight=False)
    out.print(
        f"  public money = borrower's + lender's premium within a dollar: {done.agreeing:,} rows ({share:.1%}), "
        f"to the cent {done.exact:,}",
        highlight=False,
    )
    difference = done.public_fen - alone
    said = "; ".join(done.replayed.faults) or "the book is sound"
    out.print(f"  the pool's public money {yuan_text(done.public_fen):>18}", highlight=False)
    out.print(f"  the premiums alone      {yuan_text(alone):>18}", highlight=False)
    out.print(f"  difference              {yuan_text(difference):>18}   {said}; {done.replayed.seconds:.1f} s", highlight=False)
    out.print(
        f"  the file's public money {yuan_text(done.file_fen):>18}   {yuan_text(done.file_fen - done.public_fen)} beside the "
        f"premiums, in rows that differ by up to a dollar",
        highlight=False,
    )
    out.print(f"  exceptions: {len(done.exceptions):,}", highlight=False)
    text = "row,state,loan,borrower_premium,lender_premium,public_in_file,difference\n"
    for place, row in enumerate(done.exceptions):
        money = (
            row.loan_fen,
            row.borrower_fen,
            row.lender_fen,
            row.public_fen,
            row.public_fen - row.borrower_fen - row.lender_fen,
        )
        cells = [str(row.row), row.state, *(f"{fen / 100:.2f}" for fen in money)]
        text += ",".join(cells) + "\n"
        if place < SHOWN:
            out.print(f"    row {cells[0]} {cells[1]}: premiums {cells[3]} + {cells[4]}, file {cells[5]}", highlight=False)
    if len(done.exceptions) > SHOWN:
        out.print(f"    and {len(done.exceptions) - SHOWN:,} more; --csv lists them all", highlight=False)
    if csv is not None:
        csv.write_text(text, encoding="utf-8")
        out.print(f"  written to {csv}", highlight=False)
    return difference == 0 and not done.replayed.faults
