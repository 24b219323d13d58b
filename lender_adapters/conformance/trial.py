"""One bank on trial: its adapter, a hand on its calendar, and ears for whatever way it reports.

>>> with Trial.sandboxed("bell_tower_bank") as trial:
...     receipt = trial.lender.submit(trial.a_submission())
...     trial.pass_days(1)
...     [type(message).__name__ for message in trial.hear()][:1]
['Received']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import httpx

from backend.kit.errors import Unreachable
from backend.kit.policy import digest
from lender_adapters import registry
from lender_adapters.port import ConsentProof, Exchange, FirmCard, HandedFact, Lender, Message, Submission

M = TypeVar("M", bound=Message)
FIRST_DAY = date(2025, 1, 2)
CALLBACKS = "http://platform/callbacks"
TEXT = "授权书：本单位同意向受理银行提供所列信息。"
FIRM = FirmCard("91420100MA4K0000XX", "武汉鼎𠮷㐀商贸有限公司", "enterprise", "欧阳𬭎", "420100", "F51")


@dataclass
class Trial:
    """`orders` reaches the bank's `/_sandbox` routes; `pushed` collects what the bank posts to us."""

    code: str
    lender: Lender
    orders: httpx.Client
    pushed: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    day: date = FIRST_DAY
    _heard: dict[str, Message] = field(default_factory=dict)
    _fetched: date = FIRST_DAY - timedelta(days=1)
    _read: int = 0

    @classmethod
    @contextmanager
    def sandboxed(cls, code: str, *, faults: Sequence[str] = (), path: str = ":memory:") -> Iterator[Trial]:
        """A trial against the bank's sandbox, in this process and without a socket."""
        pushed: list[tuple[Mapping[str, str], bytes]] = []
        exchanges: list[Exchange] = []

        def take(request: httpx.Request) -> httpx.Response:
            pushed.append((dict(request.headers), request.read()))
            return httpx.Response(200)

        secrets = registry.sandbox_secrets(code)
        bank = registry.sandbox(
            code,
            path=path,
            secrets=secrets.bank,
            callback_url=CALLBACKS,
            callback_transport=httpx.MockTransport(take),
            first_day=FIRST_DAY,
            faults=faults,
        )
        line = httpx.MockTransport(bank)
        lender = registry.build(code, base_url="http://bank", secrets=secrets.platform, transport=line, recorder=exchanges.append)
        with httpx.Client(transport=line, base_url="http://bank/_sandbox") as orders:
            yield cls(code, lender, orders, pushed, exchanges)
        bank.close()

    # ------------------------------------------------------------ making

    @property
    def products(self) -> list[str]:
        return list(registry.lenders()[self.code].sandbox.house.products)

    def a_submission(self, reference: str = "app_1", **changes: Any) -> Submission:
        """A sound application for the bank's last product, with one fact of every kind and a signed consent."""
        day = self.day
        facts = (
            HandedFact("sales_12m_fen", 800_000_000, "fen", day, "invoices"),
            HandedFact("tax_paid_12m_fen", 20_000_000, "fen", day, "tax"),
            HandedFact("electricity_12m_kwh", 120_000, "kWh", day, "grid"),
            HandedFact("sales_growth_bp", -350, "bp", day, "invoices"),
            HandedFact("tax_grade", "A", "", day, "tax"),
            HandedFact("abnormal_listed", False, "", day, "registry"),
            HandedFact("registered_on", date(2019, 5, 6), "", day, "registry"),
            HandedFact("volatility", Decimal("0.3170"), "", day, "invoices"),
            HandedFact("data_certificates", [{"certificate_no": "鄂数|2025-1", "status": "valid"}], "", day, "registry"),
        )
        consent = ConsentProof("con_1", "firm", TEXT, digest(TEXT.encode()), "ab" * 64, "欧阳𬭎")
        values: dict[str, Any] = {
            "reference": reference,
            "product": self.products[-1],
            "firm": FIRM,
            "amount_fen": 30_000_000,
            "months": 12,
            "way": self.lender.manifest.ways[0],
            "purpose": "采购原材料\n（春季）",
            "facts": facts,
            "consents": (consent,),
            "listing": ("hubei_data_whitelist", "A"),
        }
        return Submission(**(values | changes))

    def plan(self, **order: Any) -> None:
        self.order("plan", {"uscc": FIRM.uscc} | order)

    # ------------------------------------------------------------ time and ears

    def order(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.orders.post(route, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def book(self) -> dict[str, Any]:
        found: dict[str, Any] = self.orders.get("book").json()
        return found

    def move_to(self, day: date) -> None:
        self.order("day", {"day": day.isoformat()})
        self.day = day

    def pass_days(self, count: int) -> None:
        self.move_to(self.day + timedelta(days=count))

    def hear(self, reference: str = "app_1") -> tuple[Message, ...]:
        """Everything the bank has reported about an application so far, by the way its manifest claims."""
        answers = self.lender.manifest.answers
        if answers == "polling":
            return self.lender.status(reference)
        if answers == "callback":
            found = [message for headers, body in self.pushed[self._read :] for message in self.lender.callback(headers, body)]
            self._read = len(self.pushed)
        else:
            found = list(self._files())
        for message in found:
            self._heard.setdefault(message.message_id, message)
        return tuple(message for message in self._heard.values() if message.reference == reference)

    def _files(self) -> Iterator[Message]:
        while self._fetched < self.day:
            try:
                yield from self.lender.collect(self._fetched + timedelta(days=1))
            except Unreachable:
                return
            self._fetched += timedelta(days=1)

    def wait_for(self, kind: type[M], reference: str = "app_1", *, days: int = 40) -> M:
        """Let days pass until the bank has reported such a thing; fails if it does not come."""
        for _ in range(days):
            found = [message for message in self.hear(reference) if isinstance(message, kind)]
            if found:
                return found[-1]
            self.pass_days(1)
        raise AssertionError(f"{self.code} reported no {kind.__name__} within {days} days")
