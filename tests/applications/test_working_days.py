"""A bank's promise in working days is kept in working days, from the complete papers on."""

from datetime import date

from backend.kit.calendar import promised_by
from tests.stage import Stage
from tests.stories.conftest import stage

__all__ = ["stage"]

CODE = "91420100000000000U"


def _applied(stage: Stage, product: tuple[str, str] = ("invoice_credit_loan", "interest_first")) -> tuple[object, str, date]:
    stage.sound_firm(CODE)
    firm = stage.firm(CODE)
    stage.authorise(firm)
    stage.gather(firm)
    need = stage.apply(firm, product)
    return firm, need["applications"][0]["id"], date.fromisoformat(need["applications"][0]["wait_until"])


def test_a_promise_given_before_the_holidays_skips_them(stage: Stage) -> None:
    stage.day(date(2025, 9, 29))
    _, _, until = _applied(stage)
    days = stage.house.catalogue.get("invoice_credit_loan", date(2025, 9, 29)).decision_days
    worked = {1: date(2025, 9, 30), 2: date(2025, 10, 9), 3: date(2025, 10, 10), 4: date(2025, 10, 11), 5: date(2025, 10, 13)}
    assert until == worked[days], "the National Day holidays of 2025 last from 1 to 8 October; Saturday the 11th is worked"


def test_where_next_years_notice_is_not_out_yet_no_day_is_guessed() -> None:
    assert promised_by(date(2026, 12, 31), 3) is None
    assert promised_by(date(2025, 12, 31), 1) == date(2026, 1, 4), "the notice of 2026 is there: the 4th, a Sunday, is worked"
