"""Monitoring: the figures agree with scikit-learn, small cells stay hidden, a card that leaves its range raises an alarm."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve

from backend.credit_data.feedback import Loan, Told
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.scoring import actions as scoring
from backend.scoring import scorecard
from backend.scoring.monitoring import actions, limits, measures, report, views
from backend.scoring.monitoring.frames import outcome
from backend.steps import views as steps
from backend.steps.calendar import Calendar
from tests.scoring.makers import ORDINARY
from tests.scoring.test_assessments import AT, a_firm

DAY = date(2025, 9, 15)
CARD = scorecard.current(DAY)
RULES = limits.on(DAY)


def world(n: int = 1200, *, bend: float = 1.0, shift: float = 0.0, seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Firms whose grades follow the card's own mix and whose outcomes follow its probabilities, unless bent or shifted."""
    rng = np.random.default_rng(seed)
    base = report.grade_shares(CARD)
    grades = rng.choice(list(base), n, p=list(base.values()))
    middle = {"A": 0.02, "B": 0.06, "C": 0.11, "D": 0.22, "E": 0.6}
    pd_ = np.clip(np.array([middle[g] for g in grades]) * np.exp(rng.normal(0, 0.15, n)), 0.005, 0.97)
    logit = np.log(pd_ / (1 - pd_)) * bend + shift
    bad = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    assessed = pd.DataFrame(
        {
            "firm": [f"f{k}" for k in range(n)],
            "month": rng.choice(["2025-07", "2025-08"], n),
            "grade": grades,
            "pd": pd_,
            "region": rng.choice(["330203", "330205"], n),
            "industry": rng.choice(["C", "F"], n),
            "size": "100-500",
            "ownership": rng.choice(["enterprise", "sole_trader"], n),
            "drawn": rng.random(n) < 0.4,
        }
    )
    return assessed, pd.DataFrame({"firm": assessed["firm"], "pd": pd_, "bad": bad.astype(float)})


def kinds(look: report.Look) -> set[str]:
    return {alert["what"].split(" ")[0] for alert in look.alerts}


def test_the_figures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    chances = np.round(rng.beta(1, 6, 500), 2)
    chances = np.clip(chances, 0.01, 0.99)
    bad = (rng.random(500) < chances).astype(np.int64)
    false, true, _ = roc_curve(bad, chances)
    logit = np.log(chances / (1 - chances))
    line = LogisticRegression(C=1e9, tol=1e-10, max_iter=1000).fit(logit[:, None], bad)
    slope, intercept = measures.calibration(chances, bad)
    assert measures.auc(chances, bad) == pytest.approx(roc_auc_score(bad, chances))
    assert measures.ks(chances, bad) == pytest.approx(float(np.max(true - false)))
    assert (slope, intercept) == pytest.approx((line.coef_[0, 0], line.intercept_[0]), abs=1e-3)


def test_a_card_that_does_as_validated_raises_no_alarm() -> None:
    assessed, outcomes = world()
    look = report.look(CARD, assessed, outcomes, RULES)
    assert kinds(look) <= {"auc", "ks", "brier"}, "the made-up world sorts a little better or worse than the towns did"
    assert look.figures["psi"]["value"] < 0.02
    assert look.figures["slope"]["low"] <= 1.0 <= look.figures["slope"]["high"]


def test_outcomes_that_do_not_follow_the_card_raise_alarms() -> None:
    assessed, outcomes = world()
    outcomes = outcomes.assign(bad=np.random.default_rng(4).permutation(outcomes["bad"].to_numpy()))
    assert {"auc", "ks", "slope"} <= kinds(report.look(CARD, assessed, outcomes, RULES))
    assert {"level"} <= kinds(report.look(CARD, *world(shift=1.0), RULES))


def test_a_moved_mix_raises_psi_and_chance_alone_does_not() -> None:
    assessed, outcomes = world()
    worse = assessed.assign(grade=np.where(assessed["grade"].isin(["A", "B"]), "D", assessed["grade"]))
    assert "psi" in kinds(report.look(CARD, worse, outcomes, RULES))
    few = assessed.head(12).assign(grade=["A"] * 5 + ["E"] * 4 + ["C"] * 3)
    small = report.look(CARD, few, outcomes.head(0), RULES)
    assert small.figures["psi"]["value"] > 0.25
    assert "psi" not in kinds(small), "twelve firms make such a PSI by chance"


def test_with_few_outcomes_nothing_is_said() -> None:
    assessed, outcomes = world()
    look = report.look(CARD, assessed, outcomes.head(20), RULES)
    assert (look.figures["outcomes"], look.figures["auc"], look.figures["observed"]) == (20, None, None)


def test_cells_under_ten_are_hidden_and_an_unlike_group_is_named() -> None:
    assessed, outcomes = world()
    assessed.loc[assessed.index[:9], "region"] = "330299"
    assessed.loc[assessed["industry"] == "F", "grade"] = "E"
    look = report.look(CARD, assessed, outcomes, RULES)
    assert {row["group"] for row in look.figures["groups"]["region"]} == {"330203", "330205"}
    assert "favoured industry F" in {alert["what"] for alert in look.alerts}
    best = {row["group"]: row["favoured_ratio"] for row in look.figures["groups"]["industry"]}
    assert best["C"]["value"] == 1.0
    assert best["F"]["high"] < 0.8


def test_an_outcome_is_only_said_once_it_is_known() -> None:
    loan = Loan("b", 100, 50, date(2025, 3, 1), date(2026, 3, 1), 0, "normal", "running")
    paid = Loan("b", 100, 0, date(2025, 3, 1), date(2026, 3, 1), 0, "normal", "repaid")
    day = date(2025, 9, 15)

    def told(*loans: Loan, dpd: int = 0, defaulted: bool = False) -> int | None:
        return outcome(Told(loans, dpd, defaulted, day), day, RULES)

    assert told(loan) is None
    assert told(paid) == 0
    assert told(paid, loan) is None
    assert told(loan, dpd=60) == 1
    assert told(loan, defaulted=True) == 1
    assert outcome(Told((loan,), 0, False, day), date(2026, 3, 1), RULES) == 0


def test_a_month_is_kept_and_not_looked_at_again(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, ORDINARY)
        scoring.assess(session, actor, firm_id=firm, sealer=Sealer(bytes(range(32))), at=AT)
        rows = actions.monitor(session, at=AT + timedelta(days=20))
        general = next(row for row in rows if row.card == "general")
        assert (general.month, general.figures["assessed"], general.alerts) == (date(2025, 9, 1), 1, [])
        again = actions.monitor(session, at=AT + timedelta(days=22))
        assert [row.at for row in again] == [row.at for row in rows]
    with database.writing() as session:
        found = views.figures(session, AT.date() + timedelta(days=60))
        assert [row["assessed"] for row in found["card_months"] if row["card"] == "general"] == [1]
        assert found["card_groups"] == []
        Calendar((actions.LOOKS,)).plan(session, AT)
        assert steps.waiting(session, actions.KIND, "2025-10-01")


def test_a_characteristics_own_mix_has_no_psi() -> None:
    characteristic = next(c for c in CARD.characteristics if c.read_as == "value" and c.bins[0].below is not None)
    firms: list[dict[str, Any]] = []
    below = [b.below for b in characteristic.bins if b.below is not None]
    inside = [Decimal(below[0]) - 1, *below]
    for value, each in zip(inside, characteristic.bins, strict=True):
        firms += [{characteristic.fact: int(value)}] * (each.share_bp // 10)
    firms += [{}] * (characteristic.missing.share_bp // 10)
    assert report.characteristic_psi(CARD, firms, DAY)[characteristic.fact] < 0.01
    assert report.characteristic_psi(CARD, [{}] * 500, DAY)[characteristic.fact] > 1.0
