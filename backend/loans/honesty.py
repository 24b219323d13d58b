"""What became of lifted loans and of loans like them: the outcomes that the honesty monitor of the uplifts looks at.

A facility stands in its quarter, the one of its first draw, and is counted when that whole quarter is twelve months old. Its size
is that of the base limit, so that a lifted loan is laid beside what it would have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit import clock
from backend.kit.calendar import add_months
from backend.loans.tables import Draw, Facility
from backend.scoring import views as assessments
from backend.uplifts import decisions, prices, views
from backend.uplifts.honesty import Band, Finding, Loan, band_of, bands, findings, pairs
from backend.uplifts.views import HonestyAlert

SIZES = ((50_000_000, "<50"), (100_000_000, "<100"), (300_000_000, "<300"))


def quarter(day: date) -> str:
    """The quarter of a day.

    >>> quarter(date(2025, 5, 6))
    '2025Q2'
    """
    return f"{day.year}Q{(day.month + 2) // 3}"


def ripe(first_draw: date, day: date) -> bool:
    """Whether the whole quarter of a draw is twelve months old.

    >>> ripe(date(2025, 4, 1), date(2026, 6, 30)), ripe(date(2025, 4, 1), date(2026, 7, 1))
    (False, True)
    """
    begins = date(first_draw.year, (first_draw.month - 1) // 3 * 3 + 1, 1)
    return add_months(begins, 15) <= day


def outcomes(session: Session, day: date) -> list[Loan]:
    """Every facility that is old enough on that day, in four statements."""
    first = func.min(Draw.value_date)
    query = select(Facility, first.label("first")).join(Draw, Draw.facility_id == Facility.id).group_by(Facility.id)
    old = [(facility, began) for facility, began in session.execute(query) if ripe(began, day)]
    over = select(Draw.facility_id, func.min(Draw.defaulted_on).label("since")).where(
        Draw.defaulted_on.is_not(None), Draw.max_dpd > 90
    )
    bad = {row.facility_id: row.since for row in session.execute(over.group_by(Draw.facility_id))}
    lifted = {row.facility_id: row for row in views.facilities(session)}
    grades = assessments.grades(session)
    main = views.main_indicators(session)
    found = []
    for facility, began in old:
        lift = lifted.get(facility.id)
        base = lift.base_fen if lift is not None else facility.limit_fen
        end = bad.get(facility.id)
        found.append(
            Loan(
                firm=facility.firm_id,
                programme=lift.programme if lift is not None else "",
                uplift_bp=lift.uplift_bp if lift is not None else 0,
                indicator=main.get(facility.id, ""),
                grade=next((grade for at, grade in grades.get(facility.firm_id, ()) if at <= facility.signed_on), "?"),
                size=next((name for most, name in SIZES if base < most), "300+"),
                product=facility.product,
                cohort=quarter(began),
                defaulted=end is not None and end <= add_months(began, 12),
                policy_digest=lift.policy_digest if lift is not None else "",
            )
        )
    return found


def report(session: Session, day: date) -> tuple[list[Band], list[Finding]]:
    """The bands and the findings as of that day: for the command, and for reporting."""
    loans = outcomes(session, day)
    return bands(loans), findings(loans)


def figures(session: Session, day: date) -> dict[str, list[dict[str, Any]]]:
    """The bands and findings as plain rows, with the alerts that stand open."""
    return told(outcomes(session, day), views.alerts(session, still_open=True))


def told(loans: Sequence[Loan], alerts: Sequence[HonestyAlert]) -> dict[str, list[dict[str, Any]]]:
    """The rows of these loans. `behind` and `partners`: the firms behind a row and those it is compared with, for whoever must
    hold back what few stand behind; they are never published themselves."""
    matched, rows, said = pairs(loans), [], []
    for band in bands(loans):
        firms = {loan.firm for loan in loans if band_of(loan.uplift_bp) == band.band}
        partners = {other.firm for loan, other in matched if band_of(loan.uplift_bp) == band.band}
        rows.append(band.as_dict() | {"behind": firms, "partners": partners})
    for each in findings(loans):
        terms, name = (each.programme, each.policy_digest), each.coefficient
        mine = [loan for loan in loans if loan.lifted and (loan.programme, loan.policy_digest) == terms]
        lifted = [loan for loan in mine if name in ("all", loan.indicator)]
        strata, firms = {loan.stratum for loan in lifted}, {loan.firm for loan in lifted}
        partners = {loan.firm for loan in loans if not loan.lifted and loan.stratum in strata}
        said.append(each.as_dict() | {"alert": each.alert, "behind": firms, "partners": partners})
    still = [{"programme": x.programme, "coefficient": x.coefficient, "found_on": x.found_on.isoformat()} for x in alerts]
    return {"bands": rows, "findings": said, "alerts": still}


def look(session: Session, at: datetime) -> list[HonestyAlert]:
    """Once a month: work out usual prices anew, then look at what became of lifted loans; alerts raised now."""
    prices.refresh(session, at=at)
    if not views.any_lifted(session):
        return []
    _, told = report(session, clock.day_of(at))
    return decisions.note_findings(session, told, at=at)
