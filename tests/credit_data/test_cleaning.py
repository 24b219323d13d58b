"""What departments write, and what it means; what means nothing is said so, with what stood there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.credit_data import clean, records
from backend.credit_data.clean import Unclean


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("１，２３４．５０", 123450),
        (" ￥300 ", 30000),
        ("12.5万元", 12_500_000),
        ("１２．５万", 12_500_000),
        ("100万人民币", 100_000_000),
        ("1.2亿元", 12_000_000_000),
        ("(500.00)", -50000),
        ("-500", -50000),
        ("0", 0),
        (1234.56, 123456),
        (1234, 123400),
        ("", None),
        (None, None),
    ],
)
def test_an_amount_is_whole_fen_however_it_is_written(written: Any, fen: int | None) -> None:
    assert clean.amount(written) == fen


@pytest.mark.parametrize(
    "written", ["2025-1-3", "2025-01-03", "20250103", "2025年1月3日", "2025/1/3", "2025.1.3", "２０２５年０１月０３日"]
)
def test_a_day_is_a_day_however_it_is_written(written: str) -> None:
    assert clean.day(written) == date(2025, 1, 3)
    assert clean.day(f" {written} ") == date(2025, 1, 3)


@pytest.mark.parametrize(
    ("reader", "written"),
    [
        (clean.amount, "五百元"),
        (clean.amount, "NaN"),
        (clean.amount, "Infinity"),
        (clean.amount, "12..5"),
        (clean.day, "2025-02-30"),
        (clean.day, "20251301"),
        (clean.day, "昨天"),
        (clean.day, "2025"),
        (clean.period, "2025-13"),
        (clean.period, "一月"),
        (clean.yes, "也许"),
        (clean.whole, "很多"),
        (clean.share, "一半"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_guessed(reader: clean.Reader, written: str) -> None:
    with pytest.raises(Unclean) as fault:
        reader(written)
    assert written in str(fault.value)


@pytest.mark.parametrize(
    ("reader", "written", "meant"),
    [
        (clean.period, "2025-1", "2025-01"),
        (clean.period, "202501", "2025-01"),
        (clean.period, "2025年1月", "2025-01"),
        (clean.yes, "是", True),
        (clean.yes, " Ｙ ", True),
        (clean.yes, "无", False),
        (clean.yes, "", None),
        (clean.whole, "１，２０３ 人", 1203),
        (clean.whole, "12", 12),
        (clean.share, "60%", 6000),
        (clean.share, "６０％", 6000),
        (clean.share, "0.6", 6000),
        (clean.text, "　被告 ", "被告"),
    ],
)
def test_other_values_mean_one_thing_each(reader: clean.Reader, written: Any, meant: Any) -> None:
    assert reader(written) == meant


def test_a_record_with_one_bad_field_keeps_the_others() -> None:
    fields, faults = records.read("tax", "filing", {"period": "2024年11月", "sales": "没有", "tax_paid": "１２３", "zero": "否"})
    assert fields is not None
    assert fields["period"] == "2024-11"
    assert fields["tax_paid"] == 12300
    assert "sales" not in fields
    assert faults == ["filing.sales: “没有” is not an amount of money"]


def test_a_record_that_cannot_be_placed_is_set_aside() -> None:
    fields, faults = records.read("court", "lawsuit", {"role": "被告"})
    assert fields is None
    assert "case_no" in faults[0]
    assert records.read("court", "gossip", {})[0] is None
