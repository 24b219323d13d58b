"""The bank's back office: draws, due days, payments by plan, money from outside. All in the bank's own book."""

from __future__ import annotations

import json
from datetime import date, timedelta
from sqlite3 import Row
from typing import Any

from backend.kit.errors import Refused
from backend.kit.words import Words
from lender_adapters.port import Drawn, OfferTerms, PaidFrom, Repaid
from lender_adapters.sandbox.account import Account
from lender_adapters.sandbox.book import Book, dumps
from lender_adapters.sandbox.decide import Plan
from lender_adapters.sandbox.faults import Faults
from lender_adapters.sandbox.interest import add_months


class Loans:
    def __init__(self, book: Book, prefix: str, faults: Faults) -> None:
        self.book = book
        self.prefix = prefix
        self.faults = faults

    def plan(self, uscc: str) -> Plan:
        """A firm's fate; one of whom nothing was told is clean and pays."""
        row = self.book.one("SELECT plan FROM plans WHERE uscc = ?", uscc)
        if row is None:
            return Plan()
        plain = json.loads(row["plan"])
        return Plan(**(plain | {"pays": tuple(plain["pays"])}))

    def message_id(self) -> str:
        return f"{self.prefix}M{self.book.number('message'):09d}"

    # ------------------------------------------------------------ draw

    def draw(self, uscc: str, contract: Row, offer: OfferTerms, day: date) -> bool:
        """Lend what the firm draws; whole yuan. Nothing is booked if it draws nothing."""
        plan = self.plan(uscc)
        amount = offer.amount_fen * plan.draw_share_bp // 10_000 // 100 * 100
        if amount <= 0:
            return False
        number = f"{self.prefix}D{day:%Y}{self.book.number('draw'):06d}"
        penalty_bp = (offer.rate_bp * 3 + 1) // 2
        account = Account.opened(amount, offer.rate_bp, penalty_bp, offer.way, offer.day_count, offer.months, day)
        values = (number, contract["reference"], contract["contract_no"], uscc, dumps(account.as_dict()))
        self.book.do("INSERT INTO draws VALUES (?, ?, ?, ?, ?)", *values)
        self.book.say(
            Drawn(
                self.message_id(),
                contract["reference"],
                day,
                contract["contract_no"],
                number,
                amount,
                day,
                add_months(day, offer.months),
                offer.rate_bp,
                penalty_bp,
                offer.way,
                offer.day_count,
                account.schedule,
                plan.first_loan,
            )
        )
        self._plan_next(number, account)
        return True

    # ------------------------------------------------------------ due days

    def fall_due(self, draw_no: str, day: date) -> None:
        """A line falls due, and the borrower pays or does not, as it was told."""
        row, account = self._load(draw_no)
        line = account.fall_due(day)
        kind, what, late = self.plan(row["uscc"]).pays
        amount = account.dues(day)
        if kind == "stops_after":
            amount = amount if line.no <= what else 0
        elif kind == "settles_on":
            amount = account.settlement(day) if day.isoformat() >= what else amount
        elif kind == "late":
            since = account.lines[what].due_on if what < len(account.lines) else None
            if since and day == since:
                self.book.plan_for(day + timedelta(days=late), "pay_late", draw_no)
            if since and since <= day < since + timedelta(days=late):
                amount = 0
        if amount:
            self._receive(row, account, amount, day, "borrower")
        self._save(draw_no, account)
        self._plan_next(draw_no, account)

    def pay_late(self, draw_no: str, day: date) -> None:
        """A borrower that was late pays everything due, penalty included."""
        row, account = self._load(draw_no)
        if amount := account.dues(day):
            self._receive(row, account, amount, day, "borrower")
            self._save(draw_no, account)

    def _plan_next(self, draw_no: str, account: Account) -> None:
        self.book.forget("fall_due", draw_no)
        if due := account.next_due:
            self.book.plan_for(due, "fall_due", draw_no)

    # ------------------------------------------------------------ money from outside

    def outside_money(self, draw_no: str, amount_fen: int, paid_on: date, source: PaidFrom, key: str | None, today: date) -> str:
        """A payment that the plan does not know; on a later day it waits on the agenda. The same key is one payment."""
        with self.book.writing():
            row, account = self._load(draw_no)
            if key:
                seen = self.book.one("SELECT * FROM payments WHERE outside_key = ?", key)
                if seen is not None:
                    same = (seen["draw_no"], seen["amount_fen"], seen["source"]) == (draw_no, amount_fen, source)
                    if not same:
                        raise Refused(Words("该流水号已用于另一笔款项", "this key was another payment's"), code="key_reused")
                    return str(seen["payment_no"])
            if paid_on > today:
                self.book.plan_for(paid_on, "outside", draw_no, amount_fen=amount_fen, source=source, receipt=key)
                return ""
            number = self._receive(row, account, amount_fen, paid_on, source, key)
            self._save(draw_no, account)
            if source == "borrower" or account.outstanding_fen == 0:
                self._plan_next(draw_no, account)
            return number

    def outside(self, draw_no: str, day: date, more: dict[str, Any]) -> None:
        self.outside_money(draw_no, more["amount_fen"], day, more["source"], more["receipt"], day)

    # ------------------------------------------------------------ keeping

    def _receive(self, row: Row, account: Account, amount_fen: int, day: date, source: PaidFrom, key: str | None = None) -> str:
        parts = account.pay(day, amount_fen, source)
        number = f"{self.prefix}P{self.book.number('payment'):08d}"
        split = (amount_fen, parts.expenses_fen, parts.penalty_fen, parts.interest_fen, parts.principal_fen)
        self.book.do(
            "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(number, row["draw_no"], row["reference"], day.isoformat(), *split, source, key),
        )
        # The planted bug of a bank that books a payment and never tells: what an audit against its book must find.
        if source == "borrower" and self.faults.take("lose-repayment"):
            return number
        self.book.say(Repaid(self.message_id(), row["reference"], day, row["draw_no"], number, day, *split, source))
        return number

    def _load(self, draw_no: str) -> tuple[Row, Account]:
        row = self.book.one("SELECT * FROM draws WHERE draw_no = ?", draw_no)
        if row is None:
            raise Refused(Words("没有此编号的借据", "no such draw"), code="unknown_draw")
        return row, Account.of(json.loads(row["account"]))

    def _save(self, draw_no: str, account: Account) -> None:
        self.book.do("UPDATE draws SET account = ? WHERE draw_no = ?", dumps(account.as_dict()), draw_no)
