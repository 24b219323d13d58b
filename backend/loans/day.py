"""The end of a business day: days past due, class, what the pool must know, and the BNK facts for the rooms to the left.

Written in: domain §5.4 (days past due from the first unpaid due day; the worst of days and events; the debtor is looked at as a
whole). Closing a day twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.credit_data import actions as credit_data
from backend.kit import locks, rules
from backend.kit.clock import start_of
from backend.kit.policy import canonical, digest
from backend.loans.compensation import recovered_fen
from backend.loans.interest import past_due_days
from backend.loans.model import BAD, Class, Classified, classify, rules_on
from backend.loans.rules import DAY_CLOSED, DRAW_FOLLOWS
from backend.loans.tables import ClassEvent, ClassSignal, Draw, Facility, FirmOutcome, Guarantee
from backend.parties.actions import hold_firms
from risk_compensation import live as pool_events
from risk_compensation.live import LoanToday, evening
from risk_compensation.live import views as pool_views

SOURCE = "bank_feedback"


@dataclass(frozen=True, slots=True)
class DayClosed:
    """What the end of a day found: draws it had to look at, overdue among them, class changes, fen released, firms told of."""

    day: date
    draws: int
    overdue: int
    class_changes: int
    released_fen: int
    firms_told: int


def close_day(session: Session, day: date) -> DayClosed:
    """Close a business day for every draw that is not yet closed, every loan in a pool, and every firm whose loans changed."""
    hold_for(session, day)
    return close_held(session, day)


def hold_for(session: Session, last: date, also: Iterable[str] = ()) -> None:
    """Hold all that closing the days up to `last` may touch, and these firms: firms, their loans in the pools, then the pools.

    What a later day looks at, an earlier one never looks beyond. A firm that a bank tells of from now on is looked at tomorrow.
    """
    firms = set(_firms_to_look_at(session, last))
    pooled = select(Facility.id, Facility.firm_id).where(*_in_pools(firms, last))
    hold_firms(session, firms | {row.firm_id for row in session.execute(pooled)} | set(also))
    pool_views.hold_loans(session, [row.id for row in session.execute(pooled)])


def close_held(session: Session, day: date) -> DayClosed:
    """Close a day of the firms that `hold_for` holds.

    Fault `unbalanced` when the book of a pool says two things at the end of it: then nothing of the day is closed.
    """
    firms = [firm_id for firm_id in _firms_to_look_at(session, day) if locks.holds(session, "firm", firm_id)]
    by_firm: dict[str, list[Draw]] = defaultdict(list)
    of_firms = select(Draw).where(Draw.firm_id.in_(firms)).order_by(Draw.value_date, Draw.draw_no)
    for draw in session.scalars(of_firms.execution_options(populate_existing=True)) if firms else ():
        by_firm[draw.firm_id].append(draw)
    signals: dict[str, list[ClassSignal]] = defaultdict(list)
    begun = ClassSignal.firm_id.in_(firms), ClassSignal.since <= day
    for signal in session.scalars(select(ClassSignal).where(*begun)) if firms else ():
        signals[signal.firm_id].append(signal)
    changes = 0
    for firm_id, draws in by_firm.items():
        changes += _classify_firm(session, draws, signals[firm_id], day)
    released = _tell_pools(session, firms, day)
    outcomes = select(FirmOutcome).where(FirmOutcome.firm_id.in_(firms))
    known = {each.firm_id: each for each in session.scalars(outcomes)} if firms else {}
    told = sum(_tell_facts(session, known.get(firm_id), firm_id, draws, day) for firm_id, draws in by_firm.items())
    looked_at = [each for draws in by_firm.values() for each in draws if not each.closed]
    for draw in looked_at:
        rules.put(session, draw, "closed", draw.repaid_on is not None, rule=DAY_CLOSED)
    session.flush()
    evening.insist(session, day)
    return DayClosed(day, len(looked_at), sum(1 for each in looked_at if each.dpd), changes, released, told)


def _firms_to_look_at(session: Session, day: date) -> list[str]:
    """Firms whose loans may stand otherwise than at the last close: something is past due or badly classed, a bank told
    something since, or an event lowers a class. All other loans need no look: most loans on most days."""
    live = Draw.closed.is_(False)
    told = select(FirmOutcome.firm_id).where(FirmOutcome.told_at.is_not(None))
    restless = or_(Draw.unpaid_since < day, Draw.dpd > 0, Draw.cls != "normal", Draw.firm_id.not_in(told))
    found = set(session.scalars(select(Draw.firm_id).where(live, restless)))
    found |= set(session.scalars(select(Draw.firm_id).join(ClassSignal, ClassSignal.firm_id == Draw.firm_id).where(live)))
    return sorted(found)


def _classify_firm(session: Session, draws: Sequence[Draw], signals: Sequence[ClassSignal], day: date) -> int:
    live = [draw for draw in draws if draw.repaid_on is None]
    for draw in live:
        draw.dpd = past_due_days(draw.unpaid_since, day)
        draw.max_dpd = max(draw.max_dpd, draw.dpd)
        if draw.dpd:
            draw.cured_on = None
        elif draw.max_dpd and draw.cured_on is None:
            draw.cured_on = day
        if draw.state in ("running", "late"):
            rules.put(session, draw, "state", "late" if draw.dpd else "running", rule=DRAW_FOLLOWS)
    owed = sum(draw.outstanding_fen for draw in live)
    long_overdue = sum(draw.outstanding_fen for draw in live if draw.dpd > 90)
    mostly = owed > 0 and long_overdue * 10_000 > owed * rules_on(day).mostly_overdue_bp
    of_draw = {draw.id: [each for each in signals if each.draw_id in (None, draw.id)] for draw in live}
    own = {name: {each.name for each in some if each.until is None or each.until >= day} for name, some in of_draw.items()}
    first = {draw.id: _judge(draw, own[draw.id], of_draw[draw.id], day) for draw in live}
    changes = 0
    for draw in live:
        names = set(own[draw.id])
        if mostly:
            names.add("mostly_overdue")
        if any(first[other.id].became in BAD for other in live if other is not draw):
            names.add("bad_elsewhere")
        found = _judge(draw, names, of_draw[draw.id], day)
        changes += _change(session, draw, found.became, found.causes, day)
        if found.became in BAD and draw.defaulted_on is None:
            draw.defaulted_on = day
    for draw in draws:
        if draw.repaid_on is not None and not draw.closed:
            draw.dpd = 0
            changes += _change(session, draw, "normal", ("repaid",), day)
    return changes


def _judge(draw: Draw, names: set[str], signals: Sequence[ClassSignal], day: date) -> Classified:
    """The draw's class, with the events `names`; a restructuring is remembered although its event was lifted."""
    restructured = max((each.since for each in signals if each.name == "restructured"), default=None)
    return classify(day, past_due=draw.dpd, events=names, was=_class(draw), cured_on=draw.cured_on, restructured_on=restructured)


def _class(draw: Draw) -> Class:
    found: Class = draw.cls  # type: ignore[assignment]  # the column holds nothing but a Class
    return found


def _change(session: Session, draw: Draw, became: Class, causes: Sequence[str], day: date) -> int:
    if became == draw.cls:
        return 0
    session.add(ClassEvent(draw_id=draw.id, day=day, was=draw.cls, became=became, dpd=draw.dpd, causes=list(causes)))
    draw.cls = became
    return 1


def _tell_pools(session: Session, firms: Sequence[str], day: date) -> int:
    """Tell each pool which of its loans are overdue or cured, release what was repaid, shrink claims; answers fen released.

    Read in bulk: most loans have nothing to tell on most days.
    """
    query = select(Facility).where(*_in_pools(firms, day)).order_by(Facility.id)
    found = session.scalars(query.execution_options(populate_existing=True))
    facilities = [each for each in found if locks.holds(session, "loan", each.id)]
    if not facilities:
        return 0
    names = [each.id for each in facilities]
    covered: dict[str, list[Draw]] = defaultdict(list)
    for draw in session.scalars(select(Draw).where(Draw.facility_id.in_(names), Draw.coverage == "registered")):
        covered[draw.facility_id].append(draw)
    asked = select(Guarantee.application_id).where(Guarantee.demanded_on.is_not(None))
    demanded = set(session.scalars(asked))
    back = recovered_fen(session, names)
    told = [
        _today(facility, covered[facility.id], facility.application_id in demanded, back.get(facility.id, 0), day)
        for facility in facilities
    ]
    heard = pool_events.end_of_day(session, told, day)
    for facility in facilities:
        rules.put(session, facility, "pool_closed", heard[facility.id].over, rule=DAY_CLOSED)
    return sum(each.released_fen for each in heard.values())


def _in_pools(firms: Collection[str], day: date) -> tuple[ColumnElement[bool], ...]:
    """Which facilities a pool has to be told of: in a pool and not over, of these firms or past their end."""
    open_ = Facility.registered_on.is_not(None), Facility.pool_closed.is_(False)
    return (*open_, or_(Facility.firm_id.in_(sorted(firms)), Facility.expires_on < day))


def _today(facility: Facility, covered: Sequence[Draw], demanded: bool, recovered_fen: int, day: date) -> LoanToday:
    """What a pool hears of its loan: what is late, what is unpaid, what may still be drawn."""
    late = [each.unpaid_since for each in covered if each.unpaid_since is not None and each.unpaid_since < day]
    unpaid = sum(each.amount_fen - each.repaid_by_borrower_fen for each in covered) - recovered_fen
    undrawn = facility.registered_fen - sum(each.amount_fen for each in covered) if facility.expires_on >= day else 0
    return LoanToday(facility.id, min(late, default=None), demanded, unpaid, unpaid + undrawn)


def outcome(draws: Sequence[Draw]) -> dict[str, Any]:
    """The BNK facts of a firm from its draws: money in fen, days, and one line per draw."""
    return {
        "bnk_drawn_fen": sum(each.amount_fen for each in draws),
        "bnk_outstanding_fen": sum(each.outstanding_fen for each in draws),
        "bnk_max_dpd": max((each.max_dpd for each in draws), default=0),
        "bnk_defaulted": any(each.defaulted_on is not None for each in draws),
        "bnk_loans": [
            {
                "bank": each.bank,
                "draw": each.id,
                "amount_fen": each.amount_fen,
                "value_date": each.value_date.isoformat(),
                "matures_on": each.matures_on.isoformat(),
                "outstanding_fen": each.outstanding_fen,
                "dpd": each.dpd,
                "class": each.cls,
                "state": each.state,
            }
            for each in draws
        ],
    }


def _tell_facts(session: Session, known: FirmOutcome | None, firm_id: str, draws: Sequence[Draw], day: date) -> int:
    """Append the BNK facts of a firm when they changed; answers 1 if so."""
    values = outcome(draws)
    # Days past due grow by one each day of a default; only the monthly steps that a rule looks at are worth a new fact.
    steady = dict(values, bnk_max_dpd=_step(values["bnk_max_dpd"]))
    steady["bnk_loans"] = [dict(each, dpd=_step(each["dpd"])) for each in values["bnk_loans"]]
    name = digest(canonical(steady))
    if known is not None and known.digest == name:
        known.told_at = start_of(day)
        return 0
    credit_data.append_bank_facts(session, firm_id=firm_id, values=values, as_of=day, source=SOURCE)
    if known is None:
        session.add(FirmOutcome(firm_id=firm_id, digest=name, as_of=day, told_at=start_of(day)))
    else:
        known.digest, known.as_of, known.told_at = name, day, start_of(day)
    return 1


def _step(days: int) -> int:
    """Days past due in steps: 0, 1, 8, 31, 61, 91, then every 90.

    >>> [_step(n) for n in (0, 1, 7, 8, 45, 95, 200, 400)]
    [0, 1, 1, 8, 31, 91, 181, 361]
    """
    if days > 90:
        return (days - 1) // 90 * 90 + 1
    return max(step for step in (0, 1, 8, 31, 61) if step <= days)
