"""Renewing without repaying principal (无还本续贷): asked 60 days before, applied for in time, decided by the bank."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.loans import renewal, renewal_terms
from backend.loans.tables import Draw
from backend.parties.tables import Firm
from backend.steps.tables import Step
from tests.loans.makers import VALUE, a_contract, a_drawn, at, people, take, the_draw

MATURES = date(2026, 1, 10)
ASKED, LAST = date(2025, 11, 11), date(2026, 1, 9)


def owner(session: Session) -> Actor:
    firm = session.scalars(select(Firm)).one()
    return Actor("user_owner", "firm_owner", firm.party_id)


def a_question(session: Session) -> Draw:
    take(session, a_contract(), a_drawn())
    draw = the_draw(session)
    renewal.ask(session, draw.id, at(ASKED))
    return draw


def test_one_step_a_draw_asks_sixty_days_before_it_matures(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn(), a_drawn())
        (step,) = session.scalars(select(Step).where(Step.kind == renewal.KIND))
        assert (step.payload["draw"], step.due.date()) == (the_draw(session).id, ASKED)


def test_a_draw_that_is_repaid_or_matured_is_not_asked_about(database: Database) -> None:
    with database.writing() as session:
        take(session, a_contract(), a_drawn())
        draw = the_draw(session)
        assert renewal.ask(session, draw.id, at(MATURES)) is None
        draw.repaid_on, draw.state = ASKED, "repaid"
        assert renewal.ask(session, draw.id, at(ASKED)) is None


def test_what_nobody_authorised_is_unknown_and_what_the_book_says_is_known(database: Database) -> None:
    with database.writing() as session:
        draw, who = a_question(session), people(session)
        seen = {
            each.code: each.held
            for each in renewal_terms.conditions(session, who["bank"], draw, recipient="orchard_bank", at=at(ASKED))
        }
        assert (seen["before_maturity"], seen["no_overdue"], seen["normal"]) == ("yes", "yes", "yes")
        assert {seen[code] for code in ("operating", "no_arrears", "issue_standards", "size")} == {"unknown"}


def test_the_conditions_are_judged_by_what_is_known() -> None:
    rules = renewal_terms.rules_on(ASKED)
    assert rules is not None

    def held(code: str, signals: tuple[str, ...] = (), dpd: int = 0, cls: str = "normal", **values: object) -> str:
        found = renewal_terms.judge(rules, values, matures_on=MATURES, dpd=dpd, cls=cls, signals=signals, day=ASKED)
        return next(each.held for each in found if each.code == code)

    assert held("operating", invoice_months_12m=9, invoice_gap_days=180) == "yes"
    assert held("operating", invoice_months_12m=8, invoice_gap_days=20) == "no"
    assert held("operating", invoice_months_12m=9) == "unknown"
    assert held("no_arrears", tax_arrears_fen=1) == "no", "one known arrear is enough"
    assert held("no_misuse", signals=("misuse",)) == "no"
    assert held("no_overdue", dpd=1) == "no"
    assert held("normal", cls="watch") == "no"


def test_a_renewal_keeps_its_ancestors_cohort_also_the_second_time(database: Database) -> None:
    with database.writing() as session:
        draw, bank, firm = a_question(session), people(session)["bank"], owner(session)
        with pytest.raises(Refused) as early:
            renewal.bank_says(session, bank, draw_id=draw.id, agreed=True, words="同意", at=at(ASKED))
        assert early.value.code == "not_applied"
        for _ in range(2):
            assert (
                renewal.firm_says(session, firm, draw_id=draw.id, wanted=True, words="订单稳定", at=at(ASKED)).state == "wanted"
            )
        with pytest.raises(Invalid):
            renewal.bank_says(session, bank, draw_id=draw.id, agreed=True, words=" ", at=at(ASKED))
        row = renewal.bank_says(session, bank, draw_id=draw.id, agreed=True, words="同意续贷", at=at(ASKED))
        assert {each["held"] for each in row.conditions} == {"yes", "unknown"}, "as the bank saw them when it decided"
        with pytest.raises(Conflict):
            renewal.firm_says(session, firm, draw_id=draw.id, wanted=False, words="", at=at(ASKED))
        take(session, a_contract(contract_no="HT-2", signed_on=LAST, on=LAST, expires_on=date(2027, 1, 9)))
        take(session, a_drawn(contract_no="HT-2", draw_no="JJ-2", value_date=MATURES))
        name = {"draw_id": draw.id, "new_draw_no": "JJ-2", "at": at(MATURES)}
        with pytest.raises(Refused) as late:
            renewal.renewed(session, bank, signed_on=MATURES, **name)
        assert late.value.code == "signed_late"
        renewal.renewed(session, bank, signed_on=LAST, **name)
        second = the_draw(session, "JJ-2")
        assert renewal.cohort_of(session, second) == VALUE
        again = renewal.ask(session, second.id, at(date(2026, 11, 11)))
        assert again is not None
        assert again.cohort == VALUE, "the cohort is inherited"


def test_a_renewal_named_late_hands_its_cohort_on_and_never_goes_back(database: Database) -> None:
    """The next question was put before the bank named the renewal; and no draw renews one that was drawn after it."""
    with database.writing() as session:
        draw, bank, firm = a_question(session), people(session)["bank"], owner(session)
        renewal.firm_says(session, firm, draw_id=draw.id, wanted=True, words="订单稳定", at=at(ASKED))
        renewal.bank_says(session, bank, draw_id=draw.id, agreed=True, words="同意续贷", at=at(ASKED))
        take(session, a_contract(contract_no="HT-2", signed_on=LAST, on=LAST, expires_on=date(2027, 1, 9)))
        take(session, a_drawn(contract_no="HT-2", draw_no="JJ-2", value_date=MATURES))
        second, next_year = the_draw(session, "JJ-2"), date(2026, 11, 11)
        asked = renewal.ask(session, second.id, at(next_year))
        assert asked is not None
        assert asked.cohort == MATURES, "nobody has said yet that it renews anything"
        renewal.renewed(session, bank, draw_id=draw.id, new_draw_no="JJ-2", signed_on=LAST, at=at(next_year))
        assert asked.cohort == VALUE
        renewal.firm_says(session, firm, draw_id=second.id, wanted=True, words="再续", at=at(next_year))
        renewal.bank_says(session, bank, draw_id=second.id, agreed=True, words="同意", at=at(next_year))
        with pytest.raises(Refused) as caught:
            renewal.renewed(session, bank, draw_id=second.id, new_draw_no=draw.draw_no, signed_on=LAST, at=at(next_year))
        assert caught.value.code == "drawn_before"


def test_nobody_speaks_for_another_and_not_after_maturity(database: Database) -> None:
    with database.writing() as session:
        draw, who = a_question(session), people(session)
        for actor in (Actor("x", "firm_owner", who["bank"].party_id), who["bank"]):
            with pytest.raises(NotFound):
                renewal.firm_says(session, actor, draw_id=draw.id, wanted=True, words="", at=at(ASKED))
        with pytest.raises(NotFound):
            renewal.bank_says(session, who["other_bank"], draw_id=draw.id, agreed=True, words="同意", at=at(ASKED))
        with pytest.raises(Refused) as over:
            renewal.firm_says(session, owner(session), draw_id=draw.id, wanted=True, words="", at=at(MATURES))
        assert over.value.code == "matured"
