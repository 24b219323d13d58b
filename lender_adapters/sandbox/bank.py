"""A whole sandbox bank: `httpx.Request -> httpx.Response`. Each bank's sandbox.py adds its dialect, its products and its habits.

It works in `httpx.MockTransport(bank)` and behind a socket (`server.serve(bank, port)`).
"""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx

from backend.kit.errors import Misconfigured, Refused
from backend.kit.words import Words
from lender_adapters.sandbox import control
from lender_adapters.sandbox.book import Book
from lender_adapters.sandbox.decide import House
from lender_adapters.sandbox.desk import Desk
from lender_adapters.sandbox.faults import Faults
from lender_adapters.sandbox.loans import Loans


class SandboxBank(ABC):
    """`path` is the book's SQLite file or `:memory:`; `secrets` are the bank's side of `registry.sandbox_secrets`.

    `first_day` is the bank's business day if its book does not know one yet. `faults` are armed from the start, each
    as `kind` or `kind:times`.
    """

    house: ClassVar[House]
    secret_names: ClassVar[tuple[str, ...]]
    files: ClassVar[bool] = False
    """Whether reports wait for the next day's file."""

    def __init__(
        self,
        path: str | Path,
        secrets: Mapping[str, bytes],
        *,
        callback_url: str | None = None,
        callback_transport: httpx.BaseTransport | None = None,
        first_day: date | None = None,
        faults: Sequence[str] = (),
    ) -> None:
        if missing := [name for name in self.secret_names if name not in secrets]:
            raise Misconfigured(f"the sandbox of {self.house.code} lacks the secret {', '.join(missing)}")
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.secrets = secrets
        self.callback_url = callback_url
        self.callback_transport = callback_transport
        self.pushing = threading.Lock()
        self.book = Book(path)
        self.faults = Faults()
        self.loans = Loans(self.book, self.house.prefix, self.faults)
        self.desk = Desk(self.book, self.house, self.loans)
        for fault in faults:
            kind, _, times = fault.partition(":")
            self.faults.set(kind, int(times or 1))
        if first_day and self.book.day is None:
            with self.book.writing():
                self.book.set_state("day", first_day.isoformat())
                self.publish(first_day)

    # ------------------------------------------------------------ a request

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.path.startswith(control.PREFIX):
            return control.obey(self, request)
        if answer := self.faults.before(request):
            return answer
        answer = self.answer(request)
        if self.faults.take("wrong-signature"):
            answer = self.spoilt(answer)
        if self.faults.take("slow"):
            time.sleep(self.faults.seconds)
        if self.faults.take("drip"):
            answer.extensions["drip"] = True
        return self.faults.after(request, answer)

    @abstractmethod
    def answer(self, request: httpx.Request) -> httpx.Response:
        """The bank's answer in its dialect."""

    @abstractmethod
    def spoilt(self, answer: httpx.Response) -> httpx.Response:
        """The same answer with a signature that does not fit."""

    def publish(self, day: date) -> None:  # noqa: B027  # meant to be empty: most banks close no file
        """What a bank does at the end of a day's work; a bank with daily files closes the day's file."""

    def deliver(self) -> int:
        """Push what waits to be pushed; answers how many reports are still undelivered (0 for a bank that does not push)."""
        return 0

    # ------------------------------------------------------------ a day

    def advance(self, to: date) -> dict[str, Any]:
        """Move the bank's day forward, doing each day's work in its order; calling again with the same day changes nothing."""
        today = self.book.day
        if today and to < today:
            raise Refused(Words("营业日不能倒退", f"the bank's day is {today}; it does not go back to {to}"), code="clock_back")
        done, refused = 0, list[str]()
        while (day := self.next_day()) is not None and day <= to:
            with self.book.writing():
                day = max(day, self.book.day or day)
                self.book.set_state("day", day.isoformat())
                while row := self.book.take_due(day):
                    more = json.loads(row["more"] or "{}")
                    try:
                        self._works[row["kind"]](row["key"], day, more)
                    except Refused as error:
                        refused.append(f"{row['kind']} {row['key']}: {error.words.en}")
                    done += 1
                self.publish(day)
        if self.book.day != to:
            with self.book.writing():
                self.book.set_state("day", to.isoformat())
                self.publish(to)
        return {"day": to.isoformat(), "done": done, "untold": self.deliver(), "refused": refused}

    def next_day(self) -> date | None:
        """The next day on which there is something to do or a report to file."""
        day, today = self.book.next_day(), self.book.day
        if self.files and today and self.book.untold(1):
            return min(today + timedelta(days=1), day or date.max)
        return day

    @property
    def _works(self) -> dict[str, Callable[[str, date, dict[str, Any]], None]]:
        return {
            "decide": lambda key, day, _: self.desk.decide(key, day),
            "expire": lambda key, day, _: self.desk.expire(key, day),
            "sign": lambda key, day, _: self.desk.sign(key, day),
            "draw": lambda key, day, _: self.desk.draw(key, day),
            "fall_due": lambda key, day, _: self.loans.fall_due(key, day),
            "pay_late": lambda key, day, _: self.loans.pay_late(key, day),
            "outside": lambda key, day, more: self.loans.outside(key, day, more),
        }

    def close(self) -> None:
        self.book.close()
