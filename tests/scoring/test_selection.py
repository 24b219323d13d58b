"""Which card a firm is looked up in: the most specific that holds it, and "not assessed" with the way for a firm outside all."""

from typing import Any

import pytest

from backend.scoring import capacity, scorecard, selection
from backend.scoring.card import Card
from tests.scoring.makers import DAY, ORDINARY, ordinary_of

CARDS = {code: scorecard.current(DAY, code) for code in scorecard.CODES}
SOLE = {
    "subject_type": "sole_trader",
    "electricity_12m_kwh": 9_000,
    "registered_on": ORDINARY["registered_on"],
    "industry": "F52",
}


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.code)
def test_a_card_says_for_whom_it_is_how_it_was_made_and_who_answers_for_it(card: Card) -> None:
    for said in (card.population.words, card.title, card.trained_on, card.approved_by, card.outcome, card.validation.how):
        assert said.zh
        assert said.en
    figures = card.validation
    assert figures.auc.low < figures.auc.value < figures.auc.high
    assert figures.auc.low > 0.6
    assert card.as_of_window_days > 0
    assert card.valid_from <= DAY


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.code)
def test_a_firm_of_the_population_is_answered_with_a_grade(card: Card) -> None:
    assert scorecard.assess(card, ordinary_of(card), DAY).grade is not None


def test_a_supplier_in_a_chain_is_looked_up_in_the_chains_card() -> None:
    assert selection.choose(ORDINARY | {"chain_orders_12m": 6}, DAY).code == "supply_chain"
    assert selection.choose(ORDINARY | {"chain_orders_12m": 5}, DAY).code == "general"
    assert selection.choose(ORDINARY, DAY).code == "general"


def test_a_sole_trader_without_invoices_has_a_card_and_with_invoices_the_general_one() -> None:
    assert selection.choose(SOLE, DAY).code == "sole_trader"
    assert selection.choose(ORDINARY | SOLE, DAY).code == "general"
    found = scorecard.assess(CARDS["sole_trader"], SOLE, DAY)
    assert found.grade is not None
    assert (found.debt_capacity_fen, found.capacity_words) == (None, capacity.NOTHING)


def test_keeping_invoices_back_never_makes_a_sole_trader_better_than_the_average_firm() -> None:
    best = SOLE | {
        "electricity_12m_kwh": 10**9,
        "electricity_change_bp": 10**6,
        "utility_arrears_days": 0,
        "social_arrears_months": 0,
    }
    found = scorecard.assess(CARDS["sole_trader"], best, DAY)
    assert found.score == CARDS["sole_trader"].scale.most
    assert found.pd is not None
    assert float(found.pd) > 0.09
    assert (found.grade or "") >= "C"


@pytest.mark.parametrize(
    ("values", "way"),
    [
        ({}, "TAX04"),
        (SOLE | {"electricity_12m_kwh": None}, "TAX04"),
        (ORDINARY | {"is_branch": True}, "head office"),
        (SOLE | {"industry": "J66"}, "finance"),
    ],
)
def test_a_firm_outside_every_population_is_not_assessed_and_told_the_way(values: dict[str, Any], way: str) -> None:
    card = selection.choose(values, DAY)
    found = scorecard.assess(card, values, DAY)
    if values.get("is_branch"):
        assert card.code == "general"
    assert (found.grade, found.pd, found.score, found.debt_capacity_fen) == (None, None, None, None)
    assert found.not_assessed is not None
    assert way in found.not_assessed.en
    assert found.not_assessed.zh


def test_every_fact_that_any_card_looks_at_is_read_before_one_is_chosen() -> None:
    for card in CARDS.values():
        assert card.facts <= scorecard.codes(DAY)
        assert set(card.population.chosen_without) <= scorecard.codes(DAY)


def test_known_debt_is_taken_off_and_what_is_unknown_is_said() -> None:
    terms = CARDS["general"].capacity
    links = [
        {"uscc": "1", "amount_fen": 1_000_000, "direction": "given"},
        {"uscc": "2", "amount_fen": 9, "direction": "received"},
    ]
    owed = {"bnk_outstanding_fen": 5, "tax_arrears_fen": 7, "guarantee_links": links}
    assert capacity.known_debt(terms, owed) == {"bnk_outstanding_fen": 5, "tax_arrears_fen": 7, "guarantee_links": 300_000}
    free = scorecard.assess(CARDS["general"], ORDINARY, DAY)
    less = scorecard.assess(CARDS["general"], ORDINARY | {"guarantee_links": links, "property_mortgaged": True}, DAY)
    assert (free.debt_capacity_fen or 0) - (less.debt_capacity_fen or 0) == 300_000
    assert "guarantees given are not authorised" in free.capacity_words.en
    assert "guarantees given are not authorised" not in less.capacity_words.en
    assert "mortgage" in less.capacity_words.en
    assert "其他银行" in less.capacity_words.zh
