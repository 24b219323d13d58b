"""Commands that weigh pools: what each scheme would have paid, what money a book needs, what outcomes would have cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from backend.cli import replaying as replaying  # its command and those of stressing stand on the same list
from backend.cli.common import day as typed_day
from backend.cli.common import house, out, progress, text_of
from backend.cli.stressing import pool_app as pool_app
from backend.kit import clock
from backend.kit.errors import Invalid
from backend.kit.money import fen_of, wan, yuan_text
from backend.kit.words import Language


def keep(path: Path | None, text: str) -> None:
    """Write what was asked for to a file."""
    if path is not None:
        path.write_text(text, encoding="utf-8")
        out.print(f"written to {path}", highlight=False)


@pool_app.command("check")
def check(folder: Annotated[Path | None, typer.Option(help="another folder than that of the published schemes")] = None) -> None:
    """Read every scheme file strictly, play every worked example, say every fault with file, line and remedy."""
    from risk_compensation.play import checking
    from risk_compensation.scheme import FOLDER

    where = folder or FOLDER
    files = len(list(where.glob("*.yaml")))
    faults = checking.check(where)
    for fault in faults:
        out.print(str(fault), highlight=False, markup=False)
    if faults:
        out.print(f"{len(faults)} faults in {len({fault.file for fault in faults})} of {files} scheme files")
        raise typer.Exit(1)
    out.print(f"{files} scheme files: every worked example comes out", highlight=False)


@pool_app.command("compare")
def compare(
    loans: Annotated[Path | None, typer.Argument(help="a CSV of loans with their outcomes")] = None,
    scheme: Annotated[list[str] | None, typer.Option(help="only this scheme; may be said again")] = None,
    money: Annotated[str | None, typer.Option(help="give each scheme this much money (万元) instead of its own")] = None,
    as_dated: Annotated[bool, typer.Option(help="only loans drawn while the scheme was in force")] = False,
    csv: Annotated[Path | None, typer.Option(help="write the whole table here")] = None,
    columns: Annotated[bool, typer.Option("--columns", help="say which columns the CSV has")] = False,
) -> None:
    """What each scheme would have paid on the same book, by party. A book with a bad row is refused whole."""
    from risk_compensation.play import book as books
    from risk_compensation.play import compare as comparing

    if columns or loans is None:
        for name, (_, needed, _, words) in books.COLUMNS.items():
            out.print(f"  {name:<18} {'needed' if needed else '':<7} {words.zh}  {words.en}", highlight=False)
        if not columns:
            raise Invalid("LOANS.csv", "name a file with these columns")
        return
    money_fen = fen_of(money, place="--money") * 10_000 if money is not None else None
    with progress() as bar:
        task = bar.add_task("reading", total=None)
        book = books.read(text_of(loans))
        rows = comparing.compare(
            book, codes=scheme, money_fen=money_fen, as_dated=as_dated, progress=lambda code: bar.update(task, description=code)
        )
    bad = sum(loan.overdue_since is not None for loan in book)
    out.print(
        f"{len(book):,} loans, {bad:,} defaults, {wan(comparing.loss_fen(book))} 万元 lost after recoveries", highlight=False
    )
    table = Table("scheme", *(("entered", "claims", "bank", "guarantor", "others", "public", "waiting", "outside", "stops")))
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        others = sum(row.fen.values()) - row.public_fen - row.fen["bank"] - row.fen["guarantor"]
        money_cells = (row.fen["bank"], row.fen["guarantor"], others, row.public_fen, row.waiting_fen, row.outside_fen)
        table.add_row(
            row.scheme, f"{row.entered:,}", f"{row.claims:,}", *(wan(fen) for fen in money_cells), str(len(row.stops) or "")
        )
    out.print(table)
    out.print("万元; every row adds up to the book’s loss. others: re-guarantor, insurer, appraiser, mutual", highlight=False)
    for row in rows:
        if row.refused:
            told = ", ".join(f"{why} {count:,}" for why, count in sorted(row.refused.items(), key=lambda item: -item[1]))
            out.print(f"  {row.scheme}: not taken: {told}", highlight=False)
    keep(csv, comparing.as_csv(rows))


@pool_app.command("book")
def book(
    code: str,
    since: Annotated[str | None, typer.Option(help="first day; the pool's opening without it")] = None,
    until: Annotated[str | None, typer.Option(help="last day; today without it")] = None,
    party: Annotated[str | None, typer.Option(help="one party's statement instead")] = None,
    journal: Annotated[bool, typer.Option("--journal", help="every entry instead")] = False,
    written_by: Annotated[str | None, typer.Option(help="trial balance with what was written down by that day only")] = None,
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    csv: Annotated[Path | None, typer.Option(help="write it here as CSV")] = None,
    purpose: Annotated[str, typer.Option(help="with --journal or --party: for what you look; it is logged")] = "",
) -> None:
    """The pool's book on paper: trial balance and special account, a party's statement, or the journal."""
    from backend.audit import looking
    from backend.loans import oversight
    from risk_compensation.ledger import pool_of
    from risk_compensation.live import printing

    said: Language = "en" if language == "en" else "zh"
    platform = house()
    with platform.database.writing() if journal or party else platform.database.reading() as session:
        first = typed_day(since, "--since") or pool_of(session, code).opened_on
        last = typed_day(until, "--until") or clock.day_of(clock.business_now(session))
        if party is not None or journal:
            pages = [
                oversight.on_paper(
                    session,
                    looking.COMMAND,
                    code=code,
                    party=party,
                    since=first,
                    until=last,
                    purpose=purpose,
                    at=clock.business_now(session),
                )
            ]
        else:
            pages = [printing.trial_page(session, code, last, written_by=typed_day(written_by, "--written-by"))]
            pages.append(printing.pool_page(session, code, first, last))
    for page in pages:
        out.print(page.as_text(said), highlight=False, markup=False, soft_wrap=True)
    keep(csv, "\n".join(page.as_csv(said) for page in pages))


@pool_app.command("close")
def close(code: str, until: str, by: Annotated[str, typer.Option(help="who closes it")]) -> None:
    """Close a pool's book up to and including a past day."""
    from risk_compensation.ledger import periods

    platform = house()
    with platform.database.writing() as session:
        day = typed_day(until, "UNTIL")
        assert day is not None
        made = periods.close_period(session, code, until=day, by=by, on=clock.day_of(clock.business_now(session)))
        out.print(f"{code} is closed until {made.until}, trial balance {made.digest[:16]}", highlight=False)


@pool_app.command("reconcile")
def reconcile(code: str, lines: Path, day: str, by: Annotated[str, typer.Option(help="who does it")]) -> None:
    """Hold the custody bank's statement of a day (CSV: day,receipt_no,amount,balance) against the book."""
    from risk_compensation.live import custody

    platform = house()
    with platform.database.writing() as session:
        on, today = typed_day(day, "DAY"), clock.day_of(clock.business_now(session))
        assert on is not None
        found = custody.reconcile(session, code, text_of(lines), day=on, by=by, on=today)
    for each in found:
        said = [yuan_text(fen) if fen is not None else "–" for fen in (each.bank_fen, each.book_fen)]
        out.print(f"{each.kind} {each.receipt_no}: bank {said[0]}, book {said[1]}: {each.words.en}", highlight=False)
    out.print(f"{code} on {on}: {len(found)} differences", highlight=False)
    if found:
        raise typer.Exit(1)
