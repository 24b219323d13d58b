"""A small bank has no system that speaks to us: its officer asks, visits and decides at our desk; the firm sees every word."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from products.catalogue import Catalogue, load
from tests.stage import Person, Stage

USCC = "91420100000000000U"
BANK = "lantern_bank"
PRODUCTS = Path(__file__).parent / "products"


@pytest.fixture
def desk(stage: Stage) -> Person:
    """The bank takes part, with an officer and a product; it has no adapter."""
    ours, its = stage.house.catalogue, load(PRODUCTS)
    stage.house.catalogue = Catalogue(ours.products + its.products, ours.terms + its.terms)
    stage.take_part("bank", BANK, "提灯村镇银行", {"lantern": "bank_officer"})
    stage.take_part("bank", "harbour_bank", "港湾银行", {"harbour": "bank_officer"})
    return stage.people["lantern"]


def applied(stage: Stage) -> tuple[Person, str]:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm, (BANK,))
    stage.gather(firm)
    (application,) = stage.apply(firm, ("desk_loan", "interest_first"))["applications"]
    stage.settle()
    return firm, str(application["id"])


def seen(firm: Person, application: str) -> dict[str, Any]:
    return dict(firm.do("GET", f"/api/me/applications/{application}"))


def test_a_bank_without_an_api_decides_at_the_desk(stage: Stage, desk: Person) -> None:
    firm, application = applied(stage)
    assert [each["id"] for each in desk.do("GET", "/api/desk/applications")] == [application]
    assert "000-0000-0401" in seen(firm, application)["contact"]["zh"], "whom to call"
    assert seen(firm, application)["wait_until"]

    asked = {"documents": ["近三个月银行流水"], "words": "请补充流水，以便核实"}
    desk.do("POST", f"/api/desk/applications/{application}/ask", asked)
    view = seen(firm, application)
    assert (view["state"], view["documents_asked"], view["documents_words"]) == ("documents_asked", *asked.values())
    file = {"kind": "bank_statement", "name": "流水.pdf", "body_base64": base64.b64encode(b"%PDF-1.7").decode()}
    firm.do("POST", f"/api/me/applications/{application}/documents", {"files": [file]})
    stage.settle()
    assert seen(firm, application)["state"] == "submitted"

    desk.do("POST", f"/api/desk/applications/{application}/visit", {"words": "厂房整洁，机器在转，账实相符"})
    assert "bank_visited" in [each["event"] for each in seen(firm, application)["timeline"]]

    word = {"approved": True, "words": "同意，按月付息", "amount_fen": 25_000_000, "rate_bp": 480}
    too_much = word | {"amount_fen": 30_000_001}
    assert desk.ask("POST", f"/api/desk/applications/{application}/decide", too_much)[0] == 422
    desk.do("POST", f"/api/desk/applications/{application}/decide", word)
    view = seen(firm, application)
    assert (view["state"], view["decision_words"]) == ("approved", "同意，按月付息")
    (offer,) = stage.need(firm)["offers"]
    assert (offer["amount_fen"], offer["rate_bp"], offer["way"]) == (25_000_000, 480, "interest_first")
    assert offer["interest_fen"] > 0
    assert desk.ask("POST", f"/api/desk/applications/{application}/decide", word)[0] in (200, 409)
    assert len(stage.need(firm)["offers"]) == 1, "decided once"
    firm.do("POST", f"/api/me/offers/{offer['id']}/accept")
    stage.settle()
    assert seen(firm, application)["state"] == "accepted"
    assert firm.do("GET", "/api/me/loans") == {"facilities": [], "draws": []}
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []


def test_a_no_at_the_desk_comes_with_its_reason(stage: Stage, desk: Person) -> None:
    firm, application = applied(stage)
    where = f"/api/desk/applications/{application}/decide"
    assert desk.ask("POST", where, {"approved": False, "words": "不同意"})[0] == 422, "a no without a reason is no answer"
    desk.do("POST", where, {"approved": False, "words": "本次未能批准", "reasons": ["成立以来流水不连续"]})
    view = seen(firm, application)
    assert (view["state"], view["decision_reasons"]) == ("declined", ["成立以来流水不连续"])
    other = stage.people["harbour"]
    assert other.do("GET", "/api/desk/applications") == []
    assert other.ask("POST", where, {"approved": False, "words": "不", "reasons": ["x"]})[0] == 404


def test_a_bank_whose_system_speaks_is_not_overruled_at_the_desk(stage: Stage, desk: Person) -> None:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm, ("harbour_bank",))
    stage.gather(firm)
    (application,) = stage.apply(firm, ("invoice_credit_loan", "interest_first"))["applications"]
    stage.settle()
    word = {"approved": True, "words": "同意", "amount_fen": 1_000_000, "rate_bp": 400}
    status, answer = stage.people["harbour"].ask("POST", f"/api/desk/applications/{application['id']}/decide", word)
    assert (status, answer["type"].rsplit(":", 1)[1]) == (409, "bank_speaks")
