"""Statlog German credit (UCI, CC BY 4.0): 1,000 consumer loans, the standard exercise for scorecards.

Sex and marital status, age, and whether somebody is a foreign worker are protected and never read, though the exercise offers
them.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.kit.errors import Invalid
from backend.scoring.sources.table import UNKNOWN, Table, Telling

FILE = "germancredit.csv.xz"
PROTECTED = frozenset({"personal_status_and_sex", "age_in_years", "foreign_worker"})
NUMBERS = ("duration_in_month", "credit_amount")
RATES = "installment_rate_in_percentage_of_disposable_income"
TEXTS = (
    *("status_of_existing_checking_account", "credit_history", "purpose", "savings_account_and_bonds"),
    *("present_employment_since", "other_debtors_or_guarantors", "property", "other_installment_plans", "housing", "job"),
)
DAY = date(1994, 11, 17)
"""The day the exercise was given to the public; it has no days of its own."""


def read(path: Path, on: date | None, progress: Telling) -> Table:
    """The file of a folder, or that file."""
    file = path / FILE if path.is_dir() else path
    progress(f"reading {file.name}", 0, 1)
    try:
        body = file.read_bytes()
        frame = pd.read_csv(file)
    except FileNotFoundError as error:
        raise Invalid(str(path), f"holds no {FILE}") from error
    except (OSError, ValueError) as error:
        raise Invalid(str(file), "is not a readable table") from error
    for column in (*NUMBERS, *TEXTS, RATES):
        if column not in frame:
            raise Invalid(str(file), f"the column {column} is missing")
    values: list[dict[str, Any]] = []
    for row in frame[[*NUMBERS, RATES, *TEXTS]].to_dict(orient="records"):
        told: dict[str, Any] = {str(name): row[name] for name in TEXTS if not pd.isna(row[name])}
        values.append({**told, **{str(name): int(row[name]) for name in (*NUMBERS, RATES) if not pd.isna(row[name])}})
    said = frame["creditability"] if "creditability" in frame else [""] * len(frame)
    bad = np.array([{"bad": 1, "good": 0}.get(str(each), UNKNOWN) for each in said], dtype=np.int64)
    size = len(frame)
    keys = tuple(str(n + 1) for n in range(size))
    return Table(keys, tuple(values), (DAY,) * size, bad, np.zeros(size, dtype=np.int64), None, hashlib.sha256(body).hexdigest())
