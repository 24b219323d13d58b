"""Commands that watch: sweep for warnings, look at a card's figures, measure both where the truth is known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from backend.cli.common import day as typed_day
from backend.cli.common import house, out, progress
from backend.kit import clock
from backend.kit.errors import Invalid

if TYPE_CHECKING:
    from backend.scoring.monitoring.report import Look
    from backend.scoring.warnings.measuring import Course

app = typer.Typer()
TOLD_ON = date(2025, 10, 17)
DRAWN_ON = (date(2025, 1, 10), date(2025, 4, 24), date(2025, 7, 5), date(2025, 10, 17))


def seeds_of(text: str) -> range:
    """Seeds as they are typed: 8701-8712, or one.

    >>> seeds_of("8701-8703"), seeds_of("5")
    (range(8701, 8704), range(5, 6))
    """
    first, _, last = text.partition("-")
    try:
        found = range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise Invalid("--seeds", f"“{text}” names no seeds; write them like 8701-8712") from error
    if not found:
        raise Invalid("--seeds", f"“{text}” names no seeds; the first is not above the last")
    return found


@app.command("warn")
def warn() -> None:
    """Sweep now: every firm with a live loan, under its consents. A second sweep of the same day changes nothing."""
    from backend.scoring.warnings import sweeping

    platform = house()
    with platform.database.writing() as session:
        row = sweeping.sweep(session, at=clock.business_now(session))
        counts = row.counts
        colours = ", ".join(f"{name} {count}" for name, count in counts["colours"].items())
        out.print(f"sweep of {row.day}: {row.firms} firms that owe something; {colours}")
        out.print(", ".join(f"{name} {counts[name]}" for name in ("opened", "worsened", "improved", "closed", "ended", "tasks")))
        out.print(
            f"nothing opened for after the loan: {counts['nothing_opened']}; guarantee circles: {counts['circles'] or 'none'}"
        )


@app.command("monitor")
def monitor() -> None:
    """Look at every card now, for the month before: does it still sort, is it calibrated, has the mix moved, who is favoured."""
    from backend.scoring.monitoring import actions

    platform = house()
    with platform.database.writing() as session:
        for row in actions.monitor(session, at=clock.business_now(session)):
            say_card(row.card, f"{row.month:%Y-%m}", row.figures, row.alerts)


def say_card(card: str, month: str, figures: dict[str, Any], alerts: list[Any], *, groups: bool = True) -> None:
    """One card's month, as people read it."""
    mix = figures["psi"]
    said = f"PSI {mix['value']} (by chance up to {mix['noise']})" if mix["n"] else "no assessment yet"
    out.print(f"card {card}, {month}: {figures['assessed']} assessments, {said}")
    told = f"{figures['outcomes']} loans have told, {figures['bad']} of them bad"
    lines = [f"{name} {_interval(figures[name])}" for name in ("auc", "ks", "brier", "slope", "intercept") if figures[name]]
    out.print(f"  {told}; {', '.join(lines) or 'too few to say how well the card does'}")
    if figures["expected"] is not None:
        out.print(f"  expected {figures['expected']:.2%}, observed {_interval(figures['observed'])}")
    for dimension, cells in figures["groups"].items() if groups else ():
        for row in cells:
            ratio = _interval(row["favoured_ratio"]) if row["favoured_ratio"] else "—"
            drew = _interval(row["drew_ratio"]) if row["drew_ratio"] else "—"
            out.print(
                f"  {dimension} {row['group']}: n {row['n']}, PSI {row['psi']['value']}, A–C {ratio}, drew {drew} of the best"
            )
    for alert in alerts:
        out.print(f"  ALERT {alert['colour']} {alert['what']}: {alert['value']}, validated {alert['validated']}")


def _interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"


@app.command("monitor-report")
def monitor_report(
    seeds: Annotated[str, typer.Option(help="towns that no card was trained on")] = "8801-8804",
    size: Annotated[int, typer.Option(help="firms in each town")] = 300,
    downturn: Annotated[str, typer.Option(help="the day on which the economy turns")] = "2025-02-01",
) -> None:
    """What monitoring says of the general card in made-up towns, as they are and when their economy is made to turn."""
    wanted, turns = seeds_of(seeds), typed_day(downturn, "--downturn")
    for name, turn in (("as they are", None), (f"turned on {downturn}", turns)):
        rows: list[dict[str, Any]] = []
        with progress() as bar:
            task = bar.add_task(f"towns {name}", total=len(wanted))
            for seed in wanted:
                rows += town_rows(seed, size, turn)
                bar.advance(task)
        look, moved = town_look(rows)
        out.print(f"towns {seeds} {name}")
        say_card("general", f"{TOLD_ON:%Y-%m}", look.figures, look.alerts, groups=False)
        top = sorted(moved.items(), key=lambda each: -each[1])[:4]
        out.print(f"  moved most: {', '.join(f'{fact} {value}' for fact, value in top)}")


def town_rows(seed: int, size: int, downturn: date | None) -> list[dict[str, Any]]:
    """One town's firms as a training sample draws them: facts on a day, and whether the loan was paid."""
    from backend.town.sample import sample_town

    return list(sample_town(seed, size, TOLD_ON, downturn=downturn))


def town_look(rows: list[dict[str, Any]]) -> tuple[Look, dict[str, float]]:
    """The monitor's figures for such rows, and how far each characteristic's own mix has moved."""
    import pandas as pd

    from backend.credit_data.model import typed
    from backend.scoring import scorecard
    from backend.scoring.monitoring import frames, limits, report
    from backend.vocabulary.facts import definitions

    card, rules, kept, firms = scorecard.current(TOLD_ON), limits.on(TOLD_ON), [], []
    for row in rows:
        values = {code: typed(code, value) for code, value in row.items() if code in definitions()}
        found = scorecard.assess(card, values, TOLD_ON)
        if found.pd is None:
            continue
        firms.append(values)
        about = {"month": f"{TOLD_ON:%Y-%m}", "grade": found.grade, "pd": float(found.pd), "bad": float(row["bad"])}
        about |= {"firm": f"{row['town']}-{row['firm']}", "region": values.get("region", "unknown"), "drawn": True}
        about |= {"industry": str(values.get("industry", "unknown"))[:1], "ownership": values.get("subject_type", "unknown")}
        kept.append(about | {"size": frames.size_of(int(values.get("sales_12m_fen", 0)), rules)})
    frame = pd.DataFrame(kept)
    look = report.look(card, frame[list(frames.ASSESSED)], frame[["firm", "pd", "bad"]], rules)
    return look, report.characteristic_psi(card, firms, TOLD_ON)


@app.command("warn-report")
def warn_report(
    seeds: Annotated[str, typer.Option(help="towns that nobody tuned on, e.g. 8701-8712")] = "8701-8712",
    size: Annotated[int, typer.Option(help="firms in each town")] = 300,
    downturn: Annotated[str | None, typer.Option(help="a day on which the economy turns")] = None,
) -> None:
    """Measure the warnings on made-up towns: recall, lead time before the first overdue day, false alarms, with intervals."""
    from backend.scoring.warnings import measuring

    wanted, turns = seeds_of(seeds), typed_day(downturn, "--downturn")
    courses: list[Course] = []
    refused = 0
    with progress() as bar:
        task = bar.add_task("towns", total=len(wanted))
        for place, seed in enumerate(wanted):
            found, left_out = town_courses(seed, size, DRAWN_ON[place % len(DRAWN_ON)], turns)
            courses += found
            refused += left_out
            bar.advance(task)
    kind = "development" if set(wanted) & set(measuring.DEVELOPMENT_SEEDS) else "unseen"
    out.print(f"{kind} towns {seeds} of {size} firms; {refused} firms showed RED on the day of the draw and were lent nothing")
    heads = ("level", "borrowers", "overdue", "recall", "still standing", "lead days", "quartiles", "false alarms", "loud months")
    table = Table(*heads, "precision")
    for each in measuring.measure(courses):
        quartiles = f"{each.lead_quartiles[0]:.0f}–{each.lead_quartiles[1]:.0f}"
        table.add_row(
            *(each.level, str(each.borrowers), str(each.overdue), str(each.recall), str(each.recall_standing)),
            *(each.lead_days.days(), quartiles, str(each.false_alarms), str(each.false_months), str(each.precision)),
        )
    out.print(table)
    bad = sum(course.first_overdue is not None for course in courses)
    out.print(f"of all borrowers {bad / max(1, len(courses)):.3f} fall behind: the precision of an alarm that knows nothing")
    out.print("TWO: two indicators at once, or one RED")
    out.print("intervals: 95 %, bootstrap of whole towns; false alarms: share of borrowers that paid everything")
    parts = Table("indicator", "told of overdue in time", "alarmed good ones")
    for name, (hits, false) in measuring.by_indicator(courses).items():
        parts.add_row(name, f"{hits} ({hits / max(1, bad):.1%})", f"{false} ({false / max(1, len(courses) - bad):.1%})")
    out.print(parts)


def town_courses(seed: int, size: int, drawn_on: date, downturn: date | None) -> tuple[list[Course], int]:
    """One town's borrowers and how they were seen. A firm that is RED on the day of the draw gets no loan; how many."""
    from backend.scoring.warnings import measuring, rehearsal
    from backend.scoring.warnings.model import worst
    from backend.town.watching import watch

    people = list(watch(seed, size, drawn_on, downturn=downturn))
    refused = {p.uscc for p in people if p.borrows and rehearsal.on_the_day(p.facts[drawn_on], drawn_on) == "RED"}
    borrowers = {p.uscc: p for p in people if p.borrows and p.uscc not in refused}
    days = sorted({day for p in people for day in p.facts} - {drawn_on})
    days = [day for day in days if not borrowers or day < max(p.ends_on for p in borrowers.values())]
    tied = {p.uscc: p.facts for p in people if p.uscc not in borrowers}
    seen = rehearsal.rehearse({uscc: p.facts for uscc, p in borrowers.items()}, tied, days)
    return [
        measuring.Course(
            str(seed),
            borrowers[uscc].first_overdue,
            {day: worst(colours.values()) for day, colours in course.items()},
            {day: frozenset(colours) for day, colours in course.items()},
        )
        for uscc, course in seen.items()
    ], len(refused)
