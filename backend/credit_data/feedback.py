"""What banks told of loans through this platform, for rooms left of loans: who owes, to which bank, how late, what came of it.

These are facts of group BNK (item BNK01, internal): no firm's consent is asked, and no bank reads another's through here
(domain §5.5 on what may leave the platform).

>>> Loan.of({"bank": "b", "outstanding_fen": 5, "dpd": 0, "class": "normal", "state": "running", "value_date": "2025-03-01",
...          "matures_on": "2026-03-01", "amount_fen": 9, "draw": "d"}).live
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from backend.credit_data import seals
from backend.credit_data.tables import FactRow
from backend.kit.database import sealer_of


@dataclass(frozen=True, slots=True)
class Loan:
    """One draw as its bank told it, by the day on which something last changed. Money in fen, dpd in days."""

    bank: str
    amount_fen: int
    outstanding_fen: int
    value_date: date
    matures_on: date
    dpd: int
    cls: str
    state: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Loan:
        """From one entry of the fact `bnk_loans`."""
        return cls(
            told["bank"],
            int(told["amount_fen"]),
            int(told["outstanding_fen"]),
            date.fromisoformat(told["value_date"]),
            date.fromisoformat(told["matures_on"]),
            int(told["dpd"]),
            told["class"],
            told["state"],
        )

    @property
    def live(self) -> bool:
        """Whether something is still owed to the bank."""
        return self.outstanding_fen > 0


@dataclass(frozen=True, slots=True)
class Told:
    """A firm's loans here, the most days past due ever, whether one defaulted, and since when that is known."""

    loans: tuple[Loan, ...]
    max_dpd: int
    defaulted: bool
    as_of: date

    @property
    def live(self) -> tuple[Loan, ...]:
        return tuple(loan for loan in self.loans if loan.live)


_CODES = ("bnk_loans", "bnk_max_dpd", "bnk_defaulted")


def firms(session: Session) -> list[str]:
    """Every firm of which a bank ever told a loan."""
    return list(session.scalars(select(FactRow.firm_id).where(FactRow.code.in_(_CODES)).distinct()))


def told(session: Session, day: date) -> dict[str, Told]:
    """Every firm that ever drew a loan through this platform, as known on `day`. One statement for all."""
    newest = (
        select(FactRow.firm_id, FactRow.code, func.max(FactRow.seq).label("seq"))
        .where(FactRow.code.in_(_CODES), FactRow.known_on <= day)
        .group_by(FactRow.firm_id, FactRow.code)
        .subquery()
    )
    rows = session.scalars(select(FactRow).join(newest, and_(newest.c.seq == FactRow.seq)))
    sealer, found = sealer_of(session), dict[str, dict[str, Any]]()
    days: dict[str, date] = {}
    for row in rows:
        found.setdefault(row.firm_id, {})[row.code] = seals.opened(row, sealer)[0]
        days[row.firm_id] = max(row.as_of, days.get(row.firm_id, row.as_of))
    return {
        firm_id: Told(
            tuple(Loan.of(each) for each in values.get("bnk_loans") or ()),
            int(values.get("bnk_max_dpd") or 0),
            bool(values.get("bnk_defaulted")),
            days[firm_id],
        )
        for firm_id, values in sorted(found.items())
    }
