"""What comes back, where no published file decides it otherwise than another: each rule held by numbers worked by hand."""

from __future__ import annotations

from datetime import date

from risk_compensation import scheme
from risk_compensation.play.counters import Counters
from risk_compensation.play.course import play
from risk_compensation.scheme import BookLoan
from risk_compensation.scheme.parts import ClawBack, Recovery
from risk_compensation.scheme.returning import clawed_back, costs_first, passed_on

ASSUMED = "assumed: for this test only"
HAIKOU, NINGBO, YUNNAN = (scheme.scheme(code).terms[-1] for code in ("haikou_ip", "ningbo_442", "yunnan_small_loan_insurance"))


def test_costs_that_a_scheme_leaves_to_the_bank_are_its_own() -> None:
    """海口, half and half: of 100 lost 40 come back, at a cost of 10. First: 30 are shared. Its own: 40 are, and it bears 10."""
    own = HAIKOU.model_copy(update={"recovery": Recovery(order="ratio", costs="bank", source=ASSUMED)})
    assert (costs_first(HAIKOU, 10), costs_first(own, 10)) == (10, 0)
    loan = BookLoan(
        reference="L", amount_fen=100, drawn_on=date(2025, 1, 6), tags=("ip",), overdue_since=date(2025, 3, 1),
        unpaid_principal_fen=100, judged_on=date(2025, 5, 1), guarantor_paid_on=date(2025, 4, 1),
        recovered_on=date(2026, 9, 1), recovered_fen=40, costs_fen=10,
    )  # fmt: skip
    assert play(scheme.scheme("haikou_ip"), [loan], terms=HAIKOU).net_fen() == {"fund": 35, "bank": 35}
    assert play(scheme.scheme("haikou_ip"), [loan], terms=own).net_fen() == {"fund": 30, "bank": 40}


def test_after_fraud_only_public_money_comes_back_and_whom_the_scheme_names_bears_it() -> None:
    borne = {"guarantor": 40, "fund": 30, "bank": 20}
    assert clawed_back(NINGBO, borne) == ({"fund": 30}, "guarantor"), "who claimed, where the scheme names nobody"
    named = NINGBO.model_copy(update={"claw_back": ClawBack(returned_by="bank", source=ASSUMED)})
    assert clawed_back(named, borne) == ({"fund": 30}, "bank")


def test_what_comes_back_within_the_year_is_not_passed_on_even_if_its_excess_is_paid_already() -> None:
    """Of the insurer's 100 a cover took over 60: of 10 that come back to it next year 6 are the cover's."""
    counters = Counters(taken_over={2025: 60})
    counters.borne["insurer", 2025] = 100
    back = {"insurer": 10, "bank": 5}
    assert passed_on(YUNNAN, back, 2025, date(2025, 12, 31), counters) == back
    assert passed_on(YUNNAN, back, 2025, date(2026, 1, 1), counters) == {"insurer": 4, "excess_fund": 6, "bank": 5}
    assert passed_on(YUNNAN, back, 2024, date(2026, 1, 1), counters) == back, "nothing was taken over of that year"
