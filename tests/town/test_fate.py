"""The truth about a loan: an empty purse, not a score."""

from datetime import date

import numpy as np
import pytest

from backend.town.city import Town, build
from backend.town.sample import facts_on, sample_town

DRAWN = date(2025, 3, 10)


@pytest.fixture(scope="module")
def town() -> Town:
    return build(seed=77, size=300)


def year(town: Town) -> np.ndarray:
    return np.maximum(1_000_000, town.economy.sales_fen[:, 14:26].sum(axis=1))


def test_a_fate_is_the_same_whenever_it_is_asked(town: Town) -> None:
    first = [town.economy.fate(n, 10_000_000, 860_000, DRAWN) for n in range(40)]
    again = [town.economy.fate(n, 10_000_000, 860_000, DRAWN) for n in reversed(range(40))]
    assert first == again[::-1]


def test_one_firms_fate_is_the_towns_fate_for_it(town: Town) -> None:
    amounts = year(town) // 12
    burdens = amounts * 86 // 1000
    together = town.economy.fates(amounts, burdens, DRAWN)
    assert together[:50] == [town.economy.fate(n, int(amounts[n]), int(burdens[n]), DRAWN) for n in range(50)]


def test_most_pay_some_do_not_and_a_heavier_loan_is_harder(town: Town) -> None:
    def failing(share: float) -> float:
        amounts = (year(town) * share).astype(np.int64)
        fates = town.economy.fates(amounts, amounts * 1025 // 12_000, DRAWN)
        trading = town.economy.sales_fen[:, 23:26].min(axis=1) > 0
        return float(np.mean([not fate.pays_all for fate, trades in zip(fates, trading, strict=True) if trades]))

    assert 0.06 < failing(0.08) < 0.22
    assert failing(0.03) < failing(0.15) < failing(0.6)


def test_whoever_is_calm_when_drawing_fails_less_often(town: Town) -> None:
    amounts = year(town) // 12
    fates = town.economy.fates(amounts, amounts * 86 // 1000, DRAWN)
    stress = town.economy.stress[:, 20:26].max(axis=1)
    bad = np.array([not fate.pays_all for fate in fates])
    assert bad[stress == 0].mean() < bad[stress >= 2].mean() / 2


def test_who_stops_stops_within_the_loans_life(town: Town) -> None:
    amounts = year(town) // 5
    for fate in town.economy.fates(amounts, amounts * 86 // 1000, DRAWN):
        assert fate.instalments <= 12
        assert fate.as_plan() == ({"kind": "all"} if fate.pays_all else {"kind": "stops_after", "instalments": fate.instalments})


def test_the_sample_holds_facts_by_the_day_and_only_what_was_opened(town: Town) -> None:
    full = facts_on(town, 3, DRAWN, ["TAX04", "SOC01"])
    less = facts_on(town, 3, DRAWN, [])
    assert "sales_12m_fen" in full
    assert "insured_headcount" in full
    assert "electricity_12m_kwh" not in full
    assert "sales_12m_fen" not in less
    assert "tax_arrears_fen" in less


def test_a_sample_is_the_same_from_the_same_seed() -> None:
    assert list(sample_town(9, 12, DRAWN)) == list(sample_town(9, 12, DRAWN))
