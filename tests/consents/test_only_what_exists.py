"""A paper names only items, recipients, purposes and days that exist when it is written."""

from datetime import timedelta
from typing import Any

import pytest

from tests.stage import Stage
from tests.stories.conftest import stage

__all__ = ["stage"]

UNLAWFUL = (
    ({"items": ["TAX99"]}, "items", "item_unknown"),
    ({"items": ["TAX03", "tax03"]}, "items", "item_unknown"),
    ({"items": ["*"]}, "items", "item_unknown"),
    ({"recipients": ["no_such_bank"]}, "recipients", "recipient_unknown"),
    ({"recipients": ["platform", "operator"]}, "recipients", "recipient_unknown"),
    ({"purpose": "marketing"}, "purpose", "invalid"),
    ({"kind": "imported"}, "kind", "invalid"),
)


def _paper(stage: Stage, **other: Any) -> dict[str, Any]:
    sound = {
        "kind": "firm",
        "items": ["TAX03"],
        "purpose": "pre_loan",
        "recipients": ["platform"],
        "valid_from": stage.now.isoformat(),
        "valid_to": (stage.now + timedelta(days=30)).isoformat(),
    }
    return sound | other


@pytest.mark.parametrize(("wrong", "place", "code"), UNLAWFUL)
def test_a_paper_that_names_what_does_not_exist_is_refused_with_its_place(
    stage: Stage, wrong: dict[str, Any], place: str, code: str
) -> None:
    firm = stage.firm()
    status, said = firm.ask("POST", "/api/me/consents", _paper(stage, **wrong))
    assert (status, said["type"], said["place"]) == (422, f"urn:creditbridge:{code}", place)
    assert firm.do("GET", "/api/me/consents") == []


def test_a_period_that_is_over_opens_nothing_and_is_refused(stage: Stage) -> None:
    firm = stage.firm()
    past = {
        "valid_from": (stage.now - timedelta(days=30)).isoformat(),
        "valid_to": (stage.now - timedelta(seconds=1)).isoformat(),
    }
    status, said = firm.ask("POST", "/api/me/consents", _paper(stage, **past))
    assert (status, said["place"]) == (422, "valid_to")


def test_a_power_of_attorney_is_for_items_that_exist_and_days_to_come(stage: Stage) -> None:
    firm = stage.firm()
    sound = {
        "agent_name": "李代理",
        "items": ["TAX03"],
        "valid_from": stage.now.isoformat(),
        "valid_to": (stage.now + timedelta(days=30)).isoformat(),
        "document": "兹委托李代理……",
    }
    for wrong, place in (
        ({"items": ["TAX99"]}, "items"),
        ({"valid_to": (stage.now - timedelta(days=1)).isoformat()}, "valid_to"),
        ({"document": " \n "}, "document"),
    ):
        status, said = firm.ask("POST", "/api/me/powers", sound | wrong)
        assert (status, said["place"]) == (422, place), wrong
    firm.do("POST", "/api/me/powers", sound)
