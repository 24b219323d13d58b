"""What we learnt is forgotten when its time is over: the sweep that finds it, and has each room forget its own.

It stands here because it must know when a loan ended. Written in: domain §3.5 (retention); the terms are in `retention.yaml`.
The log and the consents stay: they prove what was done. A sweep done twice changes nothing the second time.

>>> rules_on(date(2025, 5, 6)).raw_records.days
30
>>> years_before(date(2024, 2, 29), 5)
datetime.date(2019, 2, 28)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.credit_data import erasure
from backend.kit import clock, locks
from backend.kit.calendar import add_months
from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.policy import Source, Strict
from backend.kit.words import Words
from backend.loans.tables import Draw, Facility
from backend.parties.actions import hold_firms
from backend.scoring import actions as scoring
from backend.scoring import views as assessments
from backend.scoring.views import SealedEvidence
from backend.steps.calendar import Recurring

KIND = "retention"
Progress = Callable[[str, int, int], None]


class Cache(Strict):
    days: int = Field(gt=0)
    source: Source


class Ledgers(Strict):
    after_basis_days: int = Field(ge=0)
    source: Source


class Evidence(Strict):
    years_after_loan: int = Field(gt=0)
    source: Source


class WithoutLoan(Strict):
    years_after_assessment: int = Field(gt=0)
    source: Source


class Sweep(Strict):
    every_days: int = Field(gt=0)
    source: Source


class Retention(DatedBlock):
    """The terms in force between two days."""

    raw_records: Cache
    ledgers: Ledgers
    evidence: Evidence
    without_loan: WithoutLoan
    sweep: Sweep


_RULES = Dated(Path(__file__).parent / "retention.yaml", DatedFile[Retention], "retention.yaml says nothing of {day}")


def rules_on(day: date) -> Retention:
    """The terms of a day; a day before the first is a fault of the file."""
    return _RULES.on(day)


def years_before(day: date, years: int) -> date:
    return add_months(day, -12 * years)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep forgot."""

    day: date
    raw_records: int = 0
    assessments: int = 0
    facts: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.day,
            self.raw_records + other.raw_records,
            self.assessments + other.assessments,
            self.facts + other.facts,
        )


def loan_end(session: Session, firm_id: str, day: date) -> date | None:
    """The day on which the firm's last loan ended; None where it never had one; `day` while one may be drawn or is owed.

    A draw that was compensated and not recovered is still owed.
    """
    expires = session.scalar(select(func.max(Facility.expires_on)).where(Facility.firm_id == firm_id))
    if expires is None:
        return None
    owed = session.scalar(select(Draw.id).where(Draw.firm_id == firm_id, Draw.repaid_on.is_(None)).limit(1))
    repaid = session.scalar(select(func.max(Draw.repaid_on)).where(Draw.firm_id == firm_id))
    return day if owed is not None else min(day, max(expires, repaid or expires))


def sweep(session: Session, actor: Actor, *, at: datetime, progress: Progress = lambda what, done, total: None) -> Swept:
    """Forget what is due, each erasure with its line in the log. Raw records go early rather than late (`sweep` in the terms)."""
    day = clock.day_of(at)
    rules = rules_on(day)
    hold_firms(session, _with_something_due(session, rules, day, at))
    return _raw(session, actor, rules, day, at, progress) + _evidence(session, actor, rules, day, at, progress)


def _with_something_due(session: Session, rules: Retention, day: date, at: datetime) -> set[str]:
    """The firms that a sweep will touch: all of them are held before the first is asked whether a loan of it still runs."""
    caches, bases = _raw_due(session, rules, at)
    return {firm_id for firm_id, _ in (*caches, *bases)} | set(_evidence_due(session, rules, day)[1])


def _raw_due(session: Session, rules: Retention, at: datetime) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    oldest = at - timedelta(days=max(0, rules.raw_records.days - rules.sweep.every_days))
    basis = at - timedelta(days=rules.ledgers.after_basis_days)
    return erasure.caches_older_than(session, oldest), erasure.ledgers_without_basis(session, basis)


def _evidence_due(session: Session, rules: Retention, day: date) -> tuple[list[SealedEvidence], list[str]]:
    without = years_before(day, rules.without_loan.years_after_assessment)
    last = max(without, years_before(day, rules.evidence.years_after_loan))
    old = assessments.with_evidence_before(session, last)
    return old, sorted({each.firm_id for each in old} | set(erasure.firms_with_facts_before(session, last)))


def _raw(session: Session, actor: Actor, rules: Retention, day: date, at: datetime, progress: Progress) -> Swept:
    caches, bases = _raw_due(session, rules, at)
    by_firm: dict[str, dict[str, str]] = defaultdict(dict)
    for found, rule in (
        (caches, rules.raw_records.source),
        (bases, rules.ledgers.source),
    ):
        for firm_id, item in found:
            if not locks.holds(session, "firm", firm_id):
                continue  # due since a moment ago: the next sweep
            by_firm[firm_id].setdefault(item, rule)
    gone = 0
    for number, (firm_id, of_items) in enumerate(by_firm.items()):
        progress("raw records", number, len(by_firm))
        gone += erasure.forget_raw(session, actor, firm_id=firm_id, rules=of_items, at=at)
    progress("raw records", len(by_firm), len(by_firm))
    return Swept(day, raw_records=gone)


def _evidence(session: Session, actor: Actor, rules: Retention, day: date, at: datetime, progress: Progress) -> Swept:
    without = years_before(day, rules.without_loan.years_after_assessment)
    after_loan = years_before(day, rules.evidence.years_after_loan)
    old, due = _evidence_due(session, rules, day)
    firms = [each for each in due if locks.holds(session, "firm", each)]
    erased = forgotten = 0
    for number, firm_id in enumerate(firms):
        progress("evidence", number, len(firms))
        ended = loan_end(session, firm_id, day)
        if ended is not None and ended >= after_loan:
            continue
        until, rule = (without, rules.without_loan.source) if ended is None else (after_loan, rules.evidence.source)
        for each in old:
            if each.firm_id == firm_id and each.facts_on < until:
                scoring.erase(session, actor, each.id, at=at)
                erased += 1
        forgotten += erasure.forget_facts(session, actor, firm_id=firm_id, until=until - timedelta(days=1), rule=rule, at=at)
    progress("evidence", len(firms), len(firms))
    return Swept(day, assessments=erased, facts=forgotten)


def sweep_day(after: date) -> date:
    """The next day of a sweep: every so many days, counted from no day in particular, so that none depends on the one before.

    >>> sweep_day(date(2025, 5, 6)), sweep_day(date(2025, 5, 12))
    (datetime.date(2025, 5, 12), datetime.date(2025, 5, 19))
    """
    day = after + timedelta(days=1)
    while day.toordinal() % rules_on(day).sweep.every_days != 1 % rules_on(day).sweep.every_days:
        day += timedelta(days=1)
    return day


SWEEPS = Recurring(
    kind=KIND,
    title=Words("到期数据清理", "forgetting what is due"),
    following=sweep_day,
    hour=timedelta(hours=20, minutes=45),
    missed="latest",
)
