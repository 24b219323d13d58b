"""Joining: one credit code is one firm, one login one person, also for many who ask at the same moment."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend.kit.errors import Invalid
from backend.parties import model
from backend.parties.tables import Firm, Party, User
from tests.parties.conftest import at_once, caller
from tests.portal.visitor import credit_code
from tests.stage import PASSWORD, Stage


def sheet(number: int = 1, **more: Any) -> dict[str, Any]:
    named = {"name": "临江精工机械有限公司", "legal_rep": "林海", "person": "林海", "login": f"owner{number}"}
    return {"uscc": credit_code(number), "password": PASSWORD, **named} | more


def sign_up(client: TestClient, body: dict[str, Any]) -> tuple[int, str]:
    answer = client.post("/api/firms", json=body)
    return answer.status_code, answer.json().get("type", "")


def count(stage: Stage, table: Any, *where: Any) -> int:
    with stage.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def test_of_many_sign_ups_with_one_credit_code_at_once_one_is_a_firm(stage: Stage) -> None:
    for round_ in range(3):
        bodies = [sheet(round_, login=f"owner{round_}-{number}") for number in range(8)]
        answers = at_once([partial(sign_up, caller(stage), body) for body in bodies])
        assert Counter(answers) == {(201, ""): 1, (409, "urn:creditbridge:firm_known"): 7}
    assert count(stage, Firm) == count(stage, User, User.role == "firm_owner") == 3


def test_of_many_sign_ups_with_one_login_at_once_one_has_it_and_no_other_firm_is_left_behind(stage: Stage) -> None:
    for round_ in range(3):
        bodies = [sheet(round_ * 10 + number, login=f"Owner{round_}") for number in range(8)]
        answers = at_once([partial(sign_up, caller(stage), body) for body in bodies])
        assert Counter(answers) == {(201, ""): 1, (409, "urn:creditbridge:login_taken"): 7}
    assert count(stage, Firm) == count(stage, Party, Party.kind == "firm") == 3
    left = next(body for body in bodies if count(stage, Firm, Firm.uscc == body["uscc"]) == 0)
    assert sign_up(caller(stage), left | {"login": "another"}) == (201, ""), "whoever lost the login may still sign up"


def test_of_two_staff_with_one_login_at_once_one_is_let_in(stage: Stage) -> None:
    owners = [stage.firm(credit_code(number)) for number in range(4)]
    body = {"login": "clerk", "password": PASSWORD, "name": "小王"}
    answers = at_once([partial(owner.ask, "POST", "/api/me/staff", body) for owner in owners])
    assert Counter(status for status, _ in answers) == {201: 1, 409: 3}
    assert {answer["type"] for status, answer in answers if status == 409} == {"urn:creditbridge:login_taken"}
    assert count(stage, User, User.login == "clerk") == 1


def test_a_login_is_one_however_it_is_typed(stage: Stage) -> None:
    assert sign_up(caller(stage), sheet(1, login=" Lin.Hai ")) == (201, "")
    for typed in ("lin.hai", "LIN.HAI", "Ｌｉｎ．Ｈａｉ", "lin.hai "):
        assert sign_up(caller(stage), sheet(2, login=typed)) == (409, "urn:creditbridge:login_taken")
        assert caller(stage).post("/api/session", json={"login": typed, "password": PASSWORD}).status_code == 201
    assert count(stage, Firm) == 1


@pytest.mark.parametrize(
    "login",
    ["", "  ", "lin hai", "lin\u200bhai", "\u3164", "lin\u202ehai", "a/b", "x" * 65, "ﷺ" * 8, "lin\thai", "😀", "a\u0301b"],
)
def test_a_login_that_cannot_be_seen_or_typed_is_refused_by_its_place(stage: Stage, login: str) -> None:
    status, answer = stage.firm().ask("POST", "/api/me/staff", {"login": login, "password": PASSWORD, "name": "小王"})
    if login == "a\u0301b":  # composed, it is a letter like others
        assert status == 201
    else:
        assert (status, answer["place"]) == (422, "login")


@pytest.mark.parametrize("place", ["name", "legal_rep", "person"])
@pytest.mark.parametrize("text", [" ", "林\u200b海", "林\u202e海", "林\x1f海"])
def test_a_name_with_what_cannot_be_seen_is_refused_by_its_place(stage: Stage, place: str, text: str) -> None:
    answer = caller(stage).post("/api/firms", json=sheet(1, **{place: text}))
    assert (answer.status_code, answer.json()["place"]) == (422, place)
    assert count(stage, Firm) == 0


def test_who_signed_up_before_logins_were_folded_still_signs_in(stage: Stage) -> None:
    """Two logins that differ by case only are older than the rule: each is found as it is typed."""
    stage.firm(credit_code(1), login="older")
    stage.firm(credit_code(2), login="other")
    with stage.database.writing() as session:
        session.scalars(select(User).where(User.login == "other")).one().login = "Older"
    assert (
        stage.sign_in("older").do("GET", "/api/session")["firm_id"] != stage.sign_in("Older").do("GET", "/api/session")["firm_id"]
    )


@given(st.text(max_size=80))
def test_a_kept_login_is_found_by_what_was_typed_and_by_itself(text: str) -> None:
    try:
        kept = model.login(text)
    except Invalid:
        return
    assert kept in model.logins_of(text)
    assert kept in model.logins_of(kept)
    assert model.logins_of(text.upper())[-1] == model.folded(text.upper())
