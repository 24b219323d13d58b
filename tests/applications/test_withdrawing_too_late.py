"""A bank that has signed answers a withdrawal with its contract: an answer, no dead letter; the application stays with it."""

from __future__ import annotations

from datetime import timedelta

from tests.portal.visitor import credit_code
from tests.stage import Person, Stage
from tests.steps.lines import let_pass

USCC = credit_code(31)


def accepted(stage: Stage, fault: str = "") -> tuple[Person, str]:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm, ("bell_tower_bank",))
    stage.gather(firm)
    stage.apply(firm, ("tax_credit_loan", "equal_instalments"), amount_fen=20_000_000)
    stage.days(5)
    (offer,) = stage.need(firm)["offers"]
    if fault:
        stage.control("bell_tower_bank", "POST", "fault", {"kind": fault, "times": 1000})
    firm.do("POST", f"/api/me/offers/{offer['id']}/accept")
    stage.settle()
    return firm, str(stage.need(firm)["applications"][0]["id"])


def test_too_late_is_an_answer_and_the_firm_is_told(stage: Stage) -> None:
    firm, application = accepted(stage)
    # The bank signs overnight; we have not heard of it yet when the firm withdraws.
    stage.control("bell_tower_bank", "POST", "day", {"day": (stage.today + timedelta(days=1)).isoformat()})
    assert stage.book("bell_tower_bank")["contracts"]
    firm.do("POST", f"/api/me/applications/{application}/withdraw")
    stage.settle()
    view = firm.do("GET", f"/api/me/applications/{application}")
    assert view["state"] == "accepted"
    (told,) = [each for each in view["timeline"] if each["event"] == "bank_kept"]
    assert told["verbatim"] == "合同已签署，不能撤回申请", "the bank's own words"
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []
    firm.do("POST", f"/api/me/applications/{application}/withdraw")
    stage.settle()
    view = firm.do("GET", f"/api/me/applications/{application}")
    assert [each["event"] for each in view["timeline"]].count("bank_kept") == 2, "asked again, answered again"
    stage.days(5)
    assert firm.do("GET", f"/api/me/applications/{application}")["state"] == "drawn"
    assert firm.do("GET", "/api/me/loans")["draws"]
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []


def test_what_was_withdrawn_before_the_bank_heard_of_it_is_never_accepted_there(stage: Stage) -> None:
    firm, application = accepted(stage, fault="down")
    firm.do("POST", f"/api/me/applications/{application}/withdraw")
    stage.control("bell_tower_bank", "POST", "fault", {"kind": "down", "times": 0})
    # Told in whichever order: the acceptance had failed and is put off, so the withdrawal goes first.
    for _ in range(3):
        stage.settle()
        let_pass(stage.database)
    stage.days(2)
    (kept,) = stage.book("bell_tower_bank")["applications"]
    assert kept["state"] == "withdrawn"
    assert firm.do("GET", f"/api/me/applications/{application}")["state"] == "withdrawn"
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == [], "nobody was told what was no longer so"
