"""An ordinary firm's values, and a sample without any town behind it."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from backend.scoring.card import Card

DAY = date(2025, 9, 15)
ORDINARY: dict[str, Any] = {
    "registered_on": date(2019, 3, 1),
    "industry": "C33",
    "is_branch": False,
    "sales_12m_fen": 400_000_000,
    "gross_margin_bp": 2500,
    "sales_growth_bp": 500,
    "sales_volatility_bp": 4200,
    "invoice_gap_days": 25,
    "invoice_history_months": 24,
    "invoice_months_12m": 12,
    "top_customer_share_bp": 3000,
    "tax_grade": "B",
    "tax_arrears_fen": 0,
    "social_arrears_months": 0,
    "electricity_change_bp": 100,
    "utility_arrears_days": 5,
    "lawsuits_defendant_12m": 0,
    "penalties_12m": 0,
    "judgment_debtor": False,
    "bnk_outstanding_fen": 0,
}


def ordinary_of(card: Card) -> dict[str, Any]:
    """The ordinary firm as one of this card's population."""
    needed = {need.fact: need.is_in[0] if need.is_in else int(need.at_least or 0) + 20 for need in card.population.requires}
    return needed | {code: value for code, value in ORDINARY.items() if code not in needed or code in ("sales_12m_fen",)}


def a_sample(rows: int = 1800, towns: int = 6) -> pd.DataFrame:
    """Made by a coin whose weight depends on margin, growth and arrears: text columns, as a CSV reads back."""
    rng = np.random.default_rng(5)
    margin, growth = rng.normal(2500, 900, rows), rng.normal(0, 2500, rows)
    arrears, volatility = rng.poisson(0.4, rows), rng.normal(4000, 900, rows)
    logit = -2.2 - 0.0009 * (margin - 2500) - 0.0002 * growth + 0.8 * arrears + 0.0003 * (volatility - 4000)
    frame = pd.DataFrame(
        {
            "town": np.arange(rows) % towns + 1,
            "firm": np.arange(rows),
            "day": "2025-07-01",
            "bad": (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(int),
            "gross_margin_bp": margin.astype(int),
            "sales_growth_bp": growth.astype(int),
            "social_arrears_months": arrears,
            "sales_volatility_bp": volatility.astype(int),
            "sales_12m_fen": 400_000_000,
            "invoice_history_months": 24,
            "is_branch": "False",
            "tax_grade": rng.choice(["A", "B", "C", ""], rows),
        }
    ).astype(str)
    hidden = rng.random(rows) < 0.2
    frame.loc[hidden, "social_arrears_months"] = ""
    return frame
