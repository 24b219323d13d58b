"""Cards on the public data sets: the published reading is ours, and nobody's name or place in a file moves a score."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from backend.scoring import sources
from backend.scoring.sources import applying
from backend.scoring.training import running
from backend.scoring.training.outside import Trained
from backend.scoring.training.running import Asked
from backend.scoring.validation import auc

DATA = Path(os.environ.get("CREDITBRIDGE_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is not here (../shared/data or CREDITBRIDGE_DATA)"),
]


def quiet(*told: Any) -> None:
    return None


@pytest.fixture(scope="module")
def ledgers() -> Trained:
    return running.train(Asked(DATA / "cumcm2020c", "cumcm", repeats=2, challengers=False), quiet)[0]


@pytest.fixture(scope="module")
def loans() -> Trained:
    return running.train(Asked(DATA / "sba7a", "sba", challengers=False), quiet)[0]


def test_all_425_firms_score_the_same_under_other_names_and_in_another_order(ledgers: Trained, tmp_path: Path) -> None:
    first = applying.apply(ledgers.card, DATA / "cumcm2020c", None, quiet)
    assert len({row[0] for row in first}) == len(first) == 425
    rng = np.random.default_rng(8)
    names = {row[0]: f"N{number}" for row, number in zip(first, rng.permutation(425), strict=True)}
    for file in (DATA / "cumcm2020c").iterdir():
        if file.name.startswith("enterprises"):
            frame = pd.read_csv(file).sample(frac=1, random_state=1)
            frame.assign(企业代号=frame["企业代号"].map(names)).to_csv(tmp_path / file.name, index=False)
        elif file.name.startswith("invoices"):
            sheet = pd.read_parquet(file).sample(frac=1, random_state=2)
            sheet = sheet.assign(企业代号=sheet["企业代号"].map(names), 行序号=range(len(sheet)))
            sheet.to_parquet(tmp_path / file.name)
    second = applying.apply(ledgers.card, tmp_path, None, quiet)
    assert {(names[row[0]], *row[1:]) for row in first} == set(second)


def test_every_one_of_the_425_firms_is_given_a_probability(ledgers: Trained) -> None:
    for _, pd_, grade, score in applying.apply(ledgers.card, DATA / "cumcm2020c", None, quiet):
        assert 0 < float(pd_) < 1
        assert grade in "ABCDE"
        assert 300 <= int(score) <= 900


def test_the_ledger_card_reaches_its_aim_on_firms_left_out(ledgers: Trained) -> None:
    assert float(ledgers.card.validation.auc.value) >= 0.85


def test_the_loan_card_tells_on_later_years_and_is_neither_bold_nor_timid(loans: Trained) -> None:
    figures = loans.card.validation
    assert 0.66 < float(figures.auc.low) < float(figures.auc.value) < 0.80
    assert 0.85 < float(figures.slope.value) < 1.15


def test_a_loan_scores_the_same_in_another_order_and_under_another_number(loans: Trained, tmp_path: Path) -> None:
    frame = pd.read_parquet(DATA / "sba7a" / sources.sba.SAMPLE).head(3000)
    frame.to_parquet(tmp_path / "a.parquet")
    frame = frame.assign(LoanNr_ChkDgt=[f"{int(number) + 1:010d}" for number in frame["LoanNr_ChkDgt"]], Term=0)
    frame.sample(frac=1, random_state=3).to_parquet(tmp_path / "b.parquet")
    first, second = (applying.apply(loans.card, tmp_path / name, None, quiet) for name in ("a.parquet", "b.parquet"))
    assert {(f"{int(row[0]) + 1:010d}", *row[1:]) for row in first} == set(second)


def test_the_published_logit_on_2102_loans_is_what_we_read_too() -> None:
    frame = pd.read_csv(DATA / "sba7a" / "sba_case_ca53_2102.csv.xz")
    assert len(frame) == 2102
    columns, bad = frame[["RealEstate", "Portion", "Recession"]].to_numpy(float), frame["Default"].to_numpy(int)
    assert np.allclose(frame["Portion"], frame["SBA_Appv"] / frame["GrAppv"])
    assert ((frame["Term"] >= 240).astype(int) == frame["RealEstate"]).all()
    train, test = frame["Selected"].to_numpy() == 1, frame["Selected"].to_numpy() == 0
    assert (train.sum(), test.sum()) == (1051, 1051)
    model = LogisticRegression(C=1e9, tol=1e-10, max_iter=5000).fit(columns[train], bad[train])
    found = [float(model.intercept_[0]), *(float(each) for each in model.coef_[0])]
    assert np.allclose(found, [1.3931, -2.1282, -2.9875, 0.5041], atol=0.02)
    predicted = model.predict_proba(columns[test])[:, 1]
    assert int(((predicted > 0.5) != bad[test]).sum()) == 338
    assert round(338 / 1051, 4) == 0.3216
    assert round(auc(predicted, bad[test], np.ones(1051)), 3) == 0.735


def test_the_weighted_sample_has_the_default_rates_of_the_whole_file() -> None:
    table = sources.read("sba", DATA / "sba7a", None, quiet)
    assert table.weight is not None
    assert abs(np.average(table.bad, weights=table.weight) - 0.17562) < 0.001
    short = np.array([values.get("low_documents") == "Y" for values in table.values])
    assert abs(np.average(table.bad[short], weights=table.weight[short]) - 0.0916) < 0.005


def test_nobodys_sex_age_or_origin_is_among_the_exercises_facts() -> None:
    table = sources.read("german", DATA / "german", None, quiet)
    assert len(table.keys) == 1000
    assert int(table.bad.sum()) == 300
    assert not set().union(*table.values) & sources.german.PROTECTED
