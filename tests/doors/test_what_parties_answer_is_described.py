"""What the API answers about parties, good or bad, is what its own description says: the status, the fields, the media type."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stage import PASSWORD, Person, Stage

COLLEAGUE = {"login": "newcomer", "name": "新人", "role": "fund_checker"}
ADMISSION = {"kind": "guarantor", "code": "hill_guarantee", "name": "山丘担保", "people": []}
LOGIN = {"login": "nobody", "password": "not the password"}


@pytest.fixture
def told(stage: Stage, everybody: dict[str, Person]) -> list[tuple[str, str, Any]]:
    """Each call with its answer: (method and address as described, method and address as called, the answer)."""
    operator, firm, maker, checker = (everybody[each] for each in ("operator", "firm_owner", "fund_maker", "fund_checker"))
    bank, nobody = everybody["bank_system"], Person(stage.client, "no such token")
    found: list[tuple[str, str, Any]] = []

    def call(who: Person, method: str, template: str, body: Any = None, **names: str) -> Any:
        path = template.format(**names)
        answer = who.client.request(method, path, json=body, headers={"authorization": f"{who.scheme} {who.token}"})
        found.append((template, f"{method} {path}", answer))
        return answer.json() if answer.content else {}

    for who in (nobody, operator, firm, bank):
        call(who, "GET", "/api/session")
        call(who, "GET", "/api/colleagues")
        call(who, "POST", "/api/colleagues", COLLEAGUE)
        call(who, "POST", "/api/me/staff", {"login": "clerk", "password": PASSWORD, "name": "小王"})
        call(who, "POST", "/api/operator/parties", ADMISSION)
        call(who, "POST", "/api/operator/banks/{code}/secret", code="orchard_bank")
        call(who, "DELETE", "/api/operator/banks/{code}/secret", code="no_bank")
    call(nobody, "POST", "/api/session", LOGIN)
    call(nobody, "POST", "/api/session", {"login": "maker", "password": PASSWORD})
    call(nobody, "POST", "/api/session", {"login": 1})
    call(nobody, "POST", "/api/firms", {"uscc": "x"})
    made = call(maker, "POST", "/api/colleagues", COLLEAGUE | {"login": "second"})
    call(maker, "POST", "/api/colleagues/{invitation_id}/confirm", invitation_id=made["id"])
    word = call(checker, "POST", "/api/colleagues/{invitation_id}/confirm", invitation_id=made["id"])["word"]
    call(maker, "GET", "/api/colleagues")
    come = {"first": made["word"], "second": word, "password": PASSWORD}
    for body in (come | {"first": "wrong"}, come):
        call(nobody, "POST", "/api/colleagues/{invitation_id}/join", body, invitation_id=made["id"])
    other = call(checker, "POST", "/api/colleagues", COLLEAGUE | {"login": "third"})
    for _ in range(2):
        call(maker, "POST", "/api/colleagues/{invitation_id}/refuse", invitation_id=other["id"])
    call(operator, "DELETE", "/api/operator/banks/{code}/secret", code="orchard_bank")
    call(maker, "DELETE", "/api/session")
    return found


def test_every_status_is_one_that_the_description_names(stage: Stage, told: list[tuple[str, str, Any]]) -> None:
    described = stage.client.get("/api/openapi.json").json()["paths"]
    for template, called, answer in told:
        responses = described[template][called.split()[0].lower()]["responses"]
        assert str(answer.status_code) in responses, f"{called}: {answer.status_code}"
        if answer.content:
            said = answer.headers["content-type"].partition(";")[0]
            assert said in responses[str(answer.status_code)]["content"], f"{called}: {answer.status_code} {said}"
    assert {answer.status_code for _, _, answer in told} >= {200, 201, 204, 401, 403, 404, 409, 422}


def test_a_good_answer_has_the_fields_that_the_description_names(stage: Stage, told: list[tuple[str, str, Any]]) -> None:
    described = stage.client.get("/api/openapi.json").json()
    shapes = described["components"]["schemas"]
    seen = set()
    for template, called, answer in told:
        if answer.status_code in (200, 201):
            said = described["paths"][template][called.split()[0].lower()]["responses"][str(answer.status_code)]
            name = said["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert set(answer.json()) == set(shapes[name]["properties"]), called
            seen.add(name)
    assert {"OurPeople", "InvitationWithWord", "ColleagueInvitation", "Colleague", "Participant", "SessionToken"} <= seen


def test_no_digest_hash_or_word_of_anothers_is_shown(told: list[tuple[str, str, Any]]) -> None:
    for _, called, answer in told:
        assert "digest" not in answer.text, called
        assert "hash" not in answer.text, called
        if called == "GET /api/colleagues":
            assert '"word"' not in answer.text, called
