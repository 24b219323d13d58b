"""Read what monitoring kept, and as rows for the regulator's snapshot."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

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
                **{f"{name}_ratio": _value(each[f"{name}_ratio"]) for name in ("favoured", "drew")},
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
    found: dict[str, Any] = {"card": row.card, "month": row.month.isoformat(), "psi": told["psi"]["value"]}
    found |= {name: told[name] for name in ("assessed", "outcomes", "bad", "expected")}
    for name in (*SORTING, "observed"):
        figure = told[name] or {}
        found |= {name: figure.get("value"), f"{name}_low": figure.get("low"), f"{name}_high": figure.get("high")}
    return found | {"alerts": len(row.alerts)}


def _value(figure: dict[str, float] | None) -> float | None:
    return figure["value"] if figure else None
