"""Commands on assessments and cards: recompute what was assessed, hand a card to a bank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.common import day as typed_day
from backend.cli.common import house, out, progress
from backend.kit import clock
from backend.kit.errors import Invalid
from backend.kit.words import Words

app = typer.Typer(no_args_is_help=True)


@app.command("replay")
def replay(
    assessment: Annotated[str | None, typer.Argument(help="an assessment's name")] = None,
    every: Annotated[bool, typer.Option("--all", help="every assessment that is kept")] = False,
) -> None:
    """Recompute from stored digests: the same bytes, or a fault. What has been erased is said with its digest."""
    from backend.scoring import actions, views

    if (assessment is None) == (not every):
        raise Invalid("ID", Words("请给出一个评估编号或 --all", "give one assessment, or --all"))
    platform = house()
    with platform.database.reading() as session:
        if assessment is not None:
            found = actions.replay(session, assessment, sealer=platform.sealer)
            out.print(found, soft_wrap=True)
            if not found.same and found.body:
                raise typer.Exit(1)
            return
        names = views.names(session)
        same, erased, different = 0, 0, list[str]()
        with progress() as bar:
            task = bar.add_task("replay", total=len(names))
            for name in names:
                one = actions.replay(session, name, sealer=platform.sealer)
                same, erased = same + one.same, erased + (not one.body)
                if one.body and not one.same:
                    different.append(name)
                bar.advance(task)
    for name in different:
        out.print(f"{name}: recomputed differently")
    out.print(f"{len(names)} assessments: {same} recomputed to the same bytes, {erased} erased, {len(different)} different")
    if different:
        raise typer.Exit(1)


@app.command("export")
def export(
    card: Annotated[str, typer.Argument(help="a card's code, such as general")],
    folder: Annotated[Path, typer.Option("--out", help="where to write")] = Path(),
    on: Annotated[str | None, typer.Option(help="the card in force on that day")] = None,
) -> None:
    """One self-contained Python file for a bank, and test vectors that running it must reproduce."""
    from backend.scoring import export as exporting
    from backend.scoring import scorecard

    if card not in scorecard.CODES:
        known = ", ".join(scorecard.CODES)
        raise Invalid("CARD", Words(f"没有评分卡“{card}”；可用：{known}", f"there is no card “{card}”; there are {known}"))
    day = typed_day(on, "--on") or clock.day_of(clock.now())
    code, cases = exporting.write(scorecard.current(day, card), day, folder)
    out.print(f"{code}\n{cases}\ncheck it: python {code} {cases}", soft_wrap=True)
