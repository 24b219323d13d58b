"""From changes of standing to alerts, tasks and their endings: the sweep's writing side."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.consents import views as consents
from backend.credit_data.feedback import Told
from backend.kit import rules
from backend.kit.database import sealer_of
from backend.kit.ids import new_id
from backend.kit.policy import canonical
from backend.scoring.rules import ALERT_CLOSED
from backend.scoring.warnings.contagion import Link
from backend.scoring.warnings.model import Colour, Signal, Standing, worse
from backend.scoring.warnings.tables import WarningAlert, WarningEvent, WarningStanding, WarningTask
from backend.scoring.warnings.thresholds import Thresholds
from backend.vocabulary.facts import definitions, items


@dataclass(frozen=True, slots=True)
class Change:
    """One indicator of one firm whose standing changed, with what it said this time."""

    firm: str
    indicator: str
    before: Standing | None
    after: Standing
    signal: Signal | None
    link: Link | None = None

    @property
    def was(self) -> Colour:
        return self.before.colour if self.before else "GREEN"


def apply(
    session: Session,
    changes: Sequence[Change],
    told: Mapping[str, Told],
    policy: Thresholds,
    digest: str,
    *,
    at: datetime,
    day: date,
) -> Counter[str]:
    """Open, worsen, improve and close alerts; answers how many of each, and how many tasks were given.

    Open alerts, their tasks and the banks' consents are read once for all: most months move many firms at a time.
    """
    counted: Counter[str] = Counter()
    moved = [change for change in changes if change.was != change.after.colour]
    open_ = _open_alerts(session, {change.firm for change in moved})
    waiting = _open_tasks(session, [alert.id for alert in open_.values()])
    papers: dict[tuple[str, str], Collection[str]] = {}
    for change in moved:
        alert = open_.get((change.firm, change.indicator))
        if change.after.colour == "GREEN":
            if alert is not None:
                _end(session, alert, waiting.get(alert.id, []), "improved", day, SYSTEM.id)
                counted["closed"] += 1
            continue
        assert change.signal is not None, "a colour other than green has been read from something"
        what = "opened" if alert is None else "worsened" if worse(change.after.colour, change.was) else "improved"
        if alert is None:
            alert = _open(change, digest, day)
            session.add(alert)
        alert.colour = change.after.colour
        alert.highest = change.after.colour if worse(change.after.colour, as_colour(alert.highest)) else alert.highest
        alert.sealed = sealer_of(session).seal(_evidence(change), place=f"warning_alerts|{alert.id}")
        note(session, alert, what, day, SYSTEM.id)
        counted[what] += 1
        if what == "improved":
            continue
        due = day + timedelta(days=policy.tasks.red_days if alert.colour == "RED" else policy.tasks.yellow_days)
        standing = {task.party: task for task in waiting.get(alert.id, [])}
        for bank in _banks(change.signal, told[change.firm]):
            if bank in standing:
                standing[bank].due_on = min(standing[bank].due_on, due)
            elif _opened_to(session, alert, bank, papers, at):
                session.add(_task(alert, bank, day, due))
                counted["tasks"] += 1
    session.flush()
    return counted


def _open_alerts(session: Session, firms: Collection[str]) -> dict[tuple[str, str], WarningAlert]:
    query = select(WarningAlert).where(WarningAlert.firm_id.in_(sorted(firms)), WarningAlert.state == "open")
    return {(alert.firm_id, alert.indicator): alert for alert in session.scalars(query)} if firms else {}


def _open_tasks(session: Session, alerts: Collection[str]) -> dict[str, list[WarningTask]]:
    found: dict[str, list[WarningTask]] = {}
    query = select(WarningTask).where(WarningTask.alert_id.in_(sorted(alerts)), WarningTask.state == "open")
    for task in session.scalars(query) if alerts else ():
        found.setdefault(task.alert_id, []).append(task)
    return found


def _banks(signal: Signal, told: Told) -> list[str]:
    """The banks of a live loan; of a bank's own report only that bank."""
    return sorted(set(signal.banks) if signal.banks else {loan.bank for loan in told.live})


def _opened_to(
    session: Session, alert: WarningAlert, bank: str, papers: dict[tuple[str, str], Collection[str]], at: datetime
) -> bool:
    """As `may_see`, asked once for each firm and bank."""
    if items()[alert.item].access != "A":
        return True
    place = (alert.firm_id, bank)
    if place not in papers:
        live = consents.live_items(session, firm_id=alert.firm_id, purpose="post_loan", recipient=bank, at=at)
        papers[place] = frozenset(live)
    return alert.item in papers[place]


def as_colour(text: str) -> Colour:
    """A column that holds nothing but a Colour."""
    found: Colour = text  # type: ignore[assignment]  # as said
    return found


def standing(row: WarningStanding) -> Standing:
    """A kept standing."""
    lifted = as_colour(row.lifted) if row.lifted is not None else None
    return Standing(as_colour(row.colour), row.since, row.better, as_colour(row.seen), lifted)


def _open(change: Change, digest: str, day: date) -> WarningAlert:
    assert change.signal is not None, "opened by a signal"
    return WarningAlert(
        id=new_id("warning"),
        firm_id=change.firm,
        indicator=change.indicator,
        item=definitions()[change.signal.fact].item,
        colour=change.after.colour,
        highest=change.after.colour,
        opened_on=day,
        policy_digest=digest,
        sealed=b"",
        state="open",
        closed_on=None,
        closed_by=None,
    )


def _evidence(change: Change) -> bytes:
    assert change.signal is not None, "evidence of a signal"
    said: dict[str, Any] = change.signal.as_dict()
    if change.link is not None:
        said |= {"link": change.link.kind, "weight": str(round(change.link.weight, 4)), "other": change.link.other}
    return canonical(said)


def evidence(session: Session, alert: WarningAlert) -> dict[str, Any]:
    """What an alert rests on. A neighbour's id in it is for this room only."""
    found: dict[str, Any] = json.loads(sealer_of(session).open(alert.sealed, place=f"warning_alerts|{alert.id}"))
    return found


def note(session: Session, alert: WarningAlert, what: str, day: date, actor_id: str) -> None:
    """One line of an alert's history."""
    session.add(WarningEvent(alert_id=alert.id, day=day, what=what, colour=alert.colour, actor_id=actor_id))


def may_see(session: Session, alert: WarningAlert, party: str, at: datetime) -> bool:
    """Whether a bank or guarantor may be told of this alert now: public items and its own loan need no consent."""
    if items()[alert.item].access != "A":
        return True
    return consents.live(session, firm_id=alert.firm_id, item=alert.item, purpose="post_loan", recipient=party, at=at) is not None


def _task(alert: WarningAlert, bank: str, day: date, due: date) -> WarningTask:
    return WarningTask(
        id=new_id("task"),
        alert_id=alert.id,
        firm_id=alert.firm_id,
        party=bank,
        opened_on=day,
        due_on=due,
        state="open",
        outcome=None,
        words=None,
        answered_on=None,
        answered_by=None,
    )


def close(session: Session, alert: WarningAlert, why: str, day: date, actor_id: str = SYSTEM.id) -> None:
    """The alert is over; what nobody answered ends with it."""
    _end(session, alert, _open_tasks(session, [alert.id]).get(alert.id, []), why, day, actor_id)
    session.flush()


def _end(session: Session, alert: WarningAlert, waiting: Sequence[WarningTask], why: str, day: date, actor_id: str) -> None:
    rules.put(session, alert, "state", "closed", rule=ALERT_CLOSED)
    rules.put(session, alert, "closed_on", day, rule=ALERT_CLOSED)
    alert.closed_by = why
    for task in waiting:
        rules.put(session, task, "state", "ended", rule=ALERT_CLOSED)
    note(session, alert, "lifted" if why == "lifted" else "closed", day, actor_id)


def end(session: Session, firms: Collection[str], day: date) -> int:
    """Firms that owe nothing any more are no longer watched: their alerts end. How many did."""
    if not firms:
        return 0
    query = select(WarningAlert).where(WarningAlert.firm_id.in_(sorted(firms)), WarningAlert.state == "open")
    alerts = list(session.scalars(query))
    for alert in alerts:
        close(session, alert, "ended", day)
    session.execute(delete(WarningStanding).where(WarningStanding.firm_id.in_(sorted(firms))))
    return len(alerts)
