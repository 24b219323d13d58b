"""What is never used as a predictor of default, each as a sentence."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.credit_data.distil import Record, distil
from backend.credit_data.model import DISPUTED, REPAIRED, Fact
from backend.kit.policy import PolicyError, load
from backend.scoring import scorecard, selection
from backend.scoring.blueprint import FOLDER, Blueprint
from backend.scoring.card import NEVER_USED, CardFile
from backend.vocabulary.facts import definitions
from tests.scoring.makers import DAY, ORDINARY, ordinary_of

CARDS = [scorecard.current(DAY, code) for code in scorecard.CODES]
EVERY = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
PLANS = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)


def known(values: dict[str, Any], doubts: dict[str, tuple[str, ...]] | None = None, as_of: date = DAY) -> dict[str, Fact]:
    told = {code: value for code, value in values.items() if value is not None}
    return {
        code: Fact(code, value, definitions()[code].unit, as_of, definitions()[code].source, None, (doubts or {}).get(code, ()))
        for code, value in told.items()
    }


def answer(facts: dict[str, Fact]) -> scorecard.Assessed:
    return selection.look_up(selection.card_for(facts, DAY, DAY), facts, DAY)


@EVERY
def test_a_rating_that_bank_staff_gave_is_never_used(card: scorecard.Card) -> None:
    for word in ("rating", "opinion", "staff", "officer", "bank_grade"):
        assert not [code for code in card.facts if word in code]
    firm = ordinary_of(card)
    rated = firm | {"staff_rating": "D", "bank_rating": 1, "credit_rating": "D"}
    assert scorecard.assess(card, rated, DAY) == scorecard.assess(card, firm, DAY)
    assert scorecard.assess(card, firm, DAY).grade is not None


@PLANS
def test_no_blueprint_may_even_look_at_identifiers_or_protected_facts(path: Path) -> None:
    candidates = {candidate.fact for candidate in load(path, Blueprint).candidates}
    assert not candidates & NEVER_USED
    assert not [code for code in candidates if definitions()[code].consent == "person" or definitions()[code].unit == "code"]


@pytest.mark.parametrize(
    "fact",
    ["uscc", "name", "legal_rep", "legal_rep_gender", "legal_rep_age", "region", "registered_capital_fen", "信誉评级"],
)
def test_a_card_that_names_such_a_fact_is_refused(fact: str, tmp_path: Path) -> None:
    text = (scorecard.FOLDER / "general.yaml").read_text(encoding="utf-8")
    path = tmp_path / "card.yaml"
    path.write_text(text.replace("- fact: gross_margin_bp", f"- fact: {fact}", 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="may not be used"):
        load(path, CardFile)


@EVERY
@pytest.mark.parametrize(
    "change", [{"uscc": "x"}, {"name": "甲"}, {"legal_rep_age": 24}, {"legal_rep_gender": "女"}, {"region": "1"}]
)
def test_who_people_are_and_what_a_firm_is_called_changes_nothing(card: scorecard.Card, change: dict[str, Any]) -> None:
    assert scorecard.assess(card, ordinary_of(card) | change, DAY) == scorecard.assess(card, ordinary_of(card), DAY)


def test_the_order_in_which_facts_are_told_changes_nothing() -> None:
    turned = dict(reversed(list(ORDINARY.items())))
    for card in CARDS:
        firm = ordinary_of(card)
        assert scorecard.assess(card, dict(reversed(list(firm.items()))), DAY) == scorecard.assess(card, firm, DAY)
    assert answer(known(turned)) == answer(known(ORDINARY))


@pytest.mark.parametrize("doubt", [DISPUTED, REPAIRED])
def test_a_fact_under_objection_or_repaired_counts_as_not_known(doubt: str) -> None:
    bad = ORDINARY | {"judgment_debtor": True, "lawsuits_defendant_12m": 4}
    marked = answer(known(bad, {"judgment_debtor": (doubt,), "lawsuits_defendant_12m": (doubt,)}))
    without = answer(known({k: v for k, v in bad.items() if k not in ("judgment_debtor", "lawsuits_defendant_12m")}))
    assert marked == without
    assert not {"judgment_debtor", "lawsuits_defendant_12m"} & {
        reason.fact for reason in marked.reasons if reason.value is not None
    }
    assert (marked.score or 0) > (answer(known(bad)).score or 0)


def test_a_disputed_fact_says_nothing_of_who_may_be_assessed_either() -> None:
    facts = known(ORDINARY | {"is_branch": True}, {"is_branch": (DISPUTED,)})
    assert answer(facts).grade is not None


def test_a_contradiction_between_departments_is_no_objection() -> None:
    """The newer record counts; only a firm's own objection or a repair sets a fact aside."""
    doubtful = known(ORDINARY, {"gross_margin_bp": ("contradictory records",)})
    assert answer(doubtful).score == answer(known(ORDINARY)).score


def test_a_count_from_long_ago_is_not_used_and_no_road_forgets_it() -> None:
    from backend.matching import inputs

    old = known(ORDINARY, as_of=DAY - timedelta(days=400)) | known({"registered_on": ORDINARY["registered_on"]})
    stands = inputs.standing(old, facts_on=DAY, policy_on=DAY)
    assert stands.assessed == answer(old)
    assert stands.assessed.not_assessed is not None
    fresh = inputs.standing(known(ORDINARY), facts_on=DAY, policy_on=DAY)
    assert fresh.assessed == answer(known(ORDINARY))
    assert fresh.assessed.grade is not None


@EVERY
def test_online_behaviour_and_social_media_are_not_even_facts(card: scorecard.Card) -> None:
    for word in ("online", "browse", "click", "wechat", "weibo", "social_media", "device", "phone", "location", "contacts"):
        assert not [code for code in definitions() if word in code]
    assert card.facts <= set(definitions())


def _distilled(**marks: Any) -> Any:
    fields = {"document_no": "P1", "decided_on": DAY - timedelta(days=30), "fine": 100, "objection": None, "repaired_on": None}
    record = Record("penalties", "penalty", fields | marks, DAY - timedelta(days=20))
    return distil([record], DAY, delivered={"PEN01"})["penalties_12m"]


def test_a_record_marked_at_its_source_as_under_objection_marks_its_fact() -> None:
    assert (_distilled().value, _distilled().doubts) == (1, ())
    assert _distilled(objection=True).doubts == (DISPUTED,)


def test_a_repaired_record_is_no_longer_counted_from_its_day() -> None:
    assert _distilled(repaired_on=DAY).value == 0
    assert _distilled(repaired_on=DAY + timedelta(days=1)).value == 1
