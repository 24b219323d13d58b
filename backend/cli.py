"""The `creditbridge` command. Errors are one clear sentence and a non-zero exit, never a traceback."""

from __future__ import annotations

import signal
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend.kit import clock
from backend.kit.errors import CreditBridgeError, Invalid, Misconfigured
from backend.kit.money import wan

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="CreditBridge 信桥: finance for small firms.", rich_markup_mode=None
)
importing = typer.Typer(no_args_is_help=True, help="Bring in files from outside.")
products_app = typer.Typer(no_args_is_help=True, help="The product catalogue.")
pool_app = typer.Typer(no_args_is_help=True, help="The risk-compensation pools.")
score_app = typer.Typer(no_args_is_help=True, help="Scorecards and assessments.")
audit_app = typer.Typer(no_args_is_help=True, help="The log.")
app.add_typer(importing, name="import")
app.add_typer(products_app, name="products")
app.add_typer(pool_app, name="pool")
app.add_typer(score_app, name="score")
app.add_typer(audit_app, name="audit")
out = Console()
errors = Console(stderr=True)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=errors, transient=True
    )


def _house() -> Any:
    from backend.app import create_platform
    from backend.settings import load

    return create_platform(load())


def _day(text: str | None, name: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(name, f"“{text}” is not a day; write it like 2025-04-17") from error


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    worker: Annotated[bool, typer.Option(help="take due steps inside this process")] = True,
) -> None:
    """Portal, API and (unless told otherwise) one worker."""
    import uvicorn

    from backend.app import create_app, set_up_sandbox

    house = _house()
    set_up_sandbox(house, _settings())
    uvicorn.run(create_app(house, work=worker), host=host, port=port, log_level="warning", access_log=False)


@app.command()
def worker() -> None:
    """Take due steps until told to stop."""
    house = _house()
    signal.signal(signal.SIGTERM, lambda *_: house.worker.stop())
    signal.signal(signal.SIGINT, lambda *_: house.worker.stop())
    house.worker.run_forever()


@app.command()
def dashboard(
    port: int = 8501,
    snapshots: Annotated[Path | None, typer.Option(help="folder of published snapshots; default: in var")] = None,
    api: Annotated[str | None, typer.Option(help="address of the API that confirms sessions")] = None,
    host: str = "127.0.0.1",
) -> None:
    """The regulator's dashboard, from the published snapshot."""
    from backend.settings import load
    from dashboard.app import serve as serve_dashboard

    settings = load()
    serve_dashboard(port=port, snapshot_dir=snapshots or settings.snapshots, api_url=api or settings.public_url, host=host)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this release."""
    from backend import migrate as migration
    from backend.kit.database import Database
    from backend.settings import load

    database = Database(load().database)
    out.print(f"schema {migration.migrate(database)}")


@importing.command("invoices")
def import_invoices(
    path: Path,
    basis: Annotated[str, typer.Option(help="on what basis these ledgers may be read, in words")],
    part: Annotated[str, typer.Option(help="302, 123 or all")] = "302",
) -> None:
    """Read VAT ledgers of the CUMCM 2020 C form. The firms get fictional registration numbers; their consents reach no bank."""
    from backend.audit.model import Actor
    from backend.credit_data import ledgers

    house = _house()
    with _progress() as bar, house.database.reading() as session:
        at = clock.business_now(session)
        task = bar.add_task("reading ledgers", total=None)

        def tell(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=what, completed=done, total=total)

        report = ledgers.import_invoices(
            house.database,
            path,
            part=part,
            basis=basis,
            actor=Actor("command", "operator"),
            at=at,
            sealer=house.sealer,
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
) -> None:
    """Assess and match many firms: grades, yes / no / unknown by product, indicative amounts, reasons."""
    from backend.matching import sweeps

    if not all_firms:
        raise Invalid("--all", "say --all: one firm is matched in the portal")
    house = _house()
    with house.database.reading() as session:
        at = clock.business_now(session)
    today = at.date()
    facts_day, policy_day = _day(facts_on, "--facts-on") or today, _day(policy_on, "--policy-on") or today
    with _progress() as bar:
        task = bar.add_task("matching", total=None)
        swept = sweeps.run(
            house.database,
            catalogue=house.catalogue,
            facts_on=facts_day,
            policy_on=policy_day,
            at=at,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
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


@products_app.command("check")
def products_check() -> None:
    """Read every product file strictly and say every fault."""
    from products import catalogue

    faults = catalogue.check()
    for fault in faults:
        out.print(str(fault))
    if faults:
        raise typer.Exit(1)
    out.print(f"{len(catalogue.load().products)} product files, no fault")


@pool_app.command("statement")
def pool_statement(code: str, on: Annotated[str | None, typer.Option(help="a past day")] = None) -> None:
    """One pool's statement on a day."""
    from risk_compensation import statements

    house = _house()
    with house.database.reading() as session:
        day = _day(on, "--on") or clock.business_now(session).date()
        head = statements.headroom(session, code, day)
        out.print(
            f"{code} on {day}: {head.state}; cash {wan(head.cash_fen)}, commitments {wan(head.commitments_fen)}, "
            f"reserved {wan(head.reserved_fen)}, headroom {wan(head.available_fen)} (万元)"
        )
        for account, balance in statements.trial_balance(session, code, day):
            out.print(f"  {account:<28} {wan(balance):>16}")


@score_app.command("replay")
def score_replay(assessment: str) -> None:
    """Recompute one assessment from its stored digests: the same bytes, or a fault."""
    from backend.scoring import actions

    house = _house()
    with house.database.reading() as session:
        out.print(actions.replay(session, assessment, sealer=house.sealer))


@app.command()
def snapshot() -> None:
    """Build and publish the regulator's snapshot now."""
    from backend.reporting import snapshot as reporting

    house = _house()
    with house.database.reading() as session:
        at = clock.business_now(session)
    with _progress() as bar:
        task = bar.add_task("building", total=None)
        path = reporting.build(
            house.database,
            _settings().snapshots,
            at,
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    out.print(f"published {path.name}")


def _settings() -> Any:
    from backend.settings import load

    return load()


@audit_app.command("verify")
def audit_verify() -> None:
    """Test that the log is whole; the first broken line is named."""
    from backend.audit import views

    house = _house()
    with house.database.reading() as session:
        faults = views.faults(session)
        for fault in faults:
            out.print(fault)
        if faults:
            raise typer.Exit(1)
        out.print("the log is whole")


@audit_app.command("trail")
def audit_trail(object_id: str) -> None:
    """Who did what with one object, newest first."""
    from backend.audit import views

    house = _house()
    with house.database.reading() as session:
        for line in views.trail(session, object_id=object_id):
            out.print(f"{line.seq} {line.at:%Y-%m-%d %H:%M} {line.role} {line.actor_id} {line.action} {line.details}")


@app.command()
def sandbox(
    bank: str,
    port: int = 9101,
    book: Annotated[Path | None, typer.Option(help="the bank's own SQLite book")] = None,
    callback_url: Annotated[str, typer.Option(help="where this bank calls back")] = "http://127.0.0.1:8000",
    day: Annotated[str | None, typer.Option(help="the bank's first business day")] = None,
    plant: Annotated[str | None, typer.Option(help="a planted fault, e.g. lost-repayment")] = None,
) -> None:
    """Run one sandbox bank on loopback."""
    from lender_adapters import registry

    settings = _settings()
    own_book = book or settings.var / "banks" / f"{bank}.db"
    own_book.parent.mkdir(parents=True, exist_ok=True)
    registry.serve_sandbox(
        bank,
        port=port,
        book=own_book,
        callback_url=f"{callback_url}/api/banks/{bank}/callbacks",
        platform_key=bytes.fromhex(settings.signing_key),
        day=_day(day, "--day") or clock.now().date(),
        faults=[plant] if plant else [],
    )


def main() -> None:
    """The entry point: one clear sentence for whatever goes wrong."""
    try:
        app(standalone_mode=False)
    except CreditBridgeError as error:
        place = f"{error.place}: " if isinstance(error, Invalid) else ""
        errors.print(f"creditbridge: {place}{error.words.en}", style="red", highlight=False)
        sys.exit(2 if isinstance(error, (Invalid, Misconfigured)) else 1)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        # typer's usage errors carry their own sentence; anything else is named, not traced.
        show = getattr(error, "format_message", None)
        errors.print(f"creditbridge: {show() if show else f'{type(error).__name__}: {error}'}", style="red", highlight=False)
        sys.exit(2 if show else 1)


if __name__ == "__main__":
    main()
