"""Commands that look: at the catalogue, a pool, an assessment, the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from backend.cli.common import day as typed_day
from backend.cli.common import house, out, progress
from backend.kit import clock
from backend.kit.money import wan

FIRST = 20  # faults named before the rest are only counted
products_app = typer.Typer(no_args_is_help=True, help="The product catalogue.")
pool_app = typer.Typer(no_args_is_help=True, help="The risk-compensation pools.")
score_app = typer.Typer(no_args_is_help=True, help="Scorecards and assessments.")
audit_app = typer.Typer(no_args_is_help=True, help="The log.")


@products_app.command("check")
def products_check(
    folder: Annotated[Path | None, typer.Option(help="another folder than the catalogue's own")] = None,
    on: Annotated[str | None, typer.Option(help="show the catalogue of a day; today without it")] = None,
) -> None:
    """Read every product file strictly, say every fault with file, line and remedy, run every example, show the catalogue."""
    from products import catalogue, directory

    where = folder or catalogue.FOLDER
    files = len(list(where.rglob("*.yaml")))
    faults = catalogue.check(where)
    for fault in faults:
        out.print(str(fault), highlight=False, markup=False)
    if faults:
        out.print(f"{len(faults)} faults in {len({fault.file for fault in faults})} of {files} product files")
        raise typer.Exit(1)
    day = typed_day(on, "--on") or clock.day_of(clock.now())
    read, offered = catalogue.load(where), catalogue.load(where).on(day)
    table = Table("种类 family", "产品 product", "银行 bank", "办理 apply", "万元", "月 months", "事实 facts", title=f"on {day}")
    for family, kind in directory.families().items():
        for terms in (each for each in offered if each.family == family):
            range_ = f"{wan(terms.min_fen)}–{wan(terms.max_fen)}"
            apply = "at the bank" if terms.at_the_bank else "here"
            months = ", ".join(map(str, terms.months))
            count = len(set(terms.facts_used))
            table.add_row(f"{kind.zh} {kind.en}", terms.code, terms.bank_title.en, apply, range_, months, str(count))
    out.print(table)
    examples = sum(len(block.examples) for product in read.products for block in product.blocks)
    kinds = {family for terms in offered for family in terms.families}
    out.print(
        f"{files} product files read, {len(read.products)} products, {len(offered)} in force on {day}, "
        f"{len({terms.bank for terms in offered})} banks, {len(kinds)} families, {examples} examples hold, no fault"
    )


@pool_app.command("statement")
def pool_statement(code: str, on: Annotated[str | None, typer.Option(help="a past day")] = None) -> None:
    """One pool's statement on a day."""
    from risk_compensation.live import statements

    platform = house()
    with platform.database.reading() as session:
        day = typed_day(on, "--on") or clock.day_of(clock.business_now(session))
        head = statements.headroom(session, code, day)
        out.print(
            f"{code} on {day}: {head.state}; cash {wan(head.cash_fen)}, commitments {wan(head.commitments_fen)}, "
            f"reserved {wan(head.reserved_fen)}, headroom {wan(head.available_fen)} (万元)"
        )
        for line in statements.trial_balance(session, code, day):
            out.print(f"  {line.account:<28} {wan(line.balance_fen):>16}")


@audit_app.command("verify")
def audit_verify() -> None:
    """Test that the log is whole and every consent and power of attorney says what was signed; the first faults are named."""
    from backend.audit import views
    from backend.consents import proof

    platform = house()
    with platform.database.reading() as session, progress() as bar:
        bar.add_task("the log", total=None)
        faults = [f"the log: {fault}" for fault in views.faults(session)]
        bar.add_task("consents and powers of attorney", total=None)
        faults += proof.every_fault(session, platform.signing)
        lines, (consents, powers) = views.length(session), proof.counted(session)
    for fault in faults[:FIRST]:
        out.print(fault, highlight=False, markup=False)
    if faults:
        rest = len(faults) - FIRST
        out.print(f"{len(faults)} faults" + (f", {rest} of them not shown" if rest > 0 else ""))
        raise typer.Exit(1)
    out.print(f"the log is whole: {lines:,} lines; {consents:,} consents and {powers:,} powers of attorney say what was signed")


@audit_app.command("retain")
def audit_retain() -> None:
    """Forget what the retention terms no longer allow us to keep; each erasure leaves its line in the log."""
    from backend.audit.model import Actor
    from backend.loans import retention

    platform = house()
    with platform.database.writing() as session, progress() as bar:
        task = bar.add_task("looking", total=None)
        swept = retention.sweep(
            session,
            Actor("command", "operator"),
            at=clock.business_now(session),
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    out.print(
        f"on {swept.day}: {swept.raw_records:,} raw records, the evidence of {swept.assessments:,} assessments and "
        f"{swept.facts:,} facts erased"
    )


@audit_app.command("trail")
def audit_trail(object_id: str, purpose: Annotated[str, typer.Option(help="for what you look; it is logged")] = "") -> None:
    """Who did what with one object, newest first; this look is logged with its purpose."""
    from backend.audit import looking

    platform = house()
    with platform.database.writing() as session:
        at = clock.business_now(session)
        for line in looking.trail(session, looking.COMMAND, object_id=object_id, purpose=purpose, at=at):
            out.print(f"{line.seq} {line.at:%Y-%m-%d %H:%M} {line.role} {line.actor_id} {line.action} {line.details}")
