"""A party's own people let a colleague in: one invites, another confirms, and neither can come in as the newcomer."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from backend.audit.tables import AuditLine
from tests.parties.conftest import at_once, caller
from tests.portal.visitor import credit_code
from tests.stage import Person, Stage


def invite(person: Person, login: str = "newcomer", role: str = "fund_checker") -> tuple[int, Any]:
    return person.ask("POST", "/api/colleagues", {"login": login, "name": "新人", "role": role})


def join(stage: Stage, invitation: str, first: str, second: str = "", password: str = "a password of my own") -> int:
    body = {"first": first, "second": second, "password": password}
    return caller(stage).post(f"/api/colleagues/{invitation}/join", json=body).status_code


@pytest.fixture
def fund(stage: Stage) -> Stage:
    stage.guarantor_and_fund()
    return stage


def test_a_fund_lets_a_colleague_in_on_two_peoples_words(fund: Stage) -> None:
    maker, checker = fund.people["maker"], fund.people["checker"]
    _, made = invite(maker)
    assert made["state"] == "invited"
    path = f"/api/colleagues/{made['id']}"
    assert join(fund, made["id"], made["word"]) == 404, "one word is not enough"
    assert maker.ask("POST", f"{path}/confirm")[1]["type"] == "urn:creditbridge:same_person"
    second = checker.do("POST", f"{path}/confirm")["word"]
    for words in ((made["word"], ""), ("", second), (second, made["word"]), ("x", "y")):
        assert join(fund, made["id"], *words) == 404, words
    assert join(fund, made["id"], made["word"], second, "short") == 422
    assert join(fund, made["id"], made["word"], second) == 201
    assert join(fund, made["id"], made["word"], second) == 404, "once"
    newcomer = fund.sign_in("newcomer", "a password of my own")
    assert newcomer.do("GET", "/api/session")["role"] == "fund_checker"
    assert [each["login"] for each in maker.do("GET", "/api/colleagues")["people"]] == ["checker", "maker", "newcomer"]
    with fund.database.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.object_id == made["id"]).order_by(AuditLine.seq))
        assert [line.action for line in lines] == ["colleague.invited", "colleague.confirmed", "colleague.joined"]


def test_alone_in_a_party_one_may_invite_but_not_at_a_fund(fund: Stage) -> None:
    status, made = invite(fund.people["guarantor"], role="guarantor_officer")
    assert (status, made["state"]) == (201, "confirmed")
    assert join(fund, made["id"], made["word"]) == 201
    assert invite(fund.people["guarantor"], "third", "guarantor_officer")[1]["state"] == "invited", "two are not alone"
    fund.take_part("fund", "small_fund", "小基金", {"only": "fund_maker"})
    assert invite(fund.people["only"])[1]["type"] == "urn:creditbridge:needs_second"


def test_nobody_invites_confirms_or_refuses_for_another_party(fund: Stage) -> None:
    _, made = invite(fund.people["maker"])
    strangers = [fund.people["guarantor"], fund.people["officer"], fund.operator, fund.firm(credit_code(3))]
    for stranger in strangers:
        for act in ("confirm", "refuse"):
            assert stranger.ask("POST", f"/api/colleagues/{made['id']}/{act}")[0] == 404
    assert invite(fund.people["maker"], role="regulator")[0] == 422
    assert invite(fund.people["officer"], role="bank_system")[0] == 422
    assert invite(fund.people["maker"], login="Checker")[0] == 409
    assert fund.people["checker"].do("POST", f"/api/colleagues/{made['id']}/refuse")["state"] == "refused"
    assert fund.people["checker"].ask("POST", f"/api/colleagues/{made['id']}/confirm")[0] == 409


def test_confirmed_and_refused_and_joined_at_once_an_invitation_ends_one_way(fund: Stage) -> None:
    maker, checker = fund.people["maker"], fund.people["checker"]
    for number in range(4):
        _, made = invite(maker, f"newcomer{number}")
        path = f"/api/colleagues/{made['id']}"
        acts = [partial(checker.ask, "POST", f"{path}/{act}") for act in ("confirm", "refuse", "confirm", "refuse")]
        answers = at_once(acts)
        assert Counter(status for status, _ in answers) == {200: 1, 409: 3}
        (won,) = (answer for status, answer in answers if status == 200)
        if won["state"] == "confirmed":
            joins = at_once([partial(join, fund, made["id"], made["word"], won["word"]) for _ in range(4)])
            assert joins.count(201) == 1
            assert set(joins) <= {201, 404, 409}


def test_an_invitation_that_is_old_opens_nothing(fund: Stage) -> None:
    _, made = invite(fund.people["guarantor"], role="guarantor_officer")
    fund.days(8)
    assert join(fund, made["id"], made["word"]) == 404
    assert fund.people["guarantor"].do("GET", "/api/colleagues")["waiting"] == []
