"""A sweep watches those who owe, under their consent; alerts give tasks; people answer; nothing else changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.audit.tables import AuditLine
from backend.consents import actions as consents
from backend.kit.calendar import add_months
from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, NotFound
from backend.scoring.warnings import actions, sweeping, views
from backend.scoring.warnings.tables import WarningAlert, WarningStanding, WarningTask
from backend.steps import views as steps
from backend.steps.calendar import Calendar
from tests.scoring.watched import FIRST, HARBOUR, ORCHARD, Watched, at, watched

OFFICER = Actor("user_officer", "bank_officer", "party_bank")
NEXT = add_months(FIRST, 1)
SOUND = {"sales_3m_change_bp": 300, "judgment_debtor": False, "insured_headcount_3m_change_bp": 0}


def sweep(session: Session, day: date = FIRST) -> dict[str, int]:
    return dict(sweeping.sweep(session, at=at(day)).counts["colours"])


def borrower(session: Session, number: int = 1, **opens: object) -> Watched:
    firm = watched(session, number, **opens)  # type: ignore[arg-type]  # a test's own terms
    firm.owes(session, FIRST - timedelta(days=10), {HARBOUR: 0})
    return firm


def open_alerts(session: Session) -> dict[tuple[str, str], str]:
    rows = session.scalars(select(WarningAlert).where(WarningAlert.state == "open"))
    return {(row.firm_id, row.indicator): row.colour for row in rows}


def test_only_who_owes_is_watched_and_each_reading_leaves_one_line(database: Database) -> None:
    with database.writing() as session:
        one, other, paid = borrower(session, 1), borrower(session, 2), watched(session, 3)
        paid.owes(session, FIRST, {HARBOUR: 0}, owed_fen=0)
        for firm in (one, other, paid):
            firm.tell(session, FIRST, **SOUND | {"judgment_debtor": True})
        row = sweeping.sweep(session, at=at(FIRST))
        assert (row.firms, row.counts["colours"]) == (2, {"GREEN": 0, "YELLOW": 0, "RED": 2})
    with database.writing() as session:
        lines = select(AuditLine.firm_id, func.count()).where(AuditLine.action == "facts.swept").group_by(AuditLine.firm_id)
        assert {row[0]: row[1] for row in session.execute(lines)} == {one.id: 1, other.id: 1}
        again = sweeping.sweep(session, at=at(FIRST) + timedelta(hours=3))
        assert again.at == row.at
        assert session.scalar(select(func.count()).select_from(WarningTask)) == 2


def test_a_sound_firm_leaves_no_row(database: Database) -> None:
    with database.writing() as session:
        borrower(session).tell(session, FIRST, **SOUND)
        assert sweep(session) == {"GREEN": 1, "YELLOW": 0, "RED": 0}
        assert session.scalar(select(func.count()).select_from(WarningStanding)) == 0


def test_what_is_not_opened_for_the_time_after_the_loan_is_not_read(database: Database) -> None:
    with database.writing() as session:
        firm = borrower(session, opens=("SOC01",))
        firm.tell(session, FIRST, sales_3m_change_bp=-9000, insured_headcount_3m_change_bp=-2500, abnormal_listed=True)
        sweep(session)
        assert open_alerts(session) == {(firm.id, "headcount"): "YELLOW", (firm.id, "abnormal_list"): "YELLOW"}


def test_evidence_lies_under_seal(database: Database) -> None:
    with database.writing() as session:
        borrower(session).tell(session, FIRST, sales_3m_change_bp=-7654)
        sweep(session)
        kept = session.execute(text("SELECT * FROM warning_alerts")).mappings().one()
        assert "7654" not in " ".join(str(value) for value in kept.values())


def test_the_bank_is_given_a_task_with_the_evidence_and_a_deadline(database: Database) -> None:
    with database.writing() as session:
        firm = borrower(session)
        firm.tell(session, FIRST, sales_3m_change_bp=-3500)
        sweep(session)
        (task,) = views.tasks(session, HARBOUR, at(FIRST))
        assert (task.task.due_on, task.colour) == (FIRST + timedelta(days=30), "YELLOW")
        assert task.notice is not None
        assert task.notice.value is not None
        assert task.notice.limit is not None
        assert (task.notice.value.zh, task.notice.limit.zh, task.notice.as_of) == ("-35.0%", "-30.0%", FIRST)
        firm.tell(session, NEXT, sales_3m_change_bp=-6000)
        sweep(session, NEXT)
        (task,) = views.tasks(session, HARBOUR, at(NEXT))
        assert (task.colour, task.task.due_on) == ("RED", FIRST + timedelta(days=30))


def test_a_bank_that_the_firm_did_not_name_is_not_told_and_a_withdrawal_hides_it_again(database: Database) -> None:
    with database.writing() as session:
        firm = watched(session, 1, to=(HARBOUR,))
        firm.owes(session, FIRST, {HARBOUR: 0, ORCHARD: 0})
        firm.tell(session, FIRST, sales_3m_change_bp=-3500, judgment_debtor=True)
        sweep(session)
        seen = {
            bank: {each.notice.indicator for each in views.tasks(session, bank, at(FIRST)) if each.notice}
            for bank in (HARBOUR, ORCHARD)
        }
        assert seen == {HARBOUR: {"sales", "enforcement"}, ORCHARD: {"enforcement"}}
        assert firm.paper is not None
        consents.revoke(session, firm.owner, firm.paper, at=at(FIRST) + timedelta(hours=1))
        left = [each.notice for each in views.tasks(session, HARBOUR, at(FIRST) + timedelta(hours=2))]
        assert sorted(each.indicator if each else "hidden" for each in left) == ["enforcement", "hidden"]


def test_a_banks_own_report_goes_to_no_other_bank(database: Database) -> None:
    with database.writing() as session:
        firm = watched(session, 1, to=(HARBOUR, ORCHARD))
        firm.owes(session, FIRST, {HARBOUR: 0, ORCHARD: 8})
        sweep(session)
        assert views.tasks(session, HARBOUR, at(FIRST)) == []
        assert [each.colour for each in views.tasks(session, ORCHARD, at(FIRST))] == ["YELLOW"]
        assert views.of_firms(session, [firm.id], recipient=HARBOUR, at=at(FIRST)) == []


def test_people_lift_what_an_event_set_to_red(database: Database) -> None:
    with database.writing() as session:
        firm = borrower(session)
        firm.tell(session, FIRST, judgment_debtor=True)
        sweep(session)
        firm.tell(session, NEXT, judgment_debtor=False)
        sweep(session, NEXT)
        sweep(session, add_months(NEXT, 1))
        assert open_alerts(session) == {(firm.id, "enforcement"): "RED"}
        (task,) = views.tasks(session, HARBOUR, at(NEXT))
        late = at(add_months(NEXT, 2))
        actions.answer(session, OFFICER, party=HARBOUR, task_id=task.task.id, outcome="confirmed", words="法院尚未结案", at=late)
        assert open_alerts(session)
        actions.answer(session, OFFICER, party=HARBOUR, task_id=task.task.id, outcome="resolved", words="已收到结案通知", at=late)
        assert open_alerts(session) == {}
        with pytest.raises(Conflict):
            actions.answer(session, OFFICER, party=HARBOUR, task_id=task.task.id, outcome="resolved", words="再说一次", at=late)
        assert sweep(session, add_months(NEXT, 2)) == {"GREEN": 1, "YELLOW": 0, "RED": 0}


def test_one_bank_alone_does_not_lift_what_another_confirms(database: Database) -> None:
    with database.writing() as session:
        firm = watched(session)
        firm.owes(session, FIRST, {HARBOUR: 0, ORCHARD: 0})
        firm.tell(session, FIRST, judgment_debtor=True)
        sweep(session)
        for bank, outcome in ((HARBOUR, "false_alarm"), (ORCHARD, "confirmed")):
            (task,) = views.tasks(session, bank, at(FIRST))
            actions.answer(session, OFFICER, party=bank, task_id=task.task.id, outcome=outcome, words="已电话核实", at=at(NEXT))
        assert open_alerts(session) == {(firm.id, "enforcement"): "RED"}


def test_another_banks_task_is_as_good_as_missing_and_an_answer_says_something(database: Database) -> None:
    with database.writing() as session:
        borrower(session).tell(session, FIRST, judgment_debtor=True)
        sweep(session)
        (task,) = views.tasks(session, HARBOUR, at(FIRST))
        with pytest.raises(NotFound):
            actions.answer(
                session, OFFICER, party=ORCHARD, task_id=task.task.id, outcome="resolved", words="已核实", at=at(FIRST)
            )
        with pytest.raises(NotFound):
            views.task(session, ORCHARD, task.task.id, at(FIRST))
        for outcome, words in (("fine", "已电话核实"), ("resolved", "ok")):
            with pytest.raises(Invalid):
                actions.answer(session, OFFICER, party=HARBOUR, task_id=task.task.id, outcome=outcome, words=words, at=at(FIRST))


def test_alerts_end_with_the_debt(database: Database) -> None:
    with database.writing() as session:
        firm = borrower(session)
        firm.tell(session, FIRST, judgment_debtor=True)
        sweep(session)
        firm.owes(session, NEXT, {HARBOUR: 0}, owed_fen=0)
        assert sweep(session, NEXT) == {"GREEN": 0, "YELLOW": 0, "RED": 0}
        assert open_alerts(session) == {}
        assert views.tasks(session, HARBOUR, at(NEXT)) == []


def tied(session: Session, **trouble: object) -> tuple[Watched, Watched]:
    """One firm that guarantees another's debt with all it has; the other owes nothing here."""
    giver, taker = borrower(session, 1), watched(session, 2, opens=())
    link = [{"uscc": taker.uscc, "amount_fen": 90_000_000, "direction": "given"}]
    giver.tell(session, FIRST, guarantee_links=link, registered_capital_fen=100_000_000, **SOUND)
    taker.tell(session, FIRST, **trouble)
    return giver, taker


def test_a_neighbours_trouble_alone_is_at_most_watch_and_names_nobody(database: Database) -> None:
    with database.writing() as session:
        giver, _ = tied(session, judgment_debtor=True, dishonest_debtor=True, serious_dishonest_listed=True)
        assert sweep(session) == {"GREEN": 0, "YELLOW": 1, "RED": 0}
        assert open_alerts(session) == {(giver.id, "neighbour"): "YELLOW"}
        (notice,) = views.of_firm(session, giver.id)
        said = " ".join(str(getattr(notice, name)) for name in notice.__slots__)
        assert "江城机械2" not in said
        assert "0.9" not in said
        (task,) = views.tasks(session, HARBOUR, at(FIRST))
        assert task.notice == notice


def test_a_neighbours_private_facts_are_not_read(database: Database) -> None:
    with database.writing() as session:
        tied(session, sales_3m_change_bp=-9000, tax_grade="D")
        assert sweep(session) == {"GREEN": 1, "YELLOW": 0, "RED": 0}


def test_a_tie_to_somebody_unknown_is_not_followed(database: Database) -> None:
    with database.writing() as session:
        firm = borrower(session)
        link = [{"uscc": "91330200000000000X", "share_bp": 9000, "direction": "holding"}]
        firm.tell(session, FIRST, equity_links=link, **SOUND)
        assert sweep(session) == {"GREEN": 1, "YELLOW": 0, "RED": 0}


def test_a_circle_of_guarantees_is_counted(database: Database) -> None:
    with database.writing() as session:
        ring = [borrower(session, number) for number in (1, 2, 3)]
        for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
            one.tell(session, FIRST, guarantee_links=[{"uscc": other.uscc, "amount_fen": 1, "direction": "given"}])
        row = sweeping.sweep(session, at=at(FIRST))
        assert row.counts["circles"] == [3]


def test_the_regulator_sees_counts_and_no_small_region(database: Database) -> None:
    with database.writing() as session:
        for number in range(1, 5):
            borrower(session, number).tell(session, FIRST, judgment_debtor=True)
        sweep(session)
        four = views.figures(session, FIRST)
        assert four["warning_regions"] == []
        borrower(session, 5).tell(session, NEXT, judgment_debtor=True)
        sweep(session, NEXT)
        found = views.figures(session, NEXT)
        assert [row["red"] for row in found["warning_sweeps"]] == [4, 5]
        assert found["warning_regions"] == [{"region": "330200", "colour": "RED", "firms": 5}]
        assert found["warning_indicators"][0]["indicator"] == "enforcement"


def test_the_step_returns_every_month(database: Database) -> None:
    calendar = Calendar([sweeping.SWEEPS, sweeping.FETCHES])
    with database.writing() as session:
        for moment in (FIRST - timedelta(days=3), FIRST - timedelta(days=2)):
            calendar.committed(calendar.plan(session, at(moment)))
        assert steps.waiting(session, sweeping.KIND, FIRST.isoformat())
        assert steps.waiting(session, sweeping.FETCH, (FIRST - timedelta(days=1)).isoformat())
        firm = borrower(session)
        sweeping.fetch(session, {}, at(FIRST - timedelta(days=1)))
        assert steps.waiting(session, "gather", f"{firm.id} post_loan")
        calendar.plan(session, at(FIRST))
        assert steps.waiting(session, sweeping.FETCH, (NEXT - timedelta(days=1)).isoformat())
        assert steps.waiting(session, sweeping.KIND, NEXT.isoformat())
