"""What the pages about strength and monitoring say, from the snapshot's rows. Pure, as `figures`.

>>> world({"share_times": 1.25, "leverage_times": 1.5, "pd_times": 1.0}, "en"), cover(7.25, "en"), cover(90000.0, "zh")
('share ×1.25, leverage ×1.5', '7.3 months', '100 年以上')
>>> interval(0.5, 0.25, 0.75), interval(None, None, None), percents(690, 191, 2196)
('0.50 (0.25–0.75)', '—', '6.90 % (1.91–21.96)')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from backend.kit.money import wan
from dashboard import words_watch as w
from dashboard.figures import height, part_bp, percent
from dashboard.snapshot import Row

HUNDRED_YEARS, THREE_YEARS = 1200, 36


def number(value: float, places: int = 2) -> str:
    """A plain number, half up.

    >>> number(0.125), number(1234.5, 1)
    ('0.13', '1,234.5')
    """
    return f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def interval(value: float | None, low: float | None, high: float | None, places: int = 2) -> str:
    """A figure with its interval; a dash where it is not said."""
    if value is None or low is None or high is None:
        return "—"
    return f"{number(value, places)} ({number(low, places)}–{number(high, places)})"


def percents(bp: float | None, low: float | None, high: float | None) -> str:
    """A share with its interval."""
    if bp is None or low is None or high is None:
        return "—"
    return f"{percent(bp)} ({percent(low)[:-2]}–{percent(high)[:-2]})"


def signed_percents(bp: float | None, low: float | None, high: float | None) -> str:
    """A difference of shares in percentage points, with its interval.

    >>> signed_percents(-120, -400, 160)
    '−1.20 (−4.00 … +1.60)'
    """
    if bp is None or low is None or high is None:
        return "—"
    one, two, three = (f"{Decimal(str(each)) / 100:+.2f}".replace("-", "−") for each in (bp, low, high))
    return f"{one} ({two} … {three})"


def cover(months: float | None, language: str) -> str:
    """How long the cash lasts."""
    if months is None:
        return "—"
    if months > HUNDRED_YEARS:
        return w.CENTURY.say(language)
    if months >= THREE_YEARS:
        return w.YEARS.fill(n=number(months / 12, 1)).say(language)
    return w.MONTHS.fill(n=number(months, 1)).say(language)


def world(row: Mapping[str, Any], language: str) -> str:
    """What is other in this world."""
    parts = [words.fill(times=f"{row[name]:g}").say(language) for name, words in w.TIMES.items() if row[name] != 1]
    return ("，" if language == "zh" else ", ").join(parts) or w.AS_IT_IS.say(language)


def loss_bars(rows: Sequence[Row], draws: int) -> list[dict[str, Any]]:
    """The drawn cases as bars: from and to in 万元, the part of all cases in percent."""
    return [
        {
            "start": height(row["from_fen"]),
            "end": height(row["to_fen"]),
            "share": 100 * row["cases"] / draws,
            "text": percent(part_bp(row["cases"], draws)),
            "money": f"{wan(row['from_fen'])}–{wan(row['to_fen'])}",
        }
        for row in rows
    ]


def loss_lines(stress: Row, bars: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], bool]:
    """The upright lines, and whether the cash lies so far to the right that it would squash the picture."""
    marks = {name: stress[f"{name}_fen"] for name in ("need95", "need999", "cash")}
    edge = max([bar["end"] for bar in bars] + [height(marks["need999"])], default=0.0)
    beyond = height(marks["cash"]) > 1.5 * edge
    shown = {name: fen for name, fen in marks.items() if not (beyond and name == "cash")}
    return [{"mark": name, "at": height(fen), "money": wan(fen)} for name, fen in shown.items()], beyond


def times(cash_fen: int, need_fen: int) -> str:
    """How many times over."""
    return number(cash_fen / need_fen, 1) if need_fen else "—"


def by_month(sweeps: Sequence[Row]) -> list[dict[str, Any]]:
    """The last sweep of each month, by month."""
    return [{**row, "month": row["day"][:7]} for row in {row["day"][:7]: row for row in _in_order(sweeps)}.values()]


def _in_order(sweeps: Sequence[Row]) -> list[Row]:
    return sorted(sweeps, key=lambda row: str(row["day"]))


def of_card(rows: Sequence[Row], card: str) -> list[Row]:
    return [row for row in rows if row["card"] == card]


def newest(months: Sequence[Row]) -> Row:
    return max(months, key=lambda row: str(row["month"]))
