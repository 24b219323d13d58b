"""`creditbridge audit walk`: from a figure to its entries, to the claim, to the bank's verbatim message."""

from __future__ import annotations

from typing import Annotated

import typer

from backend.cli.common import house, out

app = typer.Typer()


@app.command("walk")
def walk(
    name: Annotated[str, typer.Argument(help="POOL:paid, POOL:recovered, POOL:contributed …, a claim, a loan or a draw")],
) -> None:
    """Walk from a figure or a claim down to what the bank said, word for word."""
    from backend.loans import walk as road

    platform = house()
    with platform.database.reading() as session:
        for stop in road.walk(session, name):
            out.print(f"{stop.kind:<8}{stop.name}", markup=False, highlight=False)
            out.print(f"        {stop.says}", markup=False, highlight=False)
            if stop.onward:
                out.print(f"        → creditbridge audit walk {stop.onward}", markup=False, highlight=False)
