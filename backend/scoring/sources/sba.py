"""US government-guaranteed loans: SBA 7(a), from Li, Mickel and Taylor (2018), Journal of Statistics Education 26(1).

Only what stood on the application on the day of approval is read, besides the outcome and the weight of the sample: `Term` of a
failed loan is mostly the time until it failed, and charge-off, balance and disbursement come later still. Neither the borrower's
name, city or zip nor the loan number is a fact; the number, as text, only names the row.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backend.kit.errors import Invalid
from backend.scoring.sources.table import UNKNOWN, Table, Telling

SAMPLE = "sba_sample30k.parquet"
KEY = "LoanNr_ChkDgt"
APPROVAL = (
    *("State", "Bank", "BankState", "NAICS", "ApprovalDate", "ApprovalFY", "NoEmp", "NewExist", "CreateJob", "RetainedJob"),
    *("FranchiseCode", "UrbanRural", "RevLineCr", "LowDoc", "GrAppv", "SBA_Appv"),
)
OUTCOME = {"CHGOFF": 1, "P I F": 0}
SHARES = (5000, 5001, 7000, 7500, 7501, 8000, 8001, 8500, 8501, 9000, 9001)
AMOUNTS = (10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000, 150_000, 250_000, 500_000)
LATER = frozenset(
    {
        *("Term", "ChgOffDate", "ChgOffPrinGr", "BalanceGross", "DisbursementDate", "DisbursementGross", "MIS_Status"),
        *("LoanNr_ChkDgt", "Name", "City", "Zip", "SampleWeight"),
    }
)
"""Never a fact: what is known only later, who the borrower is, and how the sample was drawn."""


def read(path: Path, on: date | None, progress: Telling) -> Table:
    """The sample of a folder (that file only), or any parquet file with the same columns."""
    file = path / SAMPLE if path.is_dir() else path
    if not file.exists():
        raise Invalid(str(path), f"holds no {SAMPLE}")
    progress(f"reading {file.name}", 0, 1)
    try:
        body = file.read_bytes()
        names = set(pq.read_schema(pa.BufferReader(body)).names)
        missing = [name for name in (KEY, *APPROVAL) if name not in names]
        if missing:
            raise Invalid(str(file), f"the column {missing[0]} is missing")
        wanted = [KEY, *APPROVAL, *(name for name in ("MIS_Status", "SampleWeight") if name in names)]
        frame = pq.read_table(pa.BufferReader(body), columns=wanted).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise Invalid(str(file), "is not a parquet file") from error
    return table(frame, hashlib.sha256(body).hexdigest(), str(file))


def table(frame: pd.DataFrame, digest: str, file: str) -> Table:
    """Facts of each loan as on its application."""
    number = {name: _numbers(frame, name, file) for name in ("NoEmp", "CreateJob", "RetainedJob", "FranchiseCode")}
    cents = {name: np.rint(_numbers(frame, name, file) * 100) for name in ("GrAppv", "SBA_Appv")}
    text = {name: _texts(frame[name]) for name in ("State", "Bank", "BankState", "RevLineCr", "LowDoc")}
    code = {name: _codes(frame[name]) for name in ("NewExist", "UrbanRural", "NAICS")}
    years = _numbers(frame, "ApprovalFY", file)
    days = pd.to_datetime(frame["ApprovalDate"], errors="coerce")
    values = []
    for n in range(len(frame)):
        approved, guaranteed, staff = cents["GrAppv"][n], cents["SBA_Appv"][n], number["NoEmp"][n]
        row: dict[str, Any] = {
            "approved_usd": _whole(approved / 100),
            "guaranteed_share_bp": int(guaranteed) * 10_000 // int(approved) if approved > 0 and guaranteed >= 0 else None,
            "even_amount": _evenness(approved),
            "employees": _whole(staff),
            "usd_by_employee": int(approved) // 100 // max(1, int(staff)) if approved > 0 and staff >= 0 else None,
            "jobs_created": _whole(number["CreateJob"][n]),
            "jobs_retained": _whole(number["RetainedJob"][n]),
            "franchise": bool(number["FranchiseCode"][n] > 1) if not np.isnan(number["FranchiseCode"][n]) else None,
            "business_age": code["NewExist"][n],
            "urban_rural": code["UrbanRural"][n],
            "revolving": _yes_no(text["RevLineCr"][n]),
            "low_documents": _yes_no(text["LowDoc"][n]),
            "sector": (code["NAICS"][n] or "")[:2] or None,
            "state": text["State"][n],
            "lender": text["Bank"][n],
            "lender_elsewhere": text["State"][n] != text["BankState"][n] if text["State"][n] and text["BankState"][n] else None,
        }
        values.append({fact: value for fact, value in {**row, **_together(row)}.items() if value is not None})
    said = _texts(frame["MIS_Status"]) if "MIS_Status" in frame else [None] * len(frame)
    weight = _numbers(frame, "SampleWeight", file) if "SampleWeight" in frame else None
    return Table(
        tuple(str(key).strip() for key in frame[KEY]),
        tuple(values),
        tuple(day.date() if not pd.isna(day) else date(1970, 1, 1) for day in days),
        np.array([OUTCOME.get(each or "", UNKNOWN) for each in said], dtype=np.int64),
        np.where(np.isnan(years), 0, years).astype(np.int64),
        np.where(np.isnan(weight), 1.0, weight) if weight is not None else None,
        digest,
    )


def _numbers(frame: pd.DataFrame, name: str, file: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Numbers, also where they are written as text with $ and commas; a word is a fault."""
    column = frame[name]
    if not pd.api.types.is_numeric_dtype(column):
        column = column.astype("string").str.replace(r"[$,\s]", "", regex=True).replace("", None)
    found = pd.to_numeric(column, errors="coerce")
    wrong = (found.isna() & column.notna()).to_numpy()
    if wrong.any() and name != "ApprovalFY":
        row = int(np.flatnonzero(wrong)[0])
        raise Invalid(file, f"row {row + 1}, {name}: “{frame[name].iloc[row]}” is not a number")
    return found.to_numpy(dtype=np.float64, na_value=np.nan)


def _texts(column: pd.Series[Any]) -> list[str | None]:
    return [None if pd.isna(each) or not str(each).strip() else str(each).strip() for each in column]


def _codes(column: pd.Series[Any]) -> list[str | None]:
    """Codes as text, whatever kind of number they were kept as."""
    return [each[:-2] if each is not None and each.endswith(".0") else each for each in _texts(column)]


def _yes_no(code: str | None) -> str:
    """Y, N, or the field's other codes (0, T, blank) as one."""
    return code if code in ("Y", "N") else "other"


def _together(row: dict[str, Any]) -> dict[str, str]:
    """Facts that mean little apart: a lender's revolving lines are another programme than its term loans, and so on."""
    share, amount = _band(row["guaranteed_share_bp"], SHARES), _band(row["approved_usd"], AMOUNTS)
    age, line, away = row["business_age"] or "0", row["revolving"], "away" if row["lender_elsewhere"] else "here"
    return {
        "lender_line": f"{row['lender'] or 'unnamed'} / {line}",
        "amount_line": f"{amount} / {line}",
        "share_away": f"{share} / {away}",
        "share_age": f"{share} / {age}",
        "age_line": f"{age} / {line}",
    }


def _band(value: int | None, edges: tuple[int, ...]) -> str:
    """The band a number lies in, by its lower edge.

    >>> _band(7600, SHARES), _band(3, SHARES), _band(None, SHARES)
    ('7501+', '0+', 'unknown')
    """
    return "unknown" if value is None else f"{max((edge for edge in edges if value >= edge), default=0)}+"


def _whole(number: float) -> int | None:
    return None if np.isnan(number) else int(number)


def _evenness(cents: float) -> int | None:
    """How round an amount is: 0 to the dollar … 4 to 25,000. A rounded figure was agreed, an odd one was reckoned.

    >>> _evenness(25_000_00), _evenness(12_345_00)
    (4, 0)
    """
    if np.isnan(cents):
        return None
    return sum(int(cents) % (step * 100) == 0 for step in (1_000, 5_000, 10_000, 25_000)) if cents % 2_500_000 else 4
