"""The monthly sweep: every firm with a live loan, all indicators, in a handful of statements.

Consent stands in the statement that reads (purpose post_loan, recipient platform), with one line in the log per firm. A sweep is
a step and may be done twice: one per day counts. It changes nothing but warnings (domain §8).

>>> next_day(date(2025, 1, 21)), next_day(date(2025, 12, 31))
(datetime.date(2025, 2, 21), datetime.date(2026, 1, 21))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM
from backend.credit_data import feedback
from backend.credit_data import views as credit_data
from backend.credit_data.gather import LANE
from backend.kit import clock, locks
from backend.kit.calendar import add_months
from backend.kit.words import Words
from backend.parties.actions import hold_firms
from backend.scoring.warnings import contagion, neighbours, records, thresholds
from backend.scoring.warnings.model import Colour, Signal, Standing, signals, step, worst
from backend.scoring.warnings.records import Change
from backend.scoring.warnings.tables import WarningStanding, WarningSweep
from backend.scoring.warnings.thresholds import NEIGHBOUR, Thresholds
from backend.steps import actions as steps
from backend.steps.calendar import Recurring

KIND, FETCH = "warnings.sweep", "warnings.fetch"
# Departments deliver a month's figures by the twentieth of the next.
SWEEP_ON = 21
FETCH_BEFORE = timedelta(days=1)
Place = tuple[str, str]


@dataclass
class Seen:
    """One sweep in hand: signals by firm and indicator, standings before and after."""

    found: dict[Place, Signal] = field(default_factory=dict)
    before: dict[Place, Standing] = field(default_factory=dict)
    after: dict[Place, Standing] = field(default_factory=dict)
    links: dict[str, contagion.Link] = field(default_factory=dict)


def sweep(session: Session, *, at: datetime) -> WarningSweep:
    """Sweep once for the day of `at`; the second time answers what is kept."""
    day = clock.day_of(at)
    locks.hold_name(session, "party", "warnings.sweep")
    done = session.get(WarningSweep, day)
    if done is not None:
        return done
    policy = thresholds.on(day)
    digest = audit.keep_policy(session, kind="warnings", name="thresholds", body=policy.body)
    # Whoever is asked about a firm's alerts meanwhile waits; a bank's answer is never lost under the sweep's.
    hold_firms(session, {*feedback.firms(session), *session.scalars(select(WarningStanding.firm_id))})
    told = {firm: each for firm, each in feedback.told(session, day).items() if each.live and locks.holds(session, "firm", firm)}
    files: dict[str, Any] = {firm: {} for firm in told}
    if told:
        codes = policy.facts
        files |= dict(credit_data.sweep(session, SYSTEM, purpose="post_loan", at=at, codes=codes, firm_ids=sorted(told)))
    seen = Seen(before=_standings(session))
    for firm, facts in files.items():
        seen.found |= {(firm, code): signal for code, signal in signals(policy, facts, day).items()}
        for indicator in policy.indicators:
            _move(seen, policy, (firm, indicator.code), day)
    tied = neighbours.graph(session, policy, files, at=at, day=day)
    own = {firm: worst(seen.after[firm, each.code].colour for each in policy.indicators) for firm in files}
    for firm, (signal, link) in neighbours.neighbour_signals(policy.contagion, tied, own, files, day).items():
        seen.found[firm, NEIGHBOUR] = signal
        if link is not None:
            seen.links[firm] = link
    for firm in files:
        _move(seen, policy, (firm, NEIGHBOUR), day)
    changes = [
        Change(*place, seen.before.get(place), now, seen.found.get(place), seen.links.get(place[0]))
        for place, now in seen.after.items()
        if seen.before.get(place) != now
    ]
    _keep(session, seen)
    counted = records.apply(session, changes, told, policy, digest, at=at, day=day)
    gone = {firm for firm, _ in seen.before if firm not in told}
    counted["ended"] = records.end(session, gone, day)
    row = WarningSweep(day=day, at=at, policy_digest=digest, firms=len(files), counts=_counts(seen, files, tied, policy, counted))
    session.add(row)
    session.flush()
    return row


def _standings(session: Session) -> dict[Place, Standing]:
    return {(row.firm_id, row.indicator): records.standing(row) for row in session.scalars(select(WarningStanding))}


def _move(seen: Seen, policy: Thresholds, place: Place, day: date) -> None:
    indicator = policy.by_code.get(place[1])
    moved = step(seen.before.get(place), seen.found.get(place), indicator, day, improve_after=policy.improve_after)
    seen.after[place] = moved


def _keep(session: Session, seen: Seen) -> None:
    """Write what changed; green without a past needs no row."""
    rows = {(row.firm_id, row.indicator): row for row in session.scalars(select(WarningStanding))}
    for place, now in seen.after.items():
        plain = now.colour == "GREEN" and now.lifted is None
        row = rows.get(place)
        if plain and row is not None:
            session.delete(row)
        elif not plain and row is None:
            session.add(standing_row(place, now))
        elif not plain and row is not None:
            row.colour, row.since, row.better, row.seen, row.lifted = now.colour, now.since, now.better, now.seen, now.lifted
    session.flush()


def standing_row(place: Place, now: Standing) -> WarningStanding:
    """A standing as its row."""
    firm, indicator = place
    return WarningStanding(
        firm_id=firm,
        indicator=indicator,
        colour=now.colour,
        since=now.since,
        better=now.better,
        seen=now.seen,
        lifted=now.lifted,
    )


def _counts(
    seen: Seen, files: Iterable[str], tied: neighbours.Graph, policy: Thresholds, counted: Counter[str]
) -> dict[str, Any]:
    colours: dict[str, list[Colour]] = {firm: [] for firm in files}
    for (firm, _), now in seen.after.items():
        colours[firm].append(now.colour)
    told = {firm for firm, code in seen.found if code not in (NEIGHBOUR, "past_due")}
    by_colour = Counter(worst(each) for each in colours.values())
    edges = [(each.giver, each.taker) for each in tied.guarantees]
    return {
        "colours": {colour: by_colour.get(colour, 0) for colour in ("GREEN", "YELLOW", "RED")},
        "indicators": dict(sorted(Counter(code for (_, code), now in seen.after.items() if now.colour != "GREEN").items())),
        "nothing_opened": sum(1 for firm in colours if firm not in told),
        "circles": [len(each) for each in contagion.circles(edges, least=policy.circles.least_members)],
        "stars": len(contagion.stars(tied.guarantees, at_least=policy.circles.star_from)),
        **{name: counted.get(name, 0) for name in ("opened", "worsened", "improved", "closed", "tasks", "ended")},
    }


# ---------------------------------------------------------------- as steps


def next_day(after: date) -> date:
    """The next sweep day after that day."""
    month = after if after.day < SWEEP_ON else add_months(after.replace(day=1), 1)
    return month.replace(day=SWEEP_ON)


SWEEPS = Recurring(
    kind=KIND,
    title=Words("贷后预警筛查", "the sweep for early warnings"),
    following=next_day,
    hour=timedelta(hours=6),
    missed="latest",
)
# Every watched firm's records are fetched the day before.
FETCHES = Recurring(
    kind=FETCH,
    title=Words("预警数据更新", "fetching records for early warnings"),
    following=lambda day: next_day(day + FETCH_BEFORE) - FETCH_BEFORE,
    hour=timedelta(hours=6),
    missed="latest",
)


def fetch(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """The step of kind `warnings.fetch`: a gathering for every watched firm, by its consents for after the loan."""
    day = clock.day_of(at)
    for firm, told in feedback.told(session, day).items():
        if told.live:
            wanted = {"firm": firm, "purpose": "post_loan"}
            key = f"{firm} post_loan {day:%Y-%m}"
            steps.enqueue(session, kind="gather", key=key, payload=wanted, due=at, lane=LANE)
