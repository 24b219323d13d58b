"""Nobody can pay for a place: matches stand by a published score of three things, whatever the banks are called."""

import ast
import inspect
import random
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.kit.dated import DatedFile
from backend.kit.policy import PolicyError, load
from backend.matching import model, ranking
from backend.matching.history import Known, Past
from backend.matching.model import Match, match_one, ranked
from backend.matching.ranking import FULL, Looks, Ranking, in_force_on, score, weights_of
from products import catalogue, directory
from products.parts import FeeTerms
from products.rules import FirmView
from products.schema import ProductTerms

DAY = date(2025, 6, 2)
POLICY = in_force_on(DAY)
FIRM = FirmView("enterprise", "420100", "C33", "91420100000000000U")
WUHAN = "420100"
EVERY = [
    terms
    for terms in catalogue.load().on(DAY)
    if not terms.block.regions or any(WUHAN.startswith(region) for region in terms.block.regions)
]
FAST = settings(max_examples=25, deadline=None, phases=(Phase.generate,), suppress_health_check=[HealthCheck.too_slow])
FACTS: dict[str, Any] = {
    "dishonest_debtor": False, "judgment_debtor": False, "serious_dishonest_listed": False, "abnormal_listed": False,
    "registered_on": date(2020, 1, 1), "sales_12m_fen": 1_000_000_000, "invoice_history_months": 30, "invoice_months_12m": 12,
    "invoice_gap_days": 20, "last_invoice_on": date(2025, 5, 28), "void_share_bp": 300, "negative_share_bp": 100,
    "top_customer_share_bp": 3000, "tax_grade": "A", "tax_paid_12m_fen": 20_000_000, "zero_filings_12m": 0,
    "tax_arrears_fen": 0, "insured_headcount": 12, "social_arrears_months": 0, "electricity_12m_kwh": 80_000,
    "electricity_change_bp": 0, "utility_arrears_days": 0,
}  # fmt: skip
LOOKS = st.builds(
    Looks,
    st.decimals(0, 2600, places=2),
    st.integers(0, 40),
    st.none() | st.integers(0, 10_000),
)
PASTS = st.dictionaries(
    st.sampled_from([(terms.bank, terms.code) for terms in EVERY]),
    st.integers(0, 80).flatmap(lambda n: st.integers(0, n).map(lambda k: Past(k, n))),
)
BANKS = sorted({terms.bank for terms in EVERY})
DAYS = st.dictionaries(st.sampled_from(BANKS), st.tuples(st.integers(0, 20), st.integers(0, 80)))
SOME = st.fixed_dictionaries(
    {},
    optional={
        "sales_12m_fen": st.integers(0, 10_000_000_000),
        "tax_grade": st.sampled_from("ABMCD"),
        "insured_headcount": st.integers(0, 300),
        "void_share_bp": st.none(),
    },
)


def matches(terms: list[ProductTerms], facts: dict[str, Any], known: Known) -> list[Match]:
    return [match_one(one, facts, firm=FIRM, facts_on=DAY, policy_on=DAY, known=known) for one in terms]


def order(found: list[Match]) -> list[str]:
    return [match.product for match in ranked(found, DAY)]


@FAST
@given(changes=SOME, answers=PASTS, days=DAYS, seed=st.integers())
def test_permuting_the_products_permutes_nothing_in_the_result(changes: Any, answers: Any, days: Any, seed: int) -> None:
    found = matches(EVERY, FACTS | changes, Known(answers, days))
    mixed = random.Random(seed).sample(EVERY, len(EVERY))
    again = ranked(matches(mixed, FACTS | changes, Known(answers, days)), DAY)
    assert again == ranked(found, DAY)


@FAST
@given(changes=SOME, answers=PASTS, seed=st.integers())
def test_what_the_banks_are_called_moves_no_product(changes: Any, answers: Any, seed: int) -> None:
    """Every bank takes another's name, together with its agreement and its past: products stand as before."""
    names = sorted({terms.bank for terms in EVERY})
    agreeing = [name for name in names if directory.agreement(name, DAY).shares_approval_rates]
    others = [name for name in names if name not in agreeing]
    rng = random.Random(seed)
    to = dict(zip(agreeing, rng.sample(agreeing, len(agreeing)), strict=True))
    to |= dict(zip(others, rng.sample(others, len(others)), strict=True))
    relabelled = [replace(terms, bank=to[terms.bank]) for terms in EVERY]
    theirs = {(to[bank], code): past for (bank, code), past in answers.items()}
    before, after = matches(EVERY, FACTS | changes, Known(answers)), matches(relabelled, FACTS | changes, Known(theirs))
    assert order(after) == order(before)
    assert [match.score for match in after] == [match.score for match in before]


@FAST
@given(changes=SOME, place=st.integers(0, len(EVERY) - 1), yuan=st.integers(1, 10**6), payer=st.sampled_from(["bank", "fund"]))
def test_a_fee_that_the_borrower_does_not_pay_changes_nothing(changes: Any, place: int, yuan: int, payer: str) -> None:
    fee = FeeTerms.model_validate(
        {"title": {"zh": "平台服务费", "en": "platform fee"}, "payer": payer, "payee": "platform", "amount": f"{yuan}元"}
    )
    paying = list(EVERY)
    block = paying[place].block
    paying[place] = replace(paying[place], block=block.model_copy(update={"fees": (*block.fees, fee)}))
    before, after = matches(EVERY, FACTS | changes, Known()), matches(paying, FACTS | changes, Known())
    assert order(after) == order(before)
    assert [match.score for match in after] == [match.score for match in before]


@FAST
@given(looks=LOOKS)
def test_a_score_lies_between_none_and_full_and_its_parts_add_up(looks: Looks) -> None:
    found = score(looks, POLICY)
    assert 0 <= found.points <= FULL
    assert sum(part.points for part in found.parts) == found.points
    assert sum(part.weight_bp for part in found.parts) == 10_000
    assert [part.name for part in found.parts] == (["cost", "time"] if looks.chance_bp is None else ["cost", "time", "chance"])


@FAST
@given(looks=LOOKS, cheaper=st.decimals(0, 500, places=2), faster=st.integers(0, 10), likelier=st.integers(0, 5000))
def test_cheaper_faster_or_likelier_never_scores_less(looks: Looks, cheaper: Decimal, faster: int, likelier: int) -> None:
    now = score(looks, POLICY).points
    assert score(replace(looks, cost_bp=looks.cost_bp - cheaper), POLICY).points >= now
    assert score(replace(looks, days=max(0, looks.days - faster)), POLICY).points >= now
    if looks.chance_bp is not None:
        assert score(replace(looks, chance_bp=min(10_000, looks.chance_bp + likelier)), POLICY).points >= now


@FAST
@given(cost=st.decimals(0, 2400, places=2), days=st.integers(0, 30))
def test_an_offer_without_a_chance_is_scored_as_if_its_chance_were_worth_what_the_rest_is(cost: Decimal, days: int) -> None:
    without = score(Looks(cost, days, None), POLICY)
    same = score(Looks(cost, days, without.points * 10_000 // FULL), POLICY)
    assert abs(same.points - without.points) <= FULL // 10_000


def test_a_score_sees_three_things_and_no_other() -> None:
    assert [field.name for field in fields(Looks)] == ["cost_bp", "days", "chance_bp"]
    assert list(inspect.signature(score).parameters) == ["looks", "policy"]
    assert set(type(POLICY.weights).model_fields) == {"cost", "time", "chance"}
    tree = ast.parse(inspect.getsource(ranked))
    seen = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    # The answer, the score, what it was made of, and the product's code for the lot and for what has no price.
    assert seen - {"lot", "append"} == {"answer", "score", "points", "all_in", "by_days_bp", "decision_days", "product"}


def test_the_ranking_names_no_bank_no_adapter_and_no_fee() -> None:
    tree = ast.parse(Path(ranking.__file__).read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not {name for name in names if any(word in name for word in ("bank", "lender", "adapter", "fee", "paid", "party"))}
    imports = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in imports if name.startswith(("backend", "products", "lender_adapters", "risk_compensation"))}
    assert ours == {"backend.kit.dated", "backend.kit.money", "backend.kit.policy", "backend.kit.words", "products.vocabulary"}


def test_the_score_of_a_match_is_made_of_what_the_match_shows() -> None:
    for match in matches(EVERY, FACTS, Known({("harbour_bank", "invoice_credit_loan"): Past(40, 50)}, {"harbour_bank": (2, 50)})):
        if match.all_in is None:
            assert match.score is None
        else:
            shown = Looks(match.all_in.by_days_bp, match.decision_days, match.chance.share_bp)
            assert match.score == score(shown, POLICY)


def test_two_that_are_alike_in_all_draw_lots_anew_each_day() -> None:
    (one,) = matches([next(terms for terms in EVERY if terms.code == "invoice_credit_loan")], FACTS, Known())
    twins = [replace(one, product=f"twin_{letter}") for letter in "ab"]
    first = {ranked(twins, date(2025, month, day))[0].product for month in (5, 6) for day in range(1, 29)}
    assert first == {"twin_a", "twin_b"}


def test_the_weights_shown_are_those_that_apply() -> None:
    assert weights_of(POLICY, chance=True) == {"cost": 8000, "time": 1000, "chance": 1000}
    assert weights_of(POLICY, chance=False) == {"cost": 8889, "time": 1111}
    assert f"{POLICY.weights.cost // 100}%" in POLICY.words.zh


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("chance: 10%", "chance: 20%", "the weights add up to 100%"),
        ("least_answers: 30", "least_answers: 5", "greater than or equal to 30"),
        ("slowest_days: 30", "slowest_days: 30\n    paid_places: 3", "this key is not known here"),
    ],
)
def test_a_broken_ranking_is_refused_with_its_sentence(tmp_path: Path, was: str, now: str, told: str) -> None:
    path = tmp_path / "ranking.yaml"
    path.write_text(ranking.PATH.read_text().replace(was, now))
    with pytest.raises(PolicyError, match=told):
        load(path, DatedFile[Ranking])


def test_every_cap_has_its_name() -> None:
    assert set(model.CAPS) == {"product", "capacity", "bank_group", "pool"}
