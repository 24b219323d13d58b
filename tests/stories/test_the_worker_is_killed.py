"""The worker dies by SIGKILL between any two phases of a step; another takes over; nothing is lost, nothing is sent twice.

Counted at the banks' own books. The banks are real servers on loopback, the workers real processes on the same database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from lender_adapters.sandbox.server import running
from tests.stage import Person, Stage
from tests.worker_process import WorkerProcess

USCC = "91420100000000000U"
POINTS = ("leased", "called", "kept", "acted")
PRODUCTS = (("invoice_credit_loan", "interest_first"), ("tax_credit_loan", "equal_instalments"))
BANKS = ("bell_tower_bank", "harbour_bank")


@pytest.fixture
def workers(stage: Stage, worker_process: WorkerProcess) -> Iterator[WorkerProcess]:
    """Workers in other processes; they reach the stage's banks over sockets."""
    with ExitStack() as open_while:
        lenders = {code: open_while.enter_context(running(bank)) for code, bank in stage.banks.items()}
        worker_process.work_on(stage.settings.model_copy(update={"lenders": lenders}), stage.database)
        yield worker_process


def ready_to_apply(stage: Stage) -> Person:
    stage.sound_firm(USCC)
    for bank in BANKS:
        stage.fate(bank, USCC, decision="approve")
    firm = stage.firm(USCC)
    stage.authorise(firm, BANKS)
    stage.gather(firm)
    return firm


def at_the_banks(stage: Stage) -> dict[str, list[str]]:
    """The references of the applications in each bank's own book."""
    return {bank: sorted(each["reference"] for each in stage.book(bank)["applications"]) for bank in BANKS}


def test_the_worker_is_killed_between_any_two_phases(stage: Stage, workers: WorkerProcess) -> None:
    firm = ready_to_apply(stage)
    need = stage.apply(firm, *PRODUCTS)
    expected = {bank: [each["id"] for each in need["applications"] if each["bank"] == bank] for bank in BANKS}

    for point in (*POINTS, *POINTS):  # once for each of the two steps that hand in
        assert workers.killed_at(f"{point}:1"), point
    workers.finish()
    assert at_the_banks(stage) == expected
    assert {each["state"] for each in stage.need(firm)["applications"]} == {"submitted"}

    stage.days(5)
    need = stage.need(firm)
    assert len(need["offers"]) == 2
    best = need["offers"][0]
    firm.do("POST", f"/api/me/offers/{best['id']}/accept")
    for point in (*POINTS, *POINTS):  # accepting the one, withdrawing the other
        assert workers.killed_at(f"{point}:1"), point
    workers.finish()
    stage.days(8)
    assert at_the_banks(stage) == expected
    states = {each["id"]: each["state"] for each in stage.need(firm)["applications"]}
    assert states.pop(best["application_id"]) == "drawn"
    assert list(states.values()) == ["withdrawn"]
    contracts = [each for bank in BANKS for each in stage.book(bank)["contracts"]]
    draws = [each for bank in BANKS for each in stage.book(bank)["draws"]]
    assert [each["reference"] for each in contracts] == [each["reference"] for each in draws] == [best["application_id"]]
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == []


def test_an_answer_that_overtakes_a_killed_worker_is_not_lost(stage: Stage, workers: WorkerProcess) -> None:
    firm = ready_to_apply(stage)
    stage.apply(firm, PRODUCTS[0])
    assert workers.killed_at("called:1", lease_over=False)
    # The bank has it, decides and calls back, while our side believes that nothing was sent; only then the lease runs out.
    stage.control("harbour_bank", "POST", "day", {"day": (stage.today + timedelta(days=4)).isoformat()})
    workers.finish()
    workers.run_out_leases()
    workers.finish()
    (application,) = stage.need(firm)["applications"]
    assert application["state"] == "approved"
    assert len(stage.need(firm)["offers"]) == 1
    assert len(stage.book("harbour_bank")["applications"]) == 1


def test_facts_that_changed_after_the_kill_do_not_lose_the_application(stage: Stage, workers: WorkerProcess) -> None:
    firm = ready_to_apply(stage)
    stage.apply(firm, *PRODUCTS)
    for _ in PRODUCTS:
        assert workers.killed_at("called:1", lease_over=False)
    stage.delivered(USCC, "tax", "grade", {"year": "2025", "grade": "A"})
    assert stage.gather(firm)["facts"]["tax_grade"]["value"] == "A"
    workers.run_out_leases()
    workers.finish()
    stage.days(5)
    assert {each["state"] for each in stage.need(firm)["applications"]} == {"approved"}
    assert {bank: len(found) for bank, found in at_the_banks(stage).items()} == dict.fromkeys(BANKS, 1)


def test_a_consent_withdrawn_after_the_kill_takes_back_what_may_have_left(stage: Stage, workers: WorkerProcess) -> None:
    firm = ready_to_apply(stage)
    stage.apply(firm, PRODUCTS[0])
    assert workers.killed_at("called:1")
    for consent in firm.do("GET", "/api/me/consents"):
        firm.do("DELETE", f"/api/me/consents/{consent['id']}")
    workers.finish()
    (application,) = stage.need(firm)["applications"]
    assert application["state"] == "stopped"
    assert [each["state"] for each in stage.book("harbour_bank")["applications"]] == ["withdrawn"]


def test_whoever_counts_at_the_banks_notices_a_worker_that_marks_before_it_calls(stage: Stage, workers: WorkerProcess) -> None:
    firm = ready_to_apply(stage)
    stage.apply(firm, PRODUCTS[0])
    assert workers.killed_at("marked:1", plant="marks_before_it_calls")
    workers.finish()
    assert at_the_banks(stage)["harbour_bank"] == [], "lost, and only the bank's book shows it"
    (application,) = stage.need(firm)["applications"]
    assert application["state"] == "created"
