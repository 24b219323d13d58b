"""Each pattern is seen, and its honest neighbour is not."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

from backend.uplifts.evidence import Deal, Evidence, Surroundings
from backend.uplifts.links import Link, near
from backend.uplifts.model import evaluate
from backend.uplifts.screens import screen
from tests.uplifts.makers import DAY, certificate, programme, trade

TERMS = programme().on(DAY)
assert TERMS is not None
LINES = TERMS.screens


def seen(*pieces: Evidence, around: Surroundings | None = None) -> dict[str, tuple[str, ...]]:
    assert TERMS is not None
    return screen(pieces, around or Surroundings("us"), TERMS, DAY)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def test_two_hops_are_related_three_are_not_and_a_small_stake_ties_nobody() -> None:
    links = [Link("us", "H", 6000), Link("B", "H", 5000), Link("C", "B", 9000), Link("us", "fund", 400), Link("D", "fund", 9000)]
    assert near("us", links, hops=LINES.equity_hops, least_share_bp=LINES.least_share_bp) == {"B": 2, "H": 1}


@pytest.mark.parametrize("length", [2, 3])
def test_a_ring_is_seen_where_the_money_comes_back_and_not_where_it_does_not(length: int) -> None:
    sale = trade(1, counterparty="B0", on=ago(200))
    chain = [*(f"B{n}" for n in range(length)), "us"]
    deals = [Deal(a, b, ago(190 - n), 50_000_00) for n, (a, b) in enumerate(itertools.pairwise(chain))]
    assert seen(sale, around=Surroundings("us", tuple(deals))) == {"trade:1": ("circular",)}
    assert seen(sale, around=Surroundings("us", tuple(deals[:-1]))) == {}
    small = [replace(deal, amount_fen=deal.amount_fen // 5) for deal in deals]
    assert seen(sale, around=Surroundings("us", tuple(small))) == {}


def test_a_buyer_that_sells_to_us_is_reciprocal() -> None:
    around = Surroundings("us", (Deal("buyer1", "us", ago(300), 1_00),))
    assert seen(trade(1), trade(2, on=ago(150)), around=around) == {"trade:1": ("reciprocal",)}


def test_purchases_of_the_same_size_beside_most_sales_are_seen_and_a_markup_is_not() -> None:
    sales = [trade(n, on=ago(120 + 40 * n), amount_fen=(n + 1) * 20_000_00) for n in range(5)]
    same = tuple(Deal(f"S{n}", "us", ago(115 + 40 * n), (n + 1) * 19_500_00) for n in range(5))
    dear = tuple(Deal(f"S{n}", "us", ago(115 + 40 * n), (n + 1) * 12_000_00) for n in range(5))
    assert set(seen(*sales, around=Surroundings("us", same))) == {f"trade:{n}" for n in range(5)}
    assert seen(*sales, around=Surroundings("us", dear)) == {}


def test_what_the_market_pays_is_the_measure_where_it_is_known() -> None:
    around = Surroundings("us", usual_fen={"x": 1_000_000_00})
    token = [trade(n, product="x", amount_fen=600_00, on=ago(100 + 30 * n)) for n in range(6)]
    assert all(reasons == ("outlier",) for reasons in seen(*token, around=around).values())
    assert seen(*token) == {}, "among themselves they are usual"
    assert seen(trade(1, amount_fen=499_00)) == {"trade:1": ("outlier",)}


def test_a_refund_or_the_firms_own_money_is_no_sale_and_a_small_rebate_is() -> None:
    pieces = [
        trade(1, refunded_fen=45_000_00), trade(2, refunded_fen=5_000_00, on=ago(150)), trade(3, own_money=True, on=ago(200)),
    ]  # fmt: skip
    assert seen(*pieces) == {"trade:1": ("money_back",), "trade:3": ("own_money",)}


def test_tickets_of_one_sale_are_one_and_other_products_or_weeks_are_not() -> None:
    pieces = [
        trade(1, counterparty="B", product="x", on=ago(200)), trade(2, counterparty="B", product="x", on=ago(198)),
        trade(3, counterparty="B", product="y", on=ago(198)), trade(4, counterparty="B", product="x", on=ago(180)),
    ]  # fmt: skip
    assert seen(*pieces) == {"trade:2": ("split",)}


def test_several_buyers_behind_one_payer_are_one_counterparty() -> None:
    sales = [trade(n, payer="treasury", on=ago(100 + 25 * n)) for n in range(6)]
    items = evaluate(programme(), sales, DAY).items
    assert [item.why for item in items] == ["counts"] * 3 + ["same_buyer"] * 3


def test_a_busy_month_just_old_enough_is_seen_and_a_yearly_season_is_not() -> None:
    month = [trade(n, on=ago(95 + 2 * n)) for n in range(9)]
    assert set(seen(*month).values()) == {("burst",)}
    before = [trade(100 + n, on=ago(95 + 365 + 2 * n)) for n in range(9)]
    assert seen(*month, *before) == {}
    steady = [trade(200 + n, on=ago(150 + 20 * n)) for n in range(9)]
    assert seen(*month, *steady) == {}


def test_buyers_founded_in_one_go_or_mostly_new_are_seen_and_a_few_young_ones_are_not() -> None:
    ring = [trade(n, on=ago(100 + 25 * n), buyer_since=ago(500 + n)) for n in range(6)]
    assert set(seen(*ring).values()) == {("shells",)}
    new = [trade(n, on=ago(100 + 25 * n), buyer_since=ago(140 + 60 * n)) for n in range(5)]
    assert len(seen(*new)) >= 3
    old = [trade(10 + n, on=ago(110 + 25 * n), buyer_since=ago(2000 + 300 * n)) for n in range(5)]
    assert seen(*old, trade(1, on=ago(100), buyer_since=ago(150))) == {}


def test_the_same_content_counts_once_here_and_not_at_all_where_it_lifts_another_firm() -> None:
    pair = [certificate(1, content="d", on=ago(400)), certificate(2, content="d", on=ago(300))]
    assert seen(*pair) == {"certificate:2": ("same_content",)}
    elsewhere = Surroundings("us", contents_elsewhere=frozenset({"d"}))
    assert set(seen(*pair, around=elsewhere)) == {"certificate:1", "certificate:2"}


def test_a_right_taken_over_lately_waits_and_many_slices_of_one_data_set_are_two() -> None:
    assert seen(certificate(1, transferred=True, on=ago(100))) == {"certificate:1": ("transferred",)}
    assert seen(certificate(1, transferred=True, on=ago(200))) == {}
    slices = [certificate(n, product="x", form="持有", on=ago(300 - n)) for n in range(5)]
    assert set(seen(*slices)) == {"certificate:2", "certificate:3", "certificate:4"}


def test_a_person_clears_or_confirms_a_single_piece() -> None:
    sale = trade(1, refunded_fen=50_000_00)
    assert seen(sale, around=Surroundings("us", cleared=frozenset({"trade:1"}))) == {}
    assert seen(trade(2), around=Surroundings("us", confirmed=frozenset({"trade:2"}))) == {"trade:2": ("reviewed",)}


def test_whatever_the_reason_the_firm_reads_the_same_words() -> None:
    pieces = [
        trade(1, status="open", settled_on=None), trade(2, on=ago(10)), trade(3, on=ago(400)),
        trade(4, related=True, on=ago(110)),
        trade(5, refunded_fen=50_000_00, on=ago(130)), trade(6, reciprocal=True, on=ago(150)),
        trade(7, amount_fen=0, on=ago(170)),
    ]  # fmt: skip
    items = evaluate(programme(), pieces, DAY).items
    assert len({item.why for item in items}) == 7
    shown = [item.for_firm() for item in items]
    assert len({(each["why"], str(each["words"]), each["direction"]) for each in shown}) == 1
    copies = [certificate(1, content="d"), certificate(2, content="d"), certificate(3, transferred=True, on=ago(20))]
    later = [item.for_firm() for item in evaluate(programme(), copies, DAY).items[1:]]
    assert len({(each["why"], str(each["words"])) for each in later}) == 1
