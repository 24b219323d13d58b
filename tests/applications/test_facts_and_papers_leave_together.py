"""What a bank's own system fetches is one moment: no consent is withdrawn between the facts and the papers that opened them."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from sqlalchemy.orm import Session

from backend.applications import submission
from backend.applications import views as applications
from backend.audit.model import SYSTEM
from backend.consents import actions as consents
from backend.consents import views
from backend.kit.errors import Refused
from lender_adapters import port
from tests.portal.visitor import credit_code
from tests.stage import Stage

USCC = credit_code(33)


def test_a_consent_withdrawn_meanwhile_waits_until_facts_and_papers_are_read(stage: Stage) -> None:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm)
    stage.gather(firm)
    application = stage.apply(firm, ("invoice_credit_loan", "interest_first"))["applications"][0]["id"]
    at = stage.now
    with stage.database.reading() as session:
        row = applications.application(session, application)
        (paper, *_) = [
            each.id for each in views.papers(session, firm_id=row.firm_id, bank=row.bank, at=at) if each.kind == "firm"
        ]
    began, order = Event(), list[str]()

    def fetch(session: Session) -> port.Submission | None:
        bank, capacity = row.bank, stage.house.operator_capacity
        return submission.fetch(session, bank, application, stage.house.catalogue, capacity=capacity, at=at)[1]

    def withdraw() -> None:
        began.wait()
        with stage.database.writing() as session:
            consents.revoke(session, SYSTEM, paper, at=at)
            order.append("withdrawn")

    other = Thread(target=withdraw)
    other.start()
    with stage.database.writing() as session:
        whole = fetch(session)
        began.set()
        other.join(0.5)
        order.append("fetched")
    other.join()
    assert order == ["fetched", "withdrawn"]
    assert whole is not None
    assert whole.facts
    assert paper in {each.consent_id for each in whole.consents}
    with pytest.raises(Refused, match="withdrawn"), stage.database.reading() as session:
        fetch(session)
