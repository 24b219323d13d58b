"""Guessing passwords: every guess counts, however many come at once; nobody is locked out by somebody elsewhere."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from backend.doors import OWN_HEADER
from backend.entrance import DEVICE_COOKIE
from backend.kit import addresses, clock
from backend.kit.errors import Refused, TooMany
from backend.parties import guesses, sign_in
from backend.parties.tables import Guess, KnownDevice, User
from tests.parties.conftest import at_once, caller
from tests.portal.visitor import credit_code
from tests.stage import PASSWORD, Stage

OWNER = "owner-00000u"
OFFICE, ELSEWHERE = "203.0.113.1", "198.51.100.7"


def guess(client: TestClient, password: str = "not the password", login: str = OWNER) -> int:
    return client.post("/api/session", json={"login": login, "password": password}).status_code


def time_passes(stage: Stage, **time: float) -> None:
    """Machine time goes on: everything that was counted lies so much further back."""
    with stage.database.writing() as session:
        for row in session.scalars(select(Guess)):
            for column in ("since", "paused_until", "settles_by", "forget_at"):
                value = getattr(row, column)
                setattr(row, column, value - timedelta(**time) if value else None)


@pytest.fixture
def owner(stage: Stage) -> Stage:
    stage.firm()
    return stage


@pytest.mark.parametrize("login", [OWNER, "nobody-has-this"])
def test_twenty_four_wrong_passwords_at_once_are_five_guesses_and_a_pause(owner: Stage, login: str) -> None:
    answers = at_once([partial(guess, caller(owner, OFFICE), login=login) for _ in range(24)])
    assert Counter(answers) == {401: 5, 429: 19}
    paused = caller(owner, OFFICE).post("/api/session", json={"login": login, "password": PASSWORD})
    assert paused.status_code == 429, "in the pause the right one is not tried either"
    assert 30 <= int(paused.headers["retry-after"]) <= 60
    assert paused.json()["type"] == "urn:creditbridge:too_many_tries"


def test_twenty_four_right_passwords_at_once_are_twenty_four_sessions(owner: Stage) -> None:
    answers = at_once([partial(guess, caller(owner, OFFICE), PASSWORD) for _ in range(24)])
    assert Counter(answers) == {201: 24}
    assert Counter(guess(caller(owner, OFFICE)) for _ in range(6)) == {401: 5, 429: 1}, "and they cost no guess"


def test_the_right_password_among_wrong_ones_is_let_in_or_told_to_wait_and_leaves_no_guess_free(owner: Stage) -> None:
    deeds = [partial(guess, caller(owner, OFFICE)) for _ in range(11)] + [partial(guess, caller(owner, OFFICE), PASSWORD)]
    answers = Counter(at_once(deeds))
    assert answers[401] <= 10
    assert answers[201] + answers[429] + answers[401] == 12
    if answers[201] == 0:
        assert answers[401] == 5


def test_who_guesses_elsewhere_never_locks_the_owner_out(owner: Stage) -> None:
    for number in range(1, 30):
        for _ in range(6):
            guess(caller(owner, f"198.51.100.{number}"))
    assert guess(caller(owner, "198.51.100.1"), PASSWORD) == 429
    assert guess(caller(owner, OFFICE), PASSWORD) == 201


def test_a_known_device_passes_while_its_own_address_is_paused_and_its_own_guesses_count(owner: Stage) -> None:
    known = caller(owner, OFFICE)
    assert guess(known, PASSWORD) == 201
    device = known.cookies[DEVICE_COOKIE]
    for _ in range(30):
        guess(caller(owner, OFFICE))
    assert guess(caller(owner, OFFICE), PASSWORD) == 429
    assert guess(known, PASSWORD) == 201
    assert known.cookies[DEVICE_COOKIE] == device, "a device that is known keeps its token"
    assert Counter(guess(known) for _ in range(6)) == {401: 5, 429: 1}
    assert guess(known, PASSWORD) == 429
    assert guess(caller(owner, ELSEWHERE), PASSWORD) == 201


def test_a_device_is_known_for_those_who_signed_in_from_it_and_for_nobody_else(owner: Stage) -> None:
    owner.firm(credit_code(2), login="second")
    browser = caller(owner, OFFICE)
    assert guess(browser, PASSWORD, "second") == 201
    planted = browser.cookies[DEVICE_COOKIE]
    for _ in range(6):
        guess(caller(owner, OFFICE))
    assert guess(browser, PASSWORD) == 429, "a cookie of one's own login helps with no other"
    time_passes(owner, minutes=2)
    assert guess(browser, PASSWORD) == 201
    assert browser.cookies[DEVICE_COOKIE] != planted, "a token that came along may be somebody else's"
    for login in (OWNER, "second"):
        for _ in range(6):
            guess(caller(owner, OFFICE), login=login)
        assert guess(browser, PASSWORD, login) == 201, "two who share a browser are both known"


def test_a_program_that_keeps_no_cookies_leaves_no_device_behind(owner: Stage) -> None:
    for _ in range(3):
        program = caller(owner, OFFICE)
        del program.headers[OWN_HEADER]
        assert guess(program, PASSWORD) == 201
        assert DEVICE_COOKIE not in program.cookies
    with owner.database.reading() as session:
        assert session.scalars(select(KnownDevice)).all() == []


def test_one_address_is_slowed_over_all_logins_and_a_sign_in_of_ones_own_does_not_help(owner: Stage) -> None:
    attacker = partial(caller, owner, ELSEWHERE)
    owner.firm(credit_code(2), login="attacker")
    answers = []
    for number in range(24):
        answers.append(guess(attacker(), login=f"victim{number}"))
        guess(attacker(), PASSWORD, "attacker")
    assert Counter(answers) == {401: 20, 429: 4}
    assert guess(caller(owner, OFFICE), login="victim1") == 401
    time_passes(owner, minutes=1.1)
    assert guess(attacker(), login="victim30") == 401


def test_a_pause_doubles_while_guessing_goes_on_and_is_forgotten(owner: Stage) -> None:
    waits = []
    for _ in range(6):
        assert Counter(guess(caller(owner, OFFICE)) for _ in range(5)) == {401: 5}
        answer = caller(owner, OFFICE).post("/api/session", json={"login": OWNER, "password": PASSWORD})
        waits.append(round(int(answer.headers["retry-after"]) / 60))
        time_passes(owner, minutes=waits[-1] + 0.1)
    assert waits == [1, 2, 4, 8, 15, 15]
    time_passes(owner, hours=2)
    assert Counter(guess(caller(owner, OFFICE)) for _ in range(5)) == {401: 5}
    assert (
        0 < int(caller(owner, OFFICE).post("/api/session", json={"login": OWNER, "password": "x"}).headers["retry-after"]) <= 60
    )


def test_a_wrong_password_and_an_unknown_login_are_told_the_same(owner: Stage) -> None:
    texts = [
        caller(owner, OFFICE).post("/api/session", json={"login": login, "password": "not the password"}).text
        for login in (OWNER, "nobody", "a b", "林")
    ]
    assert len(set(texts)) == 1


def test_a_header_is_believed_from_a_trusted_proxy_only(owner: Stage) -> None:
    def behind(client: TestClient, forwarded: str) -> int:
        body = {"login": OWNER, "password": "not the password"}
        return client.post("/api/session", json=body, headers={"x-forwarded-for": forwarded}).status_code

    assert Counter(behind(caller(owner, ELSEWHERE), f"192.0.2.{n}") for n in range(7)) == {401: 5, 429: 2}
    owner.house.trusted_proxies = addresses.networks("10.0.0.0/8")
    proxy = caller(owner, "10.0.0.5")
    assert Counter(behind(proxy, f"{n}.{n}.{n}.{n}, 192.0.2.1") for n in range(1, 8)) == {401: 5, 429: 2}
    assert behind(proxy, "192.0.2.1, 192.0.2.2") == 401, "another caller behind the same proxy"
    assert Counter(behind(proxy, f"2001:db8:7:7::{n:x}") for n in range(7)) == {401: 5, 429: 2}, "one /64 is one address"


def test_signing_out_ends_the_session_at_once_for_all_who_use_it(owner: Stage) -> None:
    for _ in range(3):
        person = owner.sign_in(OWNER)
        ends = [lambda p=person: p.ask("DELETE", "/api/session")[0] for _ in range(4)]
        assert set(at_once(ends)) == {204}
        assert set(at_once([lambda p=person: p.ask("GET", "/api/session")[0] for _ in range(4)])) == {401}


def test_what_is_over_is_cleaned_away_and_what_runs_stays(owner: Stage) -> None:
    guess(caller(owner, OFFICE), login="somebody")
    with owner.database.writing() as session:
        session.execute(update(Guess).values(forget_at=clock.now() - timedelta(seconds=1)))
        session.execute(update(KnownDevice).values(expires_at=clock.now() - timedelta(seconds=1)))
    guess(caller(owner, OFFICE), PASSWORD)
    with owner.database.writing() as session:
        sign_in.forget(session)
        assert len(session.scalars(select(Guess)).all()) == 2
        assert len(session.scalars(select(KnownDevice)).all()) == 1


def test_neither_login_nor_address_nor_token_is_kept_where_guesses_are_counted(owner: Stage) -> None:
    client = caller(owner, OFFICE)
    guess(client, login="my secret password")
    guess(client, PASSWORD)
    with owner.database.reading() as session:
        kept = [str(vars(row)) for table in (Guess, KnownDevice) for row in session.scalars(select(table))]
    assert kept
    for text in kept:
        assert not any(word in text for word in ("my secret", OWNER, OFFICE, client.cookies[DEVICE_COOKIE]))


def test_who_was_sent_away_while_the_password_was_compared_is_not_let_in(owner: Stage) -> None:
    with owner.database.writing() as session:
        asked = sign_in.ask(session, login=OWNER, address=OFFICE, device="")
        session.scalars(select(User).where(User.login == OWNER)).one().active = False
    assert asked is not None
    with pytest.raises(Refused), owner.database.writing() as session:
        sign_in.finish(session, asked, right=True)


# ---------------------------------------------------------------- the rule itself

START = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(st.tuples(st.sampled_from(["ask", "wrong"]), st.integers(0, 40)), max_size=200))
def test_within_any_minute_no_more_guesses_are_compared_than_the_limit(deeds: list[tuple[str, int]]) -> None:
    """Whatever order guesses come, come back or get lost in: at most five begin before a pause of a minute or more."""
    now, count, begun = START, guesses.fresh("login", START), list[datetime]()
    for deed, seconds in deeds:
        now += timedelta(seconds=seconds)
        if deed == "ask":
            try:
                after = guesses.asked(count, now)
            except TooMany:
                continue
            if after is not None:
                count = after
                begun.append(now)
        elif deed == "wrong" and count.under_way:
            count = guesses.settled(count, right=False, now=now)
    for first, sixth in zip(begun, begun[5:], strict=False):
        assert sixth - first >= timedelta(minutes=1)
