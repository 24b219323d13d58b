"""The guaranteed road, told as sentences: decided before the draw, paid after default, claimed after judgment, shared back."""

from __future__ import annotations

from datetime import date

import pytest

from backend.audit import views as audit
from backend.audit.model import SYSTEM
from backend.kit.database import Database
from backend.kit.errors import Conflict, NotFound, Refused
from backend.loans import claiming, compensation, fund_acts, guarantees, pool_money, views
from backend.loans.day import close_day
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.live import statements
from tests.loans.makers import (
    FUND,
    GUARANTOR,
    POOL,
    SAID,
    SCHEME,
    SIGNED,
    WAN,
    a_claim,
    a_contract,
    a_covered_draw,
    a_drawn,
    a_paid_claim,
    a_paid_guarantee,
    a_pool,
    a_repaid,
    asked,
    at,
    paid_up_to,
    people,
    take,
    the_draw,
    the_facility,
    the_guarantee,
)


def test_acceptance_holds_headroom_and_asks_the_guarantor_but_books_no_loan(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        guarantee = asked(session)
        assert asked(session) is guarantee
        assert (guarantee.guarantor, guarantee.state, guarantee.until) == (GUARANTOR, "waiting", date(2025, 2, 5))
        room = statements.headroom(session, POOL, SIGNED)
        assert (room.reserved_fen, room.commitments_fen) == (100 * WAN, 0)
        assert views.facilities(session, guarantee.firm_id, SIGNED) == []
        assert statements.headroom(session, POOL, date(2025, 2, 6)).reserved_fen == 0


def test_a_draw_decided_registered_and_drawn_in_this_order_is_covered(database: Database) -> None:
    with database.writing() as session:
        draw = a_covered_draw(session)
        assert draw.coverage == "registered"
        room = statements.headroom(session, POOL, SIGNED)
        assert (room.reserved_fen, room.commitments_fen) == (0, 100 * WAN), "the reservation became the commitment"
        assert views.discrepancies(session) == []
        again = guarantees.register_at_pool(session, facility_id=the_facility(session).id, at=at(SIGNED))
        assert again.state == "active"
        assert b'"pool_registration"' in guarantees.registration_certificate(session, the_facility(session).id)
        assert b"DB-app_1" in guarantees.guarantee_letter(the_guarantee(session))
        assert audit.policy(session, again.policy_digest).startswith(b"{")


@pytest.mark.parametrize("decision", [None, False])
def test_without_the_guarantors_yes_there_is_no_registration(database: Database, decision: bool | None) -> None:
    with database.writing() as session:
        a_pool(session)
        guarantee = asked(session)
        if decision is False:
            guarantees.decide_guarantee(
                session, people(session)["guarantor"], guarantee_id=guarantee.id, granted=False, words=SAID, at=at(SIGNED)
            )
            assert statements.headroom(session, POOL, SIGNED).reserved_fen == 0, "a no gives the headroom back"
        take(session, a_contract(), scheme=SCHEME)
    with pytest.raises(Refused) as caught, database.writing() as session:
        guarantees.register_at_pool(session, facility_id=the_facility(session).id, at=at(SIGNED))
    assert caught.value.code == "no_guarantee_decision"
    with database.reading() as session:
        assert (the_facility(session).pool_refusal or {})["code"] == "no_guarantee_decision"


def test_a_guaranteed_draw_that_was_not_registered_is_kept_marked_uncovered_and_noted(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        take(session, a_contract(), a_drawn(), scheme=SCHEME)
        draw = the_draw(session)
        assert (draw.coverage, draw.outstanding_fen) == ("uncovered", 100 * WAN)
        assert [each.kind for each in views.discrepancies(session)] == ["uncovered"]
        paid_up_to(session, date(2025, 1, 20))
        close_day(session, date(2025, 6, 1))
        with pytest.raises(NotFound):
            compensation.demand_on_guarantor(session, SYSTEM, draw_id=draw.id, at=at(date(2025, 6, 1)))


def test_a_draw_before_its_registration_day_is_uncovered(database: Database) -> None:
    with database.writing() as session:
        who = people(session)
        a_pool(session)
        asked(session)
        guarantees.decide_guarantee(
            session, who["guarantor"], guarantee_id=the_guarantee(session).id, granted=True, words=SAID, at=at(SIGNED)
        )
        take(session, a_contract(), scheme=SCHEME)
        guarantees.register_at_pool(session, facility_id=the_facility(session).id, at=at(date(2025, 1, 11)))
        take(session, a_drawn())
        assert the_draw(session).coverage == "uncovered"


def test_a_paused_pool_refuses_the_registration_and_the_firm_is_told(database: Database) -> None:
    with database.writing() as session:
        who = people(session)
        a_pool(session)
        asked(session)
        guarantees.decide_guarantee(
            session, who["guarantor"], guarantee_id=the_guarantee(session).id, granted=True, words=SAID, at=at(SIGNED)
        )
        take(session, a_contract(), scheme=SCHEME)
        fund_acts.set_pool(session, who["checker"], pool=POOL, paused=True, words=SAID, at=at(SIGNED))
    with pytest.raises(Refused) as caught, database.writing() as session:
        guarantees.register_at_pool(session, facility_id=the_facility(session).id, at=at(SIGNED))
    assert caught.value.code == "pool_paused"
    with database.writing() as session:
        assert (the_facility(session).pool_refusal or {})["code"] == "pool_paused"
        fund_acts.propose_reopening(session, people(session)["maker"], pool=POOL, words=SAID, at=at(SIGNED))
        fund_acts.set_pool(session, people(session)["checker"], pool=POOL, paused=False, words=SAID, at=at(SIGNED))
        assert guarantees.register_at_pool(session, facility_id=the_facility(session).id, at=at(SIGNED)).amount_fen == 100 * WAN
        assert the_facility(session).pool_refusal is None


def test_a_paused_pool_refuses_at_acceptance_already(database: Database) -> None:
    with database.writing() as session:
        a_pool(session)
        events.pause(session, POOL, by="fund", words=SAID, on=SIGNED)
        with pytest.raises(Refused) as caught:
            asked(session)
        assert caught.value.code == "pool_paused"


def test_repayment_releases_the_commitment_step_by_step(database: Database) -> None:
    with database.writing() as session:
        a_covered_draw(session)
        paid_up_to(session, date(2026, 1, 10))
        closed = close_day(session, date(2026, 1, 10))
        assert closed.released_fen == 100 * WAN
        assert statements.headroom(session, POOL, date(2026, 1, 10)).commitments_fen == 0
        assert statements.loan_history(session, the_facility(session).id)[-1].became == "released"
        assert statements.faults(session) == []


def test_a_default_draws_the_pool_and_a_recovery_is_shared_back(database: Database) -> None:
    with database.writing() as session:
        guarantee = a_paid_guarantee(session)
        draw = the_draw(session)
        assert (guarantee.demanded_fen, draw.outstanding_fen, draw.state) == (80 * WAN, 20 * WAN, "compensated")
        a_paid_claim(session)
        assert statements.headroom(session, POOL, date(2025, 9, 30)).cash_fen == 6_960 * WAN
        assert statements.headroom(session, POOL, date(2025, 9, 30)).commitments_fen == 0
    with database.writing() as session:
        day = date(2025, 12, 1)
        said = compensation.propose_recovery(
            session,
            people(session)["guarantor"],
            guarantee_id=the_guarantee(session).id,
            gross_fen=30 * WAN,
            costs_fen=2 * WAN,
            receipt_no="ZC-1",
            on=day,
            at=at(day),
        )
        parts = pool_money.confirm(session, people(session)["checker"], proposal=said.id, words=SAID, at=at(day)).result["fen"]
        assert parts == {"guarantor": 11_200_000, "fund": 11_200_000, "bank": 5_600_000}
        take(session, a_repaid(100, day, source="recovery", principal=parts["bank"]))
        assert the_draw(session).outstanding_fen == 20 * WAN - 5_600_000
        close_day(session, day)
        ours = views.book(session)["orchard_bank", "JJ-1"]
        assert (ours.principal_guarantor_fen, ours.principal_recovery_fen) == (80 * WAN, 5_600_000)
        assert statements.party_statement(session, POOL, FUND, day).net_borne_fen == 28_800_000
        assert statements.faults(session) == []
        assert views.discrepancies(session) == []
        assert the_draw(session).defaulted_on is not None


def test_what_the_guarantor_says_it_paid_is_believed_when_the_bank_reports_it(database: Database) -> None:
    with database.writing() as session:
        who, draw, day = people(session), a_covered_draw(session), date(2025, 6, 30)
        paid_up_to(session, date(2025, 3, 20))
        close_day(session, day)
        guarantee = compensation.demand_on_guarantor(session, SYSTEM, draw_id=draw.id, at=at(day))
        assert compensation.demand_on_guarantor(session, who["bank"], draw_id=draw.id, at=at(day)) == guarantee
        paid = {"guarantee_id": guarantee.id, "receipt_no": "DC-1", "paid_on": day, "at": at(day)}
        with pytest.raises(Refused) as little:
            compensation.guarantor_paid(session, who["guarantor"], amount_fen=80 * WAN - 1, **paid)
        assert little.value.code == "paid_too_little"
        for _ in range(2):
            compensation.guarantor_paid(session, who["guarantor"], amount_fen=80 * WAN, **paid)
        with pytest.raises(Conflict):
            compensation.guarantor_paid(session, who["guarantor"], amount_fen=81 * WAN, **paid)
        with pytest.raises(Refused) as caught:
            a_claim(session)
        assert caught.value.code == "payout_not_confirmed"
        take(session, a_repaid(99, day, source="guarantor", principal=80 * WAN))
        assert a_claim(session).payout_fen == 40 * WAN


def test_nothing_is_asked_of_the_guarantor_while_nothing_is_past_due(database: Database) -> None:
    with database.writing() as session:
        draw = a_covered_draw(session)
        with pytest.raises(Refused) as caught:
            compensation.demand_on_guarantor(session, SYSTEM, draw_id=draw.id, at=at(date(2025, 1, 20)))
        assert caught.value.code == "not_overdue"
        with pytest.raises(Refused) as unasked:
            compensation.guarantor_paid(
                session,
                people(session)["guarantor"],
                guarantee_id=the_guarantee(session).id,
                amount_fen=80 * WAN,
                receipt_no="X",
                paid_on=SIGNED,
                at=at(SIGNED),
            )
        assert unasked.value.code == "not_demanded"


def test_what_the_borrower_repays_before_payment_shrinks_the_claim(database: Database) -> None:
    with database.writing() as session:
        a_paid_guarantee(session)
        assert a_claim(session).payout_fen == 40 * WAN
        owed = views.draw(session, the_draw(session).firm_id, the_draw(session).id, date(2025, 9, 12)).owed_fen
        take(session, a_repaid(5, date(2025, 9, 12), interest=owed, principal=10 * WAN))
        close_day(session, date(2025, 9, 12))
        (claim,) = statements.claims(session)
        assert (claim.unpaid_principal_fen, claim.payout_fen) == (90 * WAN, 36 * WAN)


def test_a_loan_that_is_cured_before_a_demand_is_active_again_in_the_pool(database: Database) -> None:
    with database.writing() as session:
        a_covered_draw(session)
        close_day(session, date(2025, 1, 25))
        paid_up_to(session, date(2025, 1, 20))
        close_day(session, date(2025, 1, 26))
        assert [each.became for each in statements.loan_history(session, the_facility(session).id)] == [
            "active",
            "overdue",
            "active",
        ]


def test_others_see_nothing_and_nobody_acts_outside_his_role(database: Database) -> None:
    with database.writing() as session:
        who, guarantee = people(session), a_paid_guarantee(session)
        a_claim(session)
        day = at(date(2025, 9, 20))
        attempts = [
            lambda: guarantees.decide_guarantee(
                session, who["other_guarantor"], guarantee_id=guarantee.id, granted=True, words=SAID, at=day
            ),
            lambda: guarantees.decide_guarantee(
                session, who["bank"], guarantee_id=guarantee.id, granted=True, words=SAID, at=day
            ),
            lambda: compensation.demand_on_guarantor(session, who["other_bank"], draw_id=the_draw(session).id, at=day),
            lambda: fund_acts.review_claim(session, who["other_maker"], claim_no="C-1", opinion="approve", words=SAID, at=day),
            lambda: fund_acts.review_claim(session, who["checker"], claim_no="C-1", opinion="approve", words=SAID, at=day),
            lambda: fund_acts.approve_claim(session, who["maker"], claim_no="C-1", words=SAID, at=day),
            lambda: fund_acts.instruct_payment(session, who["maker"], claim_no="C-1", at=day),
            lambda: claiming.withdraw_claim(session, who["other_guarantor"], claim_no="C-1", words=SAID, at=day),
            lambda: fund_acts.set_pool(session, who["guarantor"], pool=POOL, paused=True, words=SAID, at=day),
        ]
        for attempt in attempts:
            with pytest.raises(NotFound):
                attempt()
        assert ledger.balances(session, POOL)["approved_fen"] == 0


def test_every_decision_leaves_its_line_in_the_log(database: Database) -> None:
    with database.writing() as session:
        a_paid_guarantee(session)
        a_paid_claim(session)
    with database.reading() as session:
        done = {line.action for line in audit.trail(session, firm_id=the_facility(session).firm_id)}
        assert {
            "guarantee.granted",
            "loan.contract",
            "loan.registered",
            "loan.draw",
            "loan.repayment",
            "guarantor.demanded",
            "guarantor.paid",
            "claim.filed",
            "claim.reviewed_approve",
            "claim.approved",
            "claim.instructed",
            "claim.paid",
        } <= done
        assert audit.faults(session) == []
