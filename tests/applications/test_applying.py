"""Apply once, at no more than three, compare by the true price, accept one: and nothing is booked by any of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from backend.kit import clock
from tests.portal.visitor import credit_code
from tests.stage import Person, Stage
from tests.stories import guaranteed

USCC = credit_code(11)
INVOICE, TAX, UTILITY = (
    ("invoice_credit_loan", "interest_first"),
    ("tax_credit_loan", "equal_instalments"),
    ("utility_credit_loan", "interest_first"),
)


@pytest.fixture
def firm(stage: Stage) -> Person:
    stage.sound_firm(USCC)
    made = stage.firm(USCC)
    stage.authorise(made)
    stage.gather(made)
    return made


def wish(*products: tuple[str, str], **other: Any) -> dict[str, Any]:
    asked = {"amount_fen": 20_000_000, "months": 12, "purpose": "stock"}
    return asked | {"choices": [{"product": product, "way": way} for product, way in products]} | other


def code_of(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit(":", 1)[1]


def test_the_same_key_is_one_need_and_another_wish_under_it_is_refused(stage: Stage, firm: Person) -> None:
    key = {"idempotency_key": "k" * 60 + "1"}
    first = firm.do("POST", "/api/me/needs", wish(INVOICE), **key)
    assert firm.do("POST", "/api/me/needs", wish(INVOICE), **key)["id"] == first["id"]
    for other in (wish(INVOICE, amount_fen=20_000_100), wish(TAX), wish(INVOICE, TAX), wish(INVOICE, purpose="wages")):
        status, answer = firm.ask("POST", "/api/me/needs", other, **key)
        assert (status, code_of(answer)) == (422, "key_reused")
    stage.settle()
    assert len(stage.book("harbour_bank")["applications"]) == 1
    firm.do("POST", f"/api/me/applications/{first['applications'][0]['id']}/withdraw")
    stage.days(1)
    second = firm.do("POST", "/api/me/needs", wish(INVOICE), idempotency_key="k" * 60 + "2")
    assert second["id"] != first["id"], "keys that differ at their end only are two keys"


def test_another_firms_same_key_is_its_own(stage: Stage, firm: Person) -> None:
    first = firm.do("POST", "/api/me/needs", wish(INVOICE), idempotency_key="one")
    stage.sound_firm(credit_code(12))
    other = stage.firm(credit_code(12))
    stage.authorise(other)
    assert other.do("POST", "/api/me/needs", wish(INVOICE), idempotency_key="one")["id"] != first["id"]


def test_what_is_not_a_lawful_choice_is_refused_and_leaves_nothing(stage: Stage, firm: Person) -> None:
    wrong = [
        wish(),
        wish(INVOICE, TAX, UTILITY, ("data_easy_loan", "interest_first")),
        wish(INVOICE, INVOICE),
        wish(("no_such_product", "bullet")),
        wish(("invoice_credit_loan", "by_magic")),
        wish(INVOICE, months=7),
        wish(INVOICE, amount_fen=1),
        wish(INVOICE, TAX, amount_fen=10**12),
        wish(INVOICE, purpose="gambling"),
    ]
    for each in wrong:
        assert firm.ask("POST", "/api/me/needs", each)[0] in (404, 422), each
    assert firm.do("GET", "/api/me/needs") == [], "not even the half that was lawful"
    bureau = [each for each in firm.do("GET", "/api/me/consents") if each["kind"] == "bank_query"]
    firm.do("DELETE", f"/api/me/consents/{bureau[-1]['id']}")  # the first that was signed: the harbour bank's
    status, answer = firm.ask("POST", "/api/me/needs", wish(TAX, INVOICE))
    assert (status, code_of(answer)) == (403, "bank_query_missing")
    assert firm.do("GET", "/api/me/needs") == []
    stage.settle()
    assert [bank for bank in stage.banks if stage.book(bank)["applications"]] == []
    stage.apply(firm, TAX)
    status, answer = firm.ask("POST", "/api/me/needs", wish(UTILITY))
    assert (status, code_of(answer)) == (409, "need_open")


def test_offers_stand_by_what_they_cost_and_accepting_one_books_nothing(stage: Stage, firm: Person) -> None:
    for bank in stage.banks:
        stage.fate(bank, USCC, decision="approve")
    stage.apply(firm, INVOICE, TAX, UTILITY, amount_fen=20_000_000)
    stage.days(5)
    offers = stage.need(firm)["offers"]
    assert len(offers) == 3
    costs = [float(each["by_days_bp"]) for each in offers]
    assert costs == sorted(costs)
    assert all(each["interest_fen"] > 0 for each in offers)

    best, worse = offers[0], offers[1]
    for _ in range(2):
        assert firm.do("POST", f"/api/me/offers/{best['id']}/accept")["state"] == "accepted"
    assert firm.do("GET", "/api/me/loans") == {"facilities": [], "draws": []}
    assert [bank for bank in stage.banks if stage.book(bank)["contracts"]] == []
    status, answer = firm.ask("POST", f"/api/me/offers/{worse['id']}/accept")
    assert (status, code_of(answer)) == (409, "offer_gone"), "only one is accepted"
    assert [each["state"] for each in stage.need(firm)["offers"]].count("accepted") == 1
    stage.days(8)
    assert sum(len(stage.book(bank)["contracts"]) for bank in stage.banks) == 1


def test_an_offer_that_lapsed_cannot_be_accepted(stage: Stage, firm: Person) -> None:
    stage.fate("harbour_bank", USCC, decision="approve")
    stage.apply(firm, INVOICE)
    stage.days(25)
    (offer,) = stage.need(firm)["offers"]
    status, answer = firm.ask("POST", f"/api/me/offers/{offer['id']}/accept")
    assert status == 409
    assert code_of(answer) in ("offer_gone", "offer_lapsed")
    assert stage.need(firm)["applications"][0]["state"] == "expired"


def test_a_guaranteed_offer_that_lapsed_holds_no_headroom(stage: Stage) -> None:
    stage.guarantor_and_fund()
    stage.open_pool(1_000_000_000)
    firm, offer = guaranteed.offered(stage, amount_fen=20_000_000)
    with stage.database.writing() as session:  # our side wakes up after its last day, before the bank's word of it has come
        clock.move_to(session, clock.start_of(date.fromisoformat(offer["valid_until"])) + timedelta(hours=33))
    status, answer = firm.ask("POST", f"/api/me/offers/{offer['id']}/accept")
    assert (status, code_of(answer)) == (409, "offer_lapsed")
    assert stage.pool()["reserved_fen"] == 0
    assert stage.people["guarantor"].do("GET", "/api/guarantor/cases") == []
