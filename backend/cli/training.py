"""Commands that train a card and look a public source's firms up in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.common import day as typed_day
from backend.cli.common import out, progress
from backend.kit.errors import Invalid

app = typer.Typer()


@app.command("train")
def score_train(
    path: Annotated[Path, typer.Argument(help="the source's folder; without --source a town's sample (CSV)")],
    to: Annotated[Path, typer.Option("--out", help="the card file to write; without --source a folder of cards")],
    source: Annotated[str | None, typer.Option(help="cumcm, sba or german; default: the towns")] = None,
    report: Annotated[Path | None, typer.Option(help="also write the validation report (HTML) here")] = None,
    on: Annotated[str | None, typer.Option(help="cumcm: the day whose facts are used; default 2019-12-31")] = None,
    since: Annotated[int, typer.Option(help="sba: the first fiscal year that trains")] = 1990,
    until: Annotated[int, typer.Option(help="sba: the last fiscal year that trains; later ones validate")] = 2006,
    repeats: Annotated[int, typer.Option(min=2, help="cumcm, german: how often the five folds are drawn")] = 20,
    challengers: Annotated[bool, typer.Option(help="train yardsticks and challengers beside the card")] = True,
) -> None:
    """Train a card on past outcomes, say how well it does on firms it has not seen, and publish it."""
    from backend.scoring.training import running

    asked = running.Asked(path, source, typed_day(on, "--on"), since, until, repeats, challengers)
    with progress() as bar:
        task = bar.add_task("reading", total=None)
        trained = running.train(asked, lambda what, done, total: bar.update(task, description=what, completed=done, total=total))
    for line in running.save(trained, to, report):
        out.print(line, highlight=False)


@app.command("apply")
def score_apply(
    card: Annotated[Path, typer.Argument(help="a card that `score train --source` wrote")],
    path: Annotated[Path, typer.Argument(help="a folder or file of the card's source, with or without outcomes")],
    to: Annotated[Path, typer.Option("--out", help="the CSV to write: key, pd, grade, score")],
    on: Annotated[str | None, typer.Option(help="cumcm: the day whose facts are used; default: the card's")] = None,
) -> None:
    """Look every firm of a public source up in a card, one row for each."""
    from backend.scoring.sources import applying

    chosen = applying.load(card)
    with progress() as bar:
        task = bar.add_task("reading", total=None)
        rows = applying.apply(
            chosen,
            path,
            typed_day(on, "--on"),
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    if not rows:
        raise Invalid(str(path), "holds no firm")
    applying.write(chosen, rows, to)
    counted = ", ".join(f"{grade} {sum(row[2] == grade for row in rows)}" for grade in "ABCDE")
    out.print(f"wrote {to}: {len(rows)} rows; {counted}", highlight=False)
