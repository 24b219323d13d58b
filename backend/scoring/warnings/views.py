"""What may be seen of warnings, by whom: the firm its own, a bank its tasks, a guarantor the firms it answers for, the regulator
counts. A bank or guarantor sees an alert as long as the firm's consent opens its item to them; a withdrawn one hides it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.consents import views as consents
from backend.kit.clock import day_of
from backend.kit.errors import NotFound
from backend.kit.money import wan
from backend.kit.policy import Source
from backend.kit.rates import percent
from backend.kit.rows import seen
from backend.kit.words import Words
from backend.parties.views import REGISTER
from backend.scoring.warnings import records, thresholds
from backend.scoring.warnings.tables import WarningAlert, WarningSweep, WarningTask
from backend.scoring.warnings.thresholds import NEIGHBOUR, Indicator
from backend.vocabulary.facts import definitions, items

FEWEST = 5
COLOUR_WORDS = {"GREEN": Words("正常", "normal"), "YELLOW": Words("关注", "watch"), "RED": Words("立即处理", "act now")}
TIED = {
    "guarantee": Words("存在担保关联的企业出现风险", "a firm tied by a guarantee is in trouble"),
    "equity": Words("存在股权关联的企业出现风险", "a firm tied by equity is in trouble"),
}
TIED_TITLE = Words("关联企业风险", "trouble at a tied firm")
TIED_WAY = Words(
    "仅为关注，不影响贵公司的评价和申请；可说明担保或股权关系的现状",
    "for watching only: it changes neither your assessment nor an application; you may say how the tie stands now",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """An open alert as its reader may see it. `value` and `limit` are said in words; a neighbour is never named."""

    id: str
    firm_id: str
    indicator: str
    title: Words
    colour: str
    opened_on: date
    value: Words | None
    limit: Words | None
    as_of: date | None
    source: str | None
    threshold_source: Source | None
    way: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTask:
    """What a bank is to do about an alert, until when, and what it said. `state`: open, answered, ended."""

    id: str
    alert_id: str
    firm_id: str
    party: str
    opened_on: date
    due_on: date
    state: str
    outcome: str | None
    words: str | None
    answered_on: date | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A bank's task. `notice` is None once the firm has withdrawn the consent that opened it."""

    task: BankTask
    colour: str
    notice: Notice | None
    late: bool


def of_firm(session: Session, firm_id: str) -> list[Notice]:
    """What is said of a firm, for the firm itself: newest first."""
    return [_notice(session, alert) for alert in _open(session, [firm_id])]


def of_firms(session: Session, firm_ids: Collection[str], *, recipient: str, at: datetime) -> list[Notice]:
    """What a guarantor or bank may see of these firms; not another bank's own reports."""
    return [
        _notice(session, alert)
        for alert in _open(session, firm_ids)
        if items()[alert.item].access != "internal" and records.may_see(session, alert, recipient, at)
    ]


def tasks(session: Session, party: str, at: datetime, *, all_of_them: bool = False) -> list[TaskView]:
    """A bank's tasks, the nearest deadline first; answered and ended ones only if asked."""
    query = select(WarningTask, WarningAlert).join(WarningAlert, WarningAlert.id == WarningTask.alert_id)
    query = query.where(WarningTask.party == party).order_by(WarningTask.due_on, WarningTask.id)
    if not all_of_them:
        query = query.where(WarningTask.state == "open", WarningAlert.state == "open")
    today = day_of(at)
    return [
        TaskView(
            seen(BankTask, task),
            alert.colour,
            _notice(session, alert) if records.may_see(session, alert, party, at) else None,
            task.state == "open" and task.due_on < today,
        )
        for task, alert in session.execute(query)
    ]


def task(session: Session, party: str, task_id: str, at: datetime) -> TaskView:
    """One task of this bank; another's is as good as missing."""
    found = next((each for each in tasks(session, party, at, all_of_them=True) if each.task.id == task_id), None)
    if found is None:
        raise NotFound()
    return found


def shown_to(session: Session, firm_id: str, at: datetime) -> dict[str, list[str]]:
    """For the firm: alert -> the banks that were told."""
    query = select(WarningTask.alert_id, WarningTask.party).where(WarningTask.firm_id == firm_id)
    found: dict[str, list[str]] = {}
    for alert, party in session.execute(query.order_by(WarningTask.party)):
        found.setdefault(alert, []).append(party)
    return found


def hidden_from(session: Session, notice: Notice, bank: str, at: datetime) -> bool:
    """Whether a bank would not be told of this, for want of consent."""
    item = thresholds.on(day_of(at)).indicator(notice.indicator).item if notice.indicator != NEIGHBOUR else "REG02"
    shut = consents.live(session, firm_id=notice.firm_id, item=item, purpose="post_loan", recipient=bank, at=at) is None
    return items()[item].access == "A" and shut


def _open(session: Session, firm_ids: Collection[str]) -> list[WarningAlert]:
    query = select(WarningAlert).where(WarningAlert.firm_id.in_(sorted(firm_ids)), WarningAlert.state == "open")
    return list(session.scalars(query.order_by(WarningAlert.opened_on.desc(), WarningAlert.id)))


def _notice(session: Session, alert: WarningAlert) -> Notice:
    said = records.evidence(session, alert)
    whole: dict[str, Any] = {
        "id": alert.id,
        "firm_id": alert.firm_id,
        "indicator": alert.indicator,
        "colour": alert.colour,
        "opened_on": alert.opened_on,
        "as_of": date.fromisoformat(said["as_of"]),
        "source": said["source"],
    }
    if alert.indicator == NEIGHBOUR:
        # How much trouble, and whose, would tell of another firm.
        words = TIED[said.get("link", "equity")]
        return Notice(**whole, title=TIED_TITLE, value=words, limit=None, threshold_source=None, way=TIED_WAY)
    indicator = thresholds.on(alert.opened_on).indicator(alert.indicator)
    limit = said_as(indicator, Decimal(said["threshold"])) if said["threshold"] is not None else None
    value = said_as(indicator, Decimal(said["value"]))
    source = indicator.source
    title, way = indicator.title, indicator.way
    return Notice(**whole, title=title, value=value, limit=limit, threshold_source=source, way=way)


def said_as(indicator: Indicator, number: Decimal) -> Words:
    """A number of an indicator as people read it."""
    unit = definitions()[indicator.fact].unit
    if indicator.reads in ("truth", "word"):
        return Words("是" if number else "否", "yes" if number else "no")
    if indicator.reads in ("days_since", "days_past_due") or unit == "days":
        return Words(f"{number} 天", f"{number} days")
    if indicator.reads == "grade_fall":
        return Words(f"下降 {number} 级", f"{number} grades lower")
    if indicator.reads == "share_of" or unit == "bp":
        return Words(percent(number, 1), percent(number, 1))
    if unit == "fen":
        return Words(f"{wan(int(number))} 万元", f"{wan(int(number))} ×10,000 yuan")
    return Words(f"{number} 次", str(number)) if unit == "count" else Words(f"{number} 个月", f"{number} months")


# ---------------------------------------------------------------- the regulator


def figures(session: Session, day: date) -> dict[str, list[dict[str, Any]]]:
    """What the regulator may see by `day`: each sweep's colours, each indicator's alerts and feedback, colours by region.

    A region with fewer than five watched firms, or any colour in it with fewer, is left out. Rows are plain JSON.
    """
    sweeps = list(session.scalars(select(WarningSweep).where(WarningSweep.day <= day).order_by(WarningSweep.day)))
    monthly = [
        {
            "day": row.day.isoformat(),
            "firms": row.firms,
            **{colour.lower(): row.counts["colours"][colour] for colour in COLOUR_WORDS},
            **{name: row.counts[name] for name in ("opened", "worsened", "improved", "closed", "ended", "tasks", "stars")},
            "circles": len(row.counts["circles"]),
            "nothing_opened": row.counts["nothing_opened"],
        }
        for row in sweeps
    ]
    return {"warning_sweeps": monthly, "warning_indicators": _indicators(session, day), "warning_regions": _regions(session, day)}


def _indicators(session: Session, day: date) -> list[dict[str, Any]]:
    query = select(WarningAlert.indicator, WarningAlert.highest, func.count()).where(WarningAlert.opened_on <= day)
    alerts = Counter(
        {(row[0], row[1]): row[2] for row in session.execute(query.group_by(WarningAlert.indicator, WarningAlert.highest))}
    )
    said = select(WarningAlert.indicator, WarningTask.outcome, func.count()).join(
        WarningAlert, WarningAlert.id == WarningTask.alert_id
    )
    said = said.where(WarningTask.outcome.is_not(None)).group_by(WarningAlert.indicator, WarningTask.outcome)
    feedback = Counter({(row[0], row[1]): row[2] for row in session.execute(said)})
    return [
        {
            "indicator": code,
            "yellow": alerts[code, "YELLOW"],
            "red": alerts[code, "RED"],
            **{outcome: feedback[code, outcome] for outcome in ("confirmed", "false_alarm", "resolved")},
        }
        for code in sorted({code for code, _ in alerts})
    ]


def _regions(session: Session, day: date) -> list[dict[str, Any]]:
    query = select(REGISTER.c.region, WarningAlert.firm_id, WarningAlert.colour)
    query = query.join(REGISTER, REGISTER.c.firm_id == WarningAlert.firm_id)
    behind: dict[tuple[str, str], set[str]] = {}
    for region, firm, colour in session.execute(query.where(WarningAlert.opened_on <= day, WarningAlert.state == "open")):
        behind.setdefault((region or "unknown", colour), set()).add(firm)
    return [
        {"region": region, "colour": colour, "firms": len(firms)}
        for (region, colour), firms in sorted(behind.items())
        if len(firms) >= FEWEST
    ]
