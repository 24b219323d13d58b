"""A fault of ours sets one step of a chain aside; the next morning's is planned from the calendar, and the chain goes on."""

from __future__ import annotations

from datetime import date

import pytest

from backend.uplifts import views
from tests.stage import Stage
from tests.steps.lines import once_wrong
from tests.stories import guaranteed as road
from tests.uplifts.data_firm import USCC, borrow, certificate, data_firm, matched

WHY = {"paused": True, "words": "代偿率超过约定上限，暂停新增业务"}


def dead(stage: Stage) -> list[str]:
    return [each["kind"] for each in stage.operator.do("GET", "/api/operator/steps")["dead"]]


@pytest.mark.parametrize("when", ["at the contract", "on a morning"])
def test_a_loan_whose_registration_stumbled_is_registered_on_another_morning(stage: Stage, when: str) -> None:
    stage.guarantor_and_fund()
    stage.open_pool(1_000_000_000)
    firm, offer = road.offered(stage, amount_fen=20_000_000)
    road.guaranteed(stage, firm, offer)
    checker = stage.people["checker"]
    if when == "on a morning":
        # Paused, the pool refuses the signed loan; the morning after, a fault of ours; then the pool is open again.
        checker.do("POST", "/api/fund/pools/ningbo/pause", WHY)
        while road.state(stage, firm) != "contracted":
            stage.days(1)
        once_wrong(stage.house.worker, "loans.register")
        stage.days(1)
        assert dead(stage) == ["loans.register"]
        stage.people["maker"].do("POST", "/api/fund/pools/ningbo/reopening", {"words": "已补充资金"})
        checker.do("POST", "/api/fund/pools/ningbo/pause", WHY | {"paused": False, "words": "同意恢复"})
    else:
        once_wrong(stage.house.worker, "loans.register")
    stage.days(8)
    assert road.state(stage, firm) == "drawn"
    (draw,) = stage.book(road.BANK)["draws"]
    assert draw["amount_fen"] == 20_000_000
    assert dead(stage) == ["loans.register"], "it stays for a person to look at"


def test_a_pool_that_stays_shut_is_asked_each_morning_and_only_while_the_guarantors_word_stands(stage: Stage) -> None:
    stage.guarantor_and_fund()
    stage.open_pool(1_000_000_000)
    firm, offer = road.offered(stage, amount_fen=20_000_000)
    road.guaranteed(stage, firm, offer)
    stage.people["checker"].do("POST", "/api/fund/pools/ningbo/pause", WHY)

    def refusals() -> list[str]:
        (application,) = stage.need(firm)["applications"]
        timeline = firm.do("GET", f"/api/me/applications/{application['id']}")["timeline"]
        return [each["at"][:10] for each in timeline if each["event"] == "pool_refused"]

    while not refusals():
        stage.days(1)
    stage.days(4)
    assert len(refusals()) == len(set(refusals())) == 5, "once a day"
    until = date.fromisoformat(road.case(stage, firm)["until"])
    stage.day(until)
    last = len(refusals())
    assert last > 5
    stage.days(5)
    assert len(refusals()) == last
    assert dead(stage) == []


def test_evidence_whose_look_stumbled_is_looked_at_the_next_morning(stage: Stage) -> None:
    firm = data_firm(stage, certificates=0)
    for n in range(3):
        certificate(stage, n, expires_on="2025-08-01")
    stage.gather(firm)
    facility = borrow(stage, firm, USCC, matched(firm)["limit_fen"], 5000)
    once_wrong(stage.house.worker, "uplift.recheck")
    stage.day(date(2025, 8, 2))
    assert dead(stage) == ["uplift.recheck"]
    with stage.database.reading() as session:
        assert views.facility(session, facility["id"]).fallen_fen == 0  # type: ignore[union-attr]
    stage.days(2)
    with stage.database.reading() as session:
        row = views.facility(session, facility["id"])
        assert row is not None
        assert row.fallen_fen == row.frozen_fen > 0
    assert dead(stage) == ["uplift.recheck"], "it stays for a person to look at"
