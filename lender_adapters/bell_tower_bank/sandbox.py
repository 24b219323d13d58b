"""钟楼银行 from the other side of the counter: one gateway, one MAC, answers from its book when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import httpx

from backend.kit import crypto
from backend.kit.errors import Garbled, Refused
from lender_adapters.bell_tower_bank import wire
from lender_adapters.bell_tower_bank.adapter import REFUSALS
from lender_adapters.dialect import Acceptance, Question, Supplement, Withdrawal, from_tree, to_tree
from lender_adapters.port import IndicationRequest, Submission, Way
from lender_adapters.sandbox.bank import SandboxBank
from lender_adapters.sandbox.decide import House, Terms

T = TypeVar("T")
WAYS: tuple[Way, ...] = ("equal_instalments", "equal_principal")

HOUSE = House(
    "bell_tower_bank",
    "BT",
    {
        "tax_credit_loan": Terms(
            "tax_credit_loan", 395, WAYS, "30/360", 300_000_000, (("tax_paid_12m_fen", 100_000), ("sales_12m_fen", 2500))
        ),
        "sole_trader_loan": Terms("sole_trader_loan", 480, WAYS, "30/360", 50_000_000, (("sales_12m_fen", 3000),)),
    },
)
RET_CODES = {ours: theirs for theirs, ours in REFUSALS.items()}


class BellTowerSandbox(SandboxBank):
    house: ClassVar[House] = HOUSE
    secret_names: ClassVar[tuple[str, ...]] = ("mac_key",)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) != ("POST", "/gateway"):
            return httpx.Response(404, headers={"content-type": "text/plain"}, content=b"no such page")
        body = request.content
        if not crypto.same(crypto.mac(self.secrets["mac_key"], body), request.headers.get("x-msg-mac", "")):
            return self._sealed(wire.write("", "", {}, ret="E901", words="报文鉴别码错误"))
        try:
            asked = wire.read(body)
        except Garbled as error:
            return self._sealed(wire.write("", "", {}, ret="E902", words=f"报文格式错误：{error.words.zh}"))
        try:
            done = self._work(asked.tran, asked.body)
        except Refused as error:
            code = RET_CODES.get(error.code, "E199")
            return self._sealed(wire.write(asked.tran, asked.serial, {}, ret=code, words=error.words.zh))
        except Garbled as error:
            words = f"报文格式错误：{error.words.zh}"
            return self._sealed(wire.write(asked.tran, asked.serial, {}, ret="E902", words=words))
        return self._sealed(wire.write(asked.tran, asked.serial, done, ret=wire.DONE, words="交易成功"))

    def _work(self, tran: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        def read(kind: type[T]) -> T:
            return from_tree(kind, dict(body), wire.STYLE)

        def said(*kinds: str) -> Mapping[str, Any]:
            reference = read(Question).reference
            self.desk.exists(reference)
            return wire.reports(self.book.said(reference, *kinds))

        def supplement() -> Any:
            asked = read(Supplement)
            return self.desk.supplement(asked.reference, asked.documents)

        def accept() -> Any:
            asked = read(Acceptance)
            return self.desk.accept(asked.reference, asked.offer_no)

        def withdraw() -> Any:
            asked = read(Withdrawal)
            return self.desk.withdraw(asked.reference, asked.reason)

        works: Mapping[str, Callable[[], Any]] = {
            "LN1001": lambda: self.desk.indicate(read(IndicationRequest)),
            "LN1002": lambda: self.desk.submit(read(Submission)),
            "LN1003": said,
            "LN1004": supplement,
            "LN1005": accept,
            "LN1006": withdraw,
            "LN1007": lambda: said("ContractSigned"),
            "LN1008": lambda: said("Drawn"),
            "LN1009": lambda: said("Repaid"),
        }
        if tran not in works:
            raise Garbled(f"未知交易码 {tran[:8]}")
        done = works[tran]()
        return done if isinstance(done, Mapping) else to_tree(done, wire.STYLE)

    def _sealed(self, body: bytes) -> httpx.Response:
        headers = {"content-type": wire.CONTENT_TYPE, "x-msg-mac": crypto.mac(self.secrets["mac_key"], body)}
        return httpx.Response(200, headers=headers, content=body)

    def spoilt(self, answer: httpx.Response) -> httpx.Response:
        headers = dict(answer.headers) | {"x-msg-mac": "0" * 64}
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)
