"""What evidence is worth, and what is worth nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.errors import NotFound
from backend.uplifts.evidence import Evidence
from backend.uplifts.model import effective, evaluate
from backend.uplifts.programme import load
from tests.uplifts.makers import DAY, booked, certificate, programme, trade


def rate(*pieces: Evidence) -> int:
    return evaluate(programme(), pieces, DAY).rate_bp


def why(*pieces: Evidence) -> dict[str, str]:
    return {item.evidence_id: item.why for item in evaluate(programme(), pieces, DAY).items}


def test_no_evidence_is_no_uplift() -> None:
    assert rate() == 0


def test_one_certificate_alone_stays_below_the_threshold() -> None:
    assert rate(certificate(1)) == 0


def test_everything_full_reaches_the_ceiling_and_not_more() -> None:
    full = [*(certificate(n) for n in range(9)), *(trade(n, on=DAY - timedelta(days=91 + 3 * n)) for n in range(60)), booked(9)]
    assert rate(*full) == 3000


def test_the_least_uplift_is_the_published_floor() -> None:
    assert rate(certificate(1), certificate(2)) == 1080


def test_the_rate_is_worked_out_by_hand() -> None:
    # three certificates, two booked items: 0.35 x 3/5 + 0.25 x 2/4 = 0.335; 10 % + 20 % x 0.235/0.9 = 15.22 %, down to 15.2 %
    assert rate(certificate(1), certificate(2), certificate(3), booked(2)) == 1520


def test_before_the_programme_there_is_nothing() -> None:
    early = programme().blocks[0].valid_from - timedelta(days=1)
    found = evaluate(programme(), [certificate(n) for n in range(5)], early)
    assert (found.rate_bp, found.items, found.policy_digest) == (0, (), None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"related": True}, "related"),
        ({"reciprocal": True}, "reciprocal"),
        ({"amount_fen": 0}, "no_price"),
        ({"status": "open", "settled_on": None}, "unsettled"),
        ({"settled_on": DAY + timedelta(days=1)}, "unsettled"),
        ({"on": DAY - timedelta(days=89), "settled_on": DAY - timedelta(days=60)}, "too_young"),
        ({"on": DAY - timedelta(days=365)}, "too_old"),
    ],
)
def test_a_trade_that_proves_nothing_is_dropped_with_its_reason(change: dict[str, Any], reason: str) -> None:
    assert why(trade(1, **change)) == {"trade:1": reason}


def test_a_trade_counts_from_its_ninetieth_day() -> None:
    assert why(trade(1, on=DAY - timedelta(days=90))) == {"trade:1": "counts"}


def test_only_the_latest_three_sales_to_one_buyer_count() -> None:
    sales = [trade(n, counterparty="friend", on=DAY - timedelta(days=100 + 20 * n)) for n in range(5)]
    assert [why(*sales)[f"trade:{n}"] for n in range(5)] == ["counts"] * 3 + ["same_buyer"] * 2


def test_a_price_far_from_all_others_does_not_count() -> None:
    assert why(*(trade(n) for n in range(5)), trade(9, amount_fen=50_000_00 * 100))["trade:9"] == "outlier"


@pytest.mark.parametrize("status", ["disputed", "cancelled", "unknown"])
def test_a_certificate_in_dispute_or_cancelled_counts_nothing(status: str) -> None:
    assert why(certificate(1, status=status)) == {"certificate:1": "not_valid"}


def test_an_expired_certificate_counts_nothing_and_one_that_ends_today_still_does() -> None:
    assert why(certificate(1, ends_on=DAY - timedelta(days=1)), certificate(2, ends_on=DAY)) == {
        "certificate:1": "not_valid",
        "certificate:2": "counts",
    }


def test_booked_items_without_audited_cost_count_nothing() -> None:
    assert why(booked(3, status="no_cost")) == {"booked:us": "no_cost"}


def test_an_old_sale_weighs_less_than_a_young_one() -> None:
    def score(days: int) -> Decimal:
        return evaluate(programme(), [trade(1, on=DAY - timedelta(days=days))], DAY).score

    assert score(100) > score(200) > score(300)


def test_gaming_brings_nothing_at_all() -> None:
    honest = [certificate(1), certificate(2), certificate(3)]
    games = [
        *(trade(n, related=True) for n in range(10)),
        *(trade(n, reciprocal=True) for n in range(10, 20)),
        *(trade(n, amount_fen=0) for n in range(20, 30)),
        *(trade(n, status="open", settled_on=None) for n in range(30, 40)),
    ]
    assert rate(*honest, *games) == rate(*honest)


pieces_ = st.lists(
    st.one_of(
        st.builds(certificate, st.integers(0, 6), status=st.sampled_from(["valid", "disputed"])),
        st.builds(
            trade,
            st.integers(0, 30),
            on=st.integers(60, 400).map(lambda days: DAY - timedelta(days=days)),
            counterparty=st.sampled_from(["a", "b", "c"]),
            amount_fen=st.sampled_from([0, 10_000_00, 20_000_00, 9_000_000_00]),
            related=st.booleans(),
        ),
        st.builds(booked, st.integers(1, 5)),
    ),
    max_size=25,
    unique_by=lambda piece: piece.evidence_id,
)


@given(pieces_, st.integers(0, 10**10), st.lists(st.integers(-(10**8), 10**10), max_size=3))
def test_the_items_add_up_to_the_effective_uplift_to_the_fen(pieces: list[Evidence], base: int, caps: list[int]) -> None:
    uplift = evaluate(programme(), pieces, DAY)
    effect = effective(uplift=uplift, base_fen=base, caps=[(f"cap{n}", cap) for n, cap in enumerate(caps)])
    assert sum(item.contribution_fen for item in effect.items) == effect.effective_fen
    assert effect.effective_fen == effect.credit_after_fen - effect.credit_before_fen >= 0
    assert effect.effective_fen * 10_000 <= base * uplift.rate_bp
    assert uplift.rate_bp == 0 or 1000 <= uplift.rate_bp <= 3000
    assert all(cap >= effect.credit_after_fen for cap in caps if cap >= 0)


@given(pieces_)
def test_the_order_of_evidence_does_not_matter(pieces: list[Evidence]) -> None:
    assert evaluate(programme(), pieces, DAY) == evaluate(programme(), pieces[::-1], DAY)


@given(pieces_, st.integers(100, 200))
def test_one_more_certificate_never_lowers_the_rate(pieces: list[Evidence], n: int) -> None:
    assert rate(*pieces, certificate(n)) >= rate(*pieces)


def test_a_decline_is_not_rescued() -> None:
    uplift = evaluate(programme(), [certificate(n) for n in range(5)], DAY)
    effect = effective(uplift=uplift, base_fen=0, caps=[("product", 10**9)])
    assert (effect.credit_before_fen, effect.credit_after_fen, effect.effective_fen) == (0, 0, 0)


def test_the_cap_that_holds_is_named() -> None:
    uplift = evaluate(programme(), [certificate(n) for n in range(5)], DAY)
    effect = effective(uplift=uplift, base_fen=1_000_000, caps=[("product", 2_000_000), ("capacity", 1_050_000)])
    assert (effect.credit_after_fen, effect.effective_fen, effect.capped_by) == (1_050_000, 50_000, "capacity")
    assert effective(uplift=uplift, base_fen=1_000_000, caps=[("product", 2_000_000)]).capped_by is None


def test_the_firm_sees_direction_only_for_a_trade() -> None:
    uplift = evaluate(programme(), [certificate(1), certificate(2), trade(1)], DAY)
    effect = effective(uplift=uplift, base_fen=1_000_000_00, caps=[])
    shown = {item.evidence_id: item.for_firm() for item in effect.items}
    assert shown["trade:1"]["contribution_fen"] is None
    assert shown["trade:1"]["direction"] == "up"
    assert shown["certificate:1"]["contribution_fen"] > 0


def test_an_unknown_programme_is_not_found() -> None:
    with pytest.raises(NotFound):
        load("../../etc/passwd")
