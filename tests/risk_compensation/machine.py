"""Any order of events, lawful or not, on a small pool: hypothesis throws them, plain dicts keep the score, the book must agree.

Held after every step: debits equal credits; nothing is negative; no payment is above its caps; the parts of a loss are the loss;
the balances are what a replay of the journal gives; and every figure is what the dicts say.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, timedelta
from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from backend.kit.database import Database
from backend.kit.errors import Answer, Refused
from risk_compensation import events, ledger, periods, statements
from risk_compensation.accounts import Account
from risk_compensation.claims import PAID_STATES
from risk_compensation.reservations import lapse
from risk_compensation.scheme import terms_on
from risk_compensation.tables import Claim, Entry, Registration, Reservation
from tests.risk_compensation.pools import BANK, DAY, FUND, GUARANTOR, PAPERS, POOL, SCHEME, WAN, a_pool, checks, said

LOANS = st.sampled_from(["a", "b", "c"])
FEN = st.integers(1, 3 * WAN)
TERMS = terms_on(SCHEME, DAY)
PARTIES = {BANK: "bank", FUND: "fund", GUARANTOR: "guarantor"}


class PoolMachine(RuleBasedStateMachine):
    """One small pool, three loans, odd amounts; one transaction an example, rolled back at its end."""

    database: ClassVar[Database]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.open_while = ExitStack()
        self.session = self.open_while.enter_context(self.database.reading())
        self.day, self.number = DAY, 0
        self.cash = 0
        self.receipts: dict[str, int] = {}
        self.committed: dict[str, int] = {}
        self.approved: dict[str, int] = {}
        self.net_paid: dict[str, int] = {}
        self.closed: date | None = None

    @initialize(cash=st.integers(1, 2 * WAN))
    def opened(self, cash: int) -> None:
        a_pool(self.session, cash_fen=cash)
        self.cash, self.receipts = cash, {f"receipt-{POOL}-1": cash}

    def attempt(self, name: str, *args: object, **words: object) -> object | None:
        """Do it twice; the second time must not change the book. A lawful no is an answer like any other."""
        type(self).steps += 1
        self.day += timedelta(days=1)
        answer: object | None = None
        lapse(self.session, POOL, self.day)  # what has run out is given back whatever the answer is; here it is not the question
        for time in (1, 2):
            before = ledger.balances(self.session, POOL)
            try:
                answer = getattr(events, name)(self.session, *args, on=self.day, **words)
            except Answer:
                assert ledger.balances(self.session, POOL) == before, f"{name} was refused and moved money"
                return None
            assert time == 1 or ledger.balances(self.session, POOL) == before, f"{name} done twice"
        return answer

    def paid_in(self, name: str, *args: object, amount: int) -> None:
        self.number += 1
        if self.attempt(name, POOL, *args, amount, f"r{self.number}") is not None:
            self.cash += amount
            self.receipts[f"r{self.number}"] = amount

    @rule(amount=FEN)
    def contribute(self, amount: int) -> None:
        self.paid_in("contribute", FUND, amount=amount)

    @rule(amount=st.integers(1, 1000))
    def interest(self, amount: int) -> None:
        self.paid_in("credit_interest", amount=amount)

    @rule(which=st.integers(0, 20))
    def reverse(self, which: int) -> None:
        """A receipt was booked wrongly; what is set aside for claims cannot be taken back."""
        if not self.receipts:
            return
        type(self).steps += 1
        name = sorted(self.receipts)[which % len(self.receipts)]
        if self.cash - self.receipts[name] < sum(self.approved.values()):
            with pytest.raises(Refused, match="short of cash"):
                ledger.reverse(self.session, reference=f"receipt:{name}", on=self.day, words=said())
            return
        assert ledger.reverse(self.session, reference=f"receipt:{name}", on=self.day, words=said())
        assert not ledger.reverse(self.session, reference=f"receipt:{name}", on=self.day, words=said())
        self.cash -= self.receipts.pop(name)

    @rule()
    def close(self) -> None:
        """Yesterday is closed; nothing takes effect there any more."""
        type(self).steps += 1
        until = self.day - timedelta(days=1)
        if self.closed is None or until > self.closed:
            periods.close_period(self.session, POOL, until=until, by="checker", on=self.day)
            self.closed = until
        with pytest.raises(Refused, match="is closed"):
            events.contribute(self.session, POOL, FUND, 1, f"late{self.number}", until)

    @rule(loan=LOANS, amount=FEN, days=st.integers(0, 40))
    def reserve(self, loan: str, amount: int, days: int) -> None:
        until = self.day + timedelta(days=days)
        parties = {"bank": BANK, "guarantor": GUARANTOR, "firm": loan}
        known = self.session.get(Reservation, f"app_{loan}") is not None
        told = self.attempt("reserve", POOL, reference=f"app_{loan}", amount_fen=amount, expires_on=until, **parties)
        if told is not None and not known:
            self.within_leverage()

    @rule(loan=LOANS, amount=FEN)
    def register(self, loan: str, amount: int) -> None:
        known = loan in self.committed
        told = self.attempt(
            "register", POOL, reference=loan, amount_fen=amount, checks=checks(firm=loan), reservation=f"app_{loan}"
        )
        if told is not None and not known:
            self.committed[loan] = amount
            self.within_leverage()

    def within_leverage(self) -> None:
        """Right after something entered: what is promised stays within leverage times cash."""
        now = ledger.balances(self.session, POOL)
        assert now["commitments_fen"] + now["reserved_fen"] <= now["cash_fen"] * TERMS.leverage.times_bp // 10_000

    @rule(loan=LOANS)
    def draw(self, loan: str) -> None:
        self.attempt("activate", reference=loan)

    @rule(loan=LOANS, left=st.integers(0, 3 * WAN))
    def release(self, loan: str, left: int) -> None:
        freed = self.attempt("release", reference=loan, principal_fen=left)
        if freed is not None:
            row = self.session.get(Registration, loan)
            assert row is not None
            # The second telling frees nothing; what stands is what was there or what is left, never more.
            assert row.committed_fen in (self.committed[loan], left)
            self.committed[loan] = min(self.committed[loan], row.committed_fen)

    @rule(loan=LOANS)
    def overdue(self, loan: str) -> None:
        self.attempt("overdue", reference=loan, since=self.day)

    @rule(loan=LOANS)
    def cure(self, loan: str) -> None:
        self.attempt("cure", reference=loan)

    @rule(loan=LOANS, amount=FEN, loss=FEN)
    def go_bad(self, loan: str, amount: int, loss: int) -> None:
        self.register(loan=loan, amount=amount)
        self.draw(loan=loan)
        self.overdue(loan=loan)
        self.day += timedelta(days=1)
        self.claim(loan=loan, loss=min(loss, amount))

    @rule(loan=LOANS, loss=FEN)
    def claim(self, loan: str, loss: int) -> None:
        papers = {"judgment_no": "J", "judged_on": self.day, "documents": PAPERS, "by": "officer"}
        paid = {"guarantor_paid_fen": loss, "guarantor_paid_on": self.day, "unpaid_principal_fen": loss}
        self.attempt("file_claim", POOL, reference=loan, claim_no=f"C_{loan}", **paid, **papers)

    @rule(loan=LOANS, left=st.integers(1, 3 * WAN))
    def principal_fell(self, loan: str, left: int) -> None:
        told = self.attempt("principal_fell", claim_no=f"C_{loan}", unpaid_principal_fen=left)
        if told is not None and f"C_{loan}" in self.approved:
            self.approved[f"C_{loan}"] = told.payout_fen  # type: ignore[attr-defined]

    @rule(loan=LOANS)
    def approve(self, loan: str) -> None:
        name = f"C_{loan}"
        self.attempt("review", claim_no=name, by="maker", opinion="approve")
        told = self.attempt("approve", claim_no=name, by="checker")
        if told is not None and name not in self.net_paid:
            self.approved[name] = told.payout_fen  # type: ignore[attr-defined]

    @rule(loan=LOANS)
    def pay(self, loan: str) -> None:
        name = f"C_{loan}"
        told = self.attempt("instruct", claim_no=name, by="checker")
        if told is None or name in self.net_paid:
            return
        amount = told.payout_fen  # type: ignore[attr-defined]
        assert self.attempt("pay", claim_no=name, receipt_no=f"P_{loan}", amount_fen=amount + 1) is None
        assert self.attempt("pay", claim_no=name, receipt_no=f"P_{loan}", amount_fen=amount) is not None
        self.cash -= amount
        self.net_paid[name] = amount
        del self.approved[name]
        self.committed[loan] = 0

    @rule(loan=LOANS)
    def decide_and_pay(self, loan: str) -> None:
        self.approve(loan=loan)
        self.pay(loan=loan)

    @rule(loan=LOANS)
    def withdraw(self, loan: str) -> None:
        if self.attempt("withdraw", claim_no=f"C_{loan}", by="officer") is not None:
            self.approved.pop(f"C_{loan}", None)

    @rule(loan=LOANS, gross=FEN, costs=st.integers(0, 1000))
    def recover(self, loan: str, gross: int, costs: int) -> None:
        self.number += 1
        told = self.attempt("recover", reference=loan, gross_fen=gross, costs_fen=min(costs, gross), receipt_no=f"r{self.number}")
        if told is not None:
            assert sum(told.values()) == gross - min(costs, gross)  # type: ignore[attr-defined]
            self.cash += told["fund"]  # type: ignore[index]
            self.net_paid[f"C_{loan}"] -= told["fund"]  # type: ignore[index]

    @rule(loan=LOANS)
    def write_off(self, loan: str) -> None:
        self.attempt("apply_write_off", claim_no=f"C_{loan}", by="maker", words=said())
        self.attempt("write_off", claim_no=f"C_{loan}", by="checker")

    @rule(loan=LOANS)
    def claw_back(self, loan: str) -> None:
        name = f"C_{loan}"
        if self.attempt("claw_back", claim_no=name, receipt_no=f"F_{loan}", by="fund", words=said("虚构")) is not None:
            self.cash += self.net_paid[name]
            self.net_paid[name] = 0

    @rule(verb=st.sampled_from(("pause", "propose_reopening", "reopen")), by=st.sampled_from(("maker", "checker")))
    def pause_or_reopen(self, verb: str, by: str) -> None:
        self.attempt(verb, POOL, by=by, words=said())
        moves = statements.pool_history(self.session, POOL) if statements.pools(self.session) else []
        for before, after in pairwise(moves):
            if after.state == "open" and before.state != "warn":
                assert (before.state, before.by != after.by) == ("reopening", True), "one proposes, another opens"

    @invariant()
    def the_book_is_sound(self) -> None:
        if not statements.pools(self.session):
            return
        assert statements.faults(self.session) == []
        now = ledger.balances(self.session, POOL)
        assert now["cash_fen"] == self.cash >= 0
        assert now["commitments_fen"] == sum(self.committed.values())
        assert now["approved_fen"] == sum(self.approved.values()) <= self.cash
        assert min(self.net_paid.values(), default=0) >= 0, "recoveries are never above what was paid"

    @invariant()
    def the_parts_of_each_loss_are_the_loss(self) -> None:
        loss, back = Entry.debit == Account.PARTY_LOSS, Entry.credit == Account.PARTY_LOSS
        query = select(Entry.loan, Entry.party, func.sum(Entry.amount_fen)).where(Entry.pool == POOL)
        borne = {
            (loan, party): int(fen) for loan, party, fen in self.session.execute(query.where(loss).group_by("loan", "party"))
        }
        got = {(loan, party): int(fen) for loan, party, fen in self.session.execute(query.where(back).group_by("loan", "party"))}
        for claim in self.session.scalars(select(Claim)):
            if claim.state not in PAID_STATES:
                assert all(loan != claim.loan for loan, _ in borne), "nobody bears a loss that was not paid"
                continue
            parts = {party: fen for (loan, party), fen in borne.items() if loan == claim.loan}
            clawed = sum(parts.values()) - claim.unpaid_principal_fen
            assert clawed == (0 if claim.state != "clawback" else clawed) >= 0
            assert claim.paid_fen <= claim.unpaid_principal_fen * 4 // 10 + 1 <= TERMS.caps.loan_fen
            assert all(got.get((claim.loan, party), 0) <= fen for party, fen in parts.items())

    def teardown(self) -> None:
        self.open_while.close()
