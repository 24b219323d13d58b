"""What a card is trained on: one row for each firm on a day, its facts, and whether it failed.

A town's sample is CSV: town, firm, day, bad (0 or 1), and a column for each fact, empty where nothing was known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.kit.errors import Invalid
from backend.kit.policy import digest
from backend.scoring.binning import Counts, Floats
from backend.vocabulary.facts import definitions


@dataclass(frozen=True)
class Sample:
    """Values by firm as rooms hold them (numbers, truths, days), days, outcomes, the group that is kept together (a town, a
    year), weights where the sample was not drawn evenly; `digest` names the bytes it came from."""

    values: Sequence[Mapping[str, Any]]
    days: Sequence[date]
    bad: Counts
    towns: Counts
    digest: str
    weight: Floats | None = None

    def of(self, chosen: Sequence[int] | Counts) -> Sample:
        weight = self.weight[chosen] if self.weight is not None else None
        values, days = [self.values[n] for n in chosen], [self.days[n] for n in chosen]
        return Sample(values, days, self.bad[chosen], self.towns[chosen], self.digest, weight)

    @property
    def weights(self) -> Floats:
        return self.weight if self.weight is not None else np.ones(len(self.bad))


def read_sample(path: Path) -> Sample:
    """A sample from CSV (gzip when the name says so); columns that are no fact are ignored."""
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise Invalid(str(path), f"is not a readable sample: {error}") from error
    for column in ("town", "day", "bad"):
        if column not in frame:
            raise Invalid(str(path), f"the column “{column}” is missing")
    return of_frame(frame, digest(frame.to_csv(index=False, lineterminator="\n").encode()))


def of_frame(frame: pd.DataFrame, name: str) -> Sample:
    """A sample from a table of text."""
    known = {code: definition.kind for code, definition in definitions().items() if code in frame.columns}
    values = [
        {code: _typed(known[code], row[code]) for code in known if row[code] != ""} for row in frame.to_dict(orient="records")
    ]
    days = [date.fromisoformat(day) for day in frame["day"]]
    return Sample(values, days, frame["bad"].to_numpy(dtype=np.int64), frame["town"].to_numpy(dtype=np.int64), name)


def _typed(kind: str, text: str) -> Any:
    if kind == "bool":
        return text == "True"
    if kind == "date":
        return date.fromisoformat(text)
    return text if kind == "text" else int(Decimal(text))
