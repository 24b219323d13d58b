"""After the loan a firm opens its records to its bank; people leave, a list is entered; the bank is told, asks, and lifts it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from backend.scoring.warnings import sweeping
from backend.steps.calendar import Calendar
from tests.stage import Person, Stage
from tests.stories import guaranteed as road


@pytest.fixture
def watching(stage: Stage) -> Stage:
    """The stage, whose firms' records are fetched before each monthly sweep, as in production."""
    stage.house.worker.calendar = Calendar([*stage.house.worker.calendar.kinds, sweeping.FETCHES])
    stage.guarantor_and_fund()
    stage.open_pool(1_000_000_000)
    return stage


def borrower(stage: Stage) -> Person:
    """A firm with a covered draw that opened its insured people to its bank for the time after the loan."""
    firm, offer = road.offered(stage, amount_fen=20_000_000)
    road.guaranteed(stage, firm, offer)
    stage.days(6)
    assert road.draw(firm)["draw"]["outstanding_fen"] > 0
    draft = firm.do("POST", "/api/me/consents", {
        "kind": "firm", "items": ["SOC01"], "purpose": "post_loan", "recipients": ["platform", road.BANK],
        "valid_from": stage.now.isoformat(), "valid_to": (stage.now + timedelta(days=300)).isoformat(),
    })  # fmt: skip
    firm.do("POST", f"/api/me/consents/{draft['id']}/sign", {"name": firm.about["legal_rep"]})
    firm.about["paper"] = draft["id"]
    return firm


def sweep_day(stage: Stage, after: int = 0) -> date:
    for _ in range(after + 1):
        stage.day(sweeping.next_day(stage.today))
    return stage.today


def tasks(stage: Stage) -> dict[str, Any]:
    found = stage.people["officer"].do("GET", "/api/desk/warnings")
    return {each["notice"]["indicator"] if each["notice"] else "hidden": each for each in found}


def test_a_bank_is_warned_in_time(watching: Stage) -> None:
    stage = watching
    firm = borrower(stage)
    sweep_day(stage)
    assert tasks(stage) == {}
    month = stage.today.replace(day=1) - timedelta(days=1)
    stage.days(12)
    for period in (f"{month:%Y-%m}", f"{stage.today.replace(day=1) - timedelta(days=1):%Y-%m}"):
        stage.delivered(road.USCC, "social_insurance", "month", {"period": period, "headcount": "12人"})
    listed = {"listed_on": stage.today.isoformat(), "removed_on": "", "cause": "未按期公示年度报告"}
    stage.delivered(road.USCC, "penalties", "abnormal", listed)
    day = sweep_day(stage)

    found = tasks(stage)
    assert found.keys() == {"headcount", "abnormal_list"}, "invoices were not opened for the time after the loan"
    assert (found["headcount"]["colour"], found["headcount"]["notice"]["value"]["zh"]) == ("YELLOW", "-33.3%")
    assert found["headcount"]["task"]["due_on"] == (day + timedelta(days=30)).isoformat()
    said = {each["indicator"]: each for each in firm.do("GET", "/api/me/warnings")}
    assert said.keys() == found.keys()
    assert said["headcount"]["told"] == [road.BANK]
    seen = stage.people["guarantor"].do("GET", "/api/guarantor/warnings")
    assert [each["indicator"] for each in seen] == ["abnormal_list"], "the guarantor is no recipient of the paper"

    answer = {"outcome": "resolved", "words": "已走访，年报已补报"}
    officer = stage.people["officer"]
    officer.do("POST", f"/api/desk/warnings/{found['abnormal_list']['task']['id']}", answer)
    firm.do("DELETE", f"/api/me/consents/{firm.about['paper']}")
    assert tasks(stage).keys() == {"hidden"}
    assert road.draw(firm)["draw"]["state"] == "running", "a warning touches no loan"
    stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    counts = stage.people["regulator"].do("GET", "/api/regulator/warnings")
    assert [row["yellow"] for row in counts["warning_sweeps"]][-1] == 1
    assert counts["warning_regions"] == [], "one firm is too few to be shown"
    assert {row["indicator"]: row["resolved"] for row in counts["warning_indicators"]}["abnormal_list"] == 1
