"""A bank that is dead, silent or mad for a month of business days: nothing is lost, nothing is there twice, nobody lends a hand.

Firms apply there and at another bank each day; some withdraw and choose the other, some meet the deadline of their own consent,
some have an offer to accept, some change their facts while they wait. Then the bank is well again, and its own book is laid
beside what the firms did. `make proofs` plays whole months; otherwise it is a few days.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from statistics import median
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.app import create_platform
from backend.applications.handlers import Submit
from backend.steps import actions
from backend.steps.model import Answered
from backend.steps.tables import Step
from backend.worker import phases
from lender_adapters.sandbox.server import free_port, running
from tests.portal.visitor import credit_code
from tests.proofs.bad_bank import PRODUCTS, Front, Kind, Month
from tests.stage import Person, Stage
from tests.steps.lines import silent_peer, wait_until

BAD, GOOD = "harbour_bank", "bell_tower_bank"
ILL: tuple[Kind, ...] = ("dead", "silent", "mad")
# At the bank that calls back; at full length also at the one that is asked, and at the one that makes files.
MONTHS: tuple[tuple[str, Kind], ...] = tuple((BAD, kind) for kind in ILL)
MORE: tuple[tuple[str, Kind], ...] = ((BAD, "well"), *((bank, kind) for bank in (GOOD, "orchard_bank") for kind in ILL))


@contextmanager
def a_month(stage: Stage, monkeypatch: pytest.MonkeyPatch, **how: int) -> Iterator[Month]:
    with closing(Month(stage, **how)) as month:
        monkeypatch.setattr(stage, "settle", month.settle)
        yield month


def test_after_a_month_of_a_bad_bank_everything_is_there_once_and_nobody_lent_a_hand(
    stage: Stage, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, say: Callable[[str], None]
) -> None:
    full = bool(pytestconfig.getoption("--full-proofs"))
    make = "SQLite" if stage.database.is_sqlite else "PostgreSQL"
    days, growing = (21, 5) if full else (2, 1)
    with a_month(stage, monkeypatch, days=days, growing=growing) as month:
        for bad, kind in MONTHS + (MORE if full else ()):
            tally = month.play(bad, kind)
            if full:
                say(f"{make}: {days} business days: {tally.said()}")
            assert (tally.lost, tally.doubled, tally.kept, tally.hands) == ([], [], [], 0), tally.said()
            assert max(tally.delays) < 600, "the other bank has each application in the minutes in which it was made"
            assert tally.quarters <= 1, "a quarter of an hour after its return the bank has all"
            if kind != "well":
                assert tally.ended["shown"], "the operator is shown the bank"
                assert tally.ended["told"], "the firm reads since when its bank has not taken it"
                assert tally.ended["withdrawn"] + tally.ended["stopped"] > 0


# ---------------------------------------------------------------- planted


class NotKeyed(Submit):
    """Each try is another application."""

    tries = 0

    def call(self, request: tuple[str, Any]) -> Answered:
        self.tries += 1
        bank, submission = request
        return super().call((bank, replace(submission, reference=f"{submission.reference}-{self.tries}")))


def ends_after(most: int) -> Callable[..., None]:
    """A count of tries ends a step."""

    def put_off(session: Session, step: Step, error: str, **more: Any) -> None:
        if step.attempts >= most:
            actions.set_aside(session, step, error)
        else:
            REALLY_PUT_OFF(session, step, error, **more)

    return put_off


REALLY_PUT_OFF = actions.put_off


def test_what_is_planted_is_counted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_month(stage, monkeypatch, days=1, growing=0, patience=2) as month:
        month.planted = {"lender.submit": NotKeyed(month.desk)}
        assert month.play(BAD, "mad").doubled, "a submission that is not keyed by its reference is there twice"
    with a_month(stage, monkeypatch, days=2, growing=0, patience=2) as month:
        month.made += 100  # other firms
        monkeypatch.setattr(phases.actions, "put_off", ends_after(2))
        tally = month.play(BAD, "dead")
        assert tally.hands, "a count of tries that ends a step needs a hand"
        assert tally.lost, "and without one the application is lost"


# ---------------------------------------------------------------- real seconds


@contextmanager
def address(stage: Stage, kind: Kind) -> Iterator[str]:
    """Where a bank of that kind is spoken to, behind real sockets."""
    front = Front(stage.banks[BAD])
    if kind == "silent":
        with silent_peer() as url:
            yield url
    elif kind == "dead":
        yield f"http://127.0.0.1:{free_port(0)}"
    else:
        with front.being(kind), running(front) as url:
            yield url


def owners(stage: Stage, count: int) -> list[Person]:
    found = []
    for number in range(count):
        owner = stage.firm(credit_code(900 + number))
        stage.consent(owner, ["platform"])
        for bank in (BAD, GOOD):
            stage.consent(owner, [bank])
            stage.consent(owner, [bank], items=["BUREAU"], kind="bank_query")
        found.append(owner)
    return found


def states(stage: Stage, owner: Person) -> dict[str, str]:
    return {each["bank"]: each["state"] for each in stage.need(owner)["applications"]}


def seconds(stage: Stage, people: list[Person], kind: Kind) -> list[float]:
    """With threads working: from each firm's application at both banks until the other bank has it."""
    took = []
    with ExitStack() as later:
        good = later.enter_context(running(stage.banks[GOOD]))
        bad = later.enter_context(address(stage, kind))
        lenders = {BAD: bad, GOOD: good}
        house = create_platform(stage.settings.model_copy(update={"lenders": lenders}))
        try:
            house.worker.start()
            for owner in people:
                began = time.monotonic()
                stage.apply(owner, PRODUCTS[BAD], PRODUCTS[GOOD])
                house.worker.wake()
                wait_until(lambda owner=owner: states(stage, owner)[GOOD] == "submitted", 60)  # type: ignore[misc]
                took.append(time.monotonic() - began)
                if kind != "well":
                    assert states(stage, owner)[BAD] == "created"
            for owner in people:
                for each in stage.need(owner)["applications"]:
                    owner.do("POST", f"/api/me/applications/{each['id']}/withdraw")
        finally:
            later.close()  # first the lines, so that nobody waits for an answer any longer
            house.worker.stop()
            house.database.dispose()
    return took


def test_behind_sockets_a_bad_bank_costs_the_other_no_time(
    stage: Stage, pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    full = bool(pytestconfig.getoption("--full-proofs"))
    make = "SQLite" if stage.database.is_sqlite else "PostgreSQL"
    people = owners(stage, 40 if full else 2)
    kinds: tuple[Kind, ...] = ("well", *ILL)
    found = {kind: seconds(stage, people, kind) for kind in kinds}
    if full:
        told = "; ".join(f"{kind} {median(took):.2f} s, longest {max(took):.2f} s" for kind, took in found.items())
        say(f"{make}: with threads, until the other bank has it, {len(people)} firms each, median: {told}")
    for kind, took in found.items():
        assert median(took) < 3 * median(found["well"]) + 1, f"{kind}: {took}"
