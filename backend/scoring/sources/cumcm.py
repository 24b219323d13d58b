"""VAT ledgers with defaults: CUMCM 2020, problem C (`enterprises_*.csv`, `invoices_*_input` and `invoices_*_output`).

The facts are those of `credit_data/invoices.py` on one day, by default the last of the last whole calendar year of the data,
before the weeks of the epidemic. Any folder of that form will do: one part or several, firms under other names, rows in any
order, outcomes (是否违约) given or not. A side whose file is not there is unknown, not nought. 信誉评级 is the opinion of a
bank's staff about the same outcome and is never read; nor are names, invoice numbers or row numbers.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.credit_data import clean, invoices
from backend.credit_data.invoices import Book
from backend.credit_data.ledger_files import (
    PARTNER,
    Faults,
    UnreadableLedger,
    bytes_of,
    csv_table,
    has_columns,
    parquet_table,
    read_rows,
)
from backend.kit.errors import Invalid
from backend.scoring.sources.table import UNKNOWN, Table, Telling

FACTS_ON = date(2019, 12, 31)
LAST_DAY = date(2100, 1, 1)
OUTCOMES = {"是": 1, "否": 0, "": UNKNOWN}
OF_PURCHASES = frozenset({"purchases_12m_fen", "suppliers_12m"})
OF_BOTH = frozenset({"gross_margin_bp"})
NOTHING = {
    **dict.fromkeys(("sales_12m_fen", "sales_prev_12m_fen", "invoice_months_12m", "customers_12m"), 0),
    **dict.fromkeys(("purchases_12m_fen", "suppliers_12m", "invoice_history_months"), 0),
}
"""What a ledger without a line says: nothing was sold or bought. That is known, not missing."""


def read(path: Path, on: date | None, progress: Telling) -> Table:
    """Every listed firm of the folder, in the order of the lists (or of the codes where a list is missing)."""
    if not path.is_dir():
        raise Invalid(str(path), "is not a folder of ledgers (enterprises_*.csv, invoices_*_input, invoices_*_output)")
    parts = sorted({file.name.split("_")[1].split(".")[0] for file in _files(path)})
    if not parts:
        raise Invalid(str(path), "holds no enterprises_*.csv, invoices_*_input or invoices_*_output file")
    faults, hasher, day = Faults(), hashlib.sha256(), on or FACTS_ON
    keys: list[str] = []
    values: list[dict[str, Any]] = []
    bad: list[int] = []
    group: list[int] = []
    for number, part in enumerate(parts):
        progress(f"reading part {part}", number, len(parts))
        listed = _listed(path / f"enterprises_{part}.csv", faults, hasher)
        sides = {side: _sheet(path, part, side, faults, hasher) for side in PARTNER}
        if faults.count:
            continue
        frames = {side: frame for side, frame in sides.items() if frame is not None}
        if not frames:
            raise Invalid(str(path), f"part {part} has a list of firms and no invoices")
        known = listed or dict.fromkeys(sorted(set().union(*(frame["code"] for frame in frames.values()))), UNKNOWN)
        found = facts(pd.concat(list(frames.values()), ignore_index=True), day, frozenset(frames))
        nothing = _open(NOTHING, frozenset(frames))
        for code, outcome in known.items():
            keys.append(code)
            values.append(found.get(code, nothing))
            bad.append(outcome)
            group.append(number)
    if faults.count:
        raise UnreadableLedger(faults.kept, faults.count)
    size = len(keys)
    return Table(
        tuple(keys), tuple(values), (day,) * size, np.array(bad, dtype=np.int64), np.array(group), None, hasher.hexdigest()
    )


def facts(rows: pd.DataFrame, day: date, sides: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Each firm's facts on that day, from rows of code, day, out, net, valid and partner."""
    found = {}
    for code, own in rows.groupby("code", sort=True):
        partner = pd.factorize(own["partner"])[0].astype(np.int64)
        columns = (own["day"].to_numpy(np.int64), own["out"].to_numpy(np.bool_), own["net"].to_numpy(np.int64))
        told = invoices.facts(Book(*columns, own["valid"].to_numpy(np.bool_), partner), day)
        found[str(code)] = _open({**NOTHING, **told}, sides)
    return found


def _open(told: dict[str, Any], sides: frozenset[str]) -> dict[str, Any]:
    """Without what the missing side would have to tell."""
    return {
        fact: value
        for fact, value in told.items()
        if (fact in OF_PURCHASES or "output" in sides)
        and (fact not in OF_PURCHASES or "input" in sides)
        and (fact not in OF_BOTH or sides == frozenset(PARTNER))
    }


def _files(path: Path) -> list[Path]:
    return [*path.glob("enterprises_*.csv"), *path.glob("invoices_*_input.*"), *path.glob("invoices_*_output.*")]


def _listed(path: Path, faults: Faults, hasher: Any) -> dict[str, int]:
    """Firms and outcomes of a list; nothing when there is none."""
    if not path.exists():
        return {}
    body = bytes_of(path, faults, hasher)
    frame = csv_table(path.name, body, faults) if body is not None else None
    if frame is None or not has_columns(path.name, frame, ("企业代号",), faults):
        return {}
    codes = [clean.text(code) for code in frame["企业代号"]]
    twice = pd.Series(codes).duplicated().to_numpy() | (np.array(codes, dtype=object) == "")
    faults.rows(path.name, "企业代号", twice, frame["企业代号"], "“{}” is said twice or empty")
    if "是否违约" not in frame:
        return dict.fromkeys(codes, UNKNOWN)
    said = [clean.text(each) for each in frame["是否违约"]]
    faults.rows(
        path.name,
        "是否违约",
        np.array([each not in OUTCOMES for each in said]),
        frame["是否违约"],
        "“{}” is neither 是 nor 否 nor empty",
    )
    return {code: OUTCOMES.get(each, UNKNOWN) for code, each in zip(codes, said, strict=True)}


def _sheet(path: Path, part: str, side: str, faults: Faults, hasher: Any) -> pd.DataFrame | None:
    """One direction's invoices, or nothing when the file is not there. What no fact needs may be missing."""
    file = next((f for kind in ("parquet", "csv") if (f := path / f"invoices_{part}_{side}.{kind}").exists()), None)
    body = bytes_of(file, faults, hasher) if file is not None else None
    if file is None or body is None:
        return None
    frame = csv_table(file.name, body, faults) if file.suffix == ".csv" else parquet_table(file.name, body, faults)
    wanted = ("企业代号", "开票日期", PARTNER[side], "金额", "发票状态")
    if frame is None or not has_columns(file.name, frame, wanted, faults):
        return None
    needed = frame[list(wanted)].assign(行序号=0, 发票号码="0", 税额=0, 价税合计=0)
    return read_rows(file.name, needed, side == "output", PARTNER[side], None, LAST_DAY, faults)
