"""The all-in rate against published vectors and against pyxirr; the price and its range."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.errors import Misconfigured, Refused
from backend.kit.words import Words
from products import catalogue, pricing
from products.irr import effective_bp, nominal_bp, rate_by_days, rate_of
from products.pricing import Fee, all_in, lpr_on, price, reckon
from products.repayment import schedule

MILLION = 100_000_000
START = date(2025, 1, 15)
ONE_PERCENT = Fee(Words("手续费", "service fee"), rate_bp=100)


def test_one_percent_in_front_gives_the_published_rates():
    cost = all_in(MILLION, 360, 12, "equal_instalments", "30/360", [ONE_PERCENT], START)
    rows = schedule(MILLION, 360, 12, "equal_instalments", "30/360", START)
    monthly = rate_of([(0, -99_000_000), *((row.no, row.principal_fen + row.interest_fen) for row in rows)])
    assert f"{monthly * 100:.6f}" == "0.456287"
    assert f"{cost.nominal_bp / 100:.4f}" == "5.4754"
    assert f"{cost.effective_bp / 100:.4f}" == "5.6150"


def test_a_flat_six_percent_is_nearly_eleven():
    flows = [(0, -MILLION), *((month, 106_000_000 // 12) for month in range(1, 13))]
    assert f"{nominal_bp(rate_of(flows)) / 100:.4f}" == "10.8964"
    assert f"{effective_bp(rate_of(flows), 12) / 100:.4f}" == "11.4574"


@settings(max_examples=60)
@given(
    amount=st.integers(1_000_000, 500_000_000),
    rate=st.integers(1, 800),
    months=st.sampled_from([6, 12, 24]),
    fee=st.integers(0, 300),
    way=st.sampled_from(
        [("equal_instalments", "30/360"), ("equal_principal", "30/360"), ("interest_first", "act/360"), ("bullet", "act/360")]
    ),
)
def test_our_rate_agrees_with_an_independent_one(amount, rate, months, fee, way):
    cost = all_in(amount, rate, months, *way, [Fee(Words("费", "fee"), rate_bp=fee)], START)
    rows = schedule(amount, rate, months, *way, START)
    paid = [row.principal_fen + row.interest_fen for row in rows]
    flows = [-(amount - cost.fees_fen), *paid]
    by_days = pyxirr.xirr([START, *(row.due_on for row in rows)], [float(flow) for flow in flows])
    assert by_days is not None
    assert float(cost.by_days_bp) / 10_000 == pytest.approx(by_days, abs=1e-8)
    if way[1] == "30/360":
        monthly = pyxirr.irr([float(flow) for flow in flows])
        assert monthly is not None
        assert float(cost.nominal_bp) / 120_000 == pytest.approx(monthly, abs=1e-8)


def test_interest_first_is_counted_by_actual_days():
    cost = all_in(MILLION, 360, 12, "bullet", "act/360", [], START)
    assert f"{cost.by_days_bp:.4f}" == "365.0000"
    assert cost.effective_bp == pytest.approx(cost.by_days_bp, abs=Decimal("1e-15"))


def test_a_loan_that_costs_nothing_has_a_rate_of_zero():
    assert rate_by_days([(START, -1000), (date(2026, 1, 15), 1000)]) == 0


def test_who_pays_back_less_than_received_is_no_borrower():
    with pytest.raises(ValueError, match="at least as much"):
        rate_of([(0, -1000), (1, 999)])


def test_the_cost_list_names_every_cost_of_the_borrower_and_adds_up():
    guarantee = Fee(Words("担保费", "guarantee fee"), payee="guarantor", rate_bp=100, per="year")
    stamp = Fee(Words("评估费", "appraisal"), payer="bank", payee="appraiser", amount_fen=500_000)
    cost = all_in(MILLION, 400, 6, "bullet", "act/360", [guarantee, stamp], START)
    assert [(line.payer, line.payee, line.amount_fen) for line in cost.cost_lines] == [
        ("borrower", "bank", cost.interest_fen), ("borrower", "guarantor", 500_000), ("bank", "appraiser", 500_000),
    ]  # fmt: skip
    assert cost.fees_fen == 500_000
    assert cost.paid_by_borrower_fen == cost.interest_fen + cost.fees_fen
    assert all(sum(fen for _, fen in line.dues) == line.amount_fen for line in cost.cost_lines)


def test_more_than_the_ceiling_is_refused():
    with pytest.raises(Refused) as refusal:
        all_in(MILLION, 2400, 12, "equal_instalments", "30/360", [ONE_PERCENT], START)
    assert refusal.value.code == "all_in_above_ceiling"
    assert "24.00%" in refusal.value.words.zh


def test_the_quote_of_the_day_applies():
    assert (lpr_on(date(2025, 5, 19)).one_year, lpr_on(date(2025, 5, 20)).one_year) == (310, 300)
    with pytest.raises(Misconfigured, match=r"lpr\.yaml"):
        lpr_on(date(2020, 2, 21))


def test_a_price_follows_the_quote_and_the_facts():
    terms = catalogue.load().get("tax_credit_loan", date(2025, 6, 1))
    facts = {"tax_grade": "A", "zero_filings_12m": 0}
    assert price(terms, facts, day=date(2025, 5, 19)).rate_bp - price(terms, facts, day=date(2025, 5, 20)).rate_bp == 10
    assert price(terms, facts, day=date(2025, 6, 1)).low_bp == price(terms, facts, day=date(2025, 6, 1)).high_bp == 380


def test_an_unknown_fact_leaves_the_rate_and_opens_a_range():
    terms = catalogue.load().get("tax_credit_loan", date(2025, 6, 1))
    open_price = price(terms, {}, day=date(2025, 6, 1))
    assert open_price.low_bp < open_price.rate_bp == 420 < open_price.high_bp
    assert "3.65%–4.70%" in open_price.sentence.zh


def test_a_recognition_grade_lowers_the_price():
    terms = catalogue.load().get("data_easy_loan", date(2025, 6, 1))
    grades = [price(terms, {}, day=date(2025, 6, 1), listing_grade=grade).rate_bp for grade in ("A", "B", "C")]
    assert grades == [370, 390, 410]


@given(
    facts=st.fixed_dictionaries(
        {},
        optional={
            "tax_grade": st.sampled_from("ABMCD"),
            "zero_filings_12m": st.integers(0, 12),
            "void_share_bp": st.integers(0, 9000),
            "invoice_history_months": st.integers(0, 60),
            "sales_volatility_bp": st.integers(0, 30_000),
            "insured_headcount": st.integers(0, 60),
            "insured_headcount_change_bp": st.integers(-9000, 9000),
            "utility_arrears_days": st.integers(0, 60),
        },
    )
)
def test_the_rate_lies_in_its_range_and_knowing_more_never_leaves_it(facts):
    for terms in catalogue.load().on(date(2025, 6, 1)):
        nothing, something = price(terms, {}, day=date(2025, 6, 1)), price(terms, facts, day=date(2025, 6, 1))
        assert nothing.low_bp <= something.low_bp <= something.rate_bp <= something.high_bp <= nothing.high_bp


def test_each_fee_says_how_it_is_taken():
    fees = pricing.price(catalogue.load().get("guaranteed_micro_loan", START), {}, day=START).fees
    assert [fee.words.en for fee in fees] == ["guarantee fee 1.00% a year"]
    assert fees[0].fen(MILLION, 6) == 500_000


def test_ten_thousand_random_loans_agree_with_an_independent_rate():
    dice = random.Random(20250417)
    ways = [("equal_instalments", "30/360"), ("equal_principal", "30/360"), ("interest_first", "act/360"), ("bullet", "act/365"),
            ("revolving", "act/360"), ("by_cycle", "act/360")]  # fmt: skip
    far = 0.0
    for _ in range(10_000):
        way, count = dice.choice(ways)
        months = dice.choice((3, 6, 12, 24, 36))
        amount, rate = dice.randrange(100_000, 1_000_000_000), dice.randrange(1, 1600)
        fees = [Fee(Words("费", "fee"), payee="guarantor", rate_bp=dice.randrange(300), per="year", due=dice.choice(DUES))]
        start = date(2025, 1, 1) + timedelta(days=dice.randrange(360))
        cost = reckon(amount, rate, months, way, count, fees, start, cycle_months=3)
        flows = defaultdict(float, {start: -float(amount)})
        for row in schedule(amount, rate, months, way, count, start, cycle_months=3):
            flows[row.due_on] += row.principal_fen + row.interest_fen
        for day, fen in fees[0].parts(amount, months, start):
            flows[day] += fen
        days = sorted(flows)
        theirs = pyxirr.xirr(days, [flows[day] for day in days])
        assert theirs is not None
        far = max(far, abs(float(cost.by_days_bp) / 10_000 - theirs))
    assert far < 1e-8


DUES = ("at_draw", "each_year", "at_maturity")
