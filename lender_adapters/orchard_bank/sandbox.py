"""果园农商银行 from the other side of the counter: takes files in by their name, and closes one file of reports per day.

A day's file is closed when the bank has done the day's work, and never changes afterwards; what happens later that day stands in
the next day's file.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

import httpx

from backend.kit import crypto
from backend.kit.errors import Garbled, Refused
from lender_adapters.dialect import Acceptance, Refusal, Supplement, Withdrawal
from lender_adapters.orchard_bank import wire
from lender_adapters.port import Receipt, Submission
from lender_adapters.sandbox.bank import SandboxBank
from lender_adapters.sandbox.decide import House, Terms
from lender_adapters.sandbox.desk import no

HOUSE = House(
    "orchard_bank",
    "OR",
    {
        "guaranteed_micro_loan": Terms(
            "guaranteed_micro_loan",
            435,
            ("interest_first", "bullet"),
            "act/360",
            300_000_000,
            (("sales_12m_fen", 3000),),
            guarantee_fee_bp=100,
        ),
        "pooled_sales_loan": Terms(
            "pooled_sales_loan", 430, ("interest_first", "bullet"), "act/360", 200_000_000, (("sales_12m_fen", 1200),)
        ),
        "utility_credit_loan": Terms(
            # Eight yuan for each kilowatt-hour of the year; where the meter is unknown, 20,000 yuan for each person insured.
            "utility_credit_loan",
            520,
            ("interest_first", "bullet"),
            "act/360",
            100_000_000,
            (("electricity_12m_kwh", 8_000_000), ("insured_headcount", 20_000_000_000)),
        ),
    },
)


class OrchardSandbox(SandboxBank):
    house: ClassVar[House] = HOUSE
    secret_names: ClassVar[tuple[str, ...]] = ("file_key",)
    files: ClassVar[bool] = True

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, key = request.url.raw_path.decode("ascii"), self.secrets["file_key"]
        mac = wire.sm3_mac(key, f"{request.method} {path}".encode())
        if not crypto.same(mac, request.headers.get("x-orchard-mac", "")):
            return httpx.Response(401, headers={"content-type": "text/plain"}, content=b"unknown caller")
        if request.method == "PUT" and (found := re.fullmatch(r"/in/([A-Za-z0-9_-]{1,180}\.txt)", path)):
            return self._take_in(found.group(1), request.content)
        if request.method == "GET" and (found := re.fullmatch(r"/out/(\d{8})\.txt", path, re.ASCII)):
            return self._hand_out(found.group(1))
        return httpx.Response(405, headers={"content-type": "text/plain"}, content=b"no such place")

    def _take_in(self, name: str, body: bytes) -> httpx.Response:
        answer = f"ANSWER_{name}"
        try:
            records = wire.read(body, name, self.secrets["file_key"])
            with self.book.writing():
                receipt = self._work(name, body, records)
        except Garbled as error:
            return self._file(422, answer, [Refusal("not_our_dialect", f"文件有误：{error.words.zh}")])
        except Refused as error:
            return self._file(409, answer, [Refusal(error.code, error.words.zh)])
        return self._file(200, answer, [receipt])

    def _work(self, name: str, body: bytes, records: tuple[Any, ...]) -> Receipt:
        if len(records) != 1:
            raise Garbled("one record was expected")
        thing, seal = records[0], wire.sm3(body)
        known = self.book.one("SELECT * FROM files WHERE name = ?", name)
        if known is not None and known["digest"] != seal:
            raise no("name_reused", "同名文件内容不一致，拒绝接收")
        receipt = self._do(name, thing, known is not None)
        if known is None:
            self.book.do("INSERT INTO files VALUES (?, ?, ?)", name, seal, b"")
        return Receipt(receipt.reference, "", "文件已接收，结果见每日回盘文件")

    def _do(self, name: str, thing: Any, again: bool) -> Receipt:
        named = {Submission: "SUBMIT_{}.txt", Supplement: "SUPPLEMENT_{}_", Acceptance: "ACCEPT_{}_", Withdrawal: "WITHDRAW_{}_"}
        if type(thing) not in named or not name.startswith(named[type(thing)].format(thing.reference)):
            raise Garbled("the file does not hold what its name says")
        if isinstance(thing, Submission):
            return self.desk.submit(thing)
        if again:
            return Receipt(thing.reference, "", "")
        if isinstance(thing, Supplement):
            return self.desk.supplement(thing.reference, thing.documents)
        if isinstance(thing, Acceptance):
            return self.desk.accept(thing.reference, thing.offer_no)
        return self.desk.withdraw(thing.reference, thing.reason)

    def _hand_out(self, text: str) -> httpx.Response:
        name = f"{text}.txt"
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            return self._file(404, name, [Refusal("not_yet", "没有这一天")])
        closed = self.book.state("closed")
        if closed is None or day.isoformat() > closed:
            return self._file(404, name, [Refusal("not_yet", "当日回盘文件尚未生成")])
        return self._file(200, name, list(self.book.told_on(day)))

    def _file(self, status: int, name: str, things: list[Any]) -> httpx.Response:
        content = wire.write(name, things, self.secrets["file_key"])
        return httpx.Response(status, headers={"content-type": wire.CONTENT_TYPE}, content=content)

    def spoilt(self, answer: httpx.Response) -> httpx.Response:
        last = b"0" if answer.content[-2:-1] != b"0" else b"1"
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content[:-2] + last + b"\n")

    def publish(self, day: date) -> None:
        """Close the day's file; a day is closed once."""
        closed = self.book.state("closed")
        if closed is None or day.isoformat() > closed:
            if waiting := self.book.untold():
                self.book.told(waiting[-1][0], day)
            self.book.set_state("closed", day.isoformat())
