"""An offer above the ceiling is kept, is refused with its words, and leaves the bank room for another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from backend.applications import actions, messages
from backend.applications.tables import ApplicationEvent, Offer
from backend.audit.model import Actor
from backend.kit.database import Database
from backend.kit.errors import Conflict
from lender_adapters import port
from tests.applications.test_moves import AT, DAY, an_application, nowhere
from tests.stage import Person, Stage

DEAR: dict[str, Any] = {
    "by its rate": {"rate_bp": 2390},
    "by a fee": {"rate_bp": 1500, "fees": (port.OfferFee("服务费", "firm", 1_500_000, "at_draw"),)},
    "by fees beyond the loan": {"rate_bp": 400, "fees": (port.OfferFee("服务费", "firm", 20_000_000, "at_draw"),)},
}


def offer(number: str, **changes: Any) -> port.OfferTerms:
    plain: dict[str, Any] = {
        "offer_no": number, "amount_fen": 20_000_000, "rate_bp": 400, "months": 12, "way": "interest_first",
        "day_count": "act/360", "fees": (), "valid_until": date(2025, 6, 1), "conditions": (),
    }  # fmt: skip
    return port.OfferTerms(**(plain | changes))


@pytest.mark.parametrize("dear", DEAR.values(), ids=DEAR.keys())
def test_an_offer_above_the_ceiling_is_kept_and_not_taken_up(database: Database, dear: dict[str, Any]) -> None:
    with database.writing() as session:
        application = an_application(session, 1)
        said = port.Decided("m-1", application.id, DAY, True, "同意", (), offer("O-1", **dear))
        messages.take(session, "harbour_bank", said, at=AT, onward=nowhere)
        row = session.scalars(select(Offer)).one()
        assert (row.state, application.state) == ("refused", "submitted")
        assert Decimal(row.by_days_bp) > 2400
        last = session.scalars(select(ApplicationEvent).order_by(ApplicationEvent.id.desc())).first()
        assert last is not None
        assert last.event == "offer_refused"
        assert "未予采用" in last.words["zh"]
        with pytest.raises(Conflict):
            actions.accept(session, Actor("u", "firm_owner", None), firm_id=row_firm(application), offer_id=row.id, at=AT)

        better = port.Decided("m-2", application.id, DAY, True, "下调后同意", (), offer("O-2"))
        messages.take(session, "harbour_bank", better, at=AT, onward=nowhere)
        states = {each.offer_no: each.state for each in session.scalars(select(Offer))}
        assert states == {"O-1": "refused", "O-2": "open"}
        assert application.state == "approved"


def row_firm(application: Any) -> str:
    return str(application.firm_id)


def test_a_product_of_a_bank_that_is_not_here_is_matched_and_not_submitted(stage: Stage) -> None:
    uscc = "91420100000000000U"
    stage.sound_firm(uscc)
    firm: Person = stage.firm(uscc)
    stage.authorise(firm)
    stage.gather(firm)
    found = {each["product"]: each for each in firm.do("POST", "/api/me/matches", {})}
    assert found["kiln_cycle_loan"]["channel"] == "at_the_bank"
    assert found["invoice_credit_loan"]["channel"] == "platform"
    wish = {"amount_fen": 20_000_000, "months": 12, "purpose": "stock"}
    asked = wish | {"choices": [{"product": "kiln_cycle_loan", "way": "by_cycle"}]}
    status, answer = firm.ask("POST", "/api/me/needs", asked)
    assert status == 403
    assert str(answer["type"]).endswith("at_the_bank")
    assert "000-0000-0801" in str(answer)
    assert firm.do("GET", "/api/me/needs") == []
