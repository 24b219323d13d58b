"""Public sources: what a card may learn from them, what it may never see, one sentence when a file is not of the form."""

import csv
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backend.credit_data.ledger_files import UnreadableLedger
from backend.kit.errors import Invalid
from backend.kit.policy import PolicyError, load
from backend.scoring import sources
from backend.scoring.card import CardFile, Characteristic
from backend.scoring.sources import applying, cumcm, german, sba
from backend.scoring.training import running
from backend.scoring.training.outside import Trained
from backend.scoring.training.running import Asked
from backend.scoring.training.writing import written

FIRMS = 60


def quiet(*told: Any) -> None:
    return None


def ledgers(folder: Path, firms: int = FIRMS, name: str = "F{}", seed: int = 1, part: str = "123") -> Path:
    """Firms whose sales decide their fate, in the form of the competition's files."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    listed, rows = [], {"input": [], "output": []}
    for number in range(firms):
        weak = number % 4 == 0
        code = name.format(number)
        listed.append([code, "***公司", "D" if weak else "A", "是" if weak else "否"])
        for side, count in (("output", 6 if weak else 40), ("input", 5 if weak else 25)):
            for n in range(count):
                day = date(2018 + int(rng.integers(0, 2)), int(rng.integers(1, 13)), int(rng.integers(1, 28)))
                net = round(float(rng.lognormal(7 if weak else 10, 1)), 2)
                state = "作废发票" if rng.random() < 0.1 else "有效发票"
                partner = f"B{rng.integers(0, 30)}"
                rows[side].append([n, code, f"{rng.integers(10**7, 10**8)}", day.isoformat(), partner, net, 0.0, net, state])
    write_list(folder / f"enterprises_{part}.csv", listed)
    for side, partner in (("input", "销方单位代号"), ("output", "购方单位代号")):
        heads = ["行序号", "企业代号", "发票号码", "开票日期", partner, "金额", "税额", "价税合计", "发票状态"]
        frame = pd.DataFrame(rows[side], columns=heads)
        frame["开票日期"] = pd.to_datetime(frame["开票日期"])
        frame.to_parquet(folder / f"invoices_{part}_{side}.parquet")
    return folder


def write_list(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["企业代号", "企业名称", "信誉评级", "是否违约"], *rows])


def loans(path: Path, rows: int = 1500, **changed: Any) -> Path:
    """Loans by the names of the public file; the failed ones ask for more with fewer people."""
    rng = np.random.default_rng(3)
    bad = rng.random(rows) < 0.4
    amount = np.where(bad, rng.integers(20, 60, rows), rng.integers(30, 200, rows)) * 1000.0
    share = np.where(bad, rng.choice([0.5, 0.75], rows), rng.choice([0.75, 0.85], rows))
    year = rng.integers(2000, 2011, rows)
    columns: dict[str, Any] = {
        "LoanNr_ChkDgt": [f"{1000000000 + n}" for n in range(rows)],
        "Name": "SOMEBODY",
        "City": "TOWN",
        "State": rng.choice(["CA", "NY", "TX"], rows),
        "Zip": "90015",
        "Bank": rng.choice(["BANK A", "BANK B"], rows),
        "BankState": rng.choice(["CA", "NC"], rows),
        "NAICS": rng.choice(["722110", "441110", "0"], rows),
        "ApprovalDate": pd.to_datetime([f"{y}-03-01" for y in year]),
        "ApprovalFY": year,
        "Term": np.where(bad, 37, 84),
        "NoEmp": np.where(bad, rng.integers(1, 5, rows), rng.integers(1, 30, rows)),
        "NewExist": rng.integers(0, 3, rows),
        "CreateJob": 0,
        "RetainedJob": rng.integers(0, 9, rows),
        "FranchiseCode": rng.integers(0, 3, rows),
        "UrbanRural": rng.integers(0, 3, rows),
        "RevLineCr": rng.choice(["Y", "N"], rows),
        "LowDoc": "N",
        "ChgOffDate": pd.NaT,
        "DisbursementDate": pd.NaT,
        "DisbursementGross": amount,
        "BalanceGross": 0.0,
        "MIS_Status": np.where(bad, "CHGOFF", "P I F"),
        "ChgOffPrinGr": np.where(bad, amount, 0.0),
        "GrAppv": amount,
        "SBA_Appv": amount * share,
        "SampleWeight": np.where(bad, 10.5, 49.3),
    }
    pd.DataFrame({**columns, **changed}).drop(columns=[k for k, v in changed.items() if v is None]).to_parquet(path)
    return path


@pytest.fixture(scope="module")
def folder_and_card(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    folder = ledgers(tmp_path_factory.mktemp("ledgers") / "a")
    return folder, running.train(Asked(folder, "cumcm", repeats=2, challengers=False), quiet)[0]


@pytest.fixture(scope="module")
def loans_and_card(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    folder = tmp_path_factory.mktemp("loans")
    path = loans(folder / "sba_sample30k.parquet")
    return path, running.train(Asked(folder, "sba", since=2000, until=2006, challengers=False), quiet)[0]


def facts_of(folder: Path) -> dict[str, Any]:
    table = sources.read("cumcm", folder, None, quiet)
    return dict(zip(table.keys, table.values, strict=True))


def test_the_rating_given_by_the_banks_staff_is_never_read(tmp_path: Path) -> None:
    folder = ledgers(tmp_path / "a")
    before = sources.read("cumcm", folder, None, quiet)
    frame = pd.read_csv(folder / "enterprises_123.csv")
    frame["信誉评级"] = "Z"
    frame.to_csv(folder / "enterprises_123.csv", index=False)
    after = sources.read("cumcm", folder, None, quiet)
    assert before.values == after.values
    assert (before.bad == after.bad).all()


def test_identifiers_and_the_order_of_rows_change_no_score(tmp_path: Path, folder_and_card: tuple[Path, Trained]) -> None:
    folder, card = folder_and_card[0], folder_and_card[1].card
    first = applying.apply(card, folder, None, quiet)
    names = {f"F{n}": f"X{(n * 37) % 1009}" for n in range(FIRMS)}
    (tmp_path / "b").mkdir()
    for file in folder.iterdir():
        frame = pd.read_csv(file) if file.suffix == ".csv" else pd.read_parquet(file)
        frame = frame.sample(frac=1, random_state=9).assign(企业代号=lambda f: f["企业代号"].map(names))
        if file.suffix == ".csv":
            frame.assign(企业名称="别名").to_csv(tmp_path / "b" / file.name, index=False)
        else:
            frame.assign(行序号=range(len(frame)), 发票号码="7").to_parquet(tmp_path / "b" / file.name)
    second = applying.apply(card, tmp_path / "b", None, quiet)
    assert {(names[row[0]], *row[1:]) for row in first} == set(second)


def test_a_firm_scores_the_same_whoever_stands_beside_it(tmp_path: Path, folder_and_card: tuple[Path, Trained]) -> None:
    folder, card = folder_and_card[0], folder_and_card[1].card
    whole = {row[0]: row for row in applying.apply(card, folder, None, quiet)}
    shutil.copytree(folder, tmp_path / "b")
    write_list(tmp_path / "b" / "enterprises_123.csv", [[f"F{n}", "***", "", ""] for n in range(7)])
    few = applying.apply(card, tmp_path / "b", None, quiet)
    assert [whole[row[0]] for row in few] == few
    assert len(few) == 7


def test_invoices_after_the_day_of_the_facts_change_nothing(tmp_path: Path) -> None:
    folder = ledgers(tmp_path / "a")
    before = facts_of(folder)
    path = folder / "invoices_123_output.parquet"
    frame = pd.read_parquet(path)
    later = frame.assign(开票日期=pd.Timestamp("2020-01-02"), 金额=1e7)
    pd.concat([frame, later]).to_parquet(path)
    assert facts_of(folder) == before


def test_labels_may_be_missing_and_so_may_the_list_of_firms(tmp_path: Path) -> None:
    folder = ledgers(tmp_path / "a")
    before = facts_of(folder)
    pd.read_csv(folder / "enterprises_123.csv")[["企业代号"]].to_csv(folder / "enterprises_123.csv", index=False)
    table = sources.read("cumcm", folder, None, quiet)
    assert (table.bad == -1).all()
    (folder / "enterprises_123.csv").unlink()
    assert facts_of(folder) == before


def test_a_side_that_is_not_there_is_unknown_and_not_nought(tmp_path: Path) -> None:
    folder = ledgers(tmp_path / "a")
    (folder / "invoices_123_input.parquet").unlink()
    for values in facts_of(folder).values():
        assert not {"purchases_12m_fen", "suppliers_12m", "gross_margin_bp"} & set(values)
        assert "sales_12m_fen" in values


def test_a_listed_firm_without_any_invoice_sold_nothing(tmp_path: Path) -> None:
    folder = ledgers(tmp_path / "a")
    write_list(folder / "enterprises_123.csv", [["F1", "***", "", ""], ["ghost", "***", "", ""]])
    assert facts_of(folder)["ghost"]["sales_12m_fen"] == 0


def test_two_parts_of_one_folder_are_read_together(tmp_path: Path) -> None:
    ledgers(tmp_path / "a", part="123")
    ledgers(tmp_path / "a", part="302", name="G{}", seed=2)
    assert len(facts_of(tmp_path / "a")) == 2 * FIRMS


@pytest.mark.parametrize("fault", ["empty", "nowhere", "column", "encoding", "word", "outcome"])
def test_a_folder_not_of_the_form_is_answered_by_one_sentence(tmp_path: Path, fault: str) -> None:
    folder = tmp_path / "a"
    if fault == "empty":
        folder.mkdir()
    elif fault != "nowhere":
        ledgers(folder)
    path = folder / "enterprises_123.csv"
    if fault == "column":
        pd.read_parquet(folder / "invoices_123_output.parquet").drop(columns="金额").to_parquet(
            folder / "invoices_123_output.parquet"
        )
    if fault == "encoding":
        path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    if fault == "word":
        frame = pd.read_parquet(folder / "invoices_123_output.parquet").astype({"金额": str})
        frame.loc[3, "金额"] = "many"
        frame.to_parquet(folder / "invoices_123_output.parquet")
    if fault == "outcome":
        path.write_text(path.read_text(encoding="utf-8").replace(",否", ",maybe"), encoding="utf-8")
    says = {"empty": "holds no", "nowhere": "no such", "column": "金额", "encoding": "UTF-8", "word": "many", "outcome": "maybe"}
    with pytest.raises((Invalid, UnreadableLedger), match=says[fault]):
        sources.read("cumcm", folder, None, quiet)


def test_nothing_that_is_known_only_after_approval_reaches_a_loans_facts(tmp_path: Path) -> None:
    plain = sources.read("sba", loans(tmp_path / "a.parquet"), None, quiet)
    later = {"Term": 1, "ChgOffDate": pd.Timestamp("2001-01-01"), "ChgOffPrinGr": 7.0, "BalanceGross": 7.0}
    other = {**later, "DisbursementGross": 7.0, "DisbursementDate": pd.Timestamp("2001-01-01"), "MIS_Status": "P I F"}
    assert sources.read("sba", loans(tmp_path / "b.parquet", **other), None, quiet).values == plain.values
    gone = dict.fromkeys([*other, "SampleWeight"])
    assert sources.read("sba", loans(tmp_path / "c.parquet", **gone), None, quiet).values == plain.values


def test_who_borrows_and_the_loans_number_reach_no_facts(tmp_path: Path) -> None:
    plain = sources.read("sba", loans(tmp_path / "a.parquet"), None, quiet)
    other = {"Name": "OTHER", "City": "ELSEWHERE", "Zip": "00000", "LoanNr_ChkDgt": [f"{n:010d}" for n in range(1500)]}
    found = sources.read("sba", loans(tmp_path / "b.parquet", **other), None, quiet)
    assert found.values == plain.values
    assert found.keys[7] == "0000000007"


def test_a_loan_card_keeps_the_number_as_text_and_uses_no_leak(tmp_path: Path, loans_and_card: tuple[Path, Trained]) -> None:
    path, trained = loans_and_card
    assert not {c.fact for c in trained.card.characteristics} & sba.LATER
    running.save([trained], tmp_path / "card.yaml", tmp_path / "card.html")
    card = applying.load(tmp_path / "card.yaml")
    rows = applying.apply(card, path, None, quiet)
    applying.write(card, rows, tmp_path / "scores.csv")
    lines = (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "LoanNr_ChkDgt,pd,grade,score"
    assert len(lines) == 1501
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 6
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons", ""
    )
    assert "<script" not in page


def test_the_weights_set_the_level_of_the_loans_probabilities(loans_and_card: tuple[Path, Trained]) -> None:
    path, card = loans_and_card[0], loans_and_card[1].card
    table = sources.read("sba", path, None, quiet)
    pd_ = np.array([float(row[1]) for row in applying.apply(card, path, None, quiet)])
    weight = table.weight
    assert weight is not None
    assert abs(np.average(pd_, weights=weight) - np.average(table.bad, weights=weight)) < 0.02


@pytest.mark.parametrize("column", ["GrAppv", "Bank", "LoanNr_ChkDgt"])
def test_a_loan_file_without_a_column_is_answered_by_its_name(tmp_path: Path, column: str) -> None:
    with pytest.raises(Invalid, match=f"column {column} is missing"):
        sources.read("sba", loans(tmp_path / "a.parquet", **{column: None}), None, quiet)


def test_a_file_that_is_no_parquet_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("no", encoding="utf-8")
    with pytest.raises(Invalid, match="not a parquet file"):
        sources.read("sba", tmp_path / "a.parquet", None, quiet)


@pytest.mark.parametrize("name", sources.NAMES)
def test_no_blueprint_of_a_source_names_a_forbidden_fact(name: str) -> None:
    never = german.PROTECTED | sba.LATER | {"信誉评级", "企业代号", "企业名称", "行序号", "发票号码", "标签状态"}
    facts = {candidate.fact for candidate in sources.plan(name).candidates}
    assert not facts & never
    assert set(german.TEXTS) & german.PROTECTED == set()


@pytest.mark.parametrize("fact", ["信誉评级", "企业代号", "Term", "age_in_years", "personal_status_and_sex", "LoanNr_ChkDgt"])
def test_a_card_that_carries_a_forbidden_fact_does_not_load(
    tmp_path: Path, fact: str, folder_and_card: tuple[Path, Trained]
) -> None:
    card = folder_and_card[1]
    running.save([card], tmp_path / "card.yaml", None)
    text = (tmp_path / "card.yaml").read_text(encoding="utf-8")
    used = f"fact: {card.card.characteristics[0].fact}"
    assert used in text
    (tmp_path / "bad.yaml").write_text(text.replace(used, f"fact: {fact}", 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="may not be used"):
        load(tmp_path / "bad.yaml", CardFile)


def test_a_platform_card_is_not_applied_to_files(tmp_path: Path) -> None:
    from backend.scoring import scorecard

    with pytest.raises(Invalid, match="platform's own facts"):
        applying.load(scorecard.FOLDER / "general.yaml")
    with pytest.raises(Invalid, match="no such card"):
        applying.load(tmp_path / "none.yaml")


def test_the_same_folder_gives_the_same_card_to_the_byte(folder_and_card: tuple[Path, Trained]) -> None:
    folder, first = folder_and_card
    again = running.train(Asked(folder, "cumcm", repeats=2, challengers=False), quiet)[0]
    assert written(again.card) == written(first.card)


def test_challengers_and_yardsticks_stand_beside_the_card(tmp_path: Path) -> None:
    folder = ledgers(tmp_path / "a")
    figures = running.train(Asked(folder, "cumcm", repeats=1), quiet)[0].card.validation
    assert len(figures.rivals) == 4
    assert all(0 < rival.auc.low <= rival.auc.value <= rival.auc.high <= 1 for rival in figures.rivals)


def test_a_shape_of_the_published_form_has_a_place_for_every_source() -> None:
    assert set(applying.HEADS) == set(sources.NAMES)
    assert Characteristic.model_fields["special"].default == ()
    assert sources.plan("cumcm").facts_on == cumcm.FACTS_ON
