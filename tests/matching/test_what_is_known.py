"""What a match says beside yes and no: chance, speed, the month's payment, and the limit that a bank's group leaves."""

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest  # an independent word on the interval

from backend.kit.policy import PolicyError, load
from backend.matching.changes import State
from backend.matching.history import Known, Past, chance, promised_days, wilson
from backend.matching.model import Match, match_one
from backend.matching.way import find
from products import catalogue, directory, size
from products.criteria import Criterion
from products.repayment import schedule
from products.rules import FirmView
from products.schema import ProductTerms
from tests.matching import random_products as drawn
from tests.matching.test_ranking import DAY, EVERY, FACTS, FIRM

FAST = settings(max_examples=30, deadline=None, phases=(Phase.generate,))
RANK = {"yes": 2, "unknown": 1, "no": 0}


def terms(code: str) -> ProductTerms:
    return catalogue.load().get(code, DAY)


def matched(code: str, facts: dict[str, Any] = FACTS, **more: Any) -> Match:
    given: dict[str, Any] = {"firm": FIRM, "facts_on": DAY, "policy_on": DAY}
    return match_one(terms(code), facts, **(given | more))


def known(approved: int, answers: int, days: tuple[int, int] = (2, 60)) -> Known:
    pairs = [("harbour_bank", "invoice_credit_loan"), ("orchard_bank", "utility_credit_loan")]
    return Known(dict.fromkeys(pairs, Past(approved, answers)), {"harbour_bank": days})


@FAST
@given(answers=st.integers(1, 400), data=st.data())
def test_the_interval_is_wilsons(answers: int, data: st.DataObject) -> None:
    approved = data.draw(st.integers(0, answers))
    theirs = binomtest(approved, answers).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson(approved, answers) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    told = chance(Past(approved, answers), agreed=True, least=1)
    assert told.low_bp is not None
    assert told.share_bp is not None
    assert told.high_bp is not None
    assert 0 <= told.low_bp <= told.share_bp <= told.high_bp <= 10_000


def test_a_chance_is_told_with_the_banks_agreement_and_thirty_answers() -> None:
    told = matched("invoice_credit_loan", known=known(24, 30)).chance
    assert told.as_dict() == {"share_bp": 8000, "low_bp": 6269, "high_bp": 9050, "answers": 30}
    assert "of 30 past applications the bank approved 80.00%" in told.words.en


@pytest.mark.parametrize(
    ("code", "past", "why"),
    [
        ("invoice_credit_loan", known(29, 29), "fewer than 30 answers"),
        ("utility_credit_loan", known(30, 30), "has not agreed"),
        ("tax_credit_loan", known(30, 30), "fewer than 30 answers"),
    ],
)
def test_otherwise_there_is_none_and_the_sentence_says_why(code: str, past: Known, why: str) -> None:
    told = matched(code, known=past).chance
    assert told.as_dict() is None
    assert why in told.words.en


def test_no_chance_is_told_of_what_is_applied_for_at_the_bank() -> None:
    outside = next(one for one in EVERY if one.at_the_bank)
    past = Known({(outside.bank, outside.code): Past(40, 50)}, {outside.bank: (1, 50)})
    told = match_one(outside, FACTS, firm=FIRM, facts_on=DAY, policy_on=DAY, known=past)
    assert told.chance.share_bp is None
    assert (told.decision_days, told.decision_measured) == (promised_days(outside), False)


def test_the_time_to_a_decision_is_promised_until_thirty_answers_measure_it() -> None:
    promised = matched("invoice_credit_loan", known=known(20, 29, (9, 29)))
    assert (promised.decision_days, promised.decision_measured) == (promised_days(terms("invoice_credit_loan")), False)
    measured = matched("invoice_credit_loan", known=known(20, 30, (9, 30)))
    assert (measured.decision_days, measured.decision_measured) == (9, True)
    assert measured.score is not None
    assert promised.score is not None


def test_a_month_costs_what_the_schedule_says() -> None:
    for one in EVERY:
        match = match_one(one, FACTS, firm=FIRM, facts_on=DAY, policy_on=DAY)
        if match.all_in is None or match.amount_fen is None:
            continue
        loan = (match.amount_fen, match.price.rate_bp, match.months, match.way, one.day_count, DAY)
        rows = schedule(*loan, cycle_months=one.cycle_months)
        months = {
            row.principal_fen + row.interest_fen if match.way.startswith("equal_") else row.interest_fen for row in rows[:-1]
        }
        assert match.monthly_fen in months | {0}
        assert (match.monthly_fen == 0) == (match.way == "bullet")


def test_the_banks_group_holds_the_limit_and_is_named() -> None:
    match = matched("invoice_credit_loan", group_left_fen=60_050_000)
    assert (match.limit_fen, match.capped_by) == (60_000_000, "bank_group")
    assert "held by the bank group's limit for one firm" in match.limit_words.en
    short = matched("invoice_credit_loan", group_left_fen=1_000_000)
    assert (short.answer, short.limit_fen) == ("no", None)
    reason = next(reason for reason in short.reasons if reason.criterion == "bank_group")
    assert reason.way is not None
    assert "repaying some of what is owed to this bank's group" in reason.way.en


def test_the_banks_of_a_group_share_one_limit() -> None:
    orchard, harbour = terms("utility_credit_loan"), terms("invoice_credit_loan")
    assert directory.agreement("stone_bridge_bank", DAY).group == "orchard_bank"
    assert directory.group_left(orchard.bank, {}, DAY) == 500_000_000
    assert directory.group_left(orchard.bank, {"stone_bridge_bank": 450_000_000, "harbour_bank": 1}, DAY) == 50_000_000
    assert directory.group_left(orchard.bank, {"stone_bridge_bank": 450_000_000, "orchard_bank": 90_000_000}, DAY) == 0
    assert directory.group_left(harbour.bank, {"stone_bridge_bank": 450_000_000}, DAY) == 1_000_000_000


def test_the_way_asks_for_less_where_the_group_leaves_less_and_stops_where_it_leaves_nothing() -> None:
    asked = State(FACTS, FIRM, DAY, amount_fen=90_000_000, group_left_fen=60_000_000)
    assert [(step.kind, step.amount_fen) for step in find(terms("invoice_credit_loan"), asked).steps] == [("ask", 60_000_000)]
    full = State(FACTS, FIRM, DAY, amount_fen=90_000_000, group_left_fen=0)
    blocked = find(terms("invoice_credit_loan"), full)
    assert not blocked.steps
    assert "comes near its limit for one firm" in blocked.blocked[0].en


@FAST
@given(
    sales=st.integers(0, 10_000_000_000),
    capacity=st.none() | st.integers(-10_000, 800_000_000),
    room=st.none() | st.integers(-10_000, 800_000_000),
    group=st.none() | st.integers(0, 800_000_000),
    need=st.none() | st.integers(1_000_000, 900_000_000),
)
def test_a_limit_never_exceeds_any_cap(sales: int, capacity: Any, room: Any, group: Any, need: Any) -> None:
    caps = {"capacity_fen": capacity, "headroom_fen": room, "group_left_fen": group, "amount_fen": need}
    for one in EVERY:
        match = match_one(one, FACTS | {"sales_12m_fen": sales}, firm=FIRM, facts_on=DAY, policy_on=DAY, **caps)
        if match.limit_fen is None:
            continue
        over = [one.max_fen, capacity, group, room if one.scheme is not None else None]
        assert all(match.limit_fen <= cap for cap in over if cap is not None)
        assert match.limit_fen == (match.credit_before_fen or 0) + match.effective_uplift_fen
        assert match.amount_fen is not None
        assert match.amount_fen <= match.limit_fen
        assert match.all_in is not None
        assert sum(line.amount_fen for line in match.all_in.cost_lines if line.payer == "borrower") == (
            match.all_in.interest_fen + match.all_in.fees_fen
        )


DRAWN = [drawn.product(random.Random(seed), seed) for seed in range(40)]
MORE, LESS = {"at_least", "count_at_least", "within_days"}, {"at_most", "at_least_days_ago"}


def better(one: ProductTerms, code: str) -> Callable[[Any, int], Any] | None:
    """How to better a fact by so much, if everything this product asks of it points one way."""
    asked: list[Criterion] = [criterion for criterion in one.block.criteria if criterion.fact == code]
    parts = [term for term in one.block.limit.terms if term.fact == code]
    ops = {criterion.op for criterion in asked}
    sized = bool(one.block.sizes) and any(code in codes for codes in size.FACTS.values())
    if sized or any(term.table is not None or (term.share or 0) < 0 for term in parts):
        return None
    step = drawn.STEPS.get(drawn.FACTS[code], 30)
    if drawn.FACTS[code] == "date":
        way = 1 if ops <= MORE else -1 if ops <= LESS else 0
        return (lambda value, by: date.fromordinal(value.toordinal() + way * by * 30)) if way and asked else None
    if drawn.FACTS[code] == "list":
        return lambda value, by: [*value, *[{}] * by]
    if drawn.FACTS[code] not in drawn.STEPS or not (asked or parts):
        return None
    if ops <= MORE:
        return lambda value, by: value + by * step
    return (lambda value, by: value - by * step) if ops <= LESS and not parts else None


@FAST
@given(seed=st.integers())
def test_a_better_fact_never_loses_a_product_whose_criteria_are_monotone(seed: int) -> None:
    rng = random.Random(seed)
    products = [*EVERY, *rng.sample(DRAWN, 8)]
    tried = 0
    for one in products:
        view, facts, grade = drawn.firm(rng)
        if one in EVERY:
            # Near a yes, so that there is something to lose.
            facts = FACTS | {code: value for code, value in facts.items() if rng.random() < 0.15}
            view = FIRM
        before = match_one(one, facts, firm=view, facts_on=DAY, policy_on=DAY, listing_grade=grade)
        for code in one.facts_used:
            improve = better(one, code) if facts.get(code) is not None else None
            if improve is None:
                continue
            after = match_one(
                one, facts | {code: improve(facts[code], rng.randrange(1, 5))}, firm=view, facts_on=DAY, policy_on=DAY,
                listing_grade=grade,
            )  # fmt: skip
            tried += 1
            assert RANK[after.answer] >= RANK[before.answer], (one.code, code)
            assert (after.base_fen or 0) >= (before.base_fen or 0)
    assert tried


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("stone_bridge_bank: {group: orchard_bank", "stone_bridge_bank: {group: moon_bank", "there is no bank moon_bank above"),
        ("harbour_bank: {group_limit: 1000万元, ", "harbour_bank: {", "say either the group it belongs to or the limit"),
        ("otherwise: {group_limit: 1000万元, shares_approval_rates: false}", "otherwise: {group_limit: 1000万元}", "missing"),
    ],
)
def test_a_broken_agreement_is_refused_with_its_sentence(tmp_path: Any, was: str, now: str, told: str) -> None:
    text = (directory.HERE / "banks.yaml").read_text()
    assert was in text
    (tmp_path / "banks.yaml").write_text(text.replace(was, now))
    with pytest.raises(PolicyError, match=told):
        load(tmp_path / "banks.yaml", directory.Banks)


def test_a_sole_trader_is_matched_by_the_same_score() -> None:
    match = matched("sole_trader_loan", firm=FirmView("sole_trader", "420100", "F52"))
    assert match.score is None or match.score.points == sum(part.points for part in match.score.parts)
