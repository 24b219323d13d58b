"""One message of a bank tells of several firms: of whom first is the bank's affair, and none of them waits for another."""

from __future__ import annotations

from tests.stage import Stage
from tests.stories import guaranteed as road

USCCS = ("91420100000000000U", "91330299000000078U", "91330299000100007B")


def set_aside(stage: Stage) -> list[str]:
    return [f"{each['kind']}: {each['last_error']}" for each in stage.operator.do("GET", "/api/operator/steps")["dead"]]


def test_two_contracts_and_two_draws_under_a_pool_stand_in_one_days_file(stage: Stage) -> None:
    stage.guarantor_and_fund()
    stage.open_pool(1_000_000_000)
    held = [road.offered(stage, amount_fen=20_000_000, uscc=uscc) for uscc in USCCS[:2]]
    # The younger firm is told of first.
    for firm, offer in reversed(held):
        road.guaranteed(stage, firm, offer)
    stage.days(8)
    assert set_aside(stage) == []
    assert [road.state(stage, firm) for firm, _ in held] == ["drawn", "drawn"]
    assert [road.draw(firm)["draw"]["coverage"] for firm, _ in held] == ["registered", "registered"]


def test_one_callback_tells_of_a_younger_firm_before_an_older(stage: Stage) -> None:
    firms = []
    for uscc in USCCS[:2]:
        stage.sound_firm(uscc)
        stage.fate("harbour_bank", uscc, decision="approve")
        firm = stage.firm(uscc)
        stage.authorise(firm, ("harbour_bank",))
        stage.gather(firm)
        firms.append(firm)
    for firm in reversed(firms):
        stage.apply(firm, ("invoice_credit_loan", "interest_first"), amount_fen=20_000_000)
    stage.settle()
    stage.days(4)
    assert set_aside(stage) == []
    assert [road.state(stage, firm) for firm in firms] == ["approved", "approved"]
