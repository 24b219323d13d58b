"""A book of loans with their outcomes, as a CSV or as the loans of a worked example: what schemes are compared on.

Written in: the columns below; domain §6.1-§6.2 (what a scheme asks of a loan). One row is one loan; money in yuan (or the pool's
currency) with at most two decimals; days as 2025-04-17. A loan whose arrears were paid is written without a default.

>>> read("reference,bank,firm,amount,drawn_on,months\\nL1,harbour,f1,100.00,2025-01-06,12\\n")[0].amount_fen
10000
>>> read("reference,bank,firm,amount,drawn_on,months\\nL1,harbour,f1,-5,2025-01-06,12\\n")
Traceback (most recent call last):
backend.kit.errors.Invalid: loans: line 2: amount: greater than 0
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from pydantic import ValidationError

from backend.kit.errors import Invalid
from backend.kit.money import fen_of
from backend.kit.words import Words
from risk_compensation.scheme import BookLoan

SHOWN = 20  # bad rows named before the rest are only counted


Column = tuple[str, bool, Callable[[str], Any], Words]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a day; write it like 2025-04-17") from None


def _fen(text: str) -> int:
    try:
        return fen_of(text)
    except Invalid as no:
        raise ValueError(no.words.en) from None


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"“{text}” is not a whole number")
    return int(text)


def _tags(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


COLUMNS: dict[str, Column] = {
    "reference": ("reference", True, str, Words("贷款编号，不得重复", "the loan's number, once in the file")),
    "bank": ("bank", True, str, Words("银行", "the bank")),
    "firm": ("firm", True, str, Words("企业", "the firm")),
    "amount": ("amount_fen", True, _fen, Words("贷款金额（元）", "the loan's amount, yuan")),
    "drawn_on": ("drawn_on", True, _day, Words("放款日", "day of the draw")),
    "months": ("months", True, _number, Words("期限（月）", "term in months")),
    "guarantor": ("guarantor", False, str, Words("担保机构", "the guarantor")),
    "mode": ("mode", False, str, Words("模式：loan、guarantee、insurance", "loan, guarantee or insurance")),
    "size": ("size", False, str, Words("规模：micro、small、medium", "micro, small or medium")),
    "industry": ("industry", False, str, Words("行业（GB/T 4754）", "industry, GB/T 4754")),
    "revenue": ("revenue_fen", False, _fen, Words("年营业收入（元）", "the firm's yearly revenue, yuan")),
    "tags": ("tags", False, _tags, Words("标签，分号分隔", "tags, separated by semicolons")),
    "overdue_since": ("overdue_since", False, _day, Words("首个未还到期日", "the due day that was missed")),
    "unpaid_principal": ("unpaid_principal_fen", False, _fen, Words("未还本金（元）", "principal never repaid by the borrower")),
    "unpaid_interest": ("unpaid_interest_fen", False, _fen, Words("未还利息（元）", "interest never paid")),
    "judged_on": ("judged_on", False, _day, Words("判决日", "day of the judgment")),
    "guarantor_paid_on": ("guarantor_paid_on", False, _day, Words("担保代偿日", "day the guarantor paid the bank")),
    "recovered_on": ("recovered_on", False, _day, Words("追偿到账日", "day recovered money arrived")),
    "recovered": ("recovered_fen", False, _fen, Words("追偿金额（元）", "recovered in all, before costs")),
    "costs": ("costs_fen", False, _fen, Words("追偿费用（元）", "costs of recovery")),
    "fraud_on": ("fraud_on", False, _day, Words("查实骗取日", "day fraud was established")),
}


def _loan(row: dict[str, str]) -> tuple[BookLoan | None, list[str]]:
    """One row as a loan, or what is wrong with it."""
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name, text in row.items():
        field, _, kind, _ = COLUMNS[name]
        if (text or "").strip():
            try:
                values[field] = kind(text.strip())
            except ValueError as error:
                wrong.append(f"{name}: {error}")
    wrong += [f"{name}: is missing" for name, column in COLUMNS.items() if column[1] and not (row.get(name) or "").strip()]
    if wrong:
        return None, wrong
    try:
        return BookLoan(**values), []
    except ValidationError as error:
        called = {column[0]: name for name, column in COLUMNS.items()}
        for item in error.errors():
            what = item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            wrong.append(f"{called[str(item['loc'][0])]}: {what}" if item["loc"] else what)
        return None, wrong


def read(text: str) -> list[BookLoan]:
    """Every loan of a CSV. Invalid, naming each bad row by line and column, when any cannot be taken: never a part of a file."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        header = list(rows.fieldnames or ())
        unknown = [name for name in header if name not in COLUMNS]
        lacking = [name for name, column in COLUMNS.items() if column[1] and name not in header]
        if unknown or lacking or len(set(header)) < len(header):
            said = [f"“{name}” is no column" for name in unknown] + [f"the column “{name}” is missing" for name in lacking]
            raise _refusal([f"line 1: {each}" for each in said or ["a column is named twice"]])
        return _every(rows)
    except csv.Error as error:
        raise _refusal([f"line {rows.line_num}: {error}"]) from error


def _every(rows: csv.DictReader[str]) -> list[BookLoan]:
    found: dict[str, BookLoan] = {}
    wrong: list[str] = []
    for row in rows:
        line = rows.line_num
        if None in row or None in row.values():
            wrong.append(f"line {line}: has another number of cells than the first line")
            continue
        loan, faults = _loan(row)
        wrong += [f"line {line}: {fault}" for fault in faults]
        if loan is not None:
            if loan.reference in found:
                wrong.append(f"line {line}: reference: “{loan.reference}” stands in the file twice")
            found[loan.reference] = loan
    if wrong:
        raise _refusal(wrong)
    if not found:
        raise _refusal(["the file has no loan"])
    return list(found.values())


def _refusal(wrong: Iterable[str]) -> Invalid:
    faults = list(wrong)
    rest = len(faults) - SHOWN
    text = "; ".join(faults[:SHOWN]) + (f"; and {rest} more" if rest > 0 else "")
    return Invalid("loans", Words(text, text))
