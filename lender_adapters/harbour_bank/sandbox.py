"""港湾银行 from the other side of the counter: verifies requests, signs answers, pushes reports to the callback address."""

from __future__ import annotations

import re
import secrets as chance
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import httpx

from backend.kit import clock
from backend.kit.errors import Garbled, Refused
from lender_adapters.dialect import Acceptance, Refusal, Supplement, Withdrawal, from_tree, to_tree
from lender_adapters.harbour_bank import wire
from lender_adapters.port import IndicationRequest, Message, Submission
from lender_adapters.sandbox.bank import SandboxBank
from lender_adapters.sandbox.decide import House, Terms
from lender_adapters.sandbox.desk import no

T = TypeVar("T")
BATCH = 20

HOUSE = House(
    "harbour_bank",
    "HB",
    {
        terms.code: terms
        for terms in (
            Terms("data_easy_loan", 345, ("interest_first", "revolving"), "act/360", 500_000_000, (("sales_12m_fen", 3000),)),
            Terms(
                "invoice_credit_loan", 420, ("interest_first", "revolving"), "act/360", 300_000_000, (("sales_12m_fen", 2500),)
            ),
        )
    },
)
KINDS = {"": (), "/contract": ("ContractSigned",), "/draws": ("Drawn",), "/repayments": ("Repaid",)}


class HarbourSandbox(SandboxBank):
    house: ClassVar[House] = HOUSE
    secret_names: ClassVar[tuple[str, ...]] = ("bank_private_key", "platform_public_key")

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, body = request.url.raw_path.decode("ascii"), request.content
        now = clock.now().timestamp()
        public = self.secrets["platform_public_key"]
        why = wire.why_not_signed(public, request.headers, request.method, path, body, key=wire.PLATFORM_KEY, now=now)
        nonce = request.headers.get("harbour-nonce", "")
        if why or not self._is_new(nonce, now):
            return self._signed(401, Refusal("not_recognised", why or "replayed"), nonce)
        try:
            return self._signed(200, self._work(request.method, path, body), nonce)
        except Refused as error:
            status = 404 if error.code == "unknown_application" else 409
            return self._signed(status, Refusal(error.code, error.words.zh), nonce)
        except Garbled as error:
            return self._signed(422, Refusal("not_our_dialect", f"报文有误：{error.words.zh}"), nonce)

    def _is_new(self, nonce: str, now: float) -> bool:
        with self.book.writing():
            self.book.do("DELETE FROM nonces WHERE seen_at < ?", now - 3 * wire.OLDEST_SECONDS)
            return self.book.do("INSERT OR IGNORE INTO nonces VALUES (?, ?)", nonce, now) == 1

    def _work(self, method: str, path: str, body: bytes) -> Any:
        if (method, path) == ("POST", "/v1/indications"):
            return self.desk.indicate(_read(IndicationRequest, body))
        if (method, path) == ("POST", "/v1/applications"):
            return self.desk.submit(_read(Submission, body))
        found = re.fullmatch(r"/v1/applications/([A-Za-z0-9_-]{1,64})(/[a-z]+)?", path)
        if not found:
            raise no("unknown_application", "没有此地址")
        reference, what = found.group(1), found.group(2) or ""
        if method == "GET" and what in KINDS:
            self.desk.exists(reference)
            return self.book.said(reference, *KINDS[what])
        works: Mapping[str, Callable[[], Any]] = {
            "/documents": lambda: self.desk.supplement(reference, _about(reference, _read(Supplement, body)).documents),
            "/acceptance": lambda: self.desk.accept(reference, _about(reference, _read(Acceptance, body)).offer_no),
            "/withdrawal": lambda: self.desk.withdraw(reference, _about(reference, _read(Withdrawal, body)).reason),
        }
        if method != "POST" or what not in works:
            raise no("unknown_application", "没有此地址")
        return works[what]()

    def _signed(self, status: int, thing: Any, nonce: str) -> httpx.Response:
        body = wire.reports(thing) if isinstance(thing, tuple) else wire.dumps(to_tree(thing, wire.STYLE))
        created = int(clock.now().timestamp())
        private = self.secrets["bank_private_key"]
        headers = wire.signed_headers(private, "ANSWER", str(status), body, created, nonce, wire.BANK_KEY)
        return httpx.Response(status, headers=headers, content=body)

    def spoilt(self, answer: httpx.Response) -> httpx.Response:
        headers = dict(answer.headers) | {"harbour-signature": _spoil(answer.headers["harbour-signature"])}
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)

    # ------------------------------------------------------------ callbacks

    @cached_property
    def _line(self) -> httpx.Client:
        return httpx.Client(transport=self.callback_transport, timeout=20, trust_env=False)

    def deliver(self) -> int:
        """Push what waits, in its order, at most twenty reports at a time; stop at the first that does not arrive."""
        if not self.callback_url:
            return 0
        with self.pushing:
            while waiting := self.book.untold(BATCH):
                if not self._push([message for _, message in waiting]):
                    if not self._push([waiting[0][1]], alone=True):
                        break
                    waiting = waiting[:1]
                with self.book.writing():
                    self.book.told(waiting[-1][0], self.desk.today)
        row = self.book.one("SELECT count(*) AS waiting FROM messages WHERE told_on IS NULL")
        return int(row["waiting"]) if row else 0

    def _push(self, messages: list[Message], *, alone: bool = False) -> bool:
        """Whether the platform has it. An application the platform does not know (404) is not asked about again."""
        body = wire.reports(tuple(messages))
        created, nonce = int(clock.now().timestamp()), chance.token_urlsafe(16)
        private = self.secrets["bank_private_key"]
        headers = wire.signed_headers(private, "CALLBACK", self.house.code, body, created, nonce, wire.BANK_KEY)
        if self.faults.take("callback-wrong-signature"):
            headers["harbour-signature"] = _spoil(headers["harbour-signature"])
        try:
            answer = self._line.post(str(self.callback_url), content=body, headers=headers)
            if self.faults.take("callback-twice"):
                answer = self._line.post(str(self.callback_url), content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success or (alone and answer.status_code == 404)


def _read(kind: type[T], body: bytes) -> T:
    return from_tree(kind, wire.loads(body), wire.STYLE)


def _about(reference: str, thing: Any) -> Any:
    if thing.reference != reference:
        raise Garbled("reference: not the one in the address")
    return thing


def _spoil(signature: str) -> str:
    return ("B" if signature[0] == "A" else "A") + signature[1:]
