"""Commands over many firms at once: import ledgers, match them, build the snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from backend.cli.common import day as typed_day
from backend.cli.common import house, out, progress, settings
from backend.kit import clock
from backend.kit.errors import Invalid

if TYPE_CHECKING:
    from backend.matching.counting import Counted

app = typer.Typer()
importing = typer.Typer(no_args_is_help=True, help="Bring in files from outside.")


@importing.command("invoices")
def import_invoices(
    path: Path,
    basis: Annotated[str, typer.Option(help="on what basis these ledgers may be read, in words")],
    part: Annotated[str, typer.Option(help="302, 123 or all")] = "302",
) -> None:
    """Read VAT ledgers of the CUMCM 2020 C form. The firms get fictional registration numbers; their consents reach no bank."""
    from backend.audit.model import Actor
    from backend.credit_data import ledgers

    platform = house()
    with platform.database.reading() as session:
        at = clock.business_now(session)
    with progress() as bar:
        task = bar.add_task("reading ledgers", total=None)

        def tell(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=what, completed=done, total=total)

        report = ledgers.import_invoices(
            platform.database,
            path,
            part=part,
            basis=basis,
            actor=Actor("command", "operator"),
            at=at,
            sealer=platform.sealer,
            progress=tell,
        )
    for line in report.lines():
        out.print(line)


@app.command()
def match(
    all_firms: Annotated[bool, typer.Option("--all", help="every imported firm")] = False,
    facts_on: Annotated[str | None, typer.Option(help="the day whose facts are used")] = None,
    policy_on: Annotated[
        str | None, typer.Option(help="the day whose products, cards and rates are used; default: today")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="also write every row here")] = None,
    product: Annotated[list[str] | None, typer.Option(help="only this product, or these: what changed")] = None,
    counts: Annotated[bool, typer.Option(help="only count yes / no / unknown: for millions of firms")] = False,
) -> None:
    """Assess and match many firms: grades, yes / no / unknown by product, indicative amounts, reasons."""
    from backend.credit_data import ledgers
    from backend.matching import counting, sweeps

    if not all_firms:
        raise Invalid("--all", "say --all: one firm is matched in the portal")
    if counts and csv is not None:
        raise Invalid("--csv", "--counts keeps no rows; leave one of the two out")
    platform = house()
    with platform.database.reading() as session:
        at = clock.business_now(session)
    today = clock.day_of(at)
    facts_day, policy_day = typed_day(facts_on, "--facts-on") or today, typed_day(policy_on, "--policy-on") or today
    with progress() as bar:
        task = bar.add_task("matching", total=None)
        ledgers.distil_ledgers(platform.database, day=facts_day, sealer=platform.sealer)
        about: dict[str, Any] = {
            "catalogue": platform.catalogue,
            "facts_on": facts_day,
            "policy_on": policy_day,
            "at": at,
            "products": product or (),
            "progress": lambda done, total: bar.update(task, completed=done, total=total),
        }
        if counts:
            _say_counts(counting.run(platform.database, **about))
            return
        swept = sweeps.run(platform.database, **about)
    out.print(f"facts on {facts_day}, policy on {policy_day}: {swept.firms} firms, {len(swept.rows)} answers")
    for table in swept.tables():
        grid = Table(title=table.title)
        for head in table.heads:
            grid.add_column(head)
        for line in table.lines:
            grid.add_row(*[str(each) for each in line])
        out.print(grid)
    if csv is not None:
        sweeps.write_csv(swept, csv)
        out.print(f"wrote {csv}")


def _say_counts(counted: Counted) -> None:
    grid = Table("产品 product", "银行 bank", "可 yes", "否 no", "待定 unknown")
    for line in counted.lines:
        grid.add_row(line.product, line.bank, *(f"{each:,}" for each in (line.yes, line.no, line.unknown)))
    days = f"facts on {counted.facts_on}, policy on {counted.policy_on}"
    out.print(f"{days}: {counted.firms:,} firms counted by criteria and base limit; what debts and pools leave is not in it")
    out.print(grid)


@app.command()
def snapshot() -> None:
    """Build and publish the regulator's snapshot now."""
    from backend.reporting import snapshot as reporting

    platform = house()
    with platform.database.reading() as session:
        at = clock.business_now(session)
    with progress() as bar:
        task = bar.add_task("building", total=None)
        path = reporting.build(
            platform.database,
            settings().snapshots,
            at,
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    out.print(f"published {path.name}")
