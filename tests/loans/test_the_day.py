"""The end of a day: days past due, five categories, and the facts the other rooms learn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.audit.model import SYSTEM
from backend.credit_data.tables import FactRow
from backend.kit.database import Database
from backend.kit.errors import Invalid, Misconfigured
from backend.loans import signals, views
from backend.loans.day import close_day
from backend.loans.model import Class, Classified, classify, rules_on
from tests.loans.makers import SAID, a_contract, a_drawn, a_repaid, at, paid_up_to, take, the_draw, the_facility

DUE = date(2025, 2, 20)


def _late_draw(session: object) -> None:
    take(session, a_contract(), a_drawn())  # type: ignore[arg-type]
    paid_up_to(session, date(2025, 1, 20))  # type: ignore[arg-type]


def test_a_default_walks_through_the_five_categories_by_days(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        seen = []
        for days in (0, 1, 7, 8, 90, 91, 270, 271, 360, 361):
            close_day(session, DUE + timedelta(days=days))
            seen.append((the_draw(session).dpd, the_draw(session).cls))
        assert seen == [
            (0, "normal"),
            (1, "normal"),
            (7, "normal"),
            (8, "watch"),
            (90, "watch"),
            (91, "substandard"),
            (270, "substandard"),
            (271, "doubtful"),
            (360, "doubtful"),
            (361, "loss"),
        ]
        history = views.class_history(session, the_draw(session).id)
        assert [(each.became, each.dpd, each.causes) for each in history] == [
            ("watch", 8, ["days"]),
            ("substandard", 91, ["days", "mostly_overdue"]),
            ("doubtful", 271, ["days"]),
            ("loss", 361, ["days"]),
        ]
        assert the_draw(session).defaulted_on == DUE + timedelta(days=91)


def test_a_few_technical_days_are_forgiven_and_forgotten(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        close_day(session, DUE + timedelta(days=3))
        assert (the_draw(session).state, the_draw(session).cls) == ("late", "normal")
        take(session, a_repaid(2, DUE + timedelta(days=4), interest=310_000))
        assert (the_draw(session).state, the_draw(session).dpd, the_draw(session).max_dpd) == ("running", 0, 4)


def test_a_cured_default_stays_bad_until_it_was_observed(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        close_day(session, date(2025, 6, 1))
        assert the_draw(session).cls == "substandard"
        paid_up_to(session, date(2025, 5, 20))
        cured = date(2025, 6, 2)
        for number, left in enumerate(views.schedule(session, the_draw(session), cured)):
            assert left.state in ("paid", "later"), number
        close_day(session, cured)
        assert (the_draw(session).dpd, the_draw(session).cls) == (0, "substandard")
        paid_up_to(session, date(2025, 12, 20))
        close_day(session, cured + timedelta(days=179))
        assert the_draw(session).cls == "substandard"
        close_day(session, cured + timedelta(days=180))
        assert the_draw(session).cls == "normal"


def test_an_event_lowers_the_class_whatever_the_days(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        firm_id, day = the_facility(session).firm_id, date(2025, 1, 25)
        signal = signals.raise_signal(session, SYSTEM, firm_id=firm_id, name="misuse", words=SAID, at=at(day))
        assert signals.raise_signal(session, SYSTEM, firm_id=firm_id, name="misuse", words=SAID, at=at(day)) is signal
        close_day(session, day)
        assert the_draw(session).cls == "watch"
        signals.lift_signal(session, SYSTEM, signal_id=signal.id, at=at(day))
        close_day(session, day + timedelta(days=1))
        assert the_draw(session).cls == "normal", "watch is no bad class: it needs no observation"
        bankrupt = signals.raise_signal(session, SYSTEM, firm_id=firm_id, name="bankruptcy", words=SAID, at=at(day))
        close_day(session, day + timedelta(days=2))
        assert (the_draw(session).cls, the_draw(session).defaulted_on) == ("loss", day + timedelta(days=2))
        signals.lift_signal(session, SYSTEM, signal_id=bankrupt.id, at=at(day + timedelta(days=3)))
        close_day(session, day + timedelta(days=4))
        assert the_draw(session).cls == "loss", "a bad class needs its observation"
        with pytest.raises(Invalid):
            signals.raise_signal(session, SYSTEM, firm_id=firm_id, name="bad luck", words=SAID, at=at(day))


def test_a_restructured_loan_is_on_watch_for_a_year_although_the_event_was_lifted(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(expires_on=date(2027, 1, 31)), a_drawn(months=24))
        firm_id, day = the_facility(session).firm_id, date(2025, 1, 21)
        signal = signals.raise_signal(session, SYSTEM, firm_id=firm_id, name="restructured", words=SAID, at=at(day))
        signals.lift_signal(session, SYSTEM, signal_id=signal.id, at=at(day + timedelta(days=1)))
        paid_up_to(session, date(2026, 1, 20))
        for on, cls in (
            (day, "watch"),
            (date(2025, 9, 30), "watch"),
            (date(2026, 1, 20), "watch"),
            (date(2026, 1, 21), "normal"),
        ):
            close_day(session, on)
            assert the_draw(session).cls == cls, on
        history = views.class_history(session, the_draw(session).id)
        assert (history[0].day, history[0].causes) == (day, ["restructured"])


def test_the_observation_after_a_restructuring_is_longer_than_after_a_cure() -> None:
    day = date(2025, 1, 20)

    def cured(on: date, restructured_on: date | None) -> Class:
        return classify(on, past_due=0, was="substandard", cured_on=day, restructured_on=restructured_on).became

    assert [cured(date(2025, 7, 18), None), cured(date(2025, 7, 19), None)] == ["substandard", "normal"]
    assert [cured(date(2026, 1, 19), day), cured(date(2026, 1, 20), day)] == ["substandard", "normal"]
    assert classify(date(2026, 1, 19), past_due=0, restructured_on=day) == Classified("watch", ("restructured",))
    assert classify(date(2026, 1, 20), past_due=0, restructured_on=day).became == "normal"


def test_the_debtor_is_looked_at_as_a_whole(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        take(session, a_contract(reference="app_2"), bank="bell_tower_bank")
        take(session, a_drawn(reference="app_2", draw_no="Z-1", value_date=date(2025, 5, 21)), bank="bell_tower_bank")
        close_day(session, date(2025, 6, 1))
        history = views.class_history(session, the_draw(session, "Z-1").id)
        assert [(each.became, each.dpd, each.causes) for each in history] == [("substandard", 0, ["mostly_overdue"])]


def test_a_small_bad_loan_puts_the_firms_other_loans_on_watch(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn(amount_fen=1_000_000))
        take(session, a_contract(reference="app_2"), bank="bell_tower_bank")
        take(session, a_drawn(reference="app_2", draw_no="Z-1", value_date=date(2025, 5, 21)), bank="bell_tower_bank")
        close_day(session, date(2025, 6, 1))
        assert (the_draw(session).cls, the_draw(session, "Z-1").cls) == ("substandard", "watch")


def test_closing_a_day_twice_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        first = close_day(session, date(2025, 6, 1))
        again = close_day(session, date(2025, 6, 1))
        assert (first.class_changes, first.firms_told) == (1, 1)
        assert (again.class_changes, again.firms_told, again.released_fen) == (0, 0, 0)


def test_a_loan_with_nothing_new_is_not_looked_at_until_something_happens(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        assert [close_day(session, date(2025, 2, day)).draws for day in (1, 2, 20, 21)] == [1, 0, 0, 1]
        take(session, a_repaid(2, date(2025, 2, 22), interest=310_000))
        assert [close_day(session, date(2025, 2, day)).draws for day in (22, 23)] == [1, 0]


def test_the_other_rooms_learn_outcomes_as_facts_when_they_change(database: Database) -> None:
    with database.writing() as session:
        _late_draw(session)
        for day in (1, 2, 3, 95, 96):
            close_day(session, DUE + timedelta(days=day))
        firm_id = the_facility(session).firm_id
        rows = session.scalars(select(FactRow).where(FactRow.firm_id == firm_id, FactRow.code == "bnk_max_dpd")).all()
        assert sorted(row.as_of for row in rows) == [DUE + timedelta(days=1), DUE + timedelta(days=95)], (
            "told on change, not daily"
        )


def test_rules_of_classification_are_dated() -> None:
    assert rules_on(date(2025, 1, 1)).valid_from == date(2023, 7, 1)
    with pytest.raises(Misconfigured, match=r"classes\.yaml"):
        rules_on(date(2023, 6, 30))
    assert classify(date(2025, 1, 1), past_due=400, events=("misuse",)).causes == ("days",)
