"""Yes, no, unknown: a sentence each, a way each, and what must hold for any facts."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products import catalogue
from products.rules import FirmView, base_limit, evaluate
from products.scope import CALL
from products.vocabulary import fact as fact_of

DAY = date(2025, 6, 2)
FIRM = FirmView("enterprise", "420100", "C33", None)
STEADY = {
    "sales_12m_fen": 800_000_000,
    "invoice_history_months": 30,
    "invoice_months_12m": 12,
    "invoice_gap_days": 20,
    "last_invoice_on": date(2025, 5, 28),
    "void_share_bp": 300,
    "negative_share_bp": 100,
    "top_customer_share_bp": 3000,
}


def terms(code, day=DAY):
    return catalogue.load().get(code, day)


def reason(verdict, criterion):
    return next(one for one in verdict.reasons if one.criterion == criterion)


@pytest.mark.parametrize(("code", "limit"), [("invoice_credit_loan", 80_000_000), ("sole_trader_loan", 50_000_000)])
def test_two_products_are_decided_on_invoices_alone(code, limit):
    verdict = evaluate(terms(code), STEADY, day=DAY, firm=FirmView("enterprise"))
    assert (verdict.answer, verdict.base_limit.amount_fen) == ("yes", limit)


@pytest.mark.parametrize("code", ["invoice_credit_loan", "sole_trader_loan"])
def test_a_firm_without_sales_gets_a_definite_no_from_invoices_alone(code):
    idle = {"sales_12m_fen": 0, "invoice_history_months": 40, "invoice_months_12m": 0, "invoice_gap_days": 365}
    verdict = evaluate(terms(code), idle, day=DAY, firm=FirmView("enterprise"))
    assert verdict.answer == "no"


def test_a_missing_fact_is_unknown_and_tells_what_to_authorise():
    facts = {code: value for code, value in STEADY.items() if code != "void_share_bp"}
    verdict = evaluate(terms("invoice_credit_loan"), facts, day=DAY, firm=FIRM, withheld={"void_share_bp"})
    assert verdict.answer == "unknown"
    assert verdict.reasons[0].criterion == "void_share"
    assert verdict.reasons[0].way is not None
    assert verdict.reasons[0].way.zh == "授权查询“增值税开票”（TAX04）"
    assert verdict.reasons[0].way.en == "authorise “VAT invoices” (TAX04)"


@pytest.mark.parametrize(
    ("code", "criterion", "fact", "good", "bad"),
    [
        ("banyan_invoice_loan", "concentration", "top_customer_share_bp", 7500, 7501),
        ("lighthouse_tax_service_loan", "trend", "tax_paid_3m_change_bp", -4000, -4001),
    ],
)
def test_what_a_bank_does_not_publish_cannot_be_read_off_any_answer(code, criterion, fact, good, bad):
    one = terms(code)
    discloses = next(each.discloses for each in one.block.criteria if each.id == criterion)
    told = {
        answer: reason(evaluate(one, facts, day=DAY, firm=home(one)), criterion)
        for answer, facts in (("yes", {fact: good}), ("no", {fact: bad}), ("unknown", {}))
    }
    for answer, item in told.items():
        assert item.answer == answer, "the line itself holds to the basis point"
        title = "未公开的一项条件" if discloses == "none" else fact_of(fact).title.zh
        assert title in item.words.zh
        assert not any(figure in f"{item.words}{item.way}" for figure in ("75", "40", str(abs(bad))))
    # A "no" names neither the fact, where there is no more than a condition, nor the firm's own figure beside it, nor a way.
    assert (told["no"].fact, told["no"].value) == (None if discloses == "none" else fact, None)
    assert told["no"].way == CALL


def test_a_missing_public_record_asks_for_patience_not_for_consent():
    way = reason(evaluate(terms("tax_credit_loan"), {}, day=DAY, firm=FIRM), "age").way
    assert way is not None
    assert "无需授权" in way.zh


def test_a_no_names_fact_value_and_threshold_in_both_languages():
    verdict = evaluate(terms("invoice_credit_loan"), STEADY | {"invoice_months_12m": 4}, day=DAY, firm=FIRM)
    first = verdict.reasons[0]
    assert first.words.zh == "近12个月有开票的月数：4，产品要求不低于 9"
    assert first.words.en == "months with sales invoices of the last 12: 4; the product asks for at least 9"
    assert first.way is not None


def test_what_only_the_bank_can_check_says_so_and_leaves_the_answer_alone():
    verdict = evaluate(terms("invoice_credit_loan"), STEADY, day=DAY, firm=FIRM)
    bureau = reason(verdict, "bureau")
    assert verdict.answer == "yes"
    assert (bureau.knows, bureau.answer) == ("bank", "unknown")
    assert "the bank will check" in bureau.words.en
    assert all(one.knows == "bank" for one in verdict.reasons if one.answer == "unknown")


def test_a_no_stands_above_an_unknown():
    verdict = evaluate(terms("invoice_credit_loan"), {"sales_12m_fen": 1}, day=DAY, firm=FIRM)
    assert verdict.answer == "no"
    assert [one.answer for one in verdict.reasons][:2] == ["no", "no"]  # too small for the criterion and for the smallest loan


def test_a_firm_not_on_the_list_learns_how_to_get_there():
    verdict = evaluate(terms("data_easy_loan"), {}, day=DAY, firm=FIRM)
    first = verdict.reasons[0]
    assert (verdict.answer, first.criterion) == ("no", "whitelist")
    assert first.way is not None
    assert "数据主管部门" in first.way.zh


def test_a_firm_of_another_kind_is_pointed_elsewhere():
    verdict = evaluate(terms("data_easy_loan"), {}, day=DAY, firm=FirmView("sole_trader"), listing_grade="A")
    assert verdict.reasons[0].words.en == "kind of firm: sole trader; the product asks for one of enterprise"


def test_a_limit_below_the_smallest_loan_is_a_no_that_says_so():
    facts = STEADY | {"sales_12m_fen": 100_000_000}
    assert evaluate(terms("invoice_credit_loan"), facts, day=DAY, firm=FIRM).base_limit.amount_fen == 10_000_000
    heads = {"insured_headcount": 1, "electricity_12m_kwh": 100}
    assert reason(evaluate(terms("utility_credit_loan"), heads, day=DAY, firm=FIRM), "base_limit").answer == "no"


def test_a_limit_that_lacks_a_fact_names_it():
    limit = base_limit(terms("tax_credit_loan"), {"sales_12m_fen": 100_000_000})
    assert (limit.amount_fen, limit.needs) == (None, ("tax_paid_12m_fen",))
    assert "tax paid in 12 months" in limit.words.en


def test_an_optional_term_adds_when_known_and_is_not_asked_for():
    without = base_limit(terms("data_easy_loan"), {"sales_12m_fen": 1_000_000_000})
    with_cost = base_limit(terms("data_easy_loan"), {"sales_12m_fen": 1_000_000_000, "data_booked_cost_fen": 100_000_000})
    assert (without.amount_fen, with_cost.amount_fen) == (120_000_000, 150_000_000)


def test_ages_count_to_the_day_of_the_facts():
    facts = STEADY | {"last_invoice_on": DAY - timedelta(days=90)}
    assert evaluate(terms("invoice_credit_loan"), facts, day=DAY, firm=FIRM).answer == "yes"
    assert evaluate(terms("invoice_credit_loan"), facts, day=DAY + timedelta(days=1), firm=FIRM).answer == "no"


MONEY = st.integers(0, 10_000_000_000)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "sales_12m_fen": MONEY,
        "tax_paid_12m_fen": MONEY,
        "data_booked_cost_fen": MONEY,
        "tax_arrears_fen": st.sampled_from([0, 0, 100]),
        "invoice_history_months": st.integers(0, 60),
        "invoice_months_12m": st.integers(0, 12),
        "invoice_gap_days": st.integers(0, 365),
        "void_share_bp": st.integers(0, 10_000),
        "negative_share_bp": st.integers(0, 10_000),
        "top_customer_share_bp": st.integers(0, 10_000),
        "last_invoice_on": st.dates(date(2024, 1, 1), DAY),
        "registered_on": st.dates(date(2000, 1, 1), DAY),
        "tax_grade": st.sampled_from("ABMCD"),
        "zero_filings_12m": st.integers(0, 12),
        "insured_headcount": st.integers(0, 400),
        "social_arrears_months": st.integers(0, 3),
        "electricity_12m_kwh": st.integers(0, 2_000_000),
        "electricity_change_bp": st.integers(-10_000, 10_000),
        "utility_arrears_days": st.integers(0, 90),
        "dishonest_debtor": st.booleans(),
        "judgment_debtor": st.booleans(),
        "abnormal_listed": st.booleans(),
        "serious_dishonest_listed": st.booleans(),
        "data_certificates": st.lists(st.just({"certificate_no": "x"}), max_size=3),
    },
)
RANK = {"no": 0, "unknown": 1, "yes": 2}
MORE = [
    "sales_12m_fen",
    "tax_paid_12m_fen",
    "invoice_history_months",
    "invoice_months_12m",
    "insured_headcount",
    "electricity_12m_kwh",
    "electricity_change_bp",
    "data_booked_cost_fen",
]
LESS = [
    "invoice_gap_days",
    "void_share_bp",
    "negative_share_bp",
    "top_customer_share_bp",
    "zero_filings_12m",
    "utility_arrears_days",
    "social_arrears_months",
    "tax_arrears_fen",
]


def home(one):
    """A firm of the region, trade and kind that a product is made for."""
    block = one.block
    region = block.regions[0].ljust(6, "0") if block.regions else "420100"
    return FirmView(one.subject_types[0], region, block.industries[0] if block.industries else "C33")


def monotone(one, code):
    """Whether more is never worse: a firm may outgrow a product for small firms, and does not lose it by a criterion."""
    return not one.block.sizes or code not in ("sales_12m_fen", "insured_headcount")


@settings(max_examples=60)
@given(facts=FACTS, code=st.sampled_from(MORE + LESS), step=st.integers(1, 1000))
def test_a_better_fact_never_loses_a_product_nor_lowers_a_limit(facts, code, step):
    if code not in facts:
        return
    better = facts | {code: facts[code] + step if code in MORE else max(0, facts[code] - step)}
    for one in catalogue.load().on(DAY):
        before = evaluate(one, facts, day=DAY, firm=home(one), listing_grade="A")
        after = evaluate(one, better, day=DAY, firm=home(one), listing_grade="A")
        assert RANK[after.answer] >= RANK[before.answer] or not monotone(one, code)
        assert (after.base_limit.amount_fen or 0) >= (before.base_limit.amount_fen or 0)


@settings(max_examples=60)
@given(facts=FACTS, code=st.sampled_from(MORE + LESS + ["tax_grade", "registered_on", "dishonest_debtor"]))
def test_forgetting_a_fact_never_turns_anything_into_a_no(facts, code):
    less = {known: value for known, value in facts.items() if known != code}
    for one in catalogue.load().on(DAY):
        before = {item.criterion: item.answer for item in evaluate(one, facts, day=DAY, firm=home(one)).reasons}
        after = {item.criterion: item.answer for item in evaluate(one, less, day=DAY, firm=home(one)).reasons}
        optional = {term.fact for term in one.block.limit.terms if term.optional}
        for criterion, answer in after.items():
            if criterion != "base_limit" or code not in optional:  # an optional term may carry a small limit
                assert answer != "no" or before[criterion] == "no"


@settings(max_examples=60)
@given(facts=FACTS)
def test_a_limit_is_rounded_down_and_never_above_the_products_most(facts):
    for one in catalogue.load().on(DAY):
        amount = base_limit(one, facts).amount_fen
        assert amount is None or (0 <= amount <= one.max_fen and amount % one.block.limit.round_down_to == 0)


@settings(max_examples=40)
@given(facts=FACTS)
def test_every_no_and_every_unknown_of_ours_has_a_way(facts):
    for one in catalogue.load().on(DAY):
        for item in evaluate(one, facts, day=DAY, firm=home(one)).reasons:
            assert item.words.zh
            assert item.words.en
            if item.answer == "no" or (item.answer == "unknown" and item.knows == "platform"):
                assert item.way is not None
