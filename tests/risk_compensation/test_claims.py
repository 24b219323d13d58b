"""Claims, told as sentences: who may decide, what is checked, what is paid once, what comes back."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, Refused
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.live import Move, State, statements
from risk_compensation.live.claims import MOVES, after
from tests.risk_compensation.pools import (
    FUND,
    GUARANTOR,
    PAPERS,
    POOL,
    WAN,
    a_default,
    a_loan,
    a_pool,
    approved,
    file,
    paid,
    said,
)

LATER = date(2025, 7, 30)


def test_the_maker_never_checks_his_own_work(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        with pytest.raises(Refused) as own:
            events.review(session, claim_no="C1", by="guarantor_officer", opinion="approve", on=LATER)
        assert own.value.code == "filed_it_himself"
        events.review(session, claim_no="C1", by="maker", opinion="approve", on=LATER)
        for person in ("maker", "guarantor_officer"):
            with pytest.raises(Refused) as caught:
                events.approve(session, claim_no="C1", by=person, on=LATER)
            assert caught.value.code == "maker_is_checker"
        assert events.approve(session, claim_no="C1", by="checker", on=LATER).state == State.APPROVED


def test_a_claim_is_paid_only_on_the_receipt_of_what_was_instructed_and_only_once(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        approved(session)
        assert ledger.balances(session, POOL)["cash_fen"] == 7_000 * WAN, "approval moves no cash"
        with pytest.raises(Conflict):
            events.pay(session, claim_no="C1", receipt_no="R1", amount_fen=40 * WAN, on=LATER)
        assert events.instruct(session, claim_no="C1", by="checker", on=LATER).instruction_no == "pay:C1"
        assert ledger.balances(session, POOL)["cash_fen"] == 7_000 * WAN, "an instruction moves no cash"
        with pytest.raises(Refused) as other:
            events.pay(session, claim_no="C1", receipt_no="R1", amount_fen=40 * WAN - 1, on=LATER)
        assert other.value.code == "receipt_amount"
        events.pay(session, claim_no="C1", receipt_no="R1", amount_fen=40 * WAN, on=LATER)
        events.pay(session, claim_no="C1", receipt_no="R1", amount_fen=40 * WAN, on=LATER)
        with pytest.raises(Conflict) as twice:
            events.pay(session, claim_no="C1", receipt_no="R2", amount_fen=40 * WAN, on=LATER)
        assert twice.value.code == "paid_once"
        assert ledger.balances(session, POOL)["cash_fen"] == 6_960 * WAN


def test_one_receipt_pays_one_claim(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        for number in (1, 2):
            a_default(session, reference=f"loan_{number}", firm=f"firm_{number}")
            file(session, reference=f"loan_{number}", claim_no=f"C{number}")
        paid(session, "C1", "R1")
        with pytest.raises(Conflict) as caught:
            paid(session, "C2", "R1")
        assert caught.value.code == "receipt_reused"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"judged_on": date(2025, 3, 20)}, "a court must have judged"),
        ({"judged_on": date(2025, 7, 11)}, "a court must have judged"),
        ({"judgment_no": ""}, "a court must have judged"),
        ({"guarantor_paid_fen": 80 * WAN - 1}, "the guarantor must first have paid the bank 80.00 万元"),
        ({"unpaid_principal_fen": 100 * WAN + 1}, "within what is registered"),
        ({"unpaid_principal_fen": 0}, "within what is registered"),
        ({"documents": {k: v for k, v in PAPERS.items() if k != "judgment"}}, "documents missing: court judgment"),
        ({"on": date(2026, 1, 1)}, "within 183 days of when it could be"),
    ],
)
def test_a_claim_that_fails_a_check_is_refused_with_the_sentence_of_that_check(
    database: Database, other: dict[str, object], words: str
) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        with pytest.raises(Refused) as caught:
            file(session, **other)  # type: ignore[arg-type]
        assert caught.value.code == "claim_checks"
        assert words in caught.value.words.en
        assert ";" not in caught.value.words.en, "only the failed check is named"


def test_a_loan_registered_after_its_default_is_not_compensated(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_loan(session, on=date(2025, 4, 1))
        events.activate(session, reference="loan_1", on=date(2025, 4, 1))
        events.overdue(session, reference="loan_1", since=date(2025, 3, 20), on=date(2025, 4, 1))
        with pytest.raises(Refused, match="registered before it fell overdue"):
            file(session)


def test_a_loan_that_is_not_overdue_cannot_be_claimed(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_loan(session)
        with pytest.raises(Refused, match="registered before it fell overdue"):
            file(session)


def test_a_loan_is_claimed_once_and_again_only_after_a_rejection(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        with pytest.raises(Refused, match="claimed only once"):
            file(session, claim_no="C2")
        events.review(session, claim_no="C1", by="maker", opinion="reject", on=LATER)
        with pytest.raises(Refused) as caught:
            events.approve(session, claim_no="C1", by="checker", on=LATER)
        assert caught.value.code == "maker_advised_no"
        events.reject(session, claim_no="C1", by="checker", on=LATER, words=said("材料不实"))
        file(session, claim_no="C2")
        assert paid(session, "C2").state == State.PAID
        assert [each.state for each in statements.claims(session, POOL)] == ["rejected", "paid"]


def test_a_claim_goes_back_for_a_missing_paper_and_is_reviewed_again(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        events.review(session, claim_no="C1", by="maker", opinion="supplement", on=LATER, words=said("缺催收记录"))
        with pytest.raises(Conflict):
            events.approve(session, claim_no="C1", by="checker", on=LATER)
        claim = events.supply(session, claim_no="C1", by="guarantor_officer", documents={"collection": "more.pdf"}, on=LATER)
        assert (claim.state, claim.documents["collection"]) == (State.CLAIM_SUBMITTED, "more.pdf")
        assert paid(session).state == State.PAID


def test_the_payout_shrinks_with_the_principal_until_the_bank_is_instructed(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        approved(session)
        claim = events.principal_fell(session, claim_no="C1", unpaid_principal_fen=90 * WAN, on=LATER)
        assert claim.payout_fen == 36 * WAN
        assert ledger.balances(session, POOL)["approved_fen"] == 36 * WAN
        events.instruct(session, claim_no="C1", by="checker", on=LATER)
        with pytest.raises(Conflict):
            events.principal_fell(session, claim_no="C1", unpaid_principal_fen=80 * WAN, on=LATER)
        events.pay(session, claim_no="C1", receipt_no="R1", amount_fen=36 * WAN, on=LATER)
        assert statements.faults(session) == []


def test_a_withdrawn_claim_frees_the_money_that_was_set_aside(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        approved(session)
        events.withdraw(session, claim_no="C1", by="guarantor_officer", on=LATER)
        events.withdraw(session, claim_no="C1", by="guarantor_officer", on=LATER)
        assert ledger.balances(session, POOL)["approved_fen"] == 0
        file(session, claim_no="C2")


def test_recoveries_are_never_above_what_was_paid(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        common = {"reference": "loan_1", "on": LATER}
        with pytest.raises(Refused) as early:
            events.recover(session, gross_fen=1, costs_fen=0, receipt_no="R0", **common)
        assert early.value.code == "nothing_paid"
        file(session)
        paid(session)
        events.recover(session, gross_fen=60 * WAN, costs_fen=0, receipt_no="R2", **common)
        with pytest.raises(Refused) as caught:
            events.recover(session, gross_fen=40 * WAN + 1, costs_fen=0, receipt_no="R3", **common)
        assert caught.value.code == "recovery_above_paid"
        with pytest.raises(Invalid):
            events.recover(session, gross_fen=10, costs_fen=11, receipt_no="R4", **common)
        events.recover(session, gross_fen=40 * WAN, costs_fen=0, receipt_no="R3", **common)
        assert statements.claims(session, POOL)[0].state == State.RECOVERED
        assert statements.party_statement(session, POOL, FUND, LATER).net_borne_fen == 0
        assert statements.headroom(session, POOL, LATER).cash_fen == 7_000 * WAN
        assert statements.faults(session) == []


def test_what_is_written_off_by_two_people_may_still_come_back(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        paid(session)
        events.apply_write_off(session, claim_no="C1", by="maker", on=LATER, words=said())
        with pytest.raises(Refused):
            events.write_off(session, claim_no="C1", by="maker", on=LATER)
        events.write_off(session, claim_no="C1", by="checker", on=LATER)
        trial = {each.account: each.balance_fen for each in statements.trial_balance(session, POOL, LATER)}
        assert (trial["receivable"], trial["write_off"]) == (0, 40 * WAN)
        events.recover(session, reference="loan_1", gross_fen=10 * WAN, costs_fen=0, receipt_no="R2", on=LATER)
        trial = {each.account: each.balance_fen for each in statements.trial_balance(session, POOL, LATER)}
        assert (trial["receivable"], trial["write_off"]) == (0, 36 * WAN)
        assert statements.faults(session) == []


def test_after_fraud_the_fund_gets_its_money_back_and_the_guarantor_bears_the_loss(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        paid(session)
        back = events.claw_back(session, claim_no="C1", receipt_no="R7", by="fund", on=LATER, words=said("虚构债权"))
        assert back == 40 * WAN
        assert events.claw_back(session, claim_no="C1", receipt_no="R7", by="fund", on=LATER, words=said("虚构债权")) == 0
        assert statements.party_statement(session, POOL, FUND, LATER).net_borne_fen == 0
        assert statements.party_statement(session, POOL, GUARANTOR, LATER).net_borne_fen == 80 * WAN
        assert statements.faults(session) == []


def test_every_state_can_be_reached_and_no_move_starts_nowhere() -> None:
    reached = {State.REGISTERED} | set(MOVES.values())
    assert set(State) == reached
    assert {state for state, _ in MOVES} <= reached
    assert {move for _, move in MOVES} == set(Move)
    with pytest.raises(Conflict):
        after(State.CLAIM_SUBMITTED, Move.PAY)


def test_the_fund_knows_until_when_it_must_decide(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        a_default(session)
        file(session)
        assert statements.deadlines(session, "C1") == (date(2025, 7, 17), date(2025, 8, 14))
        assert b'"pool_registration"' in statements.certificate(session, "loan_1")
