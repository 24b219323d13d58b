"""The made-up banks: their days, their fates, their book; alike in every dialect, so told once over the JSON bank."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.kit.errors import Misconfigured, Refused
from lender_adapters import registry
from lender_adapters.conformance import steps
from lender_adapters.conformance.trial import FIRST_DAY, Trial
from lender_adapters.port import ContractSigned, Decided, Drawn, Received, Repaid, Submission
from lender_adapters.sandbox import decide
from lender_adapters.sandbox.server import free_port, running

CODES = sorted(registry.lenders())


@pytest.fixture
def trial() -> Iterator[Trial]:
    with Trial.sandboxed("harbour_bank") as made:
        yield made


def _drawn(trial: Trial, **plan: Any) -> Drawn:
    trial.plan(**({"decision": "approve"} | plan))
    trial.lender.submit(trial.a_submission())
    offer = trial.wait_for(Decided).offer
    assert offer is not None
    trial.lender.accept("app_1", offer.offer_no)
    return trial.wait_for(Drawn)


def _paid(trial: Trial) -> list[Repaid]:
    return [message for message in trial.hear() if isinstance(message, Repaid)]


# ---------------------------------------------------------------- a firm's fate


def test_a_borrower_that_stops_pays_nothing_more(trial: Trial) -> None:
    drawn = _drawn(trial, pays={"kind": "stops_after", "instalments": 3})
    trial.move_to(drawn.matures_on + timedelta(days=30))
    assert [each.paid_on for each in _paid(trial)] == [line.due_on for line in drawn.schedule[:3]]
    [booked] = trial.book()["draws"]
    assert booked["outstanding_fen"] == drawn.amount_fen


def test_a_borrower_that_settles_early_pays_all_on_the_next_due_day(trial: Trial) -> None:
    drawn = _drawn(trial, pays={"kind": "settles_on", "day": "2025-04-21"})
    trial.move_to(drawn.matures_on)
    paid = _paid(trial)
    assert paid[-1].paid_on == date(2025, 5, 20)
    assert sum(each.principal_fen for each in paid) == drawn.amount_fen
    assert trial.orders.get("next").json() == {"day": None}


def test_a_late_borrower_pays_later_and_then_on_time() -> None:
    with Trial.sandboxed("bell_tower_bank") as trial:
        drawn = _drawn(trial, pays={"kind": "late", "instalments": 2, "days": 12})
        trial.move_to(drawn.matures_on)
        paid = _paid(trial)
        assert paid[2].paid_on == drawn.schedule[2].due_on + timedelta(days=12)
        overdue = drawn.schedule[2].principal_fen
        assert paid[2].penalty_fen == (2 * overdue * 12 * drawn.penalty_bp + 3_600_000) // 7_200_000
        assert sum(each.principal_fen for each in paid) == drawn.amount_fen
        assert all(each.penalty_fen == 0 for each in paid if each is not paid[2])


def test_a_firm_draws_its_share_in_whole_yuan_or_nothing(trial: Trial) -> None:
    assert _drawn(trial, draw_share_bp=3333).amount_fen == 9_999_000
    with Trial.sandboxed("harbour_bank") as other:
        other.plan(decision="approve", draw_share_bp=0)
        other.lender.submit(other.a_submission())
        offer = other.wait_for(Decided).offer
        assert offer is not None
        other.lender.accept("app_1", offer.offer_no)
        other.wait_for(ContractSigned)
        other.pass_days(30)
        assert other.book()["draws"] == []


def test_guarantor_and_recovery_money_is_reported_by_its_source(trial: Trial) -> None:
    drawn = _drawn(trial, pays={"kind": "stops_after", "instalments": 0})
    trial.move_to(drawn.matures_on + timedelta(days=90))
    order = {"draw_no": drawn.draw_no, "amount_fen": 24_000_000, "paid_on": trial.day.isoformat(), "receipt_no": "R1"}
    first = trial.order("guarantor-payment", order)
    assert trial.order("guarantor-payment", order) == first
    later = (trial.day + timedelta(days=5)).isoformat()
    trial.order("recovery", {"draw_no": drawn.draw_no, "amount_fen": 1_000_000, "paid_on": later})
    trial.pass_days(6)
    assert [(each.source, each.amount_fen, each.principal_fen) for each in _paid(trial)] == [
        ("guarantor", 24_000_000, 24_000_000),
        ("recovery", 1_000_000, 1_000_000),
    ]
    [booked] = trial.book()["draws"]
    assert booked["outstanding_fen"] == 5_000_000
    assert booked["by_source"]["guarantor"]["principal_fen"] == 24_000_000


def test_more_than_is_owed_is_not_taken(trial: Trial) -> None:
    drawn = _drawn(trial)
    order = {"draw_no": drawn.draw_no, "amount_fen": drawn.amount_fen + 1, "paid_on": trial.day.isoformat()}
    assert trial.orders.post("recovery", json=order).status_code == 409
    assert trial.orders.post("recovery", json=order | {"draw_no": "XX"}).status_code == 409


def test_a_guaranteed_draw_waits_for_letter_and_registration() -> None:
    with Trial.sandboxed("orchard_bank") as trial:
        trial.plan(decision="approve")
        trial.lender.submit(trial.a_submission(product="guaranteed_micro_loan", amount_fen=100_000_000))
        offer = trial.wait_for(Decided).offer
        assert offer is not None
        assert [(fee.payer, fee.amount_fen, fee.due) for fee in offer.fees] == [("firm", 1_000_000, "at_draw")]
        trial.lender.accept("app_1", offer.offer_no)
        trial.wait_for(ContractSigned)
        trial.pass_days(10)
        assert trial.book()["draws"] == []
        trial.lender.supplement("app_1", (steps.LETTER,))
        trial.pass_days(10)
        assert trial.book()["draws"] == []
        trial.lender.supplement("app_1", (steps.CERTIFICATE,))
        trial.pass_days(3)
        assert len(trial.book()["draws"]) == 1


def test_the_banks_own_rule_lowers_or_declines_what_is_too_much(trial: Trial) -> None:
    # a quarter of 8,000,000 yuan of sales
    for reference, asked, granted in (("a", 200_000_000, 200_000_000), ("b", 250_000_000, 200_000_000), ("c", 301_000_000, None)):
        trial.lender.submit(trial.a_submission(reference, amount_fen=asked))
        decided = trial.wait_for(Decided, reference)
        assert (decided.offer.amount_fen if decided.offer else None) == granted


@pytest.mark.parametrize("code", CODES)
def test_a_decision_takes_one_to_three_days_and_is_the_same_under_other_references(code: str) -> None:
    with Trial.sandboxed(code) as one, Trial.sandboxed(code) as two:
        for trial, name in ((one, "app"), (two, "again")):
            for number in range(20):
                trial.lender.submit(trial.a_submission(f"{name}_{number}"))
            trial.pass_days(5)
        days = set()
        for number in range(20):
            heard = one.hear(f"app_{number}")
            assert heard == tuple(replace(each, reference=f"app_{number}") for each in two.hear(f"again_{number}"))
            days |= {(message.on - FIRST_DAY).days for message in heard if isinstance(message, Decided)}
        assert days == {1, 2, 3}


# ---------------------------------------------------------------- its days


def test_a_day_called_twice_changes_nothing_and_days_do_not_go_back(trial: Trial) -> None:
    _drawn(trial)
    trial.move_to(date(2025, 3, 1))
    before = trial.book()
    trial.move_to(date(2025, 3, 1))
    assert trial.book() == before
    assert trial.orders.post("day", json={"day": "2025-02-28"}).status_code == 409


def test_jumping_and_walking_arrive_at_the_same_book() -> None:
    books = []
    for step in (1, 7, 400):
        with Trial.sandboxed("bell_tower_bank") as trial:
            _drawn(trial, pays={"kind": "late", "instalments": 4, "days": 9})
            end = date(2026, 2, 1)
            while trial.day < end:
                trial.move_to(min(end, trial.day + timedelta(days=step)))
            books.append(trial.book())
    assert books[0] == books[1] == books[2]


def test_the_next_day_is_the_next_day_with_something_to_do(trial: Trial) -> None:
    assert trial.orders.get("next").json() == {"day": None}
    drawn = _drawn(trial)
    assert trial.orders.get("next").json() == {"day": drawn.schedule[0].due_on.isoformat()}


def test_a_bank_of_files_has_something_to_do_while_a_report_waits() -> None:
    with Trial.sandboxed("orchard_bank") as trial:
        trial.lender.submit(trial.a_submission())
        assert trial.orders.get("next").json() == {"day": "2025-01-03"}
        trial.move_to(date(2025, 3, 3))
        assert [type(message) for message in trial.lender.collect(date(2025, 1, 3))][:1] == [Received]
        assert trial.lender.collect(date(2025, 3, 2)) == ()


def test_a_payment_that_is_booked_and_never_reported_stands_in_the_book_alone() -> None:
    with Trial.sandboxed("harbour_bank", faults=("lose-repayment",)) as trial:
        drawn = _drawn(trial)
        trial.move_to(drawn.schedule[2].due_on)
        assert len(trial.book()["payments"]) == 3
        assert len(_paid(trial)) == 2
        assert len(trial.lender.repayments("app_1")) == 2


def test_undelivered_callbacks_wait_and_come_in_order(tmp_path: Path) -> None:
    arrived: list[bytes] = []
    up = False

    def platform(request: httpx.Request) -> httpx.Response:
        if up:
            arrived.append(request.read())
        return httpx.Response(200 if up else 503)

    secrets = registry.sandbox_secrets("harbour_bank")
    bank = registry.sandbox(
        "harbour_bank",
        path=tmp_path / "book.db",
        secrets=secrets.bank,
        callback_url="http://platform/cb",
        callback_transport=httpx.MockTransport(platform),
        first_day=FIRST_DAY,
    )
    lender = registry.build("harbour_bank", base_url="http://b", secrets=secrets.platform, transport=httpx.MockTransport(bank))
    with Trial.sandboxed("harbour_bank") as other:
        for number in range(30):
            lender.submit(other.a_submission(f"app_{number}"))
    assert bank.advance(date(2025, 1, 10))["untold"] == 60
    up = True
    assert bank.deliver() == 0
    assert len(arrived) == 3
    assert arrived[0].index(b"app_0") < arrived[0].index(b"app_1")


def test_one_application_the_platform_does_not_know_holds_nobody_up(tmp_path: Path) -> None:
    known: list[str] = []

    def platform(request: httpx.Request) -> httpx.Response:
        found = {reference for reference in ("app_1", "app_2") if f'"{reference}"'.encode() in request.read()}
        if "app_1" in found:
            return httpx.Response(404)
        known.extend(found)
        return httpx.Response(200)

    secrets = registry.sandbox_secrets("harbour_bank")
    bank = registry.sandbox(
        "harbour_bank",
        path=":memory:",
        secrets=secrets.bank,
        callback_url="http://platform/cb",
        callback_transport=httpx.MockTransport(platform),
        first_day=FIRST_DAY,
    )
    lender = registry.build("harbour_bank", base_url="http://b", secrets=secrets.platform, transport=httpx.MockTransport(bank))
    with Trial.sandboxed("harbour_bank") as other:
        lender.submit(other.a_submission("app_1"))
        lender.submit(other.a_submission("app_2"))
    assert bank.deliver() == 0
    assert known == ["app_2"]


# ---------------------------------------------------------------- its book


@pytest.mark.parametrize("code", CODES)
def test_a_bank_survives_its_restart(code: str, tmp_path: Path) -> None:
    path = str(tmp_path / "book.db")
    with Trial.sandboxed(code, path=path) as trial:
        drawn = _drawn_any(trial)
        trial.move_to(drawn.schedule[1].due_on)
        before = trial.book()
    with Trial.sandboxed(code, path=path) as again:
        assert again.book() == before
        again.move_to(drawn.matures_on)
        assert again.book()["draws"][0]["outstanding_fen"] == 0


def _drawn_any(trial: Trial) -> Drawn:
    return _drawn(trial)


def test_control_orders_that_are_wrong_are_refused_with_a_sentence(trial: Trial) -> None:
    for route, body, status in (
        ("plan", {"uscc": "x", "colour": "red"}, 422),
        ("plan", {"uscc": "x", "pays": {"kind": "sometimes"}}, 422),
        ("day", {"day": "soon"}, 422),
        ("fault", {"kind": "earthquake"}, 409),
        ("nonsense", {}, 404),
    ):
        answer = trial.orders.post(route, json=body)
        assert answer.status_code == status
        assert answer.json()["error"]


def test_many_plans_may_be_told_at_once(trial: Trial) -> None:
    answer = trial.orders.post("plan", json=[{"uscc": f"u{number}"} for number in range(300)])
    assert answer.json() == {"planned": 300}


def test_a_quiet_day_costs_little(tmp_path: Path) -> None:
    with Trial.sandboxed("harbour_bank", path=str(tmp_path / "book.db")) as trial:
        began = time.perf_counter()
        for _ in range(100):
            trial.pass_days(1)
        assert (time.perf_counter() - began) / 100 < 0.005


def test_every_product_has_a_price_within_the_banks_bounds() -> None:
    for spec in registry.lenders().values():
        for terms in spec.sandbox.house.products.values():
            for grade in ("A", "B", "M", "C", "D", None):
                assert 300 <= decide.rate_of(terms, {"tax_grade": grade}, "app_1") <= 700


def test_a_missing_secret_or_an_unknown_bank_is_named() -> None:
    with pytest.raises(Misconfigured, match="bank_public_key"):
        registry.build("harbour_bank", base_url="http://b", secrets={"signing_key": bytes(32)})
    with pytest.raises(Misconfigured, match="file_key"):
        registry.sandbox("orchard_bank", path=":memory:", secrets={})
    with pytest.raises(Misconfigured, match="moon_bank"):
        registry.build("moon_bank", base_url="http://b", secrets={})


def test_a_harbour_request_replayed_or_unsigned_is_not_answered() -> None:
    from lender_adapters.harbour_bank import wire

    sent: list[httpx.Request] = []
    secrets = registry.sandbox_secrets("harbour_bank")
    bank = registry.sandbox("harbour_bank", path=":memory:", secrets=secrets.bank, first_day=FIRST_DAY)

    def listen(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return bank(request)

    lender = registry.build("harbour_bank", base_url="http://b", secrets=secrets.platform, transport=httpx.MockTransport(listen))
    with Trial.sandboxed("harbour_bank") as other:
        lender.submit(other.a_submission())
    replayed = bank(sent[0])
    assert replayed.status_code == 401
    assert wire.loads(replayed.content)["words"] == "replayed"
    bare = httpx.Request("GET", "http://b/v1/applications/app_1")
    assert bank(bare).status_code == 401
    assert bank(httpx.Request("GET", "http://b/_sandbox/book")).json()["applications"][0]["arrivals"] == 1


def test_an_orchard_file_of_the_same_name_with_other_bytes_is_refused() -> None:
    with Trial.sandboxed("orchard_bank") as trial:
        sent = trial.a_submission()
        trial.lender.submit(sent)
        with pytest.raises(Refused) as caught:
            trial.lender.submit(Submission(sent.reference, sent.product, sent.firm, 1_000_000, 6, "bullet", "x"))
        assert caught.value.code == "name_reused"


# ---------------------------------------------------------------- behind a socket


@pytest.mark.parametrize("code", CODES)
def test_a_bank_behind_a_socket_answers_the_same(code: str) -> None:
    secrets = registry.sandbox_secrets(code)
    bank = registry.sandbox(code, path=":memory:", secrets=secrets.bank, first_day=FIRST_DAY)
    with Trial.sandboxed(code) as other, running(bank) as url:
        lender = registry.build(code, base_url=url, secrets=secrets.platform)
        assert lender.submit(other.a_submission()) == other.lender.submit(other.a_submission())
        assert httpx.get(url + "/_sandbox/book").json()["applications"][0]["arrivals"] == 1


def test_a_serving_bank_stops_at_once_on_sigterm_and_keeps_its_book(tmp_path: Path) -> None:
    port = free_port(0)
    book = tmp_path / "bank.db"
    code = (
        "from pathlib import Path\nfrom lender_adapters import registry\n"
        f"registry.serve_sandbox('orchard_bank', port={port}, book=Path({str(book)!r}), callback_url='', platform_key=bytes(32))"
    )
    child = subprocess.Popen([sys.executable, "-c", code], cwd=Path(registry.__file__).parent.parent)
    try:
        url = f"http://127.0.0.1:{port}/_sandbox"
        with httpx.Client(trust_env=False) as client:
            for _ in range(100):
                try:
                    client.post(url + "/day", json={"day": "2025-01-02"})
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
            assert client.get(url + "/book").json()["day"] == "2025-01-02"
            began = time.perf_counter()
            os.kill(child.pid, signal.SIGTERM)
            assert child.wait(5) == 0
            assert time.perf_counter() - began < 2
    finally:
        child.kill()
    assert book.exists()
