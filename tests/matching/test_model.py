"""One product and one firm: what the uplift does, what caps it, and in which order products stand."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from backend.matching.model import Match, match_one, ranked
from backend.uplifts.model import Evidence, Uplift, evaluate
from backend.uplifts.programme import load as programme
from products import catalogue
from products.rules import FirmView
from products.schema import ProductTerms

CODES = (
    "data_easy_loan", "invoice_credit_loan", "tax_credit_loan", "sole_trader_loan", "guaranteed_micro_loan",
    "utility_credit_loan",
)  # fmt: skip
WHOLE = catalogue.load()
# Six products of three banks: what is said here of the set does not change as the catalogue grows.
SIX = catalogue.Catalogue(WHOLE.products, tuple(terms for terms in WHOLE.terms if terms.code in CODES))

DAY = date(2025, 6, 2)
FIRM = FirmView("enterprise", "420100", "C33", "91420100000000000U")
CLEAN = {"dishonest_debtor": False, "judgment_debtor": False, "serious_dishonest_listed": False, "abnormal_listed": False}
FACTS: dict[str, Any] = CLEAN | {
    "registered_on": date(2020, 1, 1),
    "sales_12m_fen": 1_000_000_000,
    "invoice_history_months": 30,
    "invoice_months_12m": 12,
    "invoice_gap_days": 20,
    "last_invoice_on": date(2025, 5, 28),
    "void_share_bp": 300,
    "negative_share_bp": 100,
    "top_customer_share_bp": 3000,
    "tax_grade": "A",
    "tax_paid_12m_fen": 20_000_000,
    "zero_filings_12m": 0,
    "tax_arrears_fen": 0,
    "insured_headcount": 12,
    "social_arrears_months": 0,
    "electricity_12m_kwh": 80_000,
    "electricity_change_bp": 0,
    "utility_arrears_days": 0,
    "data_certificates": [{"certificate_no": f"C{n}", "status": "valid"} for n in range(5)],
}
EVIDENCE = [Evidence("certificate", f"certificate:C{n}", "valid", on=date(2024, 5, 1)) for n in range(5)]
UPLIFT = evaluate(programme("hubei_shuyidai"), EVIDENCE, DAY)


def terms(code: str) -> ProductTerms:
    return SIX.get(code, DAY)


def matched(code: str = "data_easy_loan", facts: dict[str, Any] = FACTS, **changes: Any) -> Match:
    given: dict[str, Any] = {"firm": FIRM, "facts_on": DAY, "policy_on": DAY, "listing_grade": "A", "uplift": UPLIFT}
    return match_one(terms(code), facts, **(given | changes))


def criterion(match: Match, name: str) -> Any:
    return next(reason for reason in match.reasons if reason.criterion == name)


def test_an_uplift_raises_the_limit_and_its_items_add_up_to_what_it_really_adds() -> None:
    match = matched()
    assert match.answer == "yes"
    assert (match.base_fen, match.credit_before_fen) == (120_000_000, 120_000_000)
    assert match.limit_fen == 120_000_000 * (10_000 + UPLIFT.rate_bp) // 10_000
    assert match.effective_uplift_fen == match.limit_fen - 120_000_000
    assert sum(item.contribution_fen for item in match.uplift_items) == match.effective_uplift_fen
    assert match.capped_by is None


def test_debt_capacity_holds_the_uplift_back_and_is_named() -> None:
    match = matched(capacity_fen=125_050_000)
    assert (match.limit_fen, match.effective_uplift_fen, match.capped_by) == (125_000_000, 5_000_000, "capacity")
    assert sum(item.contribution_fen for item in match.uplift_items) == 5_000_000
    assert "held by the debt capacity" in match.limit_words.en


def test_an_uplift_never_rescues_a_decline() -> None:
    small = FACTS | {"sales_12m_fen": 80_000_000}
    with_uplift, without = matched(facts=small), matched(facts=small, uplift=None)
    assert with_uplift.answer == without.answer == "no"
    assert with_uplift.limit_fen is None
    assert with_uplift.effective_uplift_fen == 0
    unlisted = matched(listing_grade=None)
    assert (unlisted.answer, unlisted.limit_fen, unlisted.uplift_items) == ("no", None, ())


def test_an_uplift_does_not_touch_a_product_without_its_programme() -> None:
    match = matched("invoice_credit_loan")
    assert (match.uplift_programme, match.uplift_bp, match.effective_uplift_fen) == (None, 0, 0)
    assert match.limit_fen == match.base_fen == 100_000_000


def test_too_little_capacity_is_a_no_with_a_way() -> None:
    match = matched("invoice_credit_loan", capacity_fen=4_000_000)
    assert (match.answer, match.limit_fen) == ("no", None)
    reason = criterion(match, "capacity")
    assert "below the smallest loan of 5.00 万元" in reason.words.en
    assert reason.way in match.ways


def test_an_unassessed_firm_is_not_capped_by_capacity() -> None:
    assert matched("invoice_credit_loan", capacity_fen=None).limit_fen == 100_000_000


def test_the_pools_headroom_caps_a_guaranteed_loan_and_no_other() -> None:
    assert matched("guaranteed_micro_loan", headroom_fen=60_000_000).limit_fen == 60_000_000
    assert matched("guaranteed_micro_loan", headroom_fen=60_000_000).capped_by == "pool"
    assert matched("invoice_credit_loan", headroom_fen=0).answer == "yes"
    empty = matched("guaranteed_micro_loan", headroom_fen=0)
    assert empty.answer == "no"
    assert "compensation pool" in criterion(empty, "pool").words.en


def test_an_unknown_keeps_its_indicative_limit_and_says_what_to_authorise() -> None:
    facts = {code: value for code, value in FACTS.items() if code != "void_share_bp"}
    match = matched("invoice_credit_loan", facts, withheld={"void_share_bp": "TAX04"})
    assert (match.answer, match.limit_fen) == ("unknown", 100_000_000)
    assert [way.en for way in match.ways] == ["authorise “VAT invoices” (TAX04)"]


def test_a_record_that_can_be_repaired_points_to_its_channel() -> None:
    match = matched("utility_credit_loan", FACTS | {"abnormal_listed": True})
    assert match.answer == "no"
    assert "补报年报" in criterion(match, "abnormal").way.zh


def test_a_need_is_priced_for_itself_and_a_larger_one_for_the_limit() -> None:
    assert matched("invoice_credit_loan", amount_fen=30_000_000).amount_fen == 30_000_000
    assert matched("invoice_credit_loan", amount_fen=900_000_000).amount_fen == 100_000_000
    too_small = matched("invoice_credit_loan", amount_fen=1_000_000)
    assert too_small.answer == "no"
    assert "at least 5.00 万元" in criterion(too_small, "amount").way.en


def test_a_guarantee_fee_counts_in_the_all_in_cost() -> None:
    match = matched("guaranteed_micro_loan")
    assert match.all_in is not None
    assert match.all_in.by_days_bp > match.price.rate_bp + 100
    assert [line.payee for line in match.all_in.cost_lines] == ["bank", "guarantor"]


def test_a_match_cites_product_benchmark_and_uplift_terms_in_one_digest() -> None:
    before, after = matched(), matched(policy_on=date(2025, 5, 19))
    assert digest(before.policy_body) != digest(after.policy_body)
    assert (UPLIFT.policy_digest or "").encode() in before.policy_body


def everything(facts: dict[str, Any], **changes: Any) -> list[Match]:
    return [matched(one.code, facts, **changes) for one in SIX.on(DAY)]


def test_products_stand_by_answer_then_by_their_published_score() -> None:
    order = ranked(everything(FACTS), DAY)
    here = {terms.code for terms in SIX.on(DAY) if not terms.at_the_bank}
    assert {match.product for match in order if match.answer == "yes"} >= here
    for answer in ("yes", "unknown"):
        points = [match.score.points for match in order if match.answer == answer and match.score]
        assert points == sorted(points, reverse=True)
        assert all(sum(part.points for part in match.score.parts) == match.score.points for match in order if match.score)
    assert all(match.price.rate_bp < 600 for match in order if match.answer == "yes")
    answers = [match.answer for match in order]
    assert answers == sorted(answers, key=("yes", "unknown", "no").index)


SOME = st.fixed_dictionaries(
    {},
    optional={
        "sales_12m_fen": st.integers(0, 10_000_000_000),
        "tax_paid_12m_fen": st.integers(0, 200_000_000),
        "invoice_months_12m": st.integers(0, 12),
        "tax_grade": st.sampled_from("ABMCD"),
        "insured_headcount": st.integers(0, 300),
        "abnormal_listed": st.booleans(),
        "void_share_bp": st.none(),
    },
)
MONEY = st.none() | st.integers(-10_000, 800_000_000)
LIFTS = st.none() | st.integers(0, 3000).map(
    lambda bp: Uplift("hubei_shuyidai", bp, Decimal(1), UPLIFT.items, Words("", ""), UPLIFT.policy_digest)
)


@settings(max_examples=30)
@given(changes=SOME, capacity=MONEY, headroom=MONEY, lift=LIFTS, order=st.permutations(range(len(SIX.on(DAY)))))
def test_the_order_in_which_products_are_asked_changes_nothing(
    changes: dict[str, Any], capacity: int | None, headroom: int | None, lift: Uplift | None, order: list[int]
) -> None:
    matches = everything(FACTS | changes, capacity_fen=capacity, headroom_fen=headroom, uplift=lift)
    assert ranked((matches[index] for index in order), DAY) == ranked(matches, DAY)


@settings(max_examples=30)
@given(changes=SOME, capacity=MONEY, headroom=MONEY, lift=LIFTS, need=st.none() | st.integers(1_000_000, 900_000_000))
def test_a_limit_is_never_above_any_cap_and_an_uplift_is_within_its_bounds(
    changes: dict[str, Any], capacity: int | None, headroom: int | None, lift: Uplift | None, need: int | None
) -> None:
    for one in SIX.on(DAY):
        match = matched(one.code, FACTS | changes, capacity_fen=capacity, headroom_fen=headroom, uplift=lift, amount_fen=need)
        plain = matched(one.code, FACTS | changes, capacity_fen=capacity, headroom_fen=headroom, uplift=None, amount_fen=need)
        assert match.answer == plain.answer
        if match.limit_fen is None:
            assert match.effective_uplift_fen == 0
            continue
        assert match.credit_before_fen == plain.limit_fen
        assert one.min_fen <= match.limit_fen <= one.max_fen
        assert capacity is None or match.limit_fen <= capacity
        assert headroom is None or one.scheme is None or match.limit_fen <= headroom
        assert match.base_fen is not None
        assert 0 <= match.effective_uplift_fen <= match.base_fen * 30 // 100
        assert sum(item.contribution_fen for item in match.uplift_items) == match.effective_uplift_fen
        assert match.amount_fen is not None
        assert match.amount_fen <= match.limit_fen


@pytest.mark.parametrize("code", [one.code for one in SIX.on(DAY)])
def test_what_a_firm_must_do_is_said_for_every_answer_but_yes(code: str) -> None:
    for facts in ({}, CLEAN, {"sales_12m_fen": 0}):
        match = matched(code, facts, listing_grade=None)
        assert match.answer != "yes"
        assert match.ways


def test_what_a_match_was_worked_out_by_is_one_canonical_text() -> None:
    terms = SIX.get("data_easy_loan", date(2025, 6, 2))
    found = match_one(terms, {}, firm=FirmView("enterprise"), facts_on=date(2025, 6, 2), policy_on=date(2025, 6, 2))
    assert canonical(json.loads(found.policy_body)) == found.policy_body
    assert set(json.loads(found.policy_body)) == {"bank", "lpr", "product", "uplift"}
