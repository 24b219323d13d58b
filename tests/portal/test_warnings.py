"""A bank's officer finds a warning, looks into it and says what was found; the firm reads what is said of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from backend.kit.clock import SHANGHAI, start_of
from backend.kit.database import Database
from backend.parties.tables import Firm, User
from backend.scoring.warnings import sweeping
from tests.portal.visitor import DAY, Visitor, a_firm, know, open_house
from tests.scoring.watched import HARBOUR, Watched


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def warned(app: FastAPI, database: Database) -> Visitor:
    """A firm that owes the harbour bank and was put on two lists."""
    owner = a_firm(app)
    know(database, "li", {"abnormal_listed": True, "judgment_debtor": True})
    with database.writing() as session:
        firm = session.scalars(select(Firm).join(User, User.party_id == Firm.party_id).where(User.login == "li")).one()
        Watched(firm.id, firm.uscc, None, None).owes(session, DAY - timedelta(days=9), {HARBOUR: 0})  # type: ignore[arg-type]
        sweeping.sweep(session, at=start_of(DAY).astimezone(SHANGHAI) + timedelta(hours=9))
    return owner


def test_the_officer_answers_and_the_warning_is_lifted(app: FastAPI, database: Database) -> None:
    owner = warned(app, database)
    owner.get("/warnings")
    assert "经营异常名录" in owner.text
    assert "港湾银行" in owner.text
    officer = Visitor(app).sign_in("harbour_bank_officer")
    officer.get("/desk/warnings")
    tasks = officer.links("/desk/warnings/")
    assert len(tasks) == 2
    assert "立即处理" in officer.text
    officer.get(tasks[0]).send(tasks[0], outcome="resolved", words="ok")
    assert officer.status == 422
    officer.send(tasks[0], outcome="resolved", words="已电话核实并取得材料")
    assert "核查结果已记录" in officer.text
    assert len(officer.links("/desk/warnings/")) == 1
    stranger = Visitor(app).sign_in("orchard_bank_officer")
    assert "没有需要处理的风险提示" in stranger.get("/desk/warnings").text
    assert stranger.get(tasks[1]).status == 404


def test_who_has_no_business_there_finds_no_page(app: FastAPI, database: Database) -> None:
    warned(app, database)
    for login in ("operator", "maker", "issuer"):
        assert Visitor(app).sign_in(login).get("/desk/warnings").status == 404
    guarantor = Visitor(app).sign_in("guarantor")
    assert guarantor.get("/desk/warnings").status == 200
    assert "经营异常" not in guarantor.text
