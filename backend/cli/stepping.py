"""What waits, what stopped and why; and sending it on its way again, from the command line of the platform's own machine."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from backend.cli.common import house, out
from backend.kit import clock
from backend.kit.errors import Invalid

app = typer.Typer()


@app.command()
def steps(
    revive: Annotated[
        str | None, typer.Option(help="all, lane:CODE (a bank's code, or departments), kind:KIND, or the id of one step")
    ] = None,
) -> None:
    """How the steps stand, what a person should look at, and what stopped; --revive sends that on its way again."""
    from backend.audit.model import Actor
    from backend.steps import alerts, revival, views

    platform = house()
    actor = Actor("command", "operator")
    if revive is not None:
        with platform.database.writing() as session:
            at = clock.business_now(session)
            which, _, name = revive.partition(":")
            chosen: dict[str, dict[str, Any]] = {
                "all": {"everything": True},
                "lane": {"lane": name},
                "kind": {"kind": name},
            }
            if revive.startswith("step_"):
                revival.revive(session, actor, step_id=revive, at=at)
                count = 1
            elif (which == "all") == (not name) and which in chosen:
                count = revival.revive_many(session, actor, at=at, **chosen[which])
            else:
                raise Invalid("--revive", f"“{revive}” is none of all, lane:CODE, kind:KIND, or a step's id")
        out.print(f"{count} sent on their way again")
    with platform.database.reading() as session:
        states = views.by_state(session)
        out.print(", ".join(f"{count:,} {state}" for state, count in sorted(states.items())) or "no steps yet")
        for alert in alerts.alerts(session, platform.worker.calendar, clock.business_now(session)):
            whom = alert.lane or "here"
            told = f"{alert.since:%Y-%m-%d %H:%M} {whom}: {alert.words.en} ({alert.reason or 'no reason given'})"
            out.print(told, highlight=False, markup=False)
        for step in views.dead(session):
            told = f"{step.id} {step.kind} {step.lane or ''} {step.attempts} tries: {step.last_error}"
            out.print(told, highlight=False, markup=False)
