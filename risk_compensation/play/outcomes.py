"""Public outcomes to replay: SBA 7(a) loans with their charge-offs, and SSBCI capital-access rows with their premiums.

Written in: the publishers' files (sba7a: Li, Mickel and Taylor 2018, J. Statistics Education 26(1); ssbci: U.S. Treasury).
Money in cents of a dollar. What a file leaves out is counted, never guessed: `Found.left_out` says how many rows and why.

>>> cents(229013.0), cents("$1,200.50 "), cents(float("nan"))
(22901300, 120050, None)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd

from backend.kit.errors import Invalid

SBA_FILES = ("sba_sample30k.parquet", "sba_first22k_raw.parquet", "sba_case_ca53_2102.csv.xz")
SSBCI_FILE = "ssbci_2010_2017.parquet"
SAS_EPOCH = date(1960, 1, 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One guaranteed loan. `weight`: how many loans of the full file it stands for."""

    reference: str
    amount_fen: int
    guaranteed_fen: int
    drawn_on: date
    charged_off_on: date | None
    charged_off_fen: int
    weight: float = 1.0


@dataclass(slots=True)
class Found:
    """The loans of one file, how many rows it has, and why rows were left out or read with care."""

    file: str
    rows: int
    loans: list[Outcome] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)


def cents(value: Any) -> int | None:
    """Dollars, as a number or as text, in whole cents; None for nothing, or for what is no amount."""
    text = str(value).replace("$", "").replace(",", "").strip()
    try:
        amount = Decimal(text) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == amount.to_integral_value() else None


def day(value: Any) -> date | None:
    """A day in any of the three files' ways: a timestamp, `2/28/1997`, `7-Feb-06`, or days since 1960 (SAS)."""
    if isinstance(value, (pd.Timestamp, datetime)):
        return None if pd.isna(value) else value.date()
    if isinstance(value, (int, float)):
        return None if pd.isna(value) else SAS_EPOCH + timedelta(days=int(value))
    text = str(value).strip()
    for form in ("%m/%d/%Y", "%d-%b-%y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007  # the files know days, not moments
        except ValueError:
            continue
        # Two-digit years: the programme began in 1953, so 69 and later is the last century for Python and for the file.
        return found
    return None


def frame_of(folder: Path, name: str) -> pd.DataFrame:
    """One file of a folder; Invalid when it is not there."""
    path = folder / name
    if not path.is_file():
        raise Invalid(str(folder), f"the folder has no {name}")
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype={"LoanNr_ChkDgt": str})


def sba(folder: Path, name: str) -> Found:
    """The loans of one sba7a file; a default is a row whose status is CHGOFF."""
    frame = frame_of(folder, name)
    found = Found(name, len(frame))
    seen: Counter[str] = Counter()
    for row in frame.to_dict(orient="records"):
        amount, guaranteed, lost = (cents(row[column]) for column in ("GrAppv", "SBA_Appv", "ChgOffPrinGr"))
        status = str(row["MIS_Status"]).replace(" ", "").upper()
        drawn = day(row["DisbursementDate"]) or day(row["ApprovalDate"])
        if status not in ("PIF", "CHGOFF"):
            found.left_out["no outcome"] += 1
            continue
        if not amount or guaranteed is None or lost is None or drawn is None:
            found.left_out["amount or day missing"] += 1
            continue
        off = day(row["ChgOffDate"])
        reference = str(row["LoanNr_ChkDgt"])
        seen[reference] += 1
        if seen[reference] > 1:
            found.left_out["loan number repeated"] += 1
            continue
        if status == "PIF":
            found.noted["paid in full, yet a charged-off amount: no claim"] += lost > 0
            off, lost = None, 0
        else:
            found.noted["charged off without an amount: a claim of nothing"] += lost == 0
            found.noted["more charged off than was approved: claim up to the approved amount"] += lost > amount
            found.noted["charged off without a day: taken as the day of the draw"] += off is None
            off = max(off or drawn, drawn)
        found.loans.append(
            Outcome(reference, amount, guaranteed, drawn, off, min(lost, amount), float(row.get("SampleWeight", 1.0)))
        )
    return found


@dataclass(frozen=True, slots=True)
class Premiums:
    """One capital-access row: what borrower and lender paid in, and what the file says the public put beside it."""

    row: int
    state: str
    loan_fen: int
    borrower_fen: int
    lender_fen: int
    public_fen: int


def ssbci(folder: Path) -> tuple[list[Premiums], int]:
    """Every CAP row, and how many rows the whole file has."""
    frame = frame_of(folder, SSBCI_FILE)
    found = []
    for number, row in enumerate(frame.to_dict(orient="records")):
        if row["program_type"] == "CAP":
            columns = ("loan_investment_amount", "borrower_insurance_premium", "lender_insurance_premium", "ssbci_original_funds")
            money = [cents(round(Decimal(str(row[column])), 2)) for column in columns]
            assert None not in money
            found.append(Premiums(number, str(row["state_id"]), *(fen or 0 for fen in money)))
    return found, len(frame)
