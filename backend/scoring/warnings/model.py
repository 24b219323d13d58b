"""Reading an indicator off facts, and how its colour moves from month to month. Pure. Written in: domain §8.

>>> from backend.scoring.warnings import thresholds
>>> policy = thresholds.on(date(2025, 6, 21))
>>> fact = Fact("insured_headcount_3m_change_bp", -2500, "bp", date(2025, 6, 15), "social_insurance")
>>> signal = read(policy.indicator("headcount"), {fact.code: fact}, date(2025, 6, 21), policy.stale_days)
>>> signal.colour, signal.value, signal.threshold
('YELLOW', Decimal('-2500'), Decimal('-2000'))
>>> first = step(None, signal, policy.indicator("headcount"), date(2025, 6, 21), improve_after=2)
>>> first.colour, first.since
('YELLOW', datetime.date(2025, 6, 21))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from backend.credit_data.model import Fact
from backend.scoring.warnings.thresholds import Indicator, Thresholds
from backend.vocabulary.facts import definitions

Colour = Literal["GREEN", "YELLOW", "RED"]
COLOURS: tuple[Colour, ...] = ("GREEN", "YELLOW", "RED")


@dataclass(frozen=True, slots=True)
class Signal:
    """What one indicator says on a day: the colour, the number it read, the threshold passed, and where the number is from."""

    indicator: str
    colour: Colour
    value: Decimal
    threshold: Decimal | None
    fact: str
    as_of: date
    source: str
    consent_id: str | None = None
    banks: tuple[str, ...] = ()
    """Of a bank's own report: the banks it concerns."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "value": str(self.value),
            "as_of": self.as_of.isoformat(),
            "source": self.source,
            "threshold": str(self.threshold) if self.threshold is not None else None,
            "consent": self.consent_id,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """An indicator's colour as it stands. `better`: periods in a row with a better reading; `seen`: the worst of those readings.

    `lifted`: people have set a red of this cause aside; as long as it says no worse, it stays aside.
    """

    colour: Colour
    since: date
    better: int = 0
    seen: Colour = "GREEN"
    lifted: Colour | None = None


def worse(one: Colour, other: Colour) -> bool:
    """Whether `one` is worse than `other`."""
    return COLOURS.index(one) > COLOURS.index(other)


def worst(colours: Iterable[Colour]) -> Colour:
    """The worst of some colours; GREEN of none."""
    return max(colours, key=COLOURS.index, default="GREEN")


def read(indicator: Indicator, facts: Mapping[str, Fact], day: date, stale_days: int) -> Signal | None:
    """What the indicator says; None when it is not known, not opened, or too old to speak of now."""
    fact = facts.get(indicator.fact)
    if fact is None or (indicator.stales and fact.as_of < day - timedelta(days=stale_days)):
        return None
    found = number(indicator, fact, facts, day)
    if found is None:
        return None
    colour, threshold = colour_of(indicator, found)
    banks = _late_banks(fact.value) if indicator.reads == "days_past_due" else ()
    return Signal(indicator.code, colour, found, threshold, fact.code, fact.as_of, fact.source, fact.consent_id, banks)


def colour_of(indicator: Indicator, found: Decimal) -> tuple[Colour, Decimal | None]:
    """The colour of a number, and the threshold it has reached."""
    sign = -1 if indicator.worse == "falling" else 1
    steps: tuple[tuple[Colour, Decimal | None], ...] = (("RED", indicator.red), ("YELLOW", indicator.yellow))
    for colour, threshold in steps:
        if threshold is not None and sign * found >= sign * threshold:
            return colour, threshold
    return "GREEN", indicator.yellow if indicator.yellow is not None else indicator.red


def number(indicator: Indicator, fact: Fact, facts: Mapping[str, Fact], day: date) -> Decimal | None:
    """The number an indicator reads, or None. Days since a day are counted to the day the fact speaks of, not to today: what was
    not fetched since says nothing."""
    value, beside = fact.value, facts.get(indicator.of or "")
    if indicator.reads == "value":
        return Decimal(value)
    if indicator.reads == "truth":
        return Decimal(1 if value is True else 0)
    if indicator.reads == "word":
        return Decimal(1 if value in indicator.words else 0)
    if indicator.reads == "days_since":
        until = day if definitions()[fact.code].group == "REG" else fact.as_of
        return Decimal(max(0, (until - value).days))
    if indicator.reads == "days_past_due":
        return Decimal(max((int(loan["dpd"]) for loan in value if int(loan["outstanding_fen"]) > 0), default=0))
    if beside is None:
        return None
    if indicator.reads == "share_of":
        return Decimal(int(value) * 10_000 // int(beside.value)) if int(beside.value) > 0 else None
    order = indicator.order
    return Decimal(max(0, order.index(value) - order.index(beside.value))) if {value, beside.value} <= set(order) else None


def _late_banks(loans: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({str(loan["bank"]) for loan in loans if int(loan["dpd"]) > 0 and int(loan["outstanding_fen"]) > 0}))


def signals(policy: Thresholds, facts: Mapping[str, Fact], day: date) -> dict[str, Signal]:
    """Every indicator that says something on that day."""
    found = (read(indicator, facts, day, policy.stale_days) for indicator in policy.indicators)
    return {signal.indicator: signal for signal in found if signal is not None}


def step(
    before: Standing | None, signal: Signal | None, indicator: Indicator | None, day: date, *, improve_after: int
) -> Standing:
    """The standing after one period. `indicator` None is the neighbour's: a measure that is never red.

    Not known changes nothing: silence neither worsens nor improves.
    """
    was = before or Standing("GREEN", day)
    if signal is None:
        return was
    now = signal.colour
    lifted = was.lifted if was.lifted is not None and not worse(was.lifted, now) else None
    if lifted is not None and not worse(now, lifted):
        return replace(was, better=0, seen="GREEN")
    was = replace(was, lifted=lifted)
    if worse(now, was.colour):
        return Standing(now, day, lifted=lifted)
    if now == was.colour:
        return replace(was, better=0, seen="GREEN")
    event = indicator is not None and indicator.set_by == "event"
    if event and was.colour == "RED":
        return replace(was, better=was.better + 1, seen=worst((was.seen, now)))
    if event:
        return Standing(now, day, lifted=lifted)
    better, seen = was.better + 1, worst((was.seen, now))
    if better >= improve_after:
        return Standing(seen, day, lifted=lifted)
    return replace(was, better=better, seen=seen)


def lift(was: Standing, day: date) -> Standing:
    """People have looked and set it aside: green, until it says worse, or says it anew after having been gone."""
    return Standing("GREEN", day, lifted=was.colour)
