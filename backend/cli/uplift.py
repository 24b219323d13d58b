"""`creditbridge uplift …`: programmes and their worked examples, the gaming report, the honesty monitor, what waits for a person.

Who decides signs in: name by option, password typed unseen. The second person of a decision is never the first.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from backend.audit.model import Actor
from backend.cli.common import day as typed_day
from backend.cli.common import house, out, progress
from backend.kit import clock
from backend.kit.errors import Invalid
from backend.kit.money import wan
from backend.kit.rates import percent

uplift_app = typer.Typer(no_args_is_help=True, help="Uplifts by data assets.")
By = Annotated[str, typer.Option(help="who decides: a login of the issuer or the regulator")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="CREDITBRIDGE_PASSWORD")]


def seeds_of(text: str) -> range:
    """`20001-20200` as a range, both ends included.

    >>> seeds_of("3-5")
    range(3, 6)
    """
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit() and 0 < int(first) <= int(last)):
        raise Invalid("--seeds", f"“{text}” is not a span of seeds; write it like 20001-20200")
    return range(int(first), int(last) + 1)


@uplift_app.command("programmes")
def programmes() -> None:
    """Every programme, its dated terms and its worked examples, worked out again."""
    from backend.uplifts import programme
    from backend.uplifts.examples import work_out

    wrong = 0
    for code in programme.codes():
        found = programme.load(code)
        out.print(f"{code}  {found.title.zh}  {found.title.en}")
        for block in found.blocks:
            weights = " ".join(f"{n} {percent(getattr(block, n).weight_bp, 0)}" for n in programme.INDICATORS)
            until = block.valid_to or "further notice"
            span = f"{percent(block.bounds.floor_bp, 0)}-{percent(block.bounds.ceiling_bp, 0)}"
            out.print(f"  {block.valid_from} until {until}: {span}; {weights}; terms {block.digest[:12]}")
        for example in found.examples:
            rate, gain = work_out(found, example)
            right = (rate, gain) == (example.rate_bp, example.effective_fen)
            wrong += not right
            out.print(f"  {'as said' if right else 'NOT AS SAID'}: {example.title.en}: {percent(rate, 1)}, {wan(gain)} 万元")
    if wrong:
        raise typer.Exit(1)


@uplift_app.command("gaming-report")
def gaming_report(
    seeds: Annotated[str, typer.Option(help="from-to; development seeds are 1-400, reports use 20001 and up")] = "20001-20100",
) -> None:
    """Twenty schemes and sixteen honest kinds: how many are caught, how many honest firms are held back."""
    from backend.cli import uplift_gaming as gaming
    from backend.town.gaming import DEVELOPMENT, names

    span = seeds_of(seeds)
    if set(span) & set(DEVELOPMENT):
        out.print("these seeds were used in development: no report, only a look")
    everything = [name for group in names() for name in group]
    tallies = []
    with progress() as bar:
        task = bar.add_task("playing", total=len(everything))
        for name in everything:
            tallies.append(gaming.measure(name, span))
            bar.advance(task)
        tallies += gaming.beside(span)
    for line in gaming.lines(tallies, span):
        out.print(line, highlight=False)


@uplift_app.command("honesty")
def honesty(
    on: Annotated[str | None, typer.Option(help="a past day")] = None,
    note: Annotated[bool, typer.Option(help="raise the alerts found")] = False,
) -> None:
    """Default by uplift band against matched loans without uplift; which coefficients reach the line of an alert."""
    from backend.loans import honesty as monitor
    from backend.uplifts import decisions, views

    platform = house()
    with platform.database.reading() as session:
        now = clock.business_now(session)
        day = typed_day(on, "--on") or clock.day_of(now)
        bands, findings = monitor.report(session, day)
    out.print(f"loans whose quarter is twelve months old on {day}; intervals 95 % (Wilson, Newcombe)")
    for band in bands:
        rate = f"{band.defaults}/{band.loans} [{band.rate_low:.1%}, {band.rate_high:.1%}]"
        apart = "no matched loans" if band.difference is None else (
            f"matched {band.matched}: {band.difference:+.1%} [{band.difference_low:+.1%}, {band.difference_high:+.1%}]"
        )  # fmt: skip
        out.print(f"  uplift {band.band:<7} {rate:<28} {apart}", highlight=False)
    for each in findings:
        state = "ALERT" if each.alert else "no alert"
        out.print(
            f"  {each.programme} {each.coefficient:<7} lifted {each.lifted_defaults}/{each.lifted}, like them "
            f"{each.others_defaults}/{each.others}; e-value {each.e_value:.3g} of {each.line:.0f}: {state}",
            highlight=False,
        )
    if not bands:
        out.print("  none yet")
    if note:
        with platform.database.writing() as session:
            raised = decisions.note_findings(session, findings, at=now)
            out.print(f"{len(raised)} alerts raised")
    with platform.database.reading() as session:
        for alert in views.alerts(session, still_open=True):
            out.print(f"open alert {alert.id}: {alert.programme} {alert.coefficient} since {alert.found_on}")
        for row in views.decisions(session):
            out.print(
                f"decision {row.id}: {row.programme} {row.indicator} {row.coefficient_bp} bp from {row.valid_from}, {row.state}"
            )


@uplift_app.command("reviews")
def reviews() -> None:
    """Pieces of evidence that wait for a person, and why. Not for the firm."""
    from backend.uplifts import views

    with house().database.reading() as session:
        waiting = views.reviews(session)
        for row in waiting:
            out.print(f"{row.id} firm {row.firm_id} {row.evidence_id} {', '.join(row.reasons)} since {row.opened_on}")
        out.print(f"{len(waiting)} waiting")


@uplift_app.command("review")
def review(
    review_id: str, by: By, words: Annotated[str, typer.Option(help="on what it rests")], password: Password,
    counts: Annotated[bool, typer.Option("--counts/--does-not-count")] = False,
) -> None:  # fmt: skip
    """A person has looked at one piece."""
    from backend.uplifts import evaluation

    platform = house()
    actor = _who(by, password)
    with platform.database.writing() as session:
        at = clock.business_now(session)
        row = evaluation.decide_review(session, actor, review_id=review_id, counts=counts, words=words, at=at)
        out.print(f"{row.id}: {row.state}")


@uplift_app.command("propose")
def propose(
    programme: str, indicator: str, coefficient_bp: int, by: By, password: Password,
    valid_from: Annotated[str, typer.Option(help="first day")], words: Annotated[str, typer.Option(help="on what it rests")],
    alert: Annotated[str | None, typer.Option(help="the alert it answers")] = None,
) -> None:  # fmt: skip
    """The first person proposes a dated coefficient."""
    from backend.uplifts import decisions

    platform = house()
    actor, first = _who(by, password), typed_day(valid_from, "--valid-from") or date.max
    with platform.database.writing() as session:
        at = clock.business_now(session)
        row = decisions.propose(
            session, actor, programme=programme, indicator=indicator, coefficient_bp=coefficient_bp, valid_from=first,
            words=words, at=at, alert_id=alert,
        )  # fmt: skip
        out.print(f"proposed {row.id}; another person decides")


@uplift_app.command("decide")
def decide(
    decision_id: str, by: By, password: Password, approve: Annotated[bool, typer.Option("--approve/--reject")] = False
) -> None:
    """The second person decides."""
    from backend.uplifts import decisions

    platform = house()
    actor = _who(by, password)
    with platform.database.writing() as session:
        at = clock.business_now(session)
        row = decisions.decide(session, actor, decision_id=decision_id, approved=approve, at=at)
        out.print(f"{row.id}: {row.state}")


def _who(login: str, password: str) -> Actor:
    from backend.entrance import enter_here

    return enter_here(house(), login, password).actor
