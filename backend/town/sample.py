"""A training sample from several towns: what was known of each firm on a day, and whether it would have paid a loan drawn then.

Facts go the platform's own way (records as delivered by that day, cleaned, compared, distilled), so that the card meets in
training what it will meet in use. Each firm stands in the sample once, with the items its plan authorises; the outcome is the
economy's truth.
Nothing here knows a scorecard: the sample is a CSV that `backend.scoring.training` reads.

    python -m backend.town.sample --out var/sample.csv.gz --towns 20
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.credit_data import compare, records
from backend.credit_data.clean import text
from backend.credit_data.distil import Record, distil
from backend.credit_data.model import plain
from backend.town.city import Town, build
from backend.town.fortune import stream
from backend.town.records import of_firm
from backend.vocabulary.facts import items

DAYS = (date(2025, 1, 10), date(2025, 4, 24), date(2025, 7, 5), date(2025, 10, 17))
FIRST_SEED = 7001
"""Training towns are 7001, 7002, …; towns from 8001 on only ever check: neither is the demo's."""


def facts_on(town: Town, number: int, day: date, authorised: Iterable[str]) -> dict[str, Any]:
    """What the platform would know of one firm on that day, the public items and the authorised ones."""
    opened = {code for code, item in items().items() if item.access == "P"} | set(authorised)
    named = []
    key = town.firms[number].uscc
    for source, uscc, kind, delivered_on, fields in of_firm(town, number, day):
        # The platform asks by the exact code: a carelessly keyed delivery is not found.
        if uscc != key or records.SHAPES[source, kind].item not in opened:
            continue
        cleaned, _ = records.read(source, kind, json.loads(json.dumps(fields)))
        if cleaned is not None:
            named.append((records.key_of(source, kind, cleaned), delivered_on, cleaned))
    names = list(dict.fromkeys(entry[0] for entry in sorted(named, key=lambda entry: entry[1])))
    kept = [
        Record(name[0], name[1], fields, delivered_on, doubts)
        for name, (fields, delivered_on, doubts) in zip(names, compare.compared(named), strict=True)
    ]
    return {code: value.value for code, value in distil(kept, day, delivered=opened).items()}


def sample_town(seed: int, size: int, day: date, *, downturn: date | None = None) -> Iterator[dict[str, Any]]:
    """One row for each firm that trades on that day and has opened something; the economy turns on `downturn`."""
    town = build(seed, size, downturn=downturn)
    rng = stream(seed, "sample")
    month = (day.year - 2023) * 12 + day.month - 1
    year = town.economy.sales_fen[:, month - 12 : month].sum(axis=1)
    amounts = np.maximum(1_000_000, (year * rng.uniform(0.04, 0.12, size)).astype(np.int64))
    fates = town.economy.fates(amounts, amounts * 1025 // 12_000, day)
    for firm, plan, fate in zip(town.firms, town.plans, fates, strict=True):
        if not plan.items or not town.economy.sales_fen[firm.number, month - 3 : month].any():
            continue
        known = facts_on(town, firm.number, day, plan.items)
        facts = {code: value for code, value in known.items() if not isinstance(value, list)}
        yield {"town": seed, "firm": firm.number, "day": day.isoformat(), "bad": int(not fate.pays_all)} | {
            code: plain(value) for code, value in sorted(facts.items()) if text(value) or value is False
        }


def draw(towns: int, size: int, *, first: int = FIRST_SEED, downturn: date | None = None) -> pd.DataFrame:
    """The sample as a frame: town, firm, day, bad, and a column for each fact (empty where nothing is known)."""
    rows = [row for n in range(towns) for row in sample_town(first + n, size, DAYS[n % len(DAYS)], downturn=downturn)]
    frame = pd.DataFrame(rows)
    head = ["town", "firm", "day", "bad"]
    return frame[head + sorted(c for c in frame.columns if c not in head)]


def main() -> None:
    """Write the sample as CSV; gzip when the name says so."""
    parser = argparse.ArgumentParser(description="Draw a training sample from several made-up towns.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--towns", type=int, default=20)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="seed of the first town")
    parser.add_argument("--downturn", type=date.fromisoformat, help="the day on which the economy turns")
    asked = parser.parse_args()
    write(draw(asked.towns, asked.size, first=asked.first, downturn=asked.downturn), asked.out)


def write(frame: pd.DataFrame, out: Path) -> None:
    """The same frame gives the same bytes: no moment is kept in the gzip header."""
    out.parent.mkdir(parents=True, exist_ok=True)
    packing: Any = {"method": "gzip", "mtime": 0} if out.suffix == ".gz" else None
    frame.to_csv(out, index=False, lineterminator="\n", compression=packing)


if __name__ == "__main__":
    main()
