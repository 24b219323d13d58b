"""What banks report, told as sentences: contracts, draws, repayments, told twice, told wrong, told late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, NotFound
from backend.loans import uplifted, views
from backend.loans.day import close_day
from backend.loans.model import Totals, bank_book, differences, unexplained
from backend.loans.tables import Facility
from tests.loans.makers import BANK, VALUE, WAN, a_contract, a_drawn, a_repaid, at, paid_up_to, take, the_draw, the_facility, told


def test_only_the_contract_makes_a_facility_and_only_the_draw_report_a_draw(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract())
        firm_id = the_facility(session).firm_id
        assert [each.limit_fen for each in views.facilities(session, firm_id, VALUE)] == [100 * WAN]
        assert views.draws(session, firm_id, VALUE) == []
        take(session, a_drawn())
        found = views.draws(session, firm_id, VALUE)[0]
        assert (found.outstanding_fen, found.dpd, found.cls, found.state) == (100 * WAN, 0, "normal", "running")
        assert (found.next_due_on, found.next_due_fen) == (date(2025, 1, 20), 100_000)
        assert found.undrawn_fen == 0
        assert views.discrepancies(session) == []


def test_told_twice_nothing_changes(database: Database) -> None:
    for _ in range(2):
        with database.writing() as session:
            take(session, a_contract(), a_drawn(), a_repaid(1, date(2025, 1, 20), interest=100_000))
    with database.reading() as session:
        draw = the_draw(session)
        assert len(views.payments(session, draw.id)) == 1
        assert views.discrepancies(session) == []


def test_a_loan_repaid_as_promised_is_closed_and_both_books_agree(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        paid_up_to(session, date(2026, 1, 10))
        draw = the_draw(session)
        assert (draw.state, draw.repaid_on, draw.outstanding_fen) == ("repaid", date(2026, 1, 10), 0)
        assert {each.state for each in views.schedule(session, draw, date(2026, 1, 10))} == {"paid"}
        assert views.discrepancies(session) == []
        ours = views.book(session)[BANK, "JJ-1"]
        assert ours.interest_paid_fen == 3_650_000
        assert views.next_event_on(session, draw.facility_id, date(2026, 1, 10)) is None
        closed = close_day(session, date(2026, 1, 10))
        assert (closed.draws, closed.overdue) == (1, 0)
        assert close_day(session, date(2026, 1, 11)).draws == 0, "closed for good"


def test_a_draw_or_payment_whose_parent_is_unknown_waits(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(Conflict) as no_contract:
            take(session, a_drawn())
        with pytest.raises(Conflict) as no_draw:
            take(session, a_repaid(1, VALUE, interest=1))
    assert (no_contract.value.code, no_draw.value.code) == ("contract_unknown", "draw_unknown")


def test_a_contract_number_belongs_to_one_application(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract())
        with pytest.raises(Conflict):
            take(session, a_contract(reference="app_2"))


def test_two_banks_may_use_the_same_numbers(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        take(session, a_contract(reference="app_2"), a_drawn(reference="app_2"), bank="bell_tower_bank")
        assert set(views.book(session)) == {(BANK, "JJ-1"), ("bell_tower_bank", "JJ-1")}


def test_a_split_that_is_not_ours_is_kept_as_told_and_noted_once(database: Database) -> None:
    wrong = a_repaid(1, date(2025, 1, 20), interest=99_999, principal=1)
    with database.writing() as session:
        take(session, a_contract(), a_drawn(), wrong, wrong)
        draw = the_draw(session)
        payment = views.payments(session, draw.id)[0]
        assert (payment.told_interest_fen, payment.told_principal_fen) == (99_999, 1)
        assert told(payment) == (0, 0, 100_000, 0)
        found = views.discrepancies(session, BANK)
        assert [(each.kind, each.payment_no) for each in found] == [("split", "JJ-1-HK-1")]
        assert found[0].ours["interest_fen"] == 100_000
        assert views.book(session)[BANK, "JJ-1"].interest_paid_fen == 100_000, "our book is ours"


def test_a_schedule_that_is_not_ours_is_followed_and_noted(database: Database) -> None:
    message = a_drawn()
    first = replace(message.schedule[0], interest_fen=message.schedule[0].interest_fen + 1)
    with database.writing() as session:
        take(session, a_contract(), replace(message, schedule=(first, *message.schedule[1:])))
        found = views.discrepancies(session)
        assert [each.kind for each in found] == ["schedule"]
        assert found[0].theirs["first_difference"] == ["2025-01-20", 0, 100_001]
        due = views.schedule(session, the_draw(session), VALUE)[0]
        assert (due.interest_fen, due.told_interest_fen) == (100_000, 100_001)


@pytest.mark.parametrize(
    ("contract", "drawn", "kind"),
    [
        ({"limit_fen": 99 * WAN}, {}, "over_limit"),
        ({"rate_bp": 361}, {}, "rate"),
        ({"signed_on": date(2025, 1, 11)}, {}, "outside_facility"),
        ({}, {"way": "revolving"}, None),
    ],
)
def test_a_draw_outside_its_contract_is_kept_and_noted(
    database: Database, contract: dict[str, object], drawn: dict[str, str], kind: str | None
) -> None:
    with database.writing() as session:
        take(session, a_contract(**contract), a_drawn(**drawn))  # type: ignore[arg-type]
        assert [each.kind for each in views.discrepancies(session)] == ([kind] if kind else [])
        assert the_draw(session).outstanding_fen == 100 * WAN


def test_the_same_number_told_with_another_amount_is_noted_and_the_first_word_stands(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn(), a_repaid(1, date(2025, 1, 20), interest=100_000))
        take(session, a_repaid(1, date(2025, 1, 20), interest=90_000), a_drawn(amount_fen=90 * WAN))
        assert [each.kind for each in views.discrepancies(session)] == ["retold", "retold"]
        assert views.book(session)[BANK, "JJ-1"].interest_paid_fen == 100_000
        assert the_draw(session).amount_fen == 100 * WAN


def test_a_number_told_again_for_other_draws_is_noted_for_each_of_them(database: Database) -> None:
    first = a_repaid(1, date(2025, 1, 20), interest=30_000)
    with database.writing() as session:
        take(session, a_contract(), *(a_drawn(amount_fen=30 * WAN, draw_no=f"JJ-{n}") for n in (1, 2, 3)), first)
        for _ in range(2):
            take(session, replace(first, draw_no="JJ-2"), replace(first, draw_no="JJ-3"))
        noted = [each.draw_id for each in views.discrepancies(session) if each.kind == "retold"]
        assert sorted(map(str, noted)) == sorted(the_draw(session, f"JJ-{n}").id for n in (2, 3))


def test_a_draw_number_told_again_for_other_contracts_is_noted_for_each_of_them(database: Database) -> None:
    with database.writing() as session:
        for n in (1, 2, 3):
            take(session, a_contract(reference=f"app_{n}", contract_no=f"HT-{n}"))
        take(session, a_drawn())
        for _ in range(2):
            take(session, a_drawn(contract_no="HT-2"), a_drawn(contract_no="HT-3"))
        contracts = {each.id: each.contract_no for each in session.scalars(select(Facility))}
        found = views.discrepancies(session)
        assert [(each.kind, contracts[each.facility_id]) for each in found] == [("retold", "HT-2"), ("retold", "HT-3")]
        assert len(views.book(session)) == 1, "the first word stands: the money was paid out once"


def test_payments_told_in_the_wrong_order_end_in_the_same_book(database: Database) -> None:
    first = a_repaid(1, date(2025, 1, 20), interest=100_000)
    second = a_repaid(2, date(2025, 2, 20), interest=310_000)
    with database.writing() as session:
        take(session, a_contract(), a_drawn(), second, first)
        ours = views.book(session)[BANK, "JJ-1"]
        assert (ours.interest_paid_fen, ours.outstanding_fen) == (410_000, 100 * WAN)
        assert [each.our_interest_fen for each in views.payments(session, the_draw(session).id)] == [100_000, 310_000]


def test_a_repayment_of_nothing_is_refused(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        with pytest.raises(Invalid):
            take(session, a_repaid(1, VALUE))


def test_another_firms_draw_is_not_found(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        for read in (
            lambda: views.draw(session, "firm_other", the_draw(session).id, VALUE),
            lambda: views.facility(session, "firm_other", the_facility(session).id),
            lambda: views.draw(session, the_draw(session).firm_id, "nothing", VALUE),
        ):
            with pytest.raises(NotFound):
                read()


@pytest.mark.parametrize("table", ["payments", "class_events", "discrepancies"])
def test_the_database_itself_refuses_to_edit_what_was_told(database: Database, table: str) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn(), a_repaid(1, date(2025, 1, 20), interest=99_999, principal=1))
        close_day(session, date(2025, 6, 1))
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(text(f"DELETE FROM {table}"))


def test_a_frozen_part_of_the_limit_cannot_be_drawn_unnoticed(database: Database) -> None:
    from backend.audit.model import SYSTEM
    from tests.loans.makers import SAID

    with database.writing() as session:
        take(session, a_contract())
        facility = the_facility(session)
        uplifted.freeze(session, SYSTEM, facility_id=facility.id, frozen_fen=60 * WAN, at=at(VALUE), words=SAID)
        with pytest.raises(Invalid):
            uplifted.freeze(session, SYSTEM, facility_id=facility.id, frozen_fen=101 * WAN, at=at(VALUE), words=SAID)
        take(session, a_drawn(amount_fen=50 * WAN))
        assert [each.kind for each in views.discrepancies(session)] == ["over_limit"]


# ---------------------------------------------------------------- our book and the bank's


def _laid_open(**other: object) -> dict[str, object]:
    parts = {"amount_fen": 110, "expenses_fen": 0, "penalty_fen": 1, "interest_fen": 9, "principal_fen": 100}
    draw = {
        "draw_no": "D1",
        "amount_fen": 1_000,
        "interest_paid_fen": 9,
        "penalty_paid_fen": 1,
        "outstanding_fen": 900,
        "by_source": {"borrower": parts},
    }
    return {"draws": [draw | other]}


def test_two_equal_books_leave_nothing_unexplained() -> None:
    ours = {("b", "D1"): Totals(1_000, 100, 0, 0, 9, 1, 900)}
    assert bank_book("b", _laid_open()) == ours
    assert unexplained(ours, bank_book("b", _laid_open())) == 0


def test_a_lost_repayment_shows_in_every_kind_it_touched() -> None:
    ours = {("b", "D1"): Totals(drawn_fen=1_000, outstanding_fen=1_000)}
    found = differences(ours, bank_book("b", _laid_open()))
    assert {kind for _, kind, _, _ in found} == {
        "principal_borrower_fen",
        "interest_paid_fen",
        "penalty_paid_fen",
        "outstanding_fen",
    }
    assert unexplained(ours, bank_book("b", _laid_open())) == 100 + 9 + 1 + 100


def test_a_missing_draw_counts_in_full_on_either_side() -> None:
    theirs = bank_book("b", _laid_open())
    assert unexplained({}, theirs) == unexplained(theirs, {}) == 1_000 + 100 + 9 + 1 + 900


def test_money_booked_under_another_source_is_not_explained_away() -> None:
    ours = {("b", "D1"): Totals(1_000, 0, 100, 0, 9, 1, 900)}
    assert unexplained(ours, bank_book("b", _laid_open())) == 200
