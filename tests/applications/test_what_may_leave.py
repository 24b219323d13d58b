"""What may leave for a bank: the whole table, row by row, and that the doors follow it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backend.applications import leaving
from backend.applications.submission import build
from backend.applications.tables import Application
from backend.audit import views as audit
from backend.audit.model import SYSTEM
from backend.credit_data.model import Fact
from backend.kit import clock
from backend.kit.errors import Misconfigured
from backend.scoring import actions as scoring
from backend.settings import load
from lender_adapters import port
from tests.stage import Person, Stage

DAY = date(2025, 6, 2)
CAPACITIES = ("public_platform", "enterprise_bureau", "personal_bureau")
TABLE = {
    "declared_fact": (True, True, True),
    "own_declared_fact": (True, True, True),
    "person_fact": (False, False, True),
    "enterprise_grade": (False, True, True),
    "person_grade": (False, False, True),
    "probability_of_default": (False, False, False),
    "score": (False, False, False),
    "raw_invoices": (False, False, False),
    "counterparty_names": (False, False, False),
}
USCC = "91420100000000000U"


@pytest.mark.parametrize("information", TABLE)
def test_each_kind_of_information_leaves_only_under_its_capacities(information: str) -> None:
    assert tuple(leaving.hands(capacity, information, DAY) for capacity in CAPACITIES) == TABLE[information]


def test_the_grade_of_a_natural_person_is_not_a_firms() -> None:
    assert leaving.grade_kind("sole_trader") == "person_grade"
    assert {leaving.grade_kind(each) for each in ("enterprise", "cooperative", "other")} == {"enterprise_grade"}
    assert leaving.kind_of("sales_12m_fen", "sole_trader") == "own_declared_fact"


def test_a_capacity_that_nobody_knows_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(Misconfigured, match="no operator capacity"):
        leaving.hands("friend_of_the_bank", "declared_fact", DAY)


def test_production_refuses_an_unknown_capacity_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITBRIDGE_MODE", "production")
    monkeypatch.setenv("CREDITBRIDGE_OPERATOR_CAPACITY", "friend_of_the_bank")
    with pytest.raises(Misconfigured) as told:
        load()
    sentence = str(told.value)
    assert sentence.startswith("CREDITBRIDGE_OPERATOR_CAPACITY:")
    assert all(capacity in sentence for capacity in CAPACITIES)
    assert "\n" not in sentence


def test_whom_a_firm_trades_with_is_cut_out_of_what_it_traded() -> None:
    trade = {"trade_no": "T1", "product": "能耗数据", "amount_fen": 100, "counterparty_uscc": USCC}
    facts = {
        "data_trades": Fact("data_trades", [trade], "", DAY, "data_exchange"),
        "bnk_max_dpd": Fact("bnk_max_dpd", 3, "", DAY, "us"),
    }
    for capacity in CAPACITIES:
        found = leaving.may_leave(facts, capacity=capacity, subject_type="enterprise", day=DAY)
        assert found["data_trades"].value == [{"trade_no": "T1", "product": "能耗数据", "amount_fen": 100}]
        assert "bnk_max_dpd" not in found, "what other banks told us stays"


# ---------------------------------------------------------------- through the road


def assessed(stage: Stage, uscc: str) -> Person:
    stage.sound_firm(uscc)
    firm = stage.firm(uscc)
    stage.authorise(firm, ("bell_tower_bank",))
    stage.gather(firm)
    with stage.database.writing() as session:
        at = clock.business_now(session)
        scoring.assess(session, SYSTEM, firm_id=firm.about["id"], sealer=stage.house.sealer, at=at)
    return firm


def submission(stage: Stage, capacity: str) -> port.Submission:
    with stage.database.writing() as session:
        application = session.query(Application).one()
        return build(session, application, stage.house.catalogue, capacity=capacity, at=clock.business_now(session))


def grades(said: port.Submission) -> list[str]:
    return [fact.value for fact in said.facts if fact.code == leaving.GRADE]


@pytest.mark.parametrize(
    ("uscc", "who_gets_it"),
    [(USCC, ("enterprise_bureau", "personal_bureau")), ("92420100000000000Q", ("personal_bureau",))],
    ids=["a firm", "a sole trader"],
)
def test_the_grade_goes_with_an_application_only_where_the_operator_may(
    stage: Stage, uscc: str, who_gets_it: tuple[str, ...]
) -> None:
    firm = assessed(stage, uscc)
    product = "sole_trader_loan" if uscc.startswith("92") else "tax_credit_loan"
    stage.apply(firm, (product, "equal_instalments"), amount_fen=5_000_000)
    terms = stage.house.catalogue.get(product, stage.today)
    for capacity in CAPACITIES:
        said = submission(stage, capacity)
        assert bool(grades(said)) == (capacity in who_gets_it), capacity
        assert {fact.code for fact in said.facts} - {leaving.GRADE} <= set(terms.facts_handed)
    with stage.database.reading() as session:
        handed = [line for line in audit.trail(session, firm_id=firm.about["id"]) if line.action == "grade.handed"]
    assert len(handed) == len(who_gets_it), "each handing on stands in the log"


def test_a_bank_that_may_not_read_what_the_grade_rests_on_gets_no_grade(stage: Stage) -> None:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.consent(firm, ["platform"])
    stage.consent(firm, ["bell_tower_bank"], items=["TAX01", "TAX03", "TAX04"])
    stage.consent(firm, ["bell_tower_bank"], items=["BUREAU"], kind="bank_query")
    stage.gather(firm)
    with stage.database.writing() as session:
        scoring.assess(session, SYSTEM, firm_id=firm.about["id"], sealer=stage.house.sealer, at=clock.business_now(session))
    stage.apply(firm, ("sole_trader_loan", "equal_instalments"), amount_fen=5_000_000)
    assert grades(submission(stage, "personal_bureau")) == []


@pytest.mark.parametrize("capacity", ["enterprise_bureau"])
def test_a_bank_in_its_own_dialect_receives_the_grade(database_file: str, tmp_path: Path, capacity: str) -> None:
    stage = Stage(database_file, tmp_path, capacity=capacity)
    try:
        firm = assessed(stage, USCC)
        stage.apply(firm, ("tax_credit_loan", "equal_instalments"), amount_fen=20_000_000)
        stage.settle()
        (kept,) = stage.book("bell_tower_bank")["applications"]
        assert kept["state"] == "received"
        assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []
    finally:
        stage.close()


@pytest.fixture
def database_file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'creditbridge.db'}"
