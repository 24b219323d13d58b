"""Every JSON route against every role: no session, a wrong role, somebody else's object, a key that is not asked for: refused."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.applications.tables import ApplicationEvent
from backend.steps.tables import InboxMessage, Step
from lender_adapters import port, registry
from lender_adapters.harbour_bank import wire
from tests.portal.visitor import credit_code
from tests.stage import Person, Stage
from tests.stories import guaranteed as road

FIRM = frozenset({"firm_owner", "firm_staff"})
FUND = frozenset({"fund_maker", "fund_checker"})
# Those with a session; a bank's system has none, it brings its credentials each time.
SIGNED_IN = frozenset({*FIRM, *FUND, "bank_officer", "guarantor_officer", "whitelist_issuer", "regulator", "operator"})
OPEN = frozenset({"anybody"})

# (method or *, path or its beginning with *) -> who may enter; the first that fits holds. A route that fits none fails the test.
TABLE: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("POST", "/api/firms", OPEN),
    ("POST", "/api/session", OPEN),
    ("DELETE", "/api/session", OPEN),
    ("POST", "/api/banks/{bank}/callbacks", OPEN),
    ("GET", "/api/session", SIGNED_IN),
    ("POST", "/api/me/staff", frozenset({"firm_owner"})),
    ("POST", "/api/colleagues/{invitation_id}/join", OPEN),
    ("*", "/api/colleagues*", SIGNED_IN - FIRM),
    ("*", "/api/me/*", FIRM),
    ("*", "/api/bank/*", frozenset({"bank_system"})),
    ("*", "/api/desk/*", frozenset({"bank_officer"})),
    ("*", "/api/guarantor/*", frozenset({"guarantor_officer"})),
    ("GET", "/api/fund/*", FUND | {"regulator"}),
    ("POST", "/api/fund/pools", frozenset({"fund_checker"})),
    ("POST", "/api/fund/pools/{code}/contribution", frozenset({"fund_maker"})),
    ("POST", "/api/fund/pools/{code}/pause", frozenset({"fund_checker"})),
    ("POST", "/api/fund/pools/{code}/reopening", frozenset({"fund_maker"})),
    ("POST", "/api/fund/pools/{code}/interest", frozenset({"fund_maker"})),
    ("POST", "/api/fund/pools/{code}/year", frozenset({"fund_maker"})),
    ("POST", "/api/fund/pools/{code}/excess", frozenset({"fund_maker"})),
    ("POST", "/api/fund/claims/{claim_no}/review", frozenset({"fund_maker"})),
    ("POST", "/api/fund/claims/{claim_no}/approve", frozenset({"fund_checker"})),
    ("POST", "/api/fund/claims/{claim_no}/reject", frozenset({"fund_checker"})),
    ("POST", "/api/fund/claims/{claim_no}/instruct", frozenset({"fund_checker"})),
    ("POST", "/api/fund/claims/{claim_no}/receipt", frozenset({"fund_maker"})),
    ("POST", "/api/fund/claims/{claim_no}/propose-write-off", frozenset({"fund_maker"})),
    ("POST", "/api/fund/claims/{claim_no}/write-off", frozenset({"fund_checker"})),
    ("POST", "/api/fund/claims/{claim_no}/claw-back", frozenset({"fund_maker"})),
    ("POST", "/api/fund/proposals/{proposal_id}/confirm", frozenset({"fund_checker"})),
    ("POST", "/api/fund/proposals/{proposal_id}/decline", frozenset({"fund_checker"})),
    ("POST", "/api/fund/proposals/{proposal_id}/withdraw", frozenset({"fund_maker"})),
    ("*", "/api/issuer/*", frozenset({"whitelist_issuer"})),
    ("*", "/api/operator/*", frozenset({"operator"})),
    ("GET", "/api/regulator/totals", FUND | {"regulator", "operator"}),
    ("GET", "/api/regulator/book", frozenset({"regulator"})),
    ("GET", "/api/regulator/audit/{object_id}", frozenset({"regulator"})),
    ("POST", "/api/regulator/drilldown", frozenset({"regulator"})),
    ("GET", "/api/regulator/warnings", frozenset({"regulator"})),
    ("GET", "/api/regulator/cards", frozenset({"regulator"})),
    ("*", "/api/sandbox/*", frozenset({"operator"})),
)


def may_enter(method: str, path: str) -> frozenset[str]:
    for verb, where, roles in TABLE:
        if verb in ("*", method) and (path == where or (where.endswith("*") and path.startswith(where[:-1]))):
            return roles
    raise AssertionError(f"{method} {path}: the table of this test does not say who may enter")


def routes(stage: Stage) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of every route in the published description."""
    described = stage.client.app.openapi()  # type: ignore[attr-defined]  # the client holds any ASGI application
    return [(verb.upper(), path, what) for path, verbs in described["paths"].items() for verb, what in verbs.items()]


def example(stage: Stage, schema: dict[str, Any]) -> Any:
    """Some JSON that the schema allows."""
    if "$ref" in schema:
        schemas = stage.client.app.openapi()["components"]["schemas"]  # type: ignore[attr-defined]
        return example(stage, schemas[schema["$ref"].rsplit("/", 1)[1]])
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return example(stage, several[0])
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        known = schema.get("properties", {})
        return {name: example(stage, known[name]) for name in schema.get("required", [])}
    if kind == "array":
        return [example(stage, schema["items"])] * schema.get("minItems", 0)
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    return {"date": "2025-05-06", "date-time": "2025-05-06T00:00:00+08:00"}.get(schema.get("format", ""), "abcd")


def body_of(stage: Stage, operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return example(stage, content["schema"]) if content else None


def filled(path: str, value: str = "nothing_like_it") -> str:
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture
def everybody(stage: Stage) -> dict[str, Person]:
    """One person in each role, and a bank's system with its credentials."""
    stage.guarantor_and_fund()
    stage.take_part("issuer", "economy_office", "经信局", {"issuer": "whitelist_issuer"})
    stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    by_login = {"guarantor": "guarantor_officer", "maker": "fund_maker", "checker": "fund_checker", "officer": "bank_officer"}
    by_login |= {"issuer": "whitelist_issuer", "regulator": "regulator"}
    people = {role: stage.people[login] for login, role in by_login.items()}
    others = {"operator": stage.operator, "firm_owner": stage.firm(), "bank_system": stage.system("orchard_bank")}
    return people | others


def test_every_route_knows_who_may_enter(stage: Stage, everybody: dict[str, Person]) -> None:
    stage.client.cookies.clear()
    seen = 0
    for method, path, operation in routes(stage):
        may, where, body = may_enter(method, path), filled(path), body_of(stage, operation)
        if may is OPEN:
            continue
        assert stage.client.request(method, where, json=body).status_code == 401, f"anonymous {method} {path}"
        for role, person in everybody.items():
            if role in may:
                continue
            status, answer = person.ask(method, where, body)
            assert status == 404, f"{role} {method} {path}: {status}"
            assert answer["type"] == "urn:creditbridge:not_found", f"{role} {method} {path}: {answer}"
            assert person.ask(method, where, {"surprise": 1})[0] == 404, f"{role} {method} {path} says that there is something"
            seen += 1
    assert seen > 300


def test_a_key_that_is_not_asked_for_is_refused(stage: Stage, everybody: dict[str, Person]) -> None:
    tried = 0
    for method, path, operation in routes(stage):
        body = body_of(stage, operation)
        if not isinstance(body, dict):
            continue
        may = may_enter(method, path)
        person = everybody["firm_owner"] if may is OPEN else next(everybody[role] for role in sorted(may) if role in everybody)
        for extra in ({"surprise": 1}, {"role": "operator"}, {"__class__": "x"}):
            if extra.keys() & body.keys():
                continue
            status, answer = person.ask(method, filled(path), body | extra)
            assert (status, answer.get("place")) == (422, next(iter(extra))), f"{method} {path}: {status} {answer}"
        tried += 1
    assert tried > 20


def test_what_is_somebody_elses_looks_like_what_is_missing(stage: Stage, everybody: dict[str, Person]) -> None:
    stage.open_pool(1_000_000_000)
    firm, offer = road.offered(stage, amount_fen=20_000_000, uscc=credit_code(7))
    guarantee = road.guaranteed(stage, firm, offer)
    stage.days(6)
    stage.take_part("guarantor", "other_guarantee", "另一家担保", {"guarantor2": "guarantor_officer"})
    stage.take_part("fund", "other_fund", "另一只基金", {"maker2": "fund_maker", "checker2": "fund_checker"})
    stage.take_part("bank", "harbour_bank", "港湾银行", {"officer2": "bank_officer"})
    others = {
        "/api/me/": everybody["firm_owner"],
        "/api/desk/": stage.people["officer2"],
        "/api/guarantor/": stage.people["guarantor2"],
        "/api/fund/": None,
        "/api/bank/": stage.system("harbour_bank"),
    }
    (application,) = stage.need(firm)["applications"]
    objects = {
        "consent_id": firm.do("GET", "/api/me/consents")[0]["id"],
        "application_id": application["id"],
        "reference": application["id"],
        "offer_id": offer["id"],
        "draw_id": road.draw(firm)["draw"]["id"],
        "guarantee_id": guarantee["id"],
        "code": "ningbo",
    }
    tried = 0
    for method, path, operation in routes(stage):
        name = next((part[1:-1] for part in path.split("/") if part.startswith("{")), "")
        start = next((each for each in others if path.startswith(each)), None)
        if name not in objects or start is None:
            continue
        other = others[start]
        if other is None:
            other = stage.people["checker2" if "fund_checker" in may_enter(method, path) else "maker2"]
        body = body_of(stage, operation)
        there = other.ask(method, filled(path, objects[name]), body)
        missing = other.ask(method, filled(path), body)
        assert there == missing, f"{method} {path}"
        assert there[0] == 404, f"{method} {path}: {there}"
        tried += 1
    assert tried >= 14
    assert road.case(stage, firm)["state"] == "granted"
    assert stage.pool()["state"] != "paused"


# ---------------------------------------------------------------- banks' own messages


@pytest.fixture
def applied(stage: Stage) -> dict[str, str]:
    """An application that lies at the harbour bank."""
    stage.sound_firm(road.USCC)
    firm = stage.firm(road.USCC)
    stage.authorise(firm, ("harbour_bank", "bell_tower_bank"))
    stage.gather(firm)
    need = stage.apply(firm, ("invoice_credit_loan", "interest_first"), ("tax_credit_loan", "equal_instalments"))
    stage.settle()
    return {each["bank"]: each["id"] for each in need["applications"]}


def asks(reference: str) -> port.Message:
    return port.DocumentsAsked("m-1", reference, date(2025, 5, 6), ("营业执照",), "请补充营业执照", date(2025, 5, 20))


def call_back(stage: Stage, message: port.Message, *, spoil: bool = False, bank: str = "harbour_bank") -> int:
    """The harbour bank calls back, freshly signed: the status it hears."""
    key = registry.sandbox_secrets("harbour_bank", bytes.fromhex(stage.settings.signing_key)).bank["bank_private_key"]
    body = wire.reports((message,))
    signed = wire.signed_headers(key, "CALLBACK", "harbour_bank", body, int(time.time()), f"n{time.time_ns()}", wire.BANK_KEY)
    sent = body.replace("营业执照".encode(), "身份证件".encode()) if spoil else body
    headers = {**signed, "content-type": wire.MEDIA}
    return stage.client.post(f"/api/banks/{bank}/callbacks", content=sent, headers=headers).status_code


def kept(stage: Stage) -> tuple[int, int, int]:
    """How many messages, steps and events there are."""
    with stage.database.reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (InboxMessage, Step, ApplicationEvent)]
    return counts[0] or 0, counts[1] or 0, counts[2] or 0


def test_a_callback_that_is_not_the_banks_is_refused_and_nothing_is_kept(stage: Stage, applied: dict[str, str]) -> None:
    before = kept(stage)
    mine, another = asks(applied["harbour_bank"]), asks(applied["bell_tower_bank"])
    assert call_back(stage, mine, spoil=True) in (401, 403), "a signature that does not fit"
    assert call_back(stage, mine, bank="no_such_bank") == 404
    assert call_back(stage, mine, bank="orchard_bank") in (401, 403, 404, 409), "a bank that does not call back"
    assert call_back(stage, another) == 404, "another bank's application"
    assert call_back(stage, asks("app_nothing_like_it")) == 404, "looks like one that is missing"
    assert kept(stage) == before


def test_a_hundred_times_the_same_callback_has_one_effect(stage: Stage, applied: dict[str, str]) -> None:
    messages, _, events = kept(stage)
    for _ in range(100):
        assert call_back(stage, asks(applied["harbour_bank"])) == 200
    stage.settle()
    after = kept(stage)
    assert (after[0] - messages, after[2] - events) == (1, 1)
    assert call_back(stage, asks(applied["harbour_bank"])) == 200
    stage.settle()
    assert kept(stage) == after
