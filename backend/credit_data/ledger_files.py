"""Read VAT ledgers as files: a folder with a list of firms and their purchases 进项 and sales 销项, in the form of the public
CUMCM 2020 C data (`enterprises_302.csv`, `invoices_302_input.parquet`, `invoices_302_output.parquet`; invoices may be CSV too).

A file that cannot be read as what it says it is, is refused whole: a missing column, another encoding, a type, an impossible
date. All faults are looked for, the first twenty are named by file, row (data rows count from 1) and column. A row that can be
read but is doubtful (net + VAT is not the gross, a row said twice) is kept as it is and flagged.

>>> days, bad = _days(pd.Series(["2019-02-28", "2019-02-30", "2019年3月1日"]))
>>> [int(day) for day in days], [bool(each) for each in bad]
([17955, 0, 17956], [False, True, False])
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backend.credit_data import clean
from backend.credit_data.invoices import EPOCH, TOLERANCE_FEN
from backend.kit.errors import Invalid
from backend.kit.money import fen_of
from backend.kit.words import Words

Mask = npt.NDArray[np.bool_]
PARTS = {"302": ("302",), "123": ("123",), "all": ("123", "302")}
PARTNER = {"input": "销方单位代号", "output": "购方单位代号"}
MONEY = {"net": "金额", "vat": "税额", "gross": "价税合计"}
STATES = {"有效发票": True, "作废发票": False}
SHOWN = 20
# There was no VAT invoice before the tax reform of 1994: an earlier day is a slip of the pen.
FIRST_DAY = date(1994, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class LedgerFault:
    """Why a file cannot be read: where, and what stands there. Row 0 is the file as a whole."""

    file: str
    row: int
    column: str
    what: str

    def __str__(self) -> str:
        return (
            f"{self.file}, row {self.row}, {self.column}: {self.what}" if self.row else f"{self.file}, {self.column}: {self.what}"
        )


class UnreadableLedger(Invalid):
    """Refused whole. `faults` are the first twenty, `count` is how many there are."""

    def __init__(self, faults: Iterable[LedgerFault], count: int) -> None:
        self.faults, self.count = tuple(sorted(faults))[:SHOWN], count
        listed = "\n".join(f"  {fault}" for fault in self.faults)
        shown = f", the first {SHOWN} are" if count > SHOWN else ""
        words = Words(
            f"台账无法读取,未导入任何内容;共 {count} 处问题:\n{listed}",
            f"the ledger cannot be read, nothing of it was imported; {count} fault{'s' if count > 1 else ''}{shown}:\n{listed}",
        )
        super().__init__(str(self.faults[0].file), words, code="ledger_unreadable")
        self.args = (words.en,)


@dataclass(frozen=True)
class Part:
    """One readable part: its firms (code, name) and its invoices, sorted by firm; `digest` names the files' bytes.

    Columns of `rows`: code, out, row, number, day (since 1970), partner, net, vat, gross (fen), state (as written), valid,
    repeated, unequal.
    """

    name: str
    firms: tuple[tuple[str, str], ...]
    rows: pd.DataFrame
    digest: str


class Faults:
    """Collects without end, keeps what is shown."""

    def __init__(self) -> None:
        self.kept: list[LedgerFault] = []
        self.count = 0

    def whole(self, file: str, column: str, what: str) -> None:
        self.kept.append(LedgerFault(file, 0, column, what))
        self.count += 1

    def rows(self, file: str, column: str, bad: Mask, values: pd.Series[Any], say: str) -> None:
        places = np.flatnonzero(bad)
        self.count += len(places)
        for place in places[:SHOWN]:
            self.kept.append(LedgerFault(file, int(place) + 1, column, say.format(_short(values.iloc[place]))))


def _short(value: Any) -> str:
    text = "" if value is None or value is pd.NaT else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def read_parts(folder: Path, part: str, until: date, progress: Callable[[str, int, int | None], None]) -> list[Part]:
    """Every asked part of the folder, or UnreadableLedger with the faults of all files. No invoice may be later than `until`."""
    if part not in PARTS:
        raise Invalid("part", Words("--part 只能是 302、123 或 all", "--part is 302, 123 or all"))
    if not folder.is_dir():
        raise Invalid("path", Words(f"{folder} 不是文件夹", f"{folder} is not a folder of ledgers"))
    faults, found = Faults(), []
    for number, name in enumerate(PARTS[part]):
        progress(f"reading part {name}", number, len(PARTS[part]))
        hasher = hashlib.sha256()
        firms = _firms(folder / f"enterprises_{name}.csv", faults, hasher)
        sheets = [_sheet(folder, name, side, dict(firms), until, faults, hasher) for side in ("input", "output")]
        if not faults.count:
            rows = pd.concat([sheet for sheet in sheets if sheet is not None], ignore_index=True)
            rows = rows.sort_values("code", kind="stable", ignore_index=True)
            found.append(Part(name, tuple(firms), rows, hasher.hexdigest()))
    if faults.count:
        raise UnreadableLedger(faults.kept, faults.count)
    return found


def bytes_of(path: Path, faults: Faults, hasher: Any) -> bytes | None:
    try:
        body = path.read_bytes()
    except OSError:
        faults.whole(path.name, "file", "is missing or may not be read")
        return None
    hasher.update(hashlib.sha256(body).digest())
    return body


def csv_table(file: str, body: bytes, faults: Faults) -> pd.DataFrame | None:
    """Every value as the text it is."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start)
        faults.kept.append(
            LedgerFault(file, line, "encoding", f"byte {body[error.start]:#04x} is not UTF-8; save the file as UTF-8")
        )
        faults.count += 1
        return None
    try:
        return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        faults.whole(file, "table", f"is not a table: {_short(str(error).strip())}")
        return None


def has_columns(file: str, frame: pd.DataFrame, columns: Iterable[str], faults: Faults) -> bool:
    missing = [column for column in columns if column not in frame.columns]
    for column in missing:
        others = "、".join(str(name) for name in list(frame.columns)[:12])
        faults.whole(file, column, f"this column is missing; the file has {others}")
    return not missing


def _firms(path: Path, faults: Faults, hasher: Any) -> list[tuple[str, str]]:
    body = bytes_of(path, faults, hasher)
    frame = csv_table(path.name, body, faults) if body is not None else None
    if frame is None or not has_columns(path.name, frame, ("企业代号", "企业名称"), faults):
        return []
    codes, bad = _texts(frame["企业代号"])
    faults.rows(path.name, "企业代号", bad, frame["企业代号"], "no firm is named")
    twice = pd.Series(codes).duplicated().to_numpy() & ~bad
    faults.rows(path.name, "企业代号", twice, frame["企业代号"], "“{}” is said twice")
    names, bad = _texts(frame["企业名称"])
    faults.rows(path.name, "企业名称", bad, frame["企业名称"], "the firm has no name")
    return list(zip(codes, names, strict=True))


def _sheet(
    folder: Path, part: str, side: str, firms: dict[str, str], until: date, faults: Faults, hasher: Any
) -> pd.DataFrame | None:
    path = folder / f"invoices_{part}_{side}.parquet"
    if not path.exists() and path.with_suffix(".csv").exists():
        path = path.with_suffix(".csv")
    body = bytes_of(path, faults, hasher)
    if body is None:
        return None
    frame = csv_table(path.name, body, faults) if path.suffix == ".csv" else parquet_table(path.name, body, faults)
    wanted = ("行序号", "企业代号", "发票号码", "开票日期", PARTNER[side], *MONEY.values(), "发票状态")
    if frame is None or not has_columns(path.name, frame, wanted, faults):
        return None
    if frame.columns.duplicated().any():
        faults.whole(path.name, "columns", "a column stands there twice")
        return None
    return read_rows(path.name, frame, side == "output", PARTNER[side], firms, until, faults)


def parquet_table(file: str, body: bytes, faults: Faults) -> pd.DataFrame | None:
    try:
        frame: pd.DataFrame = pq.read_table(pa.BufferReader(body)).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        faults.whole(file, "file", f"is not a parquet file: {_short(str(error).strip())}")
        return None
    return frame


def read_rows(
    file: str, frame: pd.DataFrame, out: bool, partner: str, firms: dict[str, str] | None, until: date, faults: Faults
) -> pd.DataFrame:
    """One direction's invoices as typed columns; faults are collected, and values at faulty places mean nothing."""
    columns: dict[str, Any] = {}
    for name, column in (("code", "企业代号"), ("number", "发票号码"), ("partner", partner)):
        columns[name], bad = _texts(frame[column])
        faults.rows(file, column, bad, frame[column], "“{}” is not a name or number")
    if firms is not None:
        unknown = ~pd.Series(columns["code"]).isin(list(firms)).to_numpy()
        faults.rows(file, "企业代号", unknown, frame["企业代号"], "“{}” is not in the list of firms")
    columns["day"], bad = _days(frame["开票日期"])
    faults.rows(file, "开票日期", bad, frame["开票日期"], "“{}” is not a day of the calendar")
    odd = ~bad & ((columns["day"] < (FIRST_DAY - EPOCH).days) | (columns["day"] > (until - EPOCH).days))
    faults.rows(file, "开票日期", odd, frame["开票日期"], f"“{{}}” is impossible: invoices lie between {FIRST_DAY} and {until}")
    for name, column in MONEY.items():
        columns[name], bad = _fen(frame[column])
        faults.rows(file, column, bad, frame[column], "“{}” is not an amount in yuan with at most two decimals")
    texts = frame["发票状态"].map({value: clean.text(value) for value in frame["发票状态"].unique()})
    faults.rows(
        file, "发票状态", ~texts.isin(list(STATES)).to_numpy(), frame["发票状态"], "“{}” is neither 有效发票 nor 作废发票"
    )
    columns["state"], columns["valid"] = frame["发票状态"].astype(str).to_numpy(), (texts == "有效发票").to_numpy()
    numbers = pd.to_numeric(frame["行序号"], errors="coerce")
    bad = (numbers.isna() | (numbers % 1 != 0)).to_numpy()
    faults.rows(file, "行序号", bad, frame["行序号"], "“{}” is not a row number")
    columns["row"] = numbers.fillna(-1).to_numpy().astype(np.int64)
    rows = pd.DataFrame(columns)
    rows["out"] = out
    # A repeat is equal in everything but the row number; the first of them is not flagged.
    rows["repeated"] = rows.duplicated([name for name in rows.columns if name != "row"])
    rows["unequal"] = (rows["net"] + rows["vat"] - rows["gross"]).abs() > TOLERANCE_FEN
    return rows


def _texts(values: pd.Series[Any]) -> tuple[npt.NDArray[Any], Mask]:
    """Trimmed text; empty, missing or a fraction is faulty."""
    table: dict[Any, str] = {}
    for value in values.unique():
        if value is None or value != value or isinstance(value, bool):
            continue
        if isinstance(value, (float, np.floating)):
            value_text = str(int(value)) if value == int(value) else ""
        else:
            value_text = clean.text(value)
        table[value] = value_text
    found = values.map(table).fillna("").astype(object).to_numpy()
    return found, np.asarray(found == "", dtype=np.bool_)


def _days(values: pd.Series[Any]) -> tuple[npt.NDArray[np.int64], Mask]:
    """Days since 1970, and which are none."""
    if pd.api.types.is_datetime64_dtype(values):
        bad = values.isna().to_numpy()
        days = values.fillna(pd.Timestamp(EPOCH)).to_numpy().astype("datetime64[D]").astype(np.int64)
        return days, bad
    table: dict[Any, int] = {}
    for value in values.unique():
        try:
            read = value if type(value) is date else clean.day(value) if isinstance(value, str | int | np.integer) else None
        except clean.Unclean:
            continue
        if read is not None:
            table[value] = (read - EPOCH).days
    found = values.map(table)
    return found.fillna(0).to_numpy().astype(np.int64), found.isna().to_numpy()


def _fen(values: pd.Series[Any]) -> tuple[npt.NDArray[np.int64], Mask]:
    """Whole fen, and which are no amounts. A float of yuan is taken for the two decimals it was written with."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        yuan = values.to_numpy(dtype=np.float64, na_value=np.nan)
        with np.errstate(invalid="ignore"):
            near = np.rint(yuan * 100)
            bad = ~(np.isfinite(yuan) & (np.abs(yuan) < 1e13) & (np.abs(yuan * 100 - near) < 0.01))
        return np.where(bad, 0, near).astype(np.int64), bad
    table: dict[Any, int] = {}
    for value in values.unique():
        try:
            if isinstance(value, str) and abs(fen := fen_of(clean.text(value))) < 10**15:
                table[value] = fen
        except Invalid:
            continue
    found = values.map(table)
    return found.fillna(0).to_numpy().astype(np.int64), found.isna().to_numpy()
