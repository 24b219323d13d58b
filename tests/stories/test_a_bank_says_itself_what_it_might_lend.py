"""A bank's own indication beside our match: nameless, no bureau query, once a day; a silent bank slows nobody."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import select

from backend.steps.tables import InboxMessage
from tests.portal.visitor import Visitor, credit_code
from tests.stage import Person, Stage

USCC = credit_code(41)
ASKED = {"product": "invoice_credit_loan", "amount_fen": 30_000_000, "months": 12}


def ready(stage: Stage) -> Person:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm, ("harbour_bank",))
    stage.gather(firm)
    firm.do("POST", "/api/me/matches", {})
    return firm


def browser(stage: Stage) -> Visitor:
    return Visitor(stage.client.app).sign_in(f"owner-{USCC[-6:].lower()}")  # type: ignore[arg-type]  # any ASGI application


def heard(stage: Stage) -> list[InboxMessage]:
    with stage.database.reading() as session:
        return list(session.scalars(select(InboxMessage).where(InboxMessage.verb == "indicate")))


def test_the_banks_word_stands_beside_ours_and_nobody_was_named(stage: Stage) -> None:
    firm = ready(stage)
    said = firm.do("POST", "/api/me/indications", ASKED)
    assert said["state"] == "asked"
    for _ in range(3):
        assert firm.do("POST", "/api/me/indications", ASKED)["id"] == said["id"], "once a day"
    stage.settle()
    (answer,) = firm.do("GET", "/api/me/indications")
    assert answer["state"] == "answered"
    assert answer["limit_fen"] > 0
    assert answer["rate_bp"] > 0
    assert answer["ours"]["limit_fen"] > 0
    assert "未查询征信" in answer["words"], "the bank's own words"
    (exchange,) = heard(stage)
    for name in (USCC, "临江精工", "林海"):
        assert name.encode() not in exchange.sent, "the bank is not told who asks"
    assert stage.book("harbour_bank")["applications"] == [], "nothing was applied for, nobody's record was queried"
    page = browser(stage).get("/matches/invoice_credit_loan").text
    assert "港湾银行自己怎么说" in page
    assert "未查询征信，最终以审批为准" in page


def test_a_bank_that_does_not_answer_is_called_silent_and_slows_nobody(stage: Stage) -> None:
    ready(stage)
    stage.control("harbour_bank", "POST", "fault", {"kind": "down", "times": 50})
    firm = browser(stage)
    firm.get("/matches/invoice_credit_loan")
    began = time.monotonic()
    firm.send("/matches/invoice_credit_loan/indicate", amount="30", months="12")
    assert time.monotonic() - began < 2
    assert firm.status == 200
    assert "正在等银行答复" in firm.text
    stage.settle()
    assert "银行没有答复；这里是我们自己的估算" in firm.get("/matches/invoice_credit_loan").text
    steps: dict[str, Any] = stage.operator.do("GET", "/api/operator/steps")
    assert steps["dead"] == []
    assert len(heard(stage)) == 1, "one try: an indication that comes late is of no use"


def test_a_question_that_may_not_be_asked_is_refused(stage: Stage) -> None:
    firm = ready(stage)
    for body, status, code in (
        (ASKED | {"product": "utility_credit_loan"}, 403, "not_offered"),
        (ASKED | {"product": "tax_credit_loan"}, 403, "consent_missing"),
        (ASKED | {"months": 7}, 422, "invalid"),
        (ASKED | {"amount_fen": 1}, 422, "invalid"),
        (ASKED | {"product": "no_such_product"}, 404, "product_not_found"),
    ):
        found, answer = firm.ask("POST", "/api/me/indications", body)
        assert (found, answer["type"].rsplit(":", 1)[1]) == (status, code), body
    assert firm.do("GET", "/api/me/indications") == []
    firm.do("POST", "/api/me/indications", ASKED)
    paper = next(each for each in firm.do("GET", "/api/me/consents") if each["kind"] == "firm" and "harbour_bank" in each["text"])
    firm.do("DELETE", f"/api/me/consents/{paper['id']}")
    stage.settle()
    (row,) = firm.do("GET", "/api/me/indications")
    assert row["state"] == "refused"
    assert heard(stage) == [], "what was withdrawn before the step did not leave"
