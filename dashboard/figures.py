"""From the snapshot's rows to what a page says and a chart draws. Pure: no file, no Streamlit, no clock.

Text is exact (whole fen, Decimals); only the heights of bars and lines are floats, because that is what a chart is drawn with.

>>> amount(123_456_0000, "fen", "zh"), amount(412.5, "bp", "en"), amount(None, "bp", "zh")
('1,234.56 万元', '4.13 %', '暂无')
>>> part_bp(2, 3), part_bp(0, 0)
(6667, None)
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from backend.kit.money import wan
from dashboard import words
from dashboard.snapshot import Row, Snapshot

Rows = Sequence[Row]
# A series of the price chart, its column, and the amount it is weighted by.
PRICES = (
    ("rate", "weighted_rate_bp", "amount_fen"),
    ("all_in", "weighted_all_in_bp", "all_in_fen"),
    ("lpr", "lpr_bp", "amount_fen"),
)


def percent(value_bp: float | int | None) -> str:
    """Basis points as a percentage with two decimals."""
    if value_bp is None:
        return "—"
    return f"{(Decimal(str(value_bp)) / 100).quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):,} %"


def days(value: float | int | None, language: str) -> str:
    if value is None:
        return "—"
    return f"{Decimal(str(value)).quantize(Decimal('0.1')).normalize():f} {words.DAYS.say(language)}"


def amount(value: float | int | None, unit: str, language: str) -> str:
    """A figure as people read it; a missing one is said, not shown as nought."""
    if value is None:
        return words.NO_FIGURE.say(language)
    if unit == "fen":
        return f"{wan(int(value))} {words.WAN.say(language)}"
    if unit == "bp":
        return percent(value)
    return days(value, language) if unit == "days" else f"{int(value):,}"


def part_bp(part: int, whole: int) -> int | None:
    """Part of whole in basis points, half up; nothing of nothing is no figure."""
    return int((Decimal(part) * 10000 / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if whole else None


def height(amount_fen: int | None) -> float:
    """万元 for drawing only."""
    return (amount_fen or 0) / 1_000_000


def drawn_height(amount_fen: int | None) -> float | None:
    """The same, and nothing at all where the amount is held back: no bar, rather than one of nought."""
    return None if amount_fen is None else height(amount_fen)


def money_in_full(amount_fen: int | None, language: str) -> str:
    """With its unit; or that it is held back."""
    return words.FEWER.say(language) if amount_fen is None else amount(amount_fen, "fen", language)


def money(amount_fen: int | None, language: str) -> str:
    """万元, or that it is held back for having too few firms behind it: the snapshot has no amount then.

    >>> money(1_000_000, "en"), money(None, "en")
    ('1.00', 'held back')
    """
    return words.FEWER.say(language) if amount_fen is None else wan(amount_fen)


@dataclass(frozen=True, slots=True)
class Kpi:
    code: str
    value: float | int | None
    unit: str
    n: int

    def text(self, language: str) -> str:
        return amount(self.value, self.unit, language)


def kpis(snapshot: Snapshot, codes: Iterable[str]) -> list[Kpi]:
    """The named figures in the order asked for; one that the snapshot lacks is left out."""
    known = {row["code"]: row for row in snapshot.rows("kpis")}
    return [Kpi(code, known[code]["value"], known[code]["unit"], known[code]["n"] or 0) for code in codes if code in known]


def months_of(rows: Rows) -> list[str]:
    return sorted({row["month"] for row in rows if row["month"]})


def stacked(rows: Rows, parts: Sequence[str]) -> list[dict[str, Any]]:
    """One row a month and part with its count and share of the month; parts keep their order."""
    out = []
    for row in sorted(rows, key=lambda row: row["month"]):
        whole = sum(row.get(part) or 0 for part in parts)
        for order, part in enumerate(parts):
            n = row.get(part) or 0
            out.append({"month": row["month"], "part": part, "order": order, "n": n, "share": percent(part_bp(n, whole))})
    return out


def approval_bp(row: Row) -> tuple[int | None, int]:
    """Approved over decided (approved + declined), and how many were decided."""
    decided = (row["approved"] or 0) + (row["declined"] or 0)
    return part_bp(row["approved"] or 0, decided), decided


def prices(rows: Rows) -> list[dict[str, Any]]:
    """A month's price over all banks: each bank's rate weighted by the amount it stands for; the LPR beside it.

    The all-in cost stands for the draws whose accepted offer is known. What is held back has no amount and is left out.
    """
    out: list[dict[str, Any]] = []
    for month in months_of(rows):
        here = [row for row in rows if row["month"] == month and row["amount_fen"]]
        total = sum(row["amount_fen"] for row in here)
        n = sum(row["n"] for row in here)
        for series, column, by in PRICES:
            known = [(Decimal(str(row[column])), row[by]) for row in here if row[column] is not None and row.get(by)]
            weight = sum(fen for _, fen in known)
            if weight:
                bp = sum(rate * fen for rate, fen in known) / weight
                text = {"text": percent(float(bp)), "n": n, "money": wan(total)}
                out.append({"month": month, "series": series, "percent": float(bp) / 100, **text})
    return out


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a list: its label, length between 0 and 1, the exact text, and a note beside it."""

    label: str
    length: float
    text: str
    note: str = ""
    tone: str = ""


def bars(items: Sequence[tuple[str, float, str, str, str]]) -> list[Bar]:
    """(label, size, text, note, tone) as bars scaled to the longest."""
    longest = max((size for _, size, *_ in items), default=0) or 1
    return [Bar(label, size / longest, text, note, tone) for label, size, text, note, tone in items]


def ordered(rows: Rows, key: str, order: Iterable[str]) -> list[Row]:
    """Rows in the given order of codes; a code the dashboard does not know comes last rather than vanish."""
    places = {code: place for place, code in enumerate(order)}
    return sorted(rows, key=lambda row: places.get(row[key], len(places)))


@dataclass(frozen=True, slots=True)
class CellView:
    """The cells whose measure may be shown, largest first, and those of which it is held back."""

    shown: list[Row]
    held: list[Row]

    @property
    def hidden(self) -> int:
        return len(self.held)


def cells(rows: Rows, dimension: str, measure: str) -> CellView:
    """A dimension's cells by one measure. A measure without a figure is held back where the cell says so, else there is none."""
    here = [row for row in rows if row["dimension"] == dimension]
    held = [row for row in here if row["hidden"] and row[measure] is None]
    shown = [row for row in here if row not in held]
    return CellView(sorted(shown, key=lambda row: -(row[measure] or 0)), held)


def vintages(rows: Rows, measure: str) -> list[dict[str, Any]]:
    """Points of the curves; a cohort without amounts (fewer than five firms) has none.

    `ripe` is said of a whole cohort (twelve months old); where it changes within one, the dashes join the line.
    """
    out: list[dict[str, Any]] = []
    for cohort in sorted({row["cohort"] for row in rows}):
        last: dict[str, Any] | None = None
        for row in sorted((row for row in rows if row["cohort"] == cohort), key=lambda row: row["mob"]):
            bp = part_bp(row[measure] or 0, row["drawn_fen"] or 0)
            if bp is None:
                continue
            ripe = bool(row["mature"])
            point = {
                "cohort": cohort,
                "mob": row["mob"],
                "percent": bp / 100,
                "text": percent(bp),
                "n": row["draws"],
                "ripe": ripe,
            }
            if not ripe and last is not None and last["ripe"]:
                out.append({**last, "ripe": False})
            out.append(point)
            last = point
    return out


def flows(rows: Rows) -> list[dict[str, Any]]:
    """A pool's money by month: in above the line, out below it, and the cash left at the month's end."""
    signs = {"paid_in": 1, "recovered": 1, "paid": -1}
    return [
        {"month": row["month"], "part": part, "money": sign * height(row[f"{part}_fen"]), "text": wan(row[f"{part}_fen"] or 0)}
        for row in sorted(rows, key=lambda row: row["month"])
        for part, sign in signs.items()
    ]


def gauge(ratio_bp: float | None, warn_bp: float | None, pause_bp: float | None) -> dict[str, float]:
    """Places on a scale from 0 to a fifth beyond the pause line (or the ratio, if that is further), in percent of its length."""
    end = max(ratio_bp or 0, pause_bp or 0, warn_bp or 0) * 1.2 or 1
    places = {"now": ratio_bp, "warn": warn_bp, "pause": pause_bp}
    return {name: round(100 * value / end, 2) for name, value in places.items() if value is not None}


def of_pool(rows: Rows, pool: str) -> list[Row]:
    return [row for row in rows if row["pool"] == pool]


def two_columns(accounts: Rows, debit_side: Collection[str]) -> tuple[int, int]:
    """The trial balance's two sums in fen; they agree if the book is sound."""
    debit = sum(int(row["balance_fen"]) for row in accounts if row["account"] in debit_side)
    return debit, sum(int(row["balance_fen"]) for row in accounts) - debit


def title(row: Mapping[str, Any], language: str, stem: str = "title") -> str:
    return str(row.get(f"{stem}_{'en' if language == 'en' else 'zh'}") or row.get(f"{stem}_zh") or "")


def short_title(row: Mapping[str, Any], language: str) -> str:
    """An account's name without the sentence that explains it.

    >>> short_title({"title_zh": "专户资金：托管银行账上的钱", "title_en": "cash: the pool's money"}, "en")
    'cash'
    """
    return re.split("[：:；;]", title(row, language), maxsplit=1)[0]
