"""A bank without an adapter asks and reports with its own system: it sees its own applications, each report counts once."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.steps.tables import InboxMessage
from products import repayment
from products.catalogue import Catalogue, load
from tests.stage import Person, Stage

USCC = "91420100000000000U"
BANK = "lantern_bank"
PRODUCTS = Path(__file__).parent / "products"


@pytest.fixture
def system(stage: Stage) -> Person:
    """The bank takes part; its system has the secret that the operator was shown once."""
    ours, its = stage.house.catalogue, load(PRODUCTS)
    stage.house.catalogue = Catalogue(ours.products + its.products, ours.terms + its.terms)
    stage.take_part("bank", BANK, "提灯村镇银行", {})
    return stage.system(BANK)


def applied(stage: Stage) -> tuple[Person, str]:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm, (BANK,))
    stage.gather(firm)
    (application,) = stage.apply(firm, ("desk_loan", "interest_first"))["applications"]
    stage.settle()
    return firm, str(application["id"])


def said(reference: str, kind: str, number: str, on: date, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "message_id": number, "reference": reference, "on": on.isoformat()} | more


def offer(stage: Stage, **more: Any) -> dict[str, Any]:
    return {
        "offer_no": "LTO-1",
        "amount_fen": 25_000_000,
        "rate_bp": 480,
        "months": 12,
        "way": "interest_first",
        "day_count": "act/360",
        "fees": [{"title": "评估费", "payer": "firm", "amount_fen": 50_000, "due": "at_draw"}],
        "valid_until": stage.today.replace(day=28).isoformat(),
    } | more


def drawn(stage: Stage, reference: str, number: str = "m5", **more: Any) -> dict[str, Any]:
    rows = repayment.schedule(25_000_000, 480, 12, "interest_first", "act/360", stage.today)
    return (
        said(
            reference,
            "Drawn",
            number,
            stage.today,
            contract_no="LTC-1",
            draw_no="LTD-1",
            amount_fen=25_000_000,
            value_date=stage.today.isoformat(),
            matures_on=rows[-1].due_on.isoformat(),
            rate_bp=480,
            penalty_bp=720,
            way="interest_first",
            day_count="act/360",
            schedule=[
                {"no": r.no, "due_on": r.due_on.isoformat(), "principal_fen": r.principal_fen, "interest_fen": r.interest_fen}
                for r in rows
            ],
        )
        | more
    )


def signed(stage: Stage, reference: str, number: str = "m4", contract_no: str = "LTC-1") -> dict[str, Any]:
    dates = {"signed_on": stage.today.isoformat(), "expires_on": stage.today.replace(year=stage.today.year + 1).isoformat()}
    more = {"contract_no": contract_no, "limit_fen": 25_000_000, "rate_bp": 480} | dates
    return said(reference, "ContractSigned", number, stage.today, **more)


def test_from_the_list_to_the_last_repayment_through_one_door(stage: Stage, system: Person) -> None:
    firm, reference = applied(stage)
    page = system.do("GET", "/api/bank/applications")
    assert ([each["reference"] for each in page["items"]], page["next"]) == ([reference], None)
    whole = system.do("GET", f"/api/bank/applications/{reference}")
    terms = stage.house.catalogue.get("desk_loan", stage.today)
    assert {fact["code"] for fact in whole["submission"]["facts"]} == set(terms.facts_handed), (
        "what the product declares, no more"
    )
    for paper in whole["submission"]["consents"]:
        assert hashlib.sha256(paper["text"].encode()).hexdigest() == paper["digest"]
        assert BANK in paper["text"]
        assert paper["signature"]
    assert {paper["kind"] for paper in whole["submission"]["consents"]} == {"firm", "bank_query"}
    readers = stage.client.get("/readers", headers={"authorization": f"Bearer {firm.token}"}).text
    assert "提灯村镇银行" in readers, "the firm sees that the bank read"

    def say(body: dict[str, Any]) -> dict[str, Any]:
        return dict(system.do("POST", "/api/bank/messages", body))

    day = stage.today
    assert say(said(reference, "Received", "m1", day, bank_reference="LT-17"))["state"] == "submitted"
    say(said(reference, "DocumentsAsked", "m2", day, documents=["流水"], words="请补充流水", answer_by="2025-05-20"))
    file = {"kind": "bank_statement", "name": "流水.pdf", "body_base64": "JVBERi0="}
    firm.do("POST", f"/api/me/applications/{reference}/documents", {"files": [file]})
    (document,) = system.do("GET", f"/api/bank/applications/{reference}")["documents"]
    raw = stage.client.get(document["href"], headers={"authorization": f"Basic {system.token}"}).content
    assert (raw, hashlib.sha256(raw).hexdigest()) == (b"%PDF-", document["sha256"])

    yes = said(reference, "Decided", "m3", day, approved=True, words="同意", offer=offer(stage))
    assert say(yes)["state"] == "approved"
    (shown,) = stage.need(firm)["offers"]
    assert shown["fees_fen"] == 50_000
    assert float(shown["by_days_bp"]) > 500, "the fee counts in the true cost"
    firm.do("POST", f"/api/me/offers/{shown['id']}/accept")
    stage.settle()
    assert system.do("GET", f"/api/bank/applications/{reference}")["accepted_offer_no"] == "LTO-1"
    assert firm.do("GET", "/api/me/loans")["facilities"] == [], "acceptance books nothing"

    status, answer = system.ask("POST", "/api/bank/messages", drawn(stage, reference))
    assert (status, answer["type"]) == (409, "urn:creditbridge:contract_unknown"), "in order, please"
    assert say(signed(stage, reference))["state"] == "contracted"
    assert say(drawn(stage, reference))["state"] == "drawn", "what was refused was not kept: its number is still free"
    assert say(drawn(stage, reference)) == {"message_id": "m5", "taken": False, "state": "drawn"}
    paid = {"paid_on": stage.today.isoformat(), "amount_fen": 1_000_000, "expenses_fen": 0, "penalty_fen": 0, "interest_fen": 0}
    more = paid | {"principal_fen": 1_000_000, "draw_no": "LTD-1", "payment_no": "LTP-1", "source": "borrower"}
    assert say(said(reference, "Repaid", "m6", stage.today, **more))["taken"]
    (view,) = firm.do("GET", "/api/me/loans")["draws"]
    assert view["outstanding_fen"] == 24_000_000
    with stage.database.reading() as session:
        kept = session.scalars(select(InboxMessage).where(InboxMessage.source == BANK)).all()
    assert sorted(each.message_id for each in kept) == [f"report.m{number}" for number in range(1, 7)]
    assert all(b'"message_id"' in each.body for each in kept), "word for word, as it was sent"
    assert system.do("GET", f"/api/bank/applications/{reference}")["submission"] is None, "nothing is left to decide"
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("Decided", {"approved": True, "words": "同意"}, "offer"),
    ("Decided", {"approved": False, "words": "不同意"}, "reasons"),
    ("Decided", {"approved": False, "words": "不同意", "reasons": ["  "]}, "reasons"),
    ("Decided", {"approved": "yes", "words": "同意"}, "approved"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"amount_fen": "25000000"}}, "offer.amount_fen"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"amount_fen": 250000.5}}, "offer.amount_fen"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"amount_fen": 30_000_001}}, "offer.amount_fen"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"rate_bp": 0}}, "offer.rate_bp"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"way": "bullet"}}, "offer.way"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"way": "by_magic"}}, "offer.way"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"valid_until": "2025-05-01"}}, "offer.valid_until"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"valid_until": "28.5.2025"}}, "offer.valid_until"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"valid_until": 20250528}}, "offer.valid_until"),
    ("Decided", {"approved": True, "words": "同意", "offer": {"day_count": "30/360"}}, "offer.day_count"),
    (
        "Decided",
        {
            "approved": True,
            "words": "同意",
            "offer": {"fees": [{"title": "费", "payer": "fund", "amount_fen": 1, "due": "at_draw"}]},
        },
        "offer.fees.0.payer",
    ),
    ("DocumentsAsked", {"documents": [], "words": "请补充", "answer_by": "2025-05-20"}, "documents"),
    ("DocumentsAsked", {"documents": ["流水"], "words": "请补充", "answer_by": "2025-05-01"}, "answer_by"),
    ("Received", {"bank_reference": "LT-1", "surprise": 1}, "surprise"),
    ("Received", {"bank_reference": "LT-1", "on": "2025-05-07"}, "on"),
    ("Received", {"bank_reference": "LT-1", "on": "2025-02-30"}, "on"),
    ("Received", {"bank_reference": "LT-1", "message_id": "a b"}, "message_id"),
    ("Closed", {"state": "lost", "words": "x"}, "state"),
)


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One application at the bank, for many wrong reports."""
    folder = tmp_path_factory.mktemp("lying")
    stage = Stage(f"sqlite:///{folder / 'creditbridge.db'}", folder)
    ours, its = stage.house.catalogue, load(PRODUCTS)
    stage.house.catalogue = Catalogue(ours.products + its.products, ours.terms + its.terms)
    stage.take_part("bank", BANK, "提灯村镇银行", {})
    _, reference = applied(stage)
    yield stage, stage.system(BANK), reference
    stage.close()


@pytest.mark.parametrize(("kind", "more", "place"), WRONG, ids=[f"{number}-{row[2]}" for number, row in enumerate(WRONG)])
def test_what_is_not_right_is_refused_with_its_place_and_nothing_is_kept(
    lying: tuple[Stage, Person, str], kind: str, more: dict[str, Any], place: str
) -> None:
    stage, system, reference = lying
    if isinstance(more.get("offer"), dict):
        more = more | {"offer": offer(stage) | more["offer"]}
    status, answer = system.ask("POST", "/api/bank/messages", said(reference, kind, "wrong", stage.today) | more)
    assert (status, answer.get("place")) == (422, place), answer
    assert set(answer["words"]) == {"zh", "en"}
    assert system.do("GET", f"/api/bank/applications/{reference}")["state"] == "created"
    with stage.database.reading() as session:
        assert session.scalars(select(InboxMessage).where(InboxMessage.source == BANK)).all() == []


def test_an_offer_dearer_than_may_be_shown_is_refused(lying: tuple[Stage, Person, str]) -> None:
    stage, system, reference = lying
    dear = offer(stage, fees=[{"title": "服务费", "payer": "firm", "amount_fen": 8_000_000, "due": "at_draw"}])
    body = said(reference, "Decided", "dear", stage.today, approved=True, words="同意", offer=dear)
    status, answer = system.ask("POST", "/api/bank/messages", body)
    assert (status, answer["type"]) == (403, "urn:creditbridge:all_in_above_ceiling")
    kindless = said(reference, "Promised", "x", stage.today)
    assert system.ask("POST", "/api/bank/messages", kindless)[0] == 422


def test_a_report_counts_once_and_a_number_stands_for_one_report(stage: Stage, system: Person) -> None:
    firm, reference = applied(stage)
    no = said(reference, "Decided", "n1", stage.today, approved=False, words="本次未能批准", reasons=["成立以来流水不连续"])
    first = system.do("POST", "/api/bank/messages", no)
    assert (first["taken"], first["state"]) == (True, "declined")
    events = len(firm.do("GET", f"/api/me/applications/{reference}")["timeline"])
    for _ in range(5):
        assert system.do("POST", "/api/bank/messages", no)["taken"] is False
    view = firm.do("GET", f"/api/me/applications/{reference}")
    assert len(view["timeline"]) == events
    assert (view["decision_words"], view["decision_reasons"]) == ("本次未能批准", ["成立以来流水不连续"])
    status, answer = system.ask("POST", "/api/bank/messages", no | {"words": "另一句话"})
    assert (status, answer["type"]) == (409, "urn:creditbridge:message_id_reused")
    late = said(reference, "Decided", "n2", stage.today, approved=True, words="同意", offer=offer(stage))
    status, answer = system.ask("POST", "/api/bank/messages", late)
    assert (status, answer["type"]) == (409, "urn:creditbridge:too_late")


def test_another_banks_application_and_its_reports_look_like_missing_ones(stage: Stage, system: Person) -> None:
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm, ("harbour_bank",))
    stage.gather(firm)
    (application,) = stage.apply(firm, ("invoice_credit_loan", "interest_first"))["applications"]
    stage.settle()
    body = said("app_nothing_like_it", "Received", "x1", stage.today, bank_reference="LT-1")
    missing = system.ask("POST", "/api/bank/messages", body)
    assert missing[0] == 404
    assert system.ask("POST", "/api/bank/messages", body | {"reference": application["id"]}) == missing
    assert system.do("GET", "/api/bank/applications")["items"] == []
    harbour = stage.system("harbour_bank")
    status, answer = harbour.ask("POST", "/api/bank/messages", body | {"reference": application["id"]})
    assert (status, answer["type"]) == (409, "urn:creditbridge:bank_speaks"), "one voice: its adapter's"


def test_a_list_is_read_page_by_page_and_by_state(stage: Stage, system: Person) -> None:
    firm, first = applied(stage)
    firm.do("POST", f"/api/me/applications/{first}/withdraw")
    stage.settle()
    second = str(stage.apply(firm, ("desk_loan", "interest_first"))["applications"][0]["id"])
    page = system.do("GET", "/api/bank/applications?limit=1")
    assert ([each["reference"] for each in page["items"]], page["next"]) == ([first], first)
    rest = system.do("GET", f"/api/bank/applications?limit=1&after={page['next']}")
    assert ([each["reference"] for each in rest["items"]], rest["next"]) == ([second], None)
    waiting = system.do("GET", "/api/bank/applications?state=created")
    assert [each["reference"] for each in waiting["items"]] == [second]
    assert system.ask("GET", "/api/bank/applications?state=sleeping")[0] == 422
    assert system.ask("GET", "/api/bank/applications?surprise=1")[0] == 422


def test_facts_leave_only_while_the_consent_holds(stage: Stage, system: Person) -> None:
    firm, reference = applied(stage)
    bureau = [each for each in firm.do("GET", "/api/me/consents") if each["kind"] == "bank_query"]
    firm.do("DELETE", f"/api/me/consents/{bureau[0]['id']}")
    status, answer = system.ask("GET", f"/api/bank/applications/{reference}")
    assert (status, answer["type"]) == (403, "urn:creditbridge:bank_query_missing")
    assert firm.do("GET", f"/api/me/applications/{reference}")["state"] == "stopped", "it was never handed over"
    assert system.do("GET", f"/api/bank/applications/{reference}")["submission"] is None


def test_a_renewed_secret_ends_the_one_before_and_is_kept_nowhere(stage: Stage, system: Person) -> None:
    fresh = stage.system(BANK)
    assert fresh.about["secret"] != system.about["secret"]
    assert system.ask("GET", "/api/bank/applications")[0] == 401
    assert fresh.ask("GET", "/api/bank/applications")[0] == 200
    if stage.database.is_sqlite:
        assert fresh.about["secret"].encode() not in Path(stage.database.engine.url.database or "").read_bytes()
    stage.operator.ask("DELETE", f"/api/operator/banks/{BANK}/secret")
    assert fresh.ask("GET", "/api/bank/applications")[0] == 401
    assert stage.operator.ask("POST", "/api/operator/banks/no_such_bank/secret")[0] == 404
    stage.take_part("guarantor", "a_guarantor", "担保", {})
    assert stage.operator.ask("POST", "/api/operator/banks/a_guarantor/secret")[0] == 404, "only banks have systems here"
    stage.client.cookies.clear()
    for header in ("Basic", "Basic !!!", "Basic bm9ib2R5", "Basic bGFudGVybl9iYW5rOndyb25n", "Digest x"):
        assert stage.client.get("/api/bank/applications", headers={"authorization": header}).status_code == 401


def test_after_acceptance_a_withdrawal_waits_for_the_banks_word(stage: Stage, system: Person) -> None:
    firm, reference = applied(stage)
    yes = said(reference, "Decided", "w1", stage.today, approved=True, words="同意", offer=offer(stage))
    system.do("POST", "/api/bank/messages", yes)
    firm.do("POST", f"/api/me/offers/{stage.need(firm)['offers'][0]['id']}/accept")
    firm.do("POST", f"/api/me/applications/{reference}/withdraw")
    stage.settle()
    assert [each["reference"] for each in system.do("GET", "/api/bank/applications?state=withdrawing")["items"]] == [reference]
    gone = said(reference, "Closed", "w2", stage.today, state="withdrawn", words="已撤回")
    assert system.do("POST", "/api/bank/messages", gone)["state"] == "withdrawn"
