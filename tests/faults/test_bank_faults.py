"""Adapters × faults: whatever a bank does, an adapter raises Unreachable, Garbled or Refused; nothing is sent twice as two."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from backend.kit import clock
from backend.kit.errors import CreditBridgeError, Garbled, Refused, Unreachable
from lender_adapters import registry
from lender_adapters.bell_tower_bank import wire as bell
from lender_adapters.conformance.steps import CERTIFICATE, LETTER
from lender_adapters.conformance.trial import FIRST_DAY, Trial
from lender_adapters.harbour_bank import wire as harbour
from lender_adapters.orchard_bank import wire as orchard
from lender_adapters.port import Decided, Drawn, IndicationRequest
from lender_adapters.sandbox.faults import KINDS
from lender_adapters.sandbox.server import running

CODES = sorted(registry.lenders())
NOT_ACTED = {"down", "busy", "error", "closed"}
# A web page and a way to one (302) are maintenance: the bank's systems are being looked after, and it passes.
EXPECTED: dict[str, type[CreditBridgeError]] = dict.fromkeys((*NOT_ACTED, "lose-answer", "html", "redirect"), Unreachable)
EXPECTED |= dict.fromkeys(("wrong-type", "empty", "half", "noise", "huge", "wrong-encoding", "wrong-signature"), Garbled)
SIDE_EFFECTS = {"slow", "drip", "lose-repayment", "callback-wrong-signature", "callback-twice"}

VERBS: dict[str, Callable[[Trial, str], Any]] = {
    "indicate": lambda trial, _: trial.lender.indicate(IndicationRequest(trial.products[-1], 1_000_000, 12)),
    "submit": lambda trial, _: trial.lender.submit(trial.a_submission("app_2")),
    "supplement": lambda trial, _: trial.lender.supplement("app_1", (LETTER, CERTIFICATE)),
    "accept": lambda trial, offer: trial.lender.accept("app_1", offer),
    "withdraw": lambda trial, _: trial.lender.withdraw("app_1", "另选他行"),
    "status": lambda trial, _: trial.lender.status("app_1"),
    "contract": lambda trial, _: trial.lender.contract("app_1"),
    "draws": lambda trial, _: trial.lender.draws("app_1"),
    "repayments": lambda trial, _: trial.lender.repayments("app_1"),
    "collect": lambda trial, _: trial.lender.collect(FIRST_DAY),
}
MATRIX = [
    pytest.param(code, verb, id=f"{code}-{verb}")
    for code, spec in registry.lenders().items()
    for verb in VERBS
    if spec.manifest.offers(verb)
]


def test_every_fault_a_sandbox_knows_stands_in_the_matrix() -> None:
    assert set(EXPECTED) | SIDE_EFFECTS == KINDS


@pytest.mark.parametrize(("code", "verb"), MATRIX)
def test_a_verb_under_every_fault_says_what_it_should_and_then_works(code: str, verb: str) -> None:
    with Trial.sandboxed(code) as trial:
        trial.plan(decision="approve")
        trial.lender.submit(trial.a_submission())
        offer = trial.wait_for(Decided).offer
        assert offer is not None
        for fault, expected in EXPECTED.items():
            trial.order("fault", {"kind": fault, "times": 2})
            for _ in range(2):
                with pytest.raises(expected) as caught:
                    VERBS[verb](trial, offer.offer_no)
                assert type(caught.value) is expected, fault
        first = VERBS[verb](trial, offer.offer_no)
        assert VERBS[verb](trial, offer.offer_no) == first
        trial.pass_days(20)
        book = trial.book()
        references = [application["reference"] for application in book["applications"]]
        assert sorted(references) == (["app_1", "app_2"] if verb == "submit" else ["app_1"])
        assert len(book["contracts"]) == (1 if verb == "accept" else 0)
        assert len(book["draws"]) <= 1


@pytest.mark.parametrize("code", CODES)
def test_a_lost_answer_is_one_application_however_often_it_is_sent(code: str) -> None:
    with Trial.sandboxed(code) as trial:
        trial.order("fault", {"kind": "lose-answer", "times": 5})
        for _ in range(5):
            with pytest.raises(Unreachable):
                trial.lender.submit(trial.a_submission())
        trial.lender.submit(trial.a_submission())
        [kept] = trial.book()["applications"]
        assert kept["arrivals"] == 6
        assert [exchange.status for exchange in trial.exchanges] == [0, 0, 0, 0, 0, 200]


@pytest.mark.parametrize("code", CODES)
def test_a_bank_that_is_down_has_seen_nothing(code: str) -> None:
    with Trial.sandboxed(code) as trial:
        for fault in NOT_ACTED:
            trial.order("fault", {"kind": fault})
            with pytest.raises(Unreachable):
                trial.lender.submit(trial.a_submission())
        assert trial.book()["applications"] == []


@pytest.mark.parametrize("fault", ["slow", "drip", "lose-answer", "closed", "down"])
@pytest.mark.parametrize("code", CODES)
def test_behind_a_socket_a_slow_bank_is_left_at_the_deadline(code: str, fault: str) -> None:
    secrets = registry.sandbox_secrets(code)
    bank = registry.sandbox(code, path=":memory:", secrets=secrets.bank, first_day=FIRST_DAY)
    bank.faults.set(fault, 1, seconds=0.5)
    with Trial.sandboxed(code) as other, running(bank) as url:
        lender = registry.build(code, base_url=url, secrets=secrets.platform, deadline_seconds=0.25)
        began = time.perf_counter()
        with pytest.raises(Unreachable):
            lender.submit(other.a_submission())
        assert time.perf_counter() - began < 0.6
        patient = registry.build(code, base_url=url, secrets=secrets.platform)
        patient.submit(other.a_submission())
        assert len(httpx.get(url + "/_sandbox/book").json()["applications"]) == 1


def test_callbacks_that_are_spoilt_or_doubled_change_nothing() -> None:
    with Trial.sandboxed("harbour_bank") as trial:
        trial.lender.submit(trial.a_submission())
        trial.order("fault", {"kind": "callback-wrong-signature"})
        trial.pass_days(1)
        headers, body = trial.pushed.pop(0)
        with pytest.raises(Refused) as caught:
            trial.lender.callback(headers, body)
        assert caught.value.code == "signature"
        trial.order("fault", {"kind": "callback-twice"})
        trial.pass_days(5)
        heard = trial.hear()
        assert len({message.message_id for message in heard}) == len(heard)


# ---------------------------------------------------------------- clocks that are apart


def _harbour_at(seconds: int, **dates: str) -> Callable[[httpx.Request], httpx.Response]:
    """A bank that is sound in all but its clock: it refuses our time as stale, or (within its bounds) signs at its own."""
    secrets = registry.sandbox_secrets("harbour_bank").bank

    def bank(request: httpx.Request) -> httpx.Response:
        nonce, now = request.headers["harbour-nonce"], int(clock.now().timestamp()) + seconds
        body, status = b'{"reports": []}', 200
        if abs(now - int(request.headers["harbour-created"])) > harbour.OLDEST_SECONDS:
            body, status = b'{"code": "not_recognised", "words": "stale"}', 401
        headers = harbour.signed_headers(secrets["bank_private_key"], "ANSWER", str(status), body, now, nonce, harbour.BANK_KEY)
        return httpx.Response(status, headers=headers | dates, content=body)

    return bank


def _harbour_lender(bank: Callable[[httpx.Request], httpx.Response]) -> Any:
    secrets = registry.sandbox_secrets("harbour_bank").platform
    return registry.build("harbour_bank", base_url="http://bank", secrets=secrets, transport=httpx.MockTransport(bank))


@pytest.mark.parametrize("seconds", [-3600, -62, 62, 3600])
def test_a_bank_whose_clock_is_off_is_waited_for(seconds: int) -> None:
    with pytest.raises(Unreachable) as caught:
        _harbour_lender(_harbour_at(seconds)).status("app_1")
    assert caught.value.code == "clock"


@pytest.mark.parametrize("seconds", [-50, 0, 50])
def test_a_clock_that_is_nearly_right_is_no_matter(seconds: int) -> None:
    assert _harbour_lender(_harbour_at(seconds)).status("app_1") == ()


def test_a_refusal_dated_otherwise_is_about_the_clock_and_one_dated_as_ours_about_the_key() -> None:
    def unknown(moment: Any) -> Callable[[httpx.Request], httpx.Response]:
        date = format_datetime(moment, usegmt=True)
        return lambda _: httpx.Response(401, headers={"content-type": "application/json", "date": date}, content=b"{}")

    with pytest.raises(Unreachable) as caught:
        _harbour_lender(unknown(clock.now() + timedelta(minutes=1, seconds=5))).status("app_1")
    assert caught.value.code == "clock"
    with pytest.raises(Garbled) as broken:
        _harbour_lender(unknown(clock.now())).status("app_1")
    assert broken.value.code == "not_recognised"


# ---------------------------------------------------------------- nonsense under a right signature


def _harbour(request: httpx.Request, body: bytes) -> httpx.Response:
    private = registry.sandbox_secrets("harbour_bank").bank["bank_private_key"]
    created, nonce = int(clock.now().timestamp()), request.headers["harbour-nonce"]
    headers = harbour.signed_headers(private, "ANSWER", "200", body, created, nonce, harbour.BANK_KEY)
    return httpx.Response(200, headers=headers, content=body)


def _bell(request: httpx.Request, body: bytes) -> httpx.Response:
    from backend.kit.crypto import mac

    asked = bell.read(request.content)
    head = f"<Head><TranCode>{asked.tran}</TranCode><SerialNo>{asked.serial}</SerialNo><RetCode>0000</RetCode></Head>"
    whole = b"<Msg>" + head.encode() + b"<Body>" + body + b"</Body></Msg>"
    key = registry.sandbox_secrets("bell_tower_bank").bank["mac_key"]
    return httpx.Response(200, headers={"content-type": bell.CONTENT_TYPE, "x-msg-mac": mac(key, whole)}, content=whole)


def _orchard(request: httpx.Request, body: bytes) -> httpx.Response:
    name = request.url.path.rpartition("/")[2]
    name = f"ANSWER_{name}" if request.method == "PUT" else name
    key = registry.sandbox_secrets("orchard_bank").bank["file_key"]
    before = f"H|ORCHARD|1|{name}\n".encode() + body
    trailer = f"T|{body.count(10)}|0|{orchard.sm3(before)}|".encode()
    whole = before + trailer + orchard.sm3_mac(key, before + trailer).encode() + b"\n"
    return httpx.Response(200, headers={"content-type": orchard.CONTENT_TYPE}, content=whole)


ANOTHER = '"messageId":"m","reference":"app_9","on":"2025-01-02","bankReference":"B"'
SIGNED_NONSENSE = [
    *(
        pytest.param("harbour_bank", _harbour, body, id=f"harbour-{body[:40].decode('latin-1')}")
        for body in (
            b"",
            b"{}",
            b"null",
            b'{"reports": null}',
            b'{"reports": {}}',
            b'{"reports": [1]}',
            b'{"reports": [[]]}',
            b'{"reports": [{"kind": "RECEIVED"}]}',
            b'{"reports": [{"kind": ["RECEIVED"]}]}',
            b'{"reports": [{"kind": {}}]}',
            b'{"reports": [NaN]}',
            b'{"reports": [1e999]}',
            b'{"reports": [], "reports": []}',
            f'{{"reports": [{{"kind":"RECEIVED",{ANOTHER}}}]}}'.encode(),
            b'{"reports":' * 50_000,
            '{"reports": "\u4fe1"}'.encode("gb18030"),
        )
    ),
    *(
        pytest.param("bell_tower_bank", _bell, body, id=f"bell-{body[:40].decode('latin-1')}")
        for body in (
            b"<Rpt>1</Rpt>",
            b"<Rpt></Rpt>",
            b"<Rpt><RptTyp>10</RptTyp></Rpt>",
            b"<Rpt><RptTyp>10</RptTyp><RptTyp>10</RptTyp></Rpt>",
            b"<Rpt><RptTyp><A>1</A></RptTyp></Rpt>",
            b"<Rpt><RptTyp>10</RptTyp><MsgNo>m</MsgNo><AppNo>app_9</AppNo><BizDt>20250102</BizDt><BkAppNo>1</BkAppNo></Rpt>",
            b"<Rpt><RptTyp>10</RptTyp><MsgNo>m</MsgNo><AppNo>app_1</AppNo><BizDt>20250132</BizDt><BkAppNo>1</BkAppNo></Rpt>",
            b"<Rpt>",
            b"&amp;",
            b"\x81\x20",
            "<Rpt>信</Rpt>".encode(),
        )
    ),
    *(
        pytest.param("orchard_bank", _orchard, body, id=f"orchard-{body[:40].decode('latin-1')}")
        for body in (
            b"REC|m|app_1|20250132|x\n",
            b"REC|m|app_1\n",
            b"REC|m|app_1|20250102|\\N\n",
            b"RCP|app_9||x\n",
            b"REF|code|words\n",
            b"APP|1\n",
            b"DEC.OFFER|1\n",
            b"\xff\xff\n",
            b"|\n",
            b"\n",
            b"RCP|app_1||x\nRCP|app_1||x\n",
        )
    ),
]


@pytest.mark.parametrize(("code", "sign", "body"), SIGNED_NONSENSE)
def test_nonsense_that_the_bank_itself_signed_is_garbled(
    code: str, sign: Callable[[httpx.Request, bytes], httpx.Response], body: bytes
) -> None:
    secrets = registry.sandbox_secrets(code).platform
    line = httpx.MockTransport(lambda request: sign(request, body))
    lender = registry.build(code, base_url="http://bank", secrets=secrets, transport=line)
    ask = (lambda: lender.status("app_1")) if lender.manifest.offers("status") else (lambda: lender.collect(FIRST_DAY))
    with Trial.sandboxed(code) as trial:
        for call in (ask, lambda: lender.submit(trial.a_submission())):
            with pytest.raises(Garbled):
                call()


@pytest.mark.parametrize("code", CODES)
def test_a_whole_loan_under_random_faults_is_booked_once(code: str) -> None:
    """Every call is tried until it works; faults of every kind fall in between; the book shows one loan, repaid."""
    from random import Random

    chance = Random(f"{code}")

    def insist(call: Callable[[], Any]) -> Any:
        for _ in range(30):
            with contextlib.suppress(Unreachable, Garbled):
                return call()
            trial.orders.post("fault", json={"kind": chance.choice(sorted(EXPECTED)), "times": chance.randint(0, 1)})
        raise AssertionError("it never worked")

    with Trial.sandboxed(code) as trial:
        trial.plan(decision="approve")
        trial.orders.post("fault", json={"kind": "lose-answer"})
        insist(lambda: trial.lender.submit(trial.a_submission()))
        trial.pass_days(3)
        for kind in sorted(EXPECTED):
            trial.orders.post("fault", json={"kind": kind, "times": 0})
        offer = trial.wait_for(Decided).offer
        assert offer is not None
        trial.orders.post("fault", json={"kind": "lose-answer"})
        insist(lambda: trial.lender.accept("app_1", offer.offer_no))
        trial.orders.post("fault", json={"kind": "html"})
        insist(lambda: trial.lender.supplement("app_1", (LETTER, CERTIFICATE)))
        for kind in sorted(EXPECTED):
            trial.orders.post("fault", json={"kind": kind, "times": 0})
        drawn = trial.wait_for(Drawn)
        trial.move_to(drawn.matures_on + timedelta(days=1))
        book = trial.book()
        assert [len(book[name]) for name in ("applications", "contracts", "draws")] == [1, 1, 1]
        assert book["draws"][0]["outstanding_fen"] == 0
