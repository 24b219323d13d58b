"""A bank is down when a firm applies: the firm reads the truth and chooses another; the operator sees it and revives."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from backend.app import create_platform
from backend.applications import messages
from backend.cli import app
from backend.doors import Platform
from backend.kit import clock
from backend.kit.errors import NotYet
from backend.steps import views
from backend.steps.tables import Step
from lender_adapters import port
from lender_adapters.sandbox.server import running
from tests.portal.visitor import Visitor
from tests.stage import Person, Stage
from tests.steps.lines import let_pass, once_wrong, silent_peer, wait_until

USCC = "91420100000000000U"
HARBOUR = ("invoice_credit_loan", "interest_first")
TOWER = ("tax_credit_loan", "equal_instalments")


def ready(stage: Stage) -> Person:
    stage.sound_firm(USCC)
    for bank in ("harbour_bank", "bell_tower_bank"):
        stage.fate(bank, USCC, decision="approve")
    firm = stage.firm(USCC)
    stage.authorise(firm)
    stage.gather(firm)
    return firm


def browser(stage: Stage) -> Visitor:
    return Visitor(stage.client.app)  # type: ignore[arg-type]  # any ASGI application


def operator(stage: Stage) -> Visitor:
    password = (stage.folder / "var/secrets/operator_password").read_text().strip()
    return browser(stage).get("/sign-in").send("/sign-in", login="operator", password=password)


def one(stage: Stage, firm: Person) -> dict[str, Any]:
    (application,) = stage.need(firm)["applications"]
    return application


def fault(stage: Stage, bank: str, kind: str, times: int) -> None:
    stage.control(bank, "POST", "fault", {"kind": kind, "times": times})


@pytest.mark.parametrize("kind", ["down", "html", "wrong-signature"])
def test_the_firm_reads_that_its_bank_has_not_taken_it_and_chooses_another(stage: Stage, kind: str) -> None:
    firm = ready(stage)
    fault(stage, "harbour_bank", kind, 1000)
    stage.apply(firm, HARBOUR)
    assert one(stage, firm)["line"] is None, "nothing is wrong before it was tried"
    stage.settle()
    said = firm.do("GET", f"/api/me/applications/{one(stage, firm)['id']}")["line"]
    assert said["since"].startswith(stage.today.isoformat())
    assert said["words"]["zh"].startswith("银行尚未接收，自 ")
    assert "you can withdraw it and choose another bank" in said["words"]["en"]
    assert one(stage, firm)["line"] == said
    for _ in range(4):
        let_pass(stage.database, 8 * 86_400)
        stage.settle()
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == [], "a month of silence sets nothing aside"
    alerts = stage.operator.do("GET", "/api/operator/alerts")
    told = {"lane_nonsense", "waits_nonsense"} if kind == "wrong-signature" else {"lane", "waits"}
    assert {each["kind"] for each in alerts} == told
    assert {each["lane"] for each in alerts} == {"harbour_bank"}
    firm.do("POST", f"/api/me/applications/{one(stage, firm)['id']}/withdraw")
    stage.apply(firm, TOWER)
    stage.settle()
    newest = stage.need(firm)["applications"]
    assert [(each["bank"], each["state"], each["line"]) for each in newest] == [("bell_tower_bank", "submitted", None)]
    fault(stage, "harbour_bank", kind, 0)
    let_pass(stage.database)
    stage.settle()
    assert all(each["state"] == "withdrawn" for each in stage.book("harbour_bank")["applications"]), "nothing stays at the first"
    assert stage.operator.do("GET", "/api/operator/alerts") == []


def test_behind_real_sockets_a_silent_bank_delays_no_other(stage: Stage) -> None:
    firm = ready(stage)
    with ExitStack() as later:
        house = later.enter_context(closing(_another_house(stage, later)))
        need = stage.apply(firm, HARBOUR, TOWER)
        at_tower = next(each["id"] for each in need["applications"] if each["bank"] == "bell_tower_bank")
        house.worker.start()
        took = wait_until(lambda: _states(stage, firm)["bell_tower_bank"] == "submitted", 15)
        assert _states(stage, firm)["harbour_bank"] == "created", f"harbour is silent, and the other took {took:.1f} s"
        assert [each["reference"] for each in stage.book("bell_tower_bank")["applications"]] == [at_tower]


class _Stopping:
    """A platform beside the stage's own, on the same database, whose worker works in threads."""

    def __init__(self, house: Platform) -> None:
        self.worker, self.database = house.worker, house.database

    def close(self) -> None:
        self.worker.stop()
        self.database.dispose()


def _another_house(stage: Stage, later: ExitStack) -> _Stopping:
    lenders = {
        "harbour_bank": later.enter_context(silent_peer()),
        "bell_tower_bank": later.enter_context(running(stage.banks["bell_tower_bank"])),
    }
    return _Stopping(create_platform(stage.settings.model_copy(update={"lenders": lenders})))


def _states(stage: Stage, firm: Person) -> dict[str, str]:
    return {each["bank"]: each["state"] for each in stage.need(firm)["applications"]}


@pytest.mark.parametrize(("kind", "told"), [("down", "港湾银行没有应答"), ("noise", "港湾银行已有一段时间没有可用的答复")])
def test_the_page_says_so_too_and_the_operator_sees_whose_line_it_is(stage: Stage, kind: str, told: str) -> None:
    firm = ready(stage)
    fault(stage, "harbour_bank", kind, 1000)
    application = stage.apply(firm, HARBOUR)["applications"][0]["id"]
    stage.settle()
    owner = browser(stage).sign_in(f"owner-{USCC[-6:].lower()}")
    for path in ("/applications", f"/applications/{application}"):
        assert "银行尚未接收，自 " in owner.get(path).text, path
    for _ in range(3):
        let_pass(stage.database, 1_000)
        stage.settle()
    assert told in operator(stage).get("/desk/operator").text


def _stumble(stage: Stage, firm: Person) -> None:
    """The bank has it, and a fault of ours keeps us from going on."""
    once_wrong(stage.house.worker, "lender.submit")
    stage.apply(firm, HARBOUR)
    stage.settle()
    (letter,) = stage.operator.do("GET", "/api/operator/steps")["dead"]
    assert letter["lane"] == "harbour_bank"
    (alert,) = stage.operator.do("GET", "/api/operator/alerts")
    assert (alert["kind"], alert["count"], alert["reason"]) == ("aside", 1, letter["last_error"])
    assert one(stage, firm)["line"] is not None


@pytest.mark.parametrize("door", ["api", "page", "command"])
def test_what_stopped_is_revived_by_whichever_door(stage: Stage, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = ready(stage)
    _stumble(stage, firm)
    if door == "api":
        status, answer = stage.operator.ask("POST", "/api/operator/steps/revive", {})
        assert (status, answer["place"]) == (422, "which")
        assert stage.operator.do("POST", "/api/operator/steps/revive", {"lane": "bell_tower_bank"}) == {"revived": 0}
        assert stage.operator.do("POST", "/api/operator/steps/revive", {"lane": "harbour_bank"}) == {"revived": 1}
        assert firm.ask("POST", "/api/operator/steps/revive", {"all": True})[0] == 404
    elif door == "page":
        desk = operator(stage)
        assert "个步骤已停止" in desk.get("/desk/operator").text
        desk.send("/desk/operator/revive")
        assert desk.status == 200
    else:
        settings = stage.settings
        for name, value in {
            "DATABASE_URL": stage.database.engine.url.render_as_string(hide_password=False),
            "VAR": str(stage.folder / "var"),
            "SANDBOX_DAY": settings.sandbox_day.isoformat() if settings.sandbox_day else "",
        }.items():
            monkeypatch.setitem(os.environ, f"CREDITBRIDGE_{name}", value)
        told = CliRunner().invoke(app, ["steps", "--revive", "lane:harbour_bank"])
        assert told.exit_code == 0, told.output
        assert "1 sent on their way again" in told.output
        assert CliRunner().invoke(app, ["steps", "--revive", "everything"]).exit_code != 0
    stage.settle()
    assert one(stage, firm)["state"] == "submitted"
    assert len(stage.book("harbour_bank")["applications"]) == 1


def test_withdrawing_what_stopped_takes_back_what_may_have_reached_the_bank(stage: Stage) -> None:
    firm = ready(stage)
    _stumble(stage, firm)
    assert [each["state"] for each in stage.book("harbour_bank")["applications"]] != []
    firm.do("POST", f"/api/me/applications/{one(stage, firm)['id']}/withdraw")
    stage.settle()
    assert [each["state"] for each in stage.book("harbour_bank")["applications"]] == ["withdrawn"], "and no hand was needed"
    # A person who revives the step all the same sends nothing.
    assert stage.operator.do("POST", "/api/operator/steps/revive", {"all": True}) == {"revived": 1}
    stage.settle()
    (kept,) = stage.book("harbour_bank")["applications"]
    assert (kept["state"], kept["arrivals"]) == ("withdrawn", 1)
    assert one(stage, firm)["state"] == "withdrawn"


@pytest.mark.parametrize(("bank", "product"), [("harbour_bank", HARBOUR), ("bell_tower_bank", TOWER)])
@pytest.mark.parametrize("kind", ["down", "lose-answer"])
def test_an_acceptance_held_up_past_the_offers_last_day_lapses_unless_the_bank_had_it(
    stage: Stage, bank: str, product: tuple[str, str], kind: str
) -> None:
    firm = ready(stage)
    stage.apply(firm, product)
    stage.days(5)
    (offer,) = stage.need(firm)["offers"]
    fault(stage, bank, kind, 1_000)
    firm.do("POST", f"/api/me/offers/{offer['id']}/accept")
    stage.settle()
    assert one(stage, firm)["line"]["words"]["zh"].startswith("银行尚未收到您的接受，自 ")
    for _ in range(20):
        stage.days(1)
        let_pass(stage.database, 86_400)
    fault(stage, bank, kind, 0)
    let_pass(stage.database)
    stage.settle()
    stage.days(3)
    assert stage.operator.do("GET", "/api/operator/steps")["dead"] == [], "nobody lends a hand"
    (there,) = stage.book(bank)["applications"]
    if kind == "lose-answer":
        assert one(stage, firm)["state"] == there["state"] == "drawn", "it was in time; only its answers were lost"
        assert len(stage.book(bank)["draws"]) == 1
        return
    assert one(stage, firm)["state"] == there["state"] == "expired"
    timeline = firm.do("GET", f"/api/me/applications/{one(stage, firm)['id']}")["timeline"]
    lapsed = next(each for each in timeline if each["event"] == "bank_expired")
    assert "失效" in lapsed["verbatim"], "in the bank's own words"
    assert stage.apply(firm, product)["applications"], "and the firm may apply again"


# ---------------------------------------------------------------- a batch of messages


def test_one_message_that_fails_is_set_aside_and_the_rest_of_its_batch_goes_on(stage: Stage) -> None:
    firm = ready(stage)
    application = stage.apply(firm, HARBOUR)["applications"][0]["id"]
    stage.settle()
    on = stage.today
    broken: list[str] = ["m3"]

    def onward(session: Any, about: Any, message: port.Message, at: Any) -> None:
        if message.message_id in broken:
            raise KeyError("a fault of ours")
        raise NotYet("the contract is not there", code="contract_unknown")

    batch = (
        port.Received("m1", "app_unknown", on, "B-0"),
        port.Received("m2", application, on, "B-77"),
        port.Repaid("m3", application, on, "JJ", "P-1", on, 100, 0, 0, 0, 100, "borrower"),
        port.Repaid("m4", application, on, "JJ", "P-2", on, 100, 0, 0, 0, 100, "borrower"),
        port.Closed("m5", application, on, "expired", "逾期未确认"),
    )
    for _ in range(3):  # told again, nothing happens twice
        with stage.database.writing() as session:
            messages.take_all(session, "harbour_bank", batch, at=clock.business_now(session), onward=onward)
    assert one(stage, firm)["state"] == "expired"
    with stage.database.reading() as session:
        apart = {step.key: step for step in session.query(Step).where(Step.kind == messages.MESSAGE)}
        assert {key: step.state for key, step in apart.items()} == {
            "harbour_bank:m1": "dead",
            "harbour_bank:m3": "dead",
            "harbour_bank:m4": "waiting",
        }
        assert str(apart["harbour_bank:m3"].last_error).startswith("KeyError at ")
        assert {step.lane for step in apart.values()} == {"harbour_bank"}
        assert views.unsettled(session, clock.business_now(session)) >= 1
    assert stage.operator.do("POST", "/api/operator/steps/revive", {"kind": messages.MESSAGE}) == {"revived": 2}
    stage.settle()
    with stage.database.reading() as session:
        # By the real onward a repayment without its draw comes too early, and one about nobody's application stays wrong.
        states = {step.key: step.state for step in session.query(Step).where(Step.kind == messages.MESSAGE)}
        assert states == {"harbour_bank:m1": "dead", "harbour_bank:m3": "waiting", "harbour_bank:m4": "waiting"}


def test_a_message_number_of_any_length_names_its_step_once() -> None:
    long = port.Closed("m" * 160, "app_1", date(2025, 1, 3), "expired", "")
    other = port.Closed("m" * 159 + "n", "app_1", date(2025, 1, 3), "expired", "")
    names = {messages.step_key("harbour_bank", each) for each in (long, other)}
    assert len(names) == 2
    assert all(len(name) <= 160 for name in names)
