"""Read what monitoring kept, and as rows for the regulator's snapshot."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.scoring.monitoring import limits
from backend.scoring.monitoring.tables import MonitorResult

SORTING = ("auc", "ks", "brier", "slope", "intercept")


def results(session: Session, card: str | None = None) -> list[MonitorResult]:
    """Kept months, oldest first."""
    query = select(MonitorResult).order_by(MonitorResult.month, MonitorResult.card)
    return list(session.scalars(query if card is None else query.where(MonitorResult.card == card)))


def figures(session: Session, day: date) -> dict[str, list[dict[str, Any]]]:
    """Three tables of plain rows by `day`: each card's months, the newest month's groups, what is alarming in it."""
    kept = [row for row in results(session) if row.month <= day]
    newest = {row.card: row for row in kept}
    return {
        "card_months": [_month(row) for row in kept],
        "card_groups": [
            {
                "card": card,
                "month": row.month.isoformat(),
                "dimension": dimension,
                "group": each["group"],
                "n": each["n"],
                "psi": each["psi"]["value"],
                **{name: each[name] for name in ("favoured", "drew")},
                **_interval("favoured_ratio", each["favoured_ratio"]),
                **_interval("drew_ratio", each["drew_ratio"]),
            }
            for card, row in newest.items()
            for dimension, groups in row.figures["groups"].items()
            for each in groups
        ],
        "card_alerts": [
            {"card": card, "month": row.month.isoformat(), **alert} for card, row in newest.items() for alert in row.alerts
        ],
    }


def _month(row: MonitorResult) -> dict[str, Any]:
    told = row.figures
    # Months kept before firms were counted may show a mix of very few: not said.
    firms = int(told.get("firms", 0))
    psi = told["psi"]["value"] if firms >= limits.on(row.month).least_cell else None
    found: dict[str, Any] = {"card": row.card, "month": row.month.isoformat(), "psi": psi, "firms": firms}
    found |= {name: told[name] for name in ("assessed", "outcomes", "bad", "expected")}
    for name in (*SORTING, "observed"):
        found |= _interval(name, told[name])
    return found | {"alerts": len(row.alerts)}


def _interval(name: str, figure: dict[str, float] | None) -> dict[str, float | None]:
    told = figure or {}
    return {name: told.get("value"), f"{name}_low": told.get("low"), f"{name}_high": told.get("high")}
