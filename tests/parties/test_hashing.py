"""The slow work with passwords holds up nobody: no page, no transaction, no thread that others need; and its line has an end."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.doors import Platform
from backend.kit.errors import TooMany
from backend.parties.hashing import NICE, Hashing
from backend.parties.tables import User
from tests.parties.conftest import at_once, caller
from tests.portal.visitor import credit_code
from tests.stage import PASSWORD, Stage


@contextmanager
def held_up(house: Platform) -> Iterator[None]:
    """Every thread for passwords is busy with something long, until left."""
    go, house.passwords.longest_wait = threading.Event(), 600.0
    for _ in range(house.passwords.workers):
        house.passwords.pool.submit(go.wait, 60)
    try:
        yield
    finally:
        go.set()


def waits_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def sign_in(client: TestClient, login: str) -> tuple[int, str | None]:
    answer = client.post("/api/session", json={"login": login, "password": PASSWORD})
    return answer.status_code, answer.headers.get("retry-after")


def test_while_sign_ins_wait_pages_answer_and_no_transaction_is_open(stage: Stage) -> None:
    firm = stage.firm()
    login = firm.do("GET", "/api/me/readers") and "owner-00000u"
    answers: list[tuple[int, str | None]] = []
    with held_up(stage.house):
        # More than there are threads for pages: none of them may be one that waits.
        deeds = [partial(sign_in, caller(stage, f"203.0.113.{n}"), login) for n in range(50)]
        crowd = threading.Thread(target=lambda: answers.extend(at_once(deeds)))
        crowd.start()
        waits_for(lambda: stage.house.passwords.waiting == 50)
        waits_for(lambda: stage.database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]  # both makes have a pool that counts
        assert firm.ask("GET", "/api/me/needs")[0] == 200
        assert caller(stage).get("/sign-in").status_code == 200
        with stage.database.writing() as session:  # on SQLite one open writing transaction would hold this one up
            assert session.scalars(select(User).where(User.login == login)).one().active
        assert not answers
    crowd.join()
    assert [status for status, _ in answers] == [201] * 50


def test_the_line_has_an_end_and_one_address_fills_half_of_it(stage: Stage) -> None:
    stage.firm()
    stage.house.passwords.line = 8
    with held_up(stage.house):
        early = [
            threading.Thread(target=sign_in, args=(caller(stage, address), f"nobody{n}"))
            for n, address in enumerate(["203.0.113.1"] * 4 + ["203.0.113.2"] * 4)
        ]
        for number, each in enumerate(early, 1):
            each.start()
            waits_for(partial(lambda wanted: stage.house.passwords.waiting == wanted, number))
            if number == 4:
                assert sign_in(caller(stage, "203.0.113.1"), "nobody") == (429, "5"), "half of the line is one address's"
        late = caller(stage, "203.0.113.3")
        assert sign_in(late, "nobody") == (429, "5")
        body = {
            "uscc": credit_code(5),
            "name": "某公司",
            "legal_rep": "林海",
            "person": "林海",
            "login": "x5",
            "password": PASSWORD,
        }
        assert late.post("/api/firms", json=body).status_code == 429
        page = late.get("/sign-in")
        token = page.text.split('name="csrf" value="')[1].split('"')[0]
        answer = late.post("/sign-in", data={"csrf": token, "login": "nobody", "password": PASSWORD})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
        assert "现在登录的人较多" in answer.text
    for each in early:
        each.join()
    assert stage.house.passwords.waiting == 0
    assert sign_in(late, "owner-00000u")[0] == 201


def test_who_waits_too_long_is_told_to_come_back_and_has_lost_no_guess(stage: Stage) -> None:
    stage.firm()
    with held_up(stage.house):
        stage.house.passwords.longest_wait = 0.2
        assert [sign_in(caller(stage), "owner-00000u") for _ in range(7)] == [(429, "5")] * 7
    stage.house.passwords.longest_wait = 60.0
    assert sign_in(caller(stage), "owner-00000u")[0] == 201


def test_what_cannot_be_right_waits_for_nobody(stage: Stage) -> None:
    with held_up(stage.house):
        body = {
            "uscc": credit_code(5),
            "name": "某公司",
            "legal_rep": "林海",
            "person": "林海",
            "login": "x5",
            "password": "short",
        }
        assert caller(stage).post("/api/firms", json=body).json()["place"] == "password"
        assert caller(stage).post("/api/firms", json=body | {"uscc": "x"}).json()["place"] == "uscc"
        admission = {"kind": "fund", "code": "1", "name": "x", "people": []}
        assert stage.operator.ask("POST", "/api/operator/parties", admission)[1]["place"] == "code"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for one thread")
def test_the_threads_for_passwords_step_back_and_others_do_not() -> None:
    hashing = Hashing("cheapest", workers=1)
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert hashing.pool.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())).result() == max(NICE, before)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_a_place_in_the_line_is_given_back_also_after_a_fault() -> None:
    hashing = Hashing("cheapest", workers=1, line=2)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), hashing.seat("one"):
            raise ZeroDivisionError
    with hashing.seat("one"), hashing.seat("two"), pytest.raises(TooMany), hashing.seat("three"):
        pass
    assert hashing.waiting == 0
