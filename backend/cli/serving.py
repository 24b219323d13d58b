"""Commands that stay up: the platform, its worker, the dashboard, a sandbox bank; and the migration before them."""

from __future__ import annotations

import gc
import signal
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.common import day as typed_day
from backend.cli.common import house, out, settings
from backend.kit import clock

app = typer.Typer()


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    worker: Annotated[bool, typer.Option(help="take due steps inside this process")] = True,
) -> None:
    """Portal, API and (unless told otherwise) one worker."""
    import uvicorn

    from backend.app import begin, create_app

    platform = house()
    begin(platform, settings())
    # What was imported stays for good: the collector need not look at it again, nor so often at the rest.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    # Whose X-Forwarded-For is believed is our own setting: the server's would take it from anybody on this machine.
    uvicorn.run(
        create_app(platform, work=worker), host=host, port=port, log_level="warning", access_log=False, proxy_headers=False
    )


@app.command()
def worker() -> None:
    """Take due steps until told to stop."""
    from backend.app import begin_to_work

    platform = house()
    begin_to_work(platform, settings())
    signal.signal(signal.SIGTERM, lambda *_: platform.worker.stop())
    signal.signal(signal.SIGINT, lambda *_: platform.worker.stop())
    platform.worker.run_forever()


@app.command()
def operator(login: str, name: Annotated[str, typer.Option(help="the person's name")] = "operator") -> None:
    """Let the first operator in: asks for a password and keeps its hash."""
    from backend.app import add_operator

    add_operator(house(), login=login, password=typer.prompt("password", hide_input=True, confirmation_prompt=True), name=name)
    out.print(f"{login} may sign in as operator")


@app.command()
def dashboard(
    port: int = 8501,
    snapshots: Annotated[Path | None, typer.Option(help="folder of published snapshots; default: in var")] = None,
    api: Annotated[str | None, typer.Option(help="address of the API that confirms sessions")] = None,
    host: str = "127.0.0.1",
) -> None:
    """The regulator's dashboard, from the published snapshot."""
    from dashboard.app import serve as serve_dashboard

    asked = settings()
    serve_dashboard(port=port, snapshot_dir=snapshots or asked.snapshots, api_url=api or asked.public_url, host=host)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this release."""
    from backend import migrate as migration
    from backend.kit.crypto import Sealer
    from backend.kit.database import Database

    asked = settings()
    database = Database(asked.database, Sealer(bytes.fromhex(asked.record_key)))
    out.print(f"schema {migration.migrate(database)}")


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

    asked = settings()
    own_book = book or asked.var / "banks" / f"{bank}.db"
    own_book.parent.mkdir(parents=True, exist_ok=True)
    registry.serve_sandbox(
        bank,
        port=port,
        book=own_book,
        callback_url=f"{callback_url}/api/banks/{bank}/callbacks",
        platform_key=bytes.fromhex(asked.signing_key),
        day=typed_day(day, "--day") or clock.day_of(clock.now()),
        faults=[plant] if plant else [],
    )
