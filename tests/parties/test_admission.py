"""The operator admits parties: never people to one that is there, never another kind under a code that is taken."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit.tables import AuditLine
from backend.parties import actions, views
from backend.parties.tables import Party, User
from tests.at_once import at_once as rooms_at_once
from tests.parties.conftest import at_once
from tests.portal.visitor import credit_code
from tests.stage import PASSWORD, Stage

KINDS = {
    "bank": "bank_officer",
    "guarantor": "guarantor_officer",
    "fund": "fund_maker",
    "issuer": "whitelist_issuer",
    "regulator": "regulator",
}


def body(kind: str, code: str, *people: tuple[str, str], **more: Any) -> dict[str, Any]:
    listed = [{"login": login, "password": PASSWORD, "role": role, "name": "陈一"} for login, role in people]
    return {"kind": kind, "code": code, "name": "某机构", "people": listed} | more


def admit(stage: Stage, asked: dict[str, Any]) -> tuple[int, str]:
    status, answer = stage.operator.ask("POST", "/api/operator/parties", asked)
    return status, answer.get("type", "").removeprefix("urn:creditbridge:") or answer["kind"]


def everything(stage: Stage) -> tuple[int | None, int | None]:
    with stage.database.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(each)) for each in (Party, User))  # type: ignore[return-value]  # two tables, two counts


def test_servers_that_start_at_once_add_the_same_bank_once(stage: Stage) -> None:
    def add(session: Session) -> str:
        return actions.add_party(session, kind="bank", code="new_bank", name="新银行").id

    found = rooms_at_once(stage.database, *[add] * 4)
    assert len(set(found)) == 1, found


def test_nobody_is_added_to_a_party_that_is_there_whatever_it_is(stage: Stage) -> None:
    stage.firm(credit_code(1))
    stage.guarantor_and_fund()
    for kind, role in KINDS.items():
        assert admit(stage, body(kind, f"first_{kind}", (f"{kind}-one", role))) == (201, kind)
    with stage.database.reading() as session:
        codes = list(session.scalars(select(Party.code).where(Party.kind != "bank")))
    before = everything(stage)
    tried = 0
    for code in [*codes, "orchard_bank", "first_bank"]:
        for kind, role in [*KINDS.items(), ("firm", "firm_owner"), ("operator", "operator")]:
            status, _ = admit(stage, body(kind, code, (f"evil{tried}", role)))
            assert status in (409, 422), f"{kind} {code}: {status}"
            assert admit(stage, body(kind, code))[0] in (409, 422), f"{kind} {code} without people"
            tried += 1
    assert tried >= 70
    assert everything(stage) == before


def test_a_code_that_could_be_a_firms_or_is_spoken_for_is_refused(stage: Stage) -> None:
    digits = "913302990000000781"
    before = everything(stage)
    for code in (digits, "platform", "operator", "", "x", "Fund", "a b", "fund\u200b", "f" * 65, "基金"):
        assert admit(stage, body("fund", code, ("evil", "fund_maker")))[0] == 422, code
    assert everything(stage) == before


def test_a_bank_that_the_platform_joined_itself_gets_its_first_people_once_and_of_no_other_kind(stage: Stage) -> None:
    assert admit(stage, body("fund", "bell_tower_bank", ("evil", "fund_maker"))) == (409, "party_known")
    assert admit(stage, body("bank", "bell_tower_bank")) == (409, "party_known")
    assert admit(stage, body("bank", "bell_tower_bank", ("tower", "bank_officer"))) == (201, "bank")
    assert admit(stage, body("bank", "bell_tower_bank", ("tower2", "bank_officer"))) == (409, "party_known")
    assert stage.sign_in("tower").do("GET", "/api/session")["party"] == "bell_tower_bank"


def test_a_bank_admitted_without_people_has_none_added(stage: Stage) -> None:
    assert admit(stage, body("bank", "custody_bank")) == (201, "bank")
    assert admit(stage, body("bank", "custody_bank", ("late", "bank_officer"))) == (409, "party_known")


def test_an_admission_is_whole_or_nothing(stage: Stage) -> None:
    stage.firm(credit_code(1), login="taken")
    before = everything(stage)
    people = (("new-maker", "fund_maker"), ("Taken", "fund_checker"))
    assert admit(stage, body("fund", "city_fund", *people)) == (409, "login_taken")
    assert admit(stage, body("fund", "city_fund", ("one", "fund_maker"), ("ＯＮＥ", "fund_checker"))) == (409, "login_taken")
    assert admit(stage, body("fund", "city_fund", ("one", "bank_officer")))[0] == 422
    assert admit(stage, body("bank", "city_bank", ("one", "bank_system")))[0] == 422, "a system is no person"
    assert admit(stage, body("fund", "city_fund", client_secret="x" * 40))[0] == 422
    assert admit(stage, body("bank", "city_bank", client_secret="short"))[0] == 422
    assert everything(stage) == before
    assert admit(stage, body("fund", "city_fund", people[0], ("new-checker", "fund_checker"))) == (201, "fund")


def test_of_many_admissions_of_one_party_at_once_one_is_made_with_its_people(stage: Stage) -> None:
    for code in ("harbour_bank", "new_bank"):
        asked = [body("bank", code, (f"{code}-{number}", "bank_officer")) for number in range(6)]
        answers = at_once([partial(admit, stage, each) for each in asked])
        assert Counter(answers) == {(201, "bank"): 1, (409, "party_known"): 5}
        with stage.database.reading() as session:
            party = session.scalars(select(Party).where(Party.code == code)).one()
            assert len(list(session.scalars(select(User).where(User.party_id == party.id)))) == 1


@pytest.mark.parametrize("crossed", [False, True])
def test_two_admissions_at_once_that_want_the_same_logins_do_not_wait_for_each_other_for_ever(
    stage: Stage, crossed: bool
) -> None:
    first, second = [("p1", "fund_maker"), ("q1", "fund_checker")], [("p1", "fund_maker"), ("q1", "fund_checker")]
    if crossed:
        second.reverse()
    answers = at_once(
        [partial(admit, stage, body("fund", "fund_a", *first)), partial(admit, stage, body("fund", "fund_b", *second))]
    )
    assert Counter(answers) == {(201, "fund"): 1, (409, "login_taken"): 1}


def test_an_admission_is_in_the_log_with_who_was_let_in(stage: Stage) -> None:
    admit(stage, body("fund", "city_fund", ("m", "fund_maker"), ("c", "fund_checker")))
    with stage.database.reading() as session:
        party = session.scalars(select(Party).where(Party.code == "city_fund")).one()
        (line,) = session.scalars(select(AuditLine).where(AuditLine.object_id == party.id))
        users = {user.id: user.role for user in session.scalars(select(User).where(User.party_id == party.id))}
    assert (line.action, line.details["people"]) == ("party.added", users)


def test_of_many_renewals_of_one_banks_secret_at_once_one_secret_opens(stage: Stage) -> None:
    for bank in ("harbour_bank", "orchard_bank"):
        shown = [
            answer["secret"]
            for _, answer in at_once(
                [partial(stage.operator.ask, "POST", f"/api/operator/banks/{bank}/secret") for _ in range(6)]
            )
        ]
        opened = [secret for secret in shown if _opens(stage, bank, secret)]
        assert len(set(shown)) == 6
        assert len(opened) == 1


def _opens(stage: Stage, bank: str, secret: str) -> bool:
    with stage.database.reading() as session:
        return views.client(session, bank, secret) is not None
