"""Any order of events, lawful or not, on a small pool under any shape of scheme: hypothesis throws them, plain dicts keep score.

Held after every step: debits equal credits; nothing is negative; no payment is above its caps; the parts of a loss are the loss;
the balances are what a replay of the journal gives; and every figure is what the dicts say.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from backend.kit.database import Database
from backend.kit.errors import Answer, Refused
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.ledger import Account, locked_pool, periods
from risk_compensation.live import PAID_STATES, excess, statements
from risk_compensation.live.reservations import lapse
from risk_compensation.scheme import PUBLIC, most_public_fen, terms_on
from risk_compensation.tables import Claim, Entry, Registration, Reservation
from tests.risk_compensation.pools import BANK, CUSTODIAN, FUND, GUARANTOR, POOL, WAN, after_all, said

DAY = date(2026, 3, 2)
LOANS = st.sampled_from(["a", "b", "c", "d", "e"])
FEN = st.integers(1, 3 * WAN)
# Each shape once: who claims, in which order money runs out, waterfall, quota, excess of loss, limits, a rule that defers.
SCHEMES = (
    "ningbo_442",
    "shenzhen_pool",
    "chongqing_commercial_value",
    "chongqing_hightech_2024",
    "chongqing_knowledge_value",
    "guangzhou_bank_2025",
    "pingshan_2026",
    "taizhou_guarantee_fund",
    "weidantong",
    "yunnan_small_loan_insurance",
    "zhongshan_ip",
)


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
        self.excess: dict[int, int] = {}
        self.net_paid: dict[str, int] = {}
        self.closed: date | None = None

    @initialize(cash=st.integers(1, 2 * WAN), scheme=st.sampled_from(SCHEMES))
    def opened(self, cash: int, scheme: str) -> None:
        after_all(self.session)
        self.terms = terms_on(scheme, DAY)
        self.loan = events.Described(
            mode=self.terms.scope.modes[0] if self.terms.scope.modes else "loan", size="small", industry="C34", tags=("ip",)
        )
        self.guarantor = GUARANTOR if self.terms.needs_guarantor(self.loan) else ""
        self.papers = {paper.code: paper.code for paper in self.terms.documents.papers}
        others = {kind: f"the_{kind}" for kind in self.terms.parties - {"bank", "fund", "guarantor"}}
        events.open_pool(
            self.session,
            code=POOL,
            scheme=scheme,
            guarantor=self.guarantor,
            fund=FUND,
            custodian=CUSTODIAN,
            parties=others,
            on=DAY,
        )
        events.contribute(self.session, POOL, FUND, cash, f"receipt-{POOL}-1", DAY)
        self.cash, self.receipts = cash, {f"receipt-{POOL}-1": cash}

    def set_aside(self) -> int:
        """By the claims, not by the book."""
        return sum(each.aside_fen for each in self.session.scalars(select(Claim)))

    def attempt(self, name: str, *args: object, **words: object) -> object | None:
        """Do it twice; the second time must not change the book. A lawful no is an answer like any other."""
        type(self).steps += 1
        self.day += timedelta(days=1)
        answer: object | None = None
        locked_pool(self.session, POOL)
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
        if self.cash - self.receipts[name] < self.set_aside():
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
        parties = {"bank": BANK, "guarantor": self.guarantor, "firm": loan, "loan": self.loan}
        known = self.session.get(Reservation, f"app_{loan}") is not None
        told = self.attempt("reserve", POOL, reference=f"app_{loan}", amount_fen=amount, expires_on=until, **parties)
        if told is not None and not known:
            self.within_leverage()

    @rule(loan=LOANS, amount=FEN)
    def register(self, loan: str, amount: int) -> None:
        known = loan in self.committed
        behind = {"guarantee_no": "DB", "guaranteed_on": DAY} if self.guarantor else {"guarantee_no": None, "guaranteed_on": None}
        looked_at = events.Checks(bank=BANK, guarantor=self.guarantor, firm=loan, loan=self.loan, **behind)  # type: ignore[arg-type]
        told = self.attempt("register", POOL, reference=loan, amount_fen=amount, checks=looked_at, reservation=f"app_{loan}")
        if told is not None and not known:
            self.committed[loan] = self.promised(amount, amount)
            self.within_leverage()

    def within_leverage(self) -> None:
        """Right after something entered: what is promised stays within leverage times cash."""
        now = ledger.balances(self.session, POOL)
        assert now["commitments_fen"] + now["reserved_fen"] <= now["cash_fen"] * self.terms.leverage.times_bp // 10_000

    def promised(self, amount: int, principal: int) -> int:
        return self.terms.commitment_fen(replace(self.loan, amount_fen=amount), principal)

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
            assert row.committed_fen in (self.committed[loan], self.promised(row.amount_fen, left))
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
        trigger = self.terms.trigger
        self.day += timedelta(days=max(trigger.days_past_due or 0, 92 if trigger.loan_class else 0, 1) + trigger.wait_days)
        self.claim(loan=loan, loss=min(loss, amount))

    @rule(loan=LOANS, loss=FEN)
    def claim(self, loan: str, loss: int) -> None:
        papers = {"judgment_no": "J", "judged_on": self.day, "documents": self.papers, "by": "officer"}
        paid = {"guarantor_paid_fen": loss, "guarantor_paid_on": self.day, "unpaid_principal_fen": loss}
        self.attempt("file_claim", POOL, reference=loan, claim_no=f"C_{loan}", **paid, **papers)

    @rule(loan=LOANS, left=st.integers(1, 3 * WAN))
    def principal_fell(self, loan: str, left: int) -> None:
        self.attempt("principal_fell", claim_no=f"C_{loan}", unpaid_principal_fen=left)

    @rule(loan=LOANS)
    def approve(self, loan: str) -> None:
        name = f"C_{loan}"
        self.attempt("review", claim_no=name, by="maker", opinion="approve")
        self.attempt("approve", claim_no=name, by="checker")

    @rule(loan=LOANS)
    def pay(self, loan: str) -> None:
        name = f"C_{loan}"
        told = self.attempt("instruct", claim_no=name, by="checker")
        if told is None or told.state in PAID_STATES:  # type: ignore[attr-defined]
            return
        amount = told.aside_fen  # type: ignore[attr-defined]
        self.number += 1
        receipt = f"P_{loan}_{self.number}"
        assert self.attempt("pay", claim_no=name, receipt_no=receipt, amount_fen=amount + 1) is None
        paid = self.attempt("pay", claim_no=name, receipt_no=receipt, amount_fen=amount)
        assert paid is not None
        self.cash -= amount
        self.net_paid[name] = self.net_paid.get(name, 0) + amount
        if paid.state == "paid":  # type: ignore[attr-defined]
            self.committed[loan] = 0

    @rule(loan=LOANS)
    def decide_and_pay(self, loan: str) -> None:
        self.approve(loan=loan)
        self.pay(loan=loan)

    @rule(loan=LOANS, amount=FEN, loss=FEN, instalments=st.integers(1, 2))
    def go_bad_and_be_paid(self, loan: str, amount: int, loss: int, instalments: int) -> None:
        """Most lives end early when every step is drawn by itself; this one is led to its payment, as far as it is lawful."""
        self.go_bad(loan=loan, amount=amount, loss=loss)
        for _ in range(instalments):
            self.decide_and_pay(loan=loan)

    @rule(loan=LOANS)
    def withdraw(self, loan: str) -> None:
        self.attempt("withdraw", claim_no=f"C_{loan}", by="officer")

    @rule(loan=LOANS)
    def reject(self, loan: str) -> None:
        self.attempt("reject", claim_no=f"C_{loan}", by="checker", words=said())

    @rule()
    def settle_year(self) -> None:
        """Only where claims of a year are paid in one proportion; the last year that is over."""
        self.attempt("settle_year", POOL, year=self.day.year - 1)

    @rule()
    def settle_excess(self) -> None:
        year = self.day.year - 1
        if self.terms.excess is None or year in self.excess:
            return
        due = excess.due_fen(self.session, POOL, year)
        assert self.attempt("settle_excess", POOL, year=year, amount_fen=due + 1, receipt_no="E") is None
        assert self.attempt("settle_excess", POOL, year=year, amount_fen=due, receipt_no="E") is not None
        self.cash -= due
        self.excess[year] = due

    def paid_one(self, loan: str) -> str:
        """One of the loans on which something was paid, if there is any: what follows a payment is worth little elsewhere."""
        paid = sorted(name.removeprefix("C_") for name in self.net_paid)
        return paid[ord(loan) % len(paid)] if paid else loan

    @rule(loan=LOANS, part=st.integers(1, 110), costs=st.integers(0, 1000))
    def recover(self, loan: str, part: int, costs: int) -> None:
        self.number += 1
        loan = self.paid_one(loan)
        claim = self.session.get(Claim, f"C_{loan}")
        gross = max(1, claim.unpaid_principal_fen * part // 100) if claim is not None else part
        told = self.attempt("recover", reference=loan, gross_fen=gross, costs_fen=min(costs, gross), receipt_no=f"r{self.number}")
        if told is not None:
            assert sum(told.values()) == gross - min(costs, gross)  # type: ignore[attr-defined]
            back = {kind: fen for kind, fen in told.items() if kind in PUBLIC}  # type: ignore[attr-defined]
            self.cash += sum(back.values())
            self.net_paid[f"C_{loan}"] -= sum(fen for kind, fen in back.items() if kind != "excess_fund")

    @rule(loan=LOANS)
    def write_off(self, loan: str) -> None:
        loan = self.paid_one(loan)
        self.attempt("apply_write_off", claim_no=f"C_{loan}", by="maker", words=said())
        self.attempt("write_off", claim_no=f"C_{loan}", by="checker")

    @rule(loan=LOANS)
    def claw_back(self, loan: str) -> None:
        loan = self.paid_one(loan)
        name = f"C_{loan}"
        if self.attempt("claw_back", claim_no=name, receipt_no=f"F_{loan}", by="fund", words=said("虚构")) is not None:
            self.cash += self.net_paid[name]
            self.net_paid[name] = 0

    @rule(
        verb=st.sampled_from(("pause", "propose_reopening", "propose_reopening", "reopen", "reopen")),
        by=st.sampled_from(("maker", "checker")),
    )
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
        assert now["approved_fen"] == self.set_aside() <= self.cash
        assert min(self.net_paid.values(), default=0) >= 0, "recoveries are never above what was paid"

    @invariant()
    def the_parts_of_each_loss_are_the_loss(self) -> None:
        loss, back = Entry.debit == Account.PARTY_LOSS, Entry.credit == Account.PARTY_LOSS
        query = select(Entry.loan, Entry.party, func.sum(Entry.amount_fen)).where(Entry.pool == POOL, Entry.loan.is_not(None))
        borne, got = (
            {(loan, party): int(fen) for loan, party, fen in self.session.execute(query.where(side).group_by("loan", "party"))}
            for side in (loss, back)
        )
        for claim in self.session.scalars(select(Claim)):
            parts = {party: fen for (loan, party), fen in borne.items() if loan == claim.loan}
            if claim.state not in PAID_STATES:
                assert not parts or claim.paid_fen, "nobody bears a loss of which nothing was paid"
                assert sum(parts.values()) <= sum(claim.parts.values())
                continue
            clawed = sum(parts.values()) - claim.unpaid_principal_fen
            assert clawed == (0 if claim.state != "clawback" else clawed) >= 0
            row = self.session.get_one(Registration, claim.loan)
            most = most_public_fen(self.terms, row, claim.unpaid_principal_fen)
            assert claim.paid_fen == claim.payout_fen <= most <= self.terms.caps.loan_fen
            # What the cover of an excess gets of a loan is taken off what its insurer bore of it.
            of = {"the_excess_fund": "the_insurer"}
            returned = [(of.get(str(party), str(party)), fen) for (loan, party), fen in got.items() if loan == claim.loan]
            for party in {party for party, _ in returned}:
                assert sum(fen for name, fen in returned if name == party) <= parts.get(party, 0)

    def teardown(self) -> None:
        self.open_while.close()
