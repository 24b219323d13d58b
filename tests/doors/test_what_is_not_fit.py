"""Whatever is not fit is refused at the door with one clear answer: never 500, always with the headers, nothing looked up."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.kit.database import Database
from tests.portal.visitor import Visitor, a_firm, open_house
from tests.stage import Person, Stage
from tests.stories.test_who_may_enter import body_of, filled, may_enter, routes

HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cache-control")
BAD_PATHS = (
    "/api/me/applications/%00", "/api/me/applications/app%00x", "/api/me/applications/" + "A" * 300,
    "/api/me/applications/%ED%A0%80", "/api/me/applications/%FF%FE", "/api/me/applications/..%5c..%5cetc",
    "/api/me/applications/%2e%2e", "/api/me/applications/申请", "/api/me/draws/a'%20or%201=1--", "/api/me/consents/%0a",
    "/api/fund/claims/" + "政" * 201, "/api/fund/claims/%00", "/static/portal/%00.css", "/static/portal/..%2f..%2fdoor.py",
    "/api/" + "claims/" * 400 + "%00",
)  # fmt: skip
# What a field may be sent instead of what it asks for: as raw JSON, for no encoder would write most of it.
NASTY = (
    r'"\u0000"', r'"a\u0000b"', r'"\ud800"', r'{"\udfff": 1}', "NaN", "Infinity", "-Infinity", "1e999", "9" * 40, "-" + "9" * 25,
    '"' + "9" * 40 + '"', '"0001-01-01"', '"9999-12-31"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59-12:00"',
    '"2025-05-06T09:00:00"', '"1e999"', '"NaN"', "[" * 30 + "]" * 30, '{"a":1,"a":2}', "null", "true", "{}", "[]", '""', '"  "',
    '"' + "x" * 5000 + '"', "1.5", "-1", "0",
)  # fmt: skip
UNFIT = (*NASTY[:10], '{"a":1,"a":2}')


def hole_in(body: Any, place: tuple[Any, ...]) -> str:
    """The body as JSON text with a mark in this place, for something that is put in as it stands."""
    if not place:
        return "@@"
    first, rest = place[0], place[1:]
    if isinstance(body, dict):
        parts = [f"{json.dumps(k)}:{hole_in(v, rest) if k == first else json.dumps(v)}" for k, v in body.items()]
        return "{" + ",".join(parts) + "}"
    return "[" + ",".join(hole_in(v, rest) if n == first else json.dumps(v) for n, v in enumerate(body)) + "]"


def leaves(body: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(body, dict):
        return [leaf for name, item in body.items() for leaf in leaves(item, (*place, name))]
    if isinstance(body, list) and body:
        return leaves(body[0], (*place, 0))
    return [place]


def widest(stage: Stage, schema: dict[str, Any]) -> Any:
    """An example with every field there is, asked for or not."""
    if "$ref" in schema:
        described = stage.client.app.openapi()  # type: ignore[attr-defined]  # the client holds any ASGI application
        return widest(stage, described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return widest(stage, several[0])
    if schema.get("type") == "object" and "properties" in schema:
        return {name: widest(stage, each) for name, each in schema["properties"].items()}
    if schema.get("type") == "array":
        return [widest(stage, schema["items"])]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    formats = {"date": "2025-05-06", "date-time": "2025-05-06T00:00:00+08:00"}
    plain = {"integer": max(1, schema.get("minimum", 1)), "boolean": True}
    return plain.get(schema.get("type", "")) or formats.get(schema.get("format", ""), "abcd")


def guarded(answer: Any) -> None:
    assert all(name in answer.headers for name in HEADERS), answer.headers


def is_problem(answer: Any, status: int, code: str | None = None) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    guarded(answer)
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert set(body["words"]) == {"zh", "en"}
    assert code is None or body["type"] == f"urn:creditbridge:{code}", body
    return body


def test_no_field_of_any_route_can_be_sent_what_breaks_us(
    stage: Stage, everybody: dict[str, Person], pytestconfig: pytest.Config
) -> None:
    """A part of them at each place; `--full-proofs` tries them all."""
    tried, broke, full = 0, [], pytestconfig.getoption("--full-proofs")
    for method, path, operation in routes(stage):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if not content or path.startswith("/api/sandbox"):  # a clock that was moved stays moved
            continue
        may = may_enter(method, path)
        person = next((everybody[role] for role in sorted(may) if role in everybody), everybody["firm_owner"])
        body = widest(stage, content["schema"])
        for place in leaves(body):
            text = hole_in(body, place)
            for nasty in NASTY if full else random.Random(f"{path}{place}").sample(NASTY, 7):
                answer = sent(person, method, filled(path), text.replace("@@", nasty))
                if answer.status_code >= 500:
                    broke.append(f"{method} {path} {place} {nasty[:40]}: {answer.status_code}")
                if nasty in UNFIT:
                    assert is_problem(answer, 422)["place"], f"{method} {path} {place} {nasty[:40]}"
                tried += 1
    assert broke == []
    assert tried > 700


def sent(person: Person, method: str, path: str, text: str, kind: str = "application/json", **more: str) -> Any:
    headers = {"authorization": f"{person.scheme} {person.token}", "content-type": kind, **more}
    return person.client.request(method, path, content=text.encode(), headers=headers)


def test_a_wrong_address_is_as_good_as_missing_and_reaches_no_database(stage: Stage, everybody: dict[str, Person]) -> None:
    asked: list[Any] = []
    from sqlalchemy import event

    event.listen(stage.database.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    for path in BAD_PATHS:
        answer = sent(everybody["firm_owner"], "GET", path, "")
        is_problem(answer, 404, "not_found")
    assert asked == []


def test_moments_without_a_zone_and_days_of_another_age_are_named(stage: Stage, everybody: dict[str, Person]) -> None:
    firm = everybody["firm_owner"]
    good = {"agent_name": "王磊", "items": ["TAX04"], "document": "paper", "valid_from": "2025-05-06T09:00:00+08:00"}
    for until, word in (("2025-06-01T00:00:00", "zone"), ("9999-12-31T23:59:59-12:00", "1900"), ("0001-01-01T00:00:00Z", "1900")):
        status, answer = firm.ask("POST", "/api/me/powers", good | {"valid_to": until})
        assert (status, answer["place"]) == (422, "valid_to")
        assert word in answer["title"]
    assert firm.ask("POST", "/api/me/powers", good | {"valid_to": "2025-12-31T00:00:00+08:00"})[0] == 201


def test_json_that_readers_would_take_differently_is_refused(stage: Stage, everybody: dict[str, Person]) -> None:
    firm, where = everybody["firm_owner"], "/api/me/needs"
    assert is_problem(sent(firm, "POST", where, '{"purpose":"a","purpose":"b"}'), 422, "twice")["place"] == "purpose"
    is_problem(sent(firm, "POST", where, "[" * 5000 + "]" * 5000), 422, "too_deep")
    is_problem(sent(firm, "POST", where, "9" * 5000), 422, "too_large")
    for text in ("{", "{'a': 1}", "\ufeff{}", "{} {}"):
        is_problem(sent(firm, "POST", where, text), 400, "not_json")
    for kind in ("text/plain", "application/xml", "multipart/form-data", ""):
        is_problem(sent(firm, "POST", where, "{}", kind), 415, "wrong_media")
    spelled = {"authorization": f"Bearer {firm.token}", "content-type": "application/json; charset=utf-16"}
    is_problem(firm.client.post(where, content='{"a":1}'.encode("utf-16"), headers=spelled), 400, "not_json")


def test_keys_and_queries_have_a_shape(stage: Stage, everybody: dict[str, Person]) -> None:
    firm, regulator = everybody["firm_owner"], everybody["regulator"]
    body = json.dumps({"amount_fen": 1, "months": 1, "purpose": "x", "choices": [{"product": "x", "way": "x"}]})
    for key in ("", "x" * 201, "a\tb", "caf\xe9"):
        headers = {
            "authorization": f"Bearer {firm.token}",
            "content-type": "application/json",
            b"idempotency-key": key.encode("latin-1"),
        }
        answer = firm.client.post("/api/me/needs", content=body, headers=headers)  # type: ignore[arg-type]  # raw bytes are meant
        assert is_problem(answer, 422)["place"] == "idempotency-key"
    for query, status in (("purpose=%00abcd", 422), ("purpose=%ED%A0%80abcd", 422), ("purpose=" + "x" * 9000, 414)):
        is_problem(sent(regulator, "GET", f"/api/regulator/audit/app_1?{query}", ""), status)
    system = everybody["bank_system"]
    for query in ("after=%00", "after=%ff", f"limit={'9' * 30}", "limit=NaN", "state=%00", "%00=1"):
        is_problem(sent(system, "GET", f"/api/bank/applications?{query}", ""), 422)
    checker = everybody["fund_checker"]
    for year in ("0", "-5", "9" * 20, "10000"):
        assert sent(checker, "GET", f"/api/fund/pools/ningbo/excess?year={year}", "").status_code in (404, 422)
    for basic in ("AAA", "AA==", "/w==", "é", "a" * 4000):
        given = {"authorization": f"Basic {basic}".encode("latin-1")}
        assert system.client.get("/api/bank/applications", headers=given).status_code in (401, 404)


def test_methods_and_addresses_that_are_not_there(stage: Stage, everybody: dict[str, Person]) -> None:
    client, token = stage.client, {"authorization": f"Bearer {stage.operator.token}"}
    for method in ("PUT", "PATCH", "OPTIONS", "TRACE", "FROBNICATE"):
        answer = client.request(method, "/api/session", headers=token)
        is_problem(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD, POST, DELETE"
        page = client.request(method, "/sign-in")
        assert page.status_code == 405
        assert "text/html" in page.headers["content-type"]
        guarded(page)
    is_problem(client.get("/api/nothing"), 404, "not_found")
    is_problem(client.get("/static/portal/nothing.css"), 404, "not_found")
    is_problem(client.get("/api/session/", headers=token | {"host": "evil.test"}), 404, "not_found")
    head, whole = client.head("/api/session", headers=token), client.get("/api/session", headers=token)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", whole.headers["content-length"])
    assert client.head("/sign-in").status_code == 200
    moved = client.get("/sign-in/?lang=en", headers={"host": "evil.test"}, follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (307, "/sign-in?lang=en")
    for host in ("[", "]:x", "a b", "evil.test:99999999"):
        assert client.get("/api/session", headers=token | {"host": host}).status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_are_told_in_their_own_language(stage: Stage, language: str) -> None:
    nobody = TestClient(stage.client.app, cookies={"creditbridge_language": language})
    for answer, status in (
        (nobody.get("/no/such/page"), 404),
        (nobody.put("/sign-in"), 405),
        (nobody.get("/sign-in?next=%00"), 422),
        (nobody.post("/sign-in", json={}), 415),
        (nobody.post("/sign-in", content=b"a=" + b"x" * 300_000, headers={"content-type": FORM}), 413),
    ):
        assert answer.status_code == status
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text
        assert ("请" in answer.text) or language == "en"
        guarded(answer)


FORM = "application/x-www-form-urlencoded"


def test_forms_take_no_character_that_cannot_be_kept(database: Database) -> None:
    app = open_house(database)
    firm = a_firm(app)
    token = firm.get("/authorise").page.xpath("//input[@name='csrf']/@value")[0]
    tried: list[dict[str, Any]] = [
        {"data": {"csrf": token, "agent_name": "王\x00磊"}},
        {"data": {"csrf": token, "a\x00": "x"}},
        {"data": {"csrf": token}, "files": {"document": ("a\x00.pdf", b"paper")}},
        {"data": {"csrf": token, "valid_from": "0001-01-01", "valid_to": "9999-12-31"}, "files": {"document": ("a", b"paper")}},
        {"data": {"csrf": token, "valid_from": "2025-06-02", "valid_to": "9999-12-31"}, "files": {"document": ("a", b"paper")}},
    ]
    for each in tried:
        answer = firm.client.post("/authorise/powers", **each)
        assert answer.status_code == 422, answer.text
        guarded(answer)
    for charset in ("utf-16", "unicode_escape", "nonsense", "idna"):
        headers = {"content-type": f"multipart/form-data; boundary=x; charset={charset}"}
        body = f'--x\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n\\ud800{token}\r\n--x--\r\n'.encode()
        assert firm.client.post("/authorise/powers", content=body, headers=headers).status_code < 500
    for amount in ("1e999999", "9" * 400, "NaN", "-Infinity", "1e-999999", "٣", "1_0"):
        firm.client.post("/apply", data={"csrf": token, "amount": amount, "months": amount, "told": "yes"})
        answer = firm.client.post("/apply", data={"csrf": token, "amount": amount, "months": amount, "told": "yes"})
        assert answer.status_code < 500, amount


def test_no_page_breaks_on_what_stands_in_its_address(stage: Stage, everybody: dict[str, Person]) -> None:
    pages = {
        "firm_owner": ("/matches?product={}", "/apply?product={}", "/authorise/new/firm?items={}&recipient={}", "/matches/{}",
                       "/offers/{}", "/loans/{}", "/applications/{}", "/authorise/sign/{}", "/authorise/new/{}",
                       "/?done={}&lang={}", "/offers/{}/costs", "/matches/{}/costs", "/renewals?done={}", "/readers?before={}"),
        "bank_officer": ("/desk/bank?state={}&page={}", "/desk/bank/{}", "/desk/bank/{}/documents/{}", "/desk/warnings/{}"),
        "fund_checker": ("/desk/fund?late={}", "/desk/fund/pool/{}", "/desk/fund/claims/{}", "/desk/fund/pool?code={}"),
        "guarantor_officer": ("/desk/guarantor/{}", "/desk/guarantor?state={}"),
        "whitelist_issuer": ("/desk/issuer/remove/{}", "/desk/issuer/appeals/{}", "/desk/issuer?programme={}"),
        "operator": ("/desk/operator?kind={}", "/sign-in?next={}"),
    }  # fmt: skip
    values = ("%00", "%ff", "..", "A" * 300, "'", "%22%3E%3Cscript%3E", "-1", "9" * 30, "NaN", "%E6%94%BF", "%0d%0a", "")
    for role, addresses in pages.items():
        client = TestClient(stage.client.app, cookies={"creditbridge_session": everybody[role].token})
        for address in addresses:
            for value in values:
                answer = client.get(address.replace("{}", value), follow_redirects=False)
                assert answer.status_code < 500, f"{role} {address} {value}: {answer.status_code}"
                guarded(answer)


def test_a_visitor_sees_a_page_with_a_way_home(database: Database) -> None:
    visitor = Visitor(open_house(database)).get("/no/such")
    assert visitor.status == 404
    assert visitor.page.xpath("//main//a/@href") == ["/"]


def test_the_example_reaches_every_field(stage: Stage) -> None:
    """What the first test stands on: a body per route, each with its leaves."""
    bodies = [body_of(stage, operation) for _, _, operation in routes(stage)]
    assert sum(body is not None for body in bodies) > 30
