"""A button that is tapped twice does one thing: the second tap ends where the first did, or says clearly that it is done."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.applications.tables import Application, ApplicationDocument, ApplicationEvent, Need, Offer
from backend.consents.tables import Consent, PowerOfAttorney
from backend.kit.database import Database
from tests.portal.test_road import PRODUCT, applied, ready
from tests.portal.visitor import Visitor, a_firm, open_house

Outcome = tuple[int, str]


@pytest.fixture
def app(database: Database) -> FastAPI:
    return open_house(database)


def tapped(visitor: Visitor, action: str, files: dict[str, tuple[str, bytes]] | None = None, **typed: Any) -> list[Outcome]:
    """The very same form sent twice at once, from the page the visitor is on: (status, where it leads) of each."""
    data, found, meet = visitor.filled(action, **typed), [], threading.Barrier(2)
    cookies = dict(visitor.client.cookies)

    def send() -> None:
        client = TestClient(visitor.client.app, base_url="http://portal.test", follow_redirects=False, cookies=cookies)
        meet.wait(timeout=30)
        answer = client.post(action, data=data, files=files)
        found.append((answer.status_code, answer.headers.get("location", "")))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(found) == 2
    return sorted(found)


def count(database: Database, table: Any, *where: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def test_two_taps_on_apply_are_one_application(app: FastAPI, database: Database) -> None:
    firm = ready(app, database)
    firm.get("/matches")
    firm.get("/apply")
    both = tapped(firm, "/apply", amount="50", months="12", products=[PRODUCT], told=["yes"])
    assert both == [(303, "/applications?done=applied")] * 2
    assert (count(database, Need), count(database, Application)) == (1, 1)
    assert count(database, ApplicationEvent, ApplicationEvent.event == "firm_applied") == 1
    third = firm.filled("/apply", amount="60", months="12", products=[PRODUCT], told=["yes"])
    answer = firm.client.post("/apply", data=third)
    assert answer.status_code == 409, "the same form with another amount is not the same need"
    assert "已经提交过" in answer.text
    firm.get("/apply").send("/apply", amount="60", months="12", products=[PRODUCT], told=["yes"])
    assert firm.status == 409, "a fresh form, while the first is open"
    assert count(database, Need) == 1


def test_two_taps_on_a_paper_are_one_paper(app: FastAPI, database: Database) -> None:
    firm = a_firm(app)
    firm.get("/authorise/new/firm")
    both = tapped(firm, "/authorise/new/firm", items=["TAX04"], recipients=["platform"], purpose="pre_loan")
    assert both[0] == both[1]
    assert count(database, Consent) == 1
    where = both[0][1].partition("?")[0]
    firm.get(where)
    assert tapped(firm, where, signer_name="李文静", agree=["yes"]) == [(303, "/authorise?done=signed")] * 2
    assert count(database, Consent, Consent.state == "signed") == 1
    firm.get("/authorise")
    typed = {"agent_name": "王磊", "power_items": ["TAX04"]}
    both = tapped(firm, "/authorise/powers", {"document": ("power.pdf", b"%PDF-")}, **typed)
    assert both == [(303, "/authorise?done=power_stored")] * 2
    assert count(database, PowerOfAttorney) == 1
    (revoke,) = {each for each in firm.get("/authorise").page.xpath("//form/@action") if "/revoke/" in each}
    assert tapped(firm, revoke) == [(303, "/authorise?done=revoked")] * 2


def test_two_taps_at_the_desk_and_on_its_answers_are_one(app: FastAPI, database: Database) -> None:
    firm = applied(app, database)
    officer = Visitor(app).sign_in("harbour_bank_officer")
    (case,) = officer.links("/desk/bank/")
    done = {(303, case)}

    def once(event: str) -> None:
        assert count(database, ApplicationEvent, ApplicationEvent.event == event) == 1, event

    def fine(both: list[Outcome]) -> None:
        assert all(status == 409 or (status, where.partition("?")[0]) in done for status, where in both), both
        assert any(status == 303 for status, _ in both), both

    officer.get(case)
    fine(tapped(officer, f"{case}/visit", note="现场有三台机床在运转"))
    once("bank_visited")
    fine(tapped(officer, f"{case}/ask", documents="对账单", ask_words="请补充"))
    once("bank_asked")
    (mine,) = firm.get("/applications").links("/applications/")
    firm.get(mine)
    done.add((303, mine))
    fine(tapped(firm, f"{mine}/documents", {"document_0": ("contract.pdf", b"%PDF-")}))
    once("firm_answered")
    assert count(database, ApplicationDocument) == 1
    officer.get(case)
    fine(tapped(officer, f"{case}/decide", outcome="approve", words="同意", amount="45", rate="3.85"))
    once("bank_approved")
    assert count(database, Offer) == 1
    (offer,) = firm.get("/offers").offers()
    firm.get(offer)
    both = tapped(firm, f"{offer}/accept", sure=["yes"])
    assert {status for status, _ in both} <= {303, 409}
    assert count(database, Offer, Offer.state == "accepted") == 1
    once("firm_accepted")
    firm.get(mine)
    both = tapped(firm, f"{mine}/withdraw")
    assert {status for status, _ in both} == {303}
    once("firm_withdrew")


def test_two_calls_of_a_program_are_one_object(app: FastAPI, database: Database) -> None:
    firm = a_firm(app)
    headers = {"x-creditbridge": "1"}
    power = {"agent_name": "王磊", "items": ["TAX04"], "document": "委托书", "valid_from": "2025-06-02T00:00:00+08:00",
             "valid_to": "2025-12-31T00:00:00+08:00"}  # fmt: skip
    first, second = (firm.client.post("/api/me/powers", json=power, headers=headers).json() for _ in range(2))
    assert first["id"] == second["id"]
    other = firm.client.post("/api/me/powers", json=power | {"document": "另一份"}, headers=headers).json()
    assert other["id"] != first["id"], "another paper is another power"


def test_an_upload_that_is_empty_is_refused_with_its_place(app: FastAPI, database: Database) -> None:
    firm = applied(app, database)
    officer = Visitor(app).sign_in("harbour_bank_officer")
    (case,) = officer.links("/desk/bank/")
    officer.get(case).send(f"{case}/ask", documents="对账单", ask_words="请补充")
    (mine,) = firm.get("/applications").links("/applications/")
    headers = {"x-creditbridge": "1"}
    for name, body in (("a.pdf", ""), ("a.pdf", "IAo="), ("a.pdf", "77u/"), ("../a.pdf", "JVBERi0="), ("a/b", "JVBERi0="),
                       ("c:\\a", "JVBERi0="), ("", "JVBERi0="), ("..", "JVBERi0="), ("a\n", "JVBERi0=")):  # fmt: skip
        sent = {"files": [{"kind": "对账单", "name": name, "body_base64": body}]}
        answer = firm.client.post(f"/api/me{mine}/documents", json=sent, headers=headers)
        assert (answer.status_code, answer.json()["place"]) == (422, "files.0"), (name, body, answer.text)
    for body in ("%%%", "文件", "JVBERi0"):
        sent = {"files": [{"kind": "对账单", "name": "a.pdf", "body_base64": body}]}
        assert firm.client.post(f"/api/me{mine}/documents", json=sent, headers=headers).status_code == 422
    firm.get(mine).send(f"{mine}/documents", files={"document_0": ("contract.pdf", b"")})
    assert firm.status == 422
    assert "文件是空的" in firm.text
    assert count(database, ApplicationDocument) == 0
    firm.get("/authorise").send(
        "/authorise/powers", agent_name="王磊", power_items=["TAX04"], files={"document": ("power.pdf", b" \n\t ")}
    )
    assert firm.status == 422
    assert count(database, PowerOfAttorney) == 0
    guarantor = Visitor(app).sign_in("guarantor")
    for body in (b"", b"\n \n", b"\xef\xbb\xbf"):
        kind = {"x-creditbridge": "1", "content-type": "text/csv"}
        answer = guarantor.client.post("/api/guarantor/claims/file", content=body, headers=kind)
        assert answer.status_code == 422, answer.text
