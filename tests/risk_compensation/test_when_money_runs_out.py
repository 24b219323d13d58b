"""When money runs out each scheme says what happens: claims wait, a part is paid, a year is shared, or the bank bears it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.database import Database
from backend.kit.errors import Conflict, Refused
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.live import State, custody, excess, statements
from risk_compensation.live import queue as waiting
from risk_compensation.live.standing import LiveStanding
from risk_compensation.scheme import terms_on
from risk_compensation.tables import Claim, Payout, Pool
from tests.risk_compensation.pools import BANK, CUSTODIAN, FUND, GUARANTOR, POOL, WAN, after_all, said

DAY, BAD, NOW = date(2026, 3, 2), date(2026, 5, 4), date(2026, 9, 1)


def a_pool(session: Session, scheme: str, cash_fen: int) -> events.Described:
    """A pool under the scheme with that much money; answers a loan that fits it."""
    after_all(session)
    terms = terms_on(scheme, DAY)
    loan = events.Described(mode=terms.scope.modes[0] if terms.scope.modes else "loan", size="small", tags=("ip",))
    others = {kind: f"the_{kind}" for kind in terms.parties - {"bank", "fund", "guarantor"}}
    named = {"guarantor": GUARANTOR if terms.needs_guarantor(loan) else "", "fund": FUND, "custodian": CUSTODIAN}
    events.open_pool(session, code=POOL, scheme=scheme, on=DAY, parties=others, **named)
    events.contribute(session, POOL, FUND, cash_fen, "opening", DAY)
    return loan


def a_claim(session: Session, scheme: str, number: int, loss_fen: int, loan: events.Described) -> Claim:
    """A loan that went bad, claimed and reviewed; the checker has not decided yet."""
    terms, name = terms_on(scheme, DAY), f"L{number}"
    behind = terms.needs_guarantor(loan)
    word = {"guarantee_no": "DB", "guaranteed_on": DAY} if behind else {"guarantee_no": None, "guaranteed_on": None}
    checks = events.Checks(bank=BANK, guarantor=GUARANTOR if behind else "", firm=f"firm_{number}", loan=loan, **word)  # type: ignore[arg-type]
    events.register(session, POOL, reference=name, amount_fen=loss_fen, on=DAY, checks=checks)
    events.activate(session, reference=name, on=DAY)
    events.overdue(session, reference=name, since=BAD, on=BAD)
    events.file_claim(
        session, POOL, reference=name, claim_no=f"C{number}", unpaid_principal_fen=loss_fen, by="claimant", on=NOW,
        documents={paper.code: "x" for paper in terms.documents.papers}, guarantor_paid_fen=loss_fen,
        guarantor_paid_on=BAD + timedelta(days=30), judgment_no="J", judged_on=BAD + timedelta(days=40),
    )  # fmt: skip
    return events.review(session, claim_no=f"C{number}", by="maker", opinion="approve", on=NOW)


def approved(session: Session, *numbers: int, on: date = NOW) -> list[Claim]:
    names = [events.approve(session, claim_no=f"C{number}", by="checker", on=on).claim_no for number in numbers]
    return [session.get_one(Claim, name) for name in names]


def paid(session: Session, number: int, receipt: str) -> Claim:
    claim = events.instruct(session, claim_no=f"C{number}", by="checker", on=NOW)
    events.pay(session, claim_no=claim.claim_no, receipt_no=receipt, amount_fen=claim.aside_fen, on=NOW)
    return session.get_one(Claim, claim.claim_no)


def of(claim: Claim) -> tuple[int, int, int]:
    return claim.payout_fen, claim.aside_fen, claim.paid_fen


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises((Refused, Conflict)) as caught:
        act()
    return caught.value.code


def test_what_the_money_does_not_reach_waits_for_the_next_and_each_payment_has_its_receipt(database: Database) -> None:
    """广州: next budget. The first of two claims gets what there is; the second nothing before the first is whole."""
    scheme = "guangzhou_bank_2025"
    with database.writing() as session:
        loan = a_pool(session, scheme, 60 * WAN)
        for number in (1, 2):
            a_claim(session, scheme, number, 200 * WAN, loan)
        approved(session, 1, 2)  # both are put off until next year: together with so few loans they pass the bank's line
        one, two = approved(session, 1, 2, on=date(2027, 1, 1))
        assert (of(one), of(two)) == ((100 * WAN, 60 * WAN, 0), (100 * WAN, 0, 0))
        assert refusal(lambda: events.instruct(session, claim_no="C2", by="checker", on=NOW)) == "waits_for_money"
        assert (paid(session, 1, "R1").state, one.paid_fen) == (State.APPROVED, 60 * WAN)
        assert refusal(lambda: events.withdraw(session, claim_no="C1", by="claimant", on=NOW)) == "unlawful_move"
        assert refusal(lambda: events.reject(session, claim_no="C1", by="checker", on=NOW, words=said())) == "unlawful_move"
        back = {"reference": "L1", "gross_fen": 1, "costs_fen": 0, "receipt_no": "B", "on": NOW}
        assert refusal(lambda: events.recover(session, **back)) == "still_waits"  # type: ignore[arg-type]
        events.contribute(session, POOL, FUND, 50 * WAN, "more", NOW)
        assert (of(one), of(two)) == ((100 * WAN, 40 * WAN, 60 * WAN), (100 * WAN, 10 * WAN, 0)), "first approved, first paid"
        assert paid(session, 1, "R2").state == State.PAID
        assert refusal(lambda: events.pay(session, claim_no="C2", receipt_no="R2", amount_fen=1, on=NOW)) == "receipt_reused"
        rows = session.execute(select(Payout.no, Payout.amount_fen, Payout.receipt_no).where(Payout.claim_no == "C1")).all()
        assert sorted(tuple(row) for row in rows) == [(1, 60 * WAN, "R1"), (2, 40 * WAN, "R2")]
        assert one.instruction_no == "pay:C1:2"
        moved = custody.booked(session, POOL, NOW)
        assert moved == {("R1", "out"): -60 * WAN, ("R2", "out"): -40 * WAN, ("more", "in"): 50 * WAN}, "each by its receipt"
        assert statements.faults(session) == []


def test_money_that_comes_while_a_part_is_being_paid_does_not_pass_the_first_by(database: Database) -> None:
    scheme = "guangzhou_bank_2025"
    with database.writing() as session:
        loan = a_pool(session, scheme, 60 * WAN)
        for number in (1, 2):
            a_claim(session, scheme, number, 200 * WAN, loan)
        approved(session, 1, 2)
        one, two = approved(session, 1, 2, on=date(2027, 1, 1))
        events.instruct(session, claim_no="C1", by="checker", on=NOW)
        events.contribute(session, POOL, FUND, 50 * WAN, "meanwhile", NOW)
        assert (of(one), of(two)) == ((100 * WAN, 60 * WAN, 0), (100 * WAN, 0, 0)), "what was instructed stays what it was"
        events.pay(session, claim_no="C1", receipt_no="R1", amount_fen=60 * WAN, on=NOW)
        assert (of(one), of(two)) == ((100 * WAN, 40 * WAN, 60 * WAN), (100 * WAN, 10 * WAN, 0))
        assert paid(session, 1, "R2").state == State.PAID
        assert statements.faults(session) == []


def test_what_a_claim_gives_up_goes_to_the_next_that_waits(database: Database) -> None:
    scheme = "guangzhou_bank_2025"
    with database.writing() as session:
        loan = a_pool(session, scheme, 60 * WAN)
        for number in (1, 2, 3):
            a_claim(session, scheme, number, 200 * WAN, loan)
        approved(session, 1, 2, 3)
        one, two, three = approved(session, 1, 2, 3, on=date(2027, 1, 1))
        events.withdraw(session, claim_no="C1", by="claimant", on=NOW)
        assert (of(two), of(three)) == ((100 * WAN, 60 * WAN, 0), (100 * WAN, 0, 0))
        events.reject(session, claim_no="C2", by="checker", on=NOW, words=said("查实虚构"))
        assert (one.aside_fen, two.aside_fen, of(three)) == (0, 0, (100 * WAN, 60 * WAN, 0))
        assert statements.faults(session) == []


def test_a_year_is_shared_in_one_proportion_and_the_payee_bears_what_is_not_paid(database: Database) -> None:
    """微担通: pro rata. 30 % of 100 and of 200 万 are due; there is half of that."""
    scheme = "weidantong"
    with database.writing() as session:
        loan = a_pool(session, scheme, 45 * WAN)
        a_claim(session, scheme, 1, 100 * WAN, loan)
        a_claim(session, scheme, 2, 200 * WAN, loan)
        one, two = approved(session, 1, 2)
        assert (of(one), of(two)) == ((30 * WAN, 0, 0), (60 * WAN, 0, 0))
        assert refusal(lambda: events.settle_year(session, POOL, year=2026, on=NOW)) == "year_runs"
        end = date(2026, 12, 31)
        assert events.settle_year(session, POOL, year=2026, on=end) == {"C1": 15 * WAN, "C2": 30 * WAN}
        assert events.settle_year(session, POOL, year=2026, on=end) == {}
        assert (of(one), one.parts) == ((15 * WAN, 15 * WAN, 0), {"fund": 15 * WAN, "guarantor": 65 * WAN, "bank": 20 * WAN})
        assert [paid(session, number, f"R{number}").state for number in (1, 2)] == [State.PAID, State.PAID]
        assert ledger.balances(session, POOL)["cash_fen"] == 0
        assert statements.faults(session) == []


def test_what_is_not_there_falls_on_the_bank_at_once(database: Database) -> None:
    """海口: half of the loss, but the pool has less."""
    scheme = "haikou_ip"
    with database.writing() as session:
        loan = a_pool(session, scheme, 30 * WAN)
        a_claim(session, scheme, 1, 100 * WAN, loan)
        (one,) = approved(session, 1)
        assert (of(one), one.parts) == ((30 * WAN, 30 * WAN, 0), {"fund": 30 * WAN, "bank": 70 * WAN})
        assert refusal(lambda: events.settle_year(session, POOL, year=2025, on=NOW)) == "not_pro_rata"
        events.principal_fell(session, claim_no="C1", unpaid_principal_fen=40 * WAN, on=NOW)
        assert (of(one), one.parts) == ((20 * WAN, 20 * WAN, 0), {"fund": 20 * WAN, "bank": 20 * WAN})
        assert paid(session, 1, "R1").state == State.PAID
        assert statements.faults(session) == []


def test_a_banks_quota_is_used_and_given_back(database: Database) -> None:
    """重庆商业价值: each loan earns 2 %; what a claim uses is free again when it is withdrawn or rejected unpaid."""
    scheme = "chongqing_commercial_value"
    with database.writing() as session:
        loan = a_pool(session, scheme, 700 * WAN)

        def quota() -> int:
            return LiveStanding(session, session.get_one(Pool, POOL)).quota_fen(BANK)

        for number in (1, 2):
            a_claim(session, scheme, number, 100 * WAN, loan)
        assert quota() == 4 * WAN
        (one,) = approved(session, 1)
        assert (of(one), one.parts, quota()) == ((4 * WAN, 4 * WAN, 0), {"fund": 4 * WAN, "bank": 96 * WAN}, 0)
        assert of(approved(session, 2)[0]) == (0, 0, 0), "nothing is left for the second"
        events.principal_fell(session, claim_no="C1", unpaid_principal_fen=3 * WAN, on=NOW)
        assert (of(one), quota()) == ((3 * WAN, 3 * WAN, 0), 1 * WAN)
        events.reject(session, claim_no="C1", by="checker", on=NOW, words=said("查实虚构"))
        assert (quota(), ledger.balances(session, POOL)["approved_fen"]) == (4 * WAN, 0)
        assert statements.faults(session) == []


def test_who_pays_out_of_its_fees_pays_no_more_than_it_collected(database: Database) -> None:
    """重庆高新: the guarantor's 80 % come out of its fees, the fund stands behind; withdrawn, the fees are free again."""
    scheme = "chongqing_hightech_2024"
    with database.writing() as session:
        loan = a_pool(session, scheme, 700 * WAN)
        a_claim(session, scheme, 1, 100 * WAN, loan)
        collected = LiveStanding(session, session.get_one(Pool, POOL)).collected_fen("guarantor")
        assert collected > 0
        (one,) = approved(session, 1)
        assert one.parts == {"guarantor": collected, "bank": 20 * WAN, "fund": 80 * WAN - collected}
        assert LiveStanding(session, session.get_one(Pool, POOL)).collected_fen("guarantor") == 0
        events.withdraw(session, claim_no="C1", by="claimant", on=NOW)
        assert LiveStanding(session, session.get_one(Pool, POOL)).collected_fen("guarantor") == collected
        assert statements.faults(session) == []


def test_the_pool_takes_over_a_years_excess_once_on_its_receipt(database: Database) -> None:
    """云南: the pool owes nothing on a claim; of what the insurer bore above its line it takes four fifths after the year."""
    scheme = "yunnan_small_loan_insurance"
    with database.writing() as session:
        loan = a_pool(session, scheme, 700 * WAN)
        a_claim(session, scheme, 1, 100 * WAN, loan)
        (one,) = approved(session, 1)
        assert (one.parts, of(one)) == ({"insurer": 70 * WAN, "bank": 30 * WAN}, (0, 0, 0))
        assert paid(session, 1, "insurer-1").state == State.PAID
        due = excess.due_fen(session, POOL, 2026)
        premium = LiveStanding(session, session.get_one(Pool, POOL)).collected_fen("insurer")
        terms = terms_on(scheme, DAY)
        assert terms.excess is not None
        assert due == (70 * WAN - premium * terms.excess.over_bp // 10_000) * terms.excess.part_bp // 10_000 > 0

        def settle(amount_fen: int, on: date) -> int:
            return events.settle_excess(session, POOL, year=2026, amount_fen=amount_fen, receipt_no="E1", on=on)

        end = date(2026, 12, 31)
        assert refusal(lambda: settle(due, NOW)) == "year_runs"
        assert refusal(lambda: settle(due + 1, end)) == "excess_amount"
        assert (settle(due, end), settle(due, end)) == (due, 0)
        assert custody.booked(session, POOL, end) == {("E1", "out"): -due}
        assert ledger.balances(session, POOL)["cash_fen"] == 700 * WAN - due
        assert statements.party_statement(session, POOL, "the_excess_fund", end).net_borne_fen == due
        assert statements.party_statement(session, POOL, "the_insurer", end).net_borne_fen == 70 * WAN - due
        assert statements.faults(session) == []
    with database.writing() as session:
        events.open_pool(session, code="other", scheme="haikou_ip", fund=FUND, custodian=CUSTODIAN, on=DAY)
        assert refusal(lambda: excess.due_fen(session, "other", 2026)) == "no_excess"


def test_a_rule_that_defers_puts_a_claim_off_until_next_year(database: Database) -> None:
    """广州: above 3 % of what the bank entered this year its claims wait; then they are decided without being put off again."""
    scheme = "guangzhou_bank_2025"
    with database.writing() as session:
        loan = a_pool(session, scheme, 9_000 * WAN)
        rule = terms_on(scheme, DAY).breaker
        for number in range(2, rule.minimum_loans + 2):
            checks = events.Checks(BANK, "", f"firm_{number}", None, None, loan)
            events.register(session, POOL, reference=f"L{number}", amount_fen=10 * WAN, on=DAY, checks=checks)
        a_claim(session, scheme, 1, 200 * WAN, loan)
        (one,) = approved(session, 1)
        assert (one.state, one.deferred_until, one.approved_on) == (State.UNDER_REVIEW, date(2027, 1, 1), None)
        why = statements.loan_history(session, "L1")[-1]
        assert (why.move, "3" in why.words["zh"], "next year" in why.words["en"]) == ("defer", True, True)
        assert refusal(lambda: approved(session, 1, on=date(2026, 12, 31))) == "deferred"
        assert approved(session, 1, on=date(2027, 1, 1))[0].state == State.APPROVED
        assert waiting.waiting(session, POOL) == []
        assert statements.faults(session) == []
