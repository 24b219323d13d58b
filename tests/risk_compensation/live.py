"""A book of loans played through the live pool's own events, day by day, as `course.play` plays it in memory.

Who decides decides at once: a claim is filed, reviewed, approved, instructed and paid on the day on which it can be, and again
when money comes. What a rule stopped is taken again in a later year, if the rule lets it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend.kit.errors import Refused
from backend.kit.words import Words
from risk_compensation import live as events
from risk_compensation.ledger import Account, balances
from risk_compensation.live import CLAIM_LIVE, PAID_STATES, State, excess
from risk_compensation.play.course import ORDER, Step
from risk_compensation.scheme import BookLoan, Scheme, SchemeTerms, guarantor_owes
from risk_compensation.tables import Claim, Entry, Pool, Registration
from tests.risk_compensation.pools import after_all

POOL, BY = "live", Words("演练", "played")


@dataclass
class Played:
    """What came of it, in the words of `course.Done`."""

    net_fen: dict[str, int]
    waiting_fen: int
    cash_fen: int
    refused: tuple[str, ...]
    claims: int


@dataclass
class Live:
    """One pool, one scheme block, a book."""

    session: Session
    scheme: Scheme
    terms: SchemeTerms
    money_fen: int
    heap: list[tuple[date, int, int, Step, Any]] = field(default_factory=list)
    queue: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    frauds: set[str] = field(default_factory=set)
    number: Any = field(default_factory=count)

    def at(self, day: date, step: Step, what: Any) -> None:
        heapq.heappush(self.heap, (day, ORDER.index(step), next(self.number), step, what))

    def play(self, book: Sequence[BookLoan], until: date) -> Played:
        after_all(self.session)
        first = min((loan.drawn_on for loan in book), default=until)
        others = {kind: f"the_{kind}" for kind in self.terms.parties - {"bank", "fund", "guarantor"}}
        events.open_pool(
            self.session, code=POOL, scheme=self.scheme.code, fund="the_fund", custodian="custody", guarantor="the_guarantor",
            parties=others, on=first, currency=self.scheme.currency,
        )  # fmt: skip
        if self.money_fen:
            events.contribute(self.session, POOL, "the_fund", self.money_fen, "opening", first)
        for loan in book:
            self.at(loan.drawn_on, "entry", loan)
        for year in range(first.year, until.year + 1):
            self.at(date(year, 12, 31), "year_end", None)
        while self.heap and self.heap[0][0] <= until:
            day, _, _, step, what = heapq.heappop(self.heap)
            getattr(self, f"_{step}")(day, what)
        return self._outcome()

    # ---------------------------------------------------------------- what happens

    def _entry(self, day: date, loan: BookLoan) -> None:
        try:
            try:
                self._register(day, loan)
            except Refused as no:
                if not no.code.endswith("_paused") or not self._taken_again(day, loan):
                    raise
                self._register(day, loan)
        except Refused:
            self.refused.append(loan.reference)
            return
        events.activate(self.session, reference=loan.reference, on=day)
        if loan.overdue_since is None:
            self.at(loan.ends_on, "ends", loan)
            return
        self.at(loan.overdue_since, "overdue", loan)
        due = loan.claimable_on(self.terms.trigger)
        for on, step in ((due, "claim"), (loan.recovered_on, "recovery"), (loan.fraud_on, "fraud")):
            if on is not None:
                self.at(on, step, loan)  # type: ignore[arg-type]

    def _register(self, day: date, loan: BookLoan) -> None:
        described = events.Described(
            months=loan.months,
            mode=loan.mode,
            size=loan.size,
            industry=loan.industry,
            revenue_fen=loan.revenue_fen,
            tags=loan.tags,
        )
        behind = loan.mode == "guarantee" or self.terms.needs_guarantor(loan)
        checks = events.Checks(
            bank=loan.bank, guarantor="the_guarantor" if behind else "", firm=loan.firm or loan.reference,
            guarantee_no="DB" if behind else None, guaranteed_on=day if behind else None, loan=described,
        )  # fmt: skip
        events.register(self.session, POOL, reference=loan.reference, amount_fen=loan.amount_fen, on=day, checks=checks)

    def _taken_again(self, day: date, loan: BookLoan) -> bool:
        """What a rule stopped in an earlier year is proposed and decided anew."""
        from risk_compensation.live.breaker import last_move, state_of

        pool = self.session.get_one(Pool, POOL)
        for party in (None, loan.bank, "the_guarantor"):
            if state_of(self.session, pool, party) != "paused":
                continue
            stop = last_move(self.session, pool, party, "paused")
            if stop is None or stop.on.year == day.year:
                return False
            events.propose_reopening(self.session, POOL, by="maker", words=BY, on=day, party=party)
            events.reopen(self.session, POOL, by="checker", words=BY, on=day, party=party)
        return True

    def _ends(self, day: date, loan: BookLoan) -> None:
        events.release(self.session, reference=loan.reference, principal_fen=0, on=day)

    def _overdue(self, day: date, loan: BookLoan) -> None:
        events.overdue(self.session, reference=loan.reference, since=day, on=day)
        events.release(self.session, reference=loan.reference, principal_fen=loan.unpaid_principal_fen, on=day)

    def _claim(self, day: date, loan: BookLoan) -> None:
        if loan.fraud_on is not None and loan.fraud_on <= day:
            return
        early = loan.recovered_on is not None and loan.recovered_on <= day
        left = loan.unpaid_principal_fen - (loan.recovered_fen - loan.costs_fen if early else 0)
        if not left:
            return
        owed = guarantor_owes(self.terms, self.terms.shares_of(loan), left)
        paid_on = loan.guarantor_paid_on if loan.guarantor_paid_on and loan.guarantor_paid_on <= day else None
        events.file_claim(
            self.session, POOL, reference=loan.reference, claim_no=loan.reference, unpaid_principal_fen=left,
            documents={paper.code: "x" for paper in self.terms.documents.papers}, by="claimant", on=day,
            guarantor_paid_fen=owed if paid_on else 0, guarantor_paid_on=paid_on,
            judgment_no="J" if loan.judged_on else "", judged_on=loan.judged_on,
        )  # fmt: skip
        events.review(self.session, claim_no=loan.reference, by="maker", opinion="approve", on=day)
        self.queue.append(loan.reference)
        self._decide(day)

    def _decide(self, day: date) -> None:
        """Approve what waits for approval, first come first; pay whatever money is set aside for."""
        while self.queue:
            try:
                claim = events.approve(self.session, claim_no=self.queue[0], by="checker", on=day)
            except Refused as no:
                if no.code != "pool_cash_short":
                    raise
                break
            if claim.deferred_until is not None and claim.state == State.UNDER_REVIEW:
                self.at(claim.deferred_until, "money", claim.claim_no)
            self.queue.pop(0)
        self._pay(day)

    def _pay(self, day: date) -> None:
        due = select(Claim).where(Claim.state == State.APPROVED).order_by(Claim.approved_on, Claim.claim_no)
        for claim in self.session.scalars(due).all():
            if claim.aside_fen or claim.payout_fen == claim.paid_fen:
                amount = events.instruct(self.session, claim_no=claim.claim_no, by="checker", on=day).aside_fen
                receipt = f"R{next(self.number)}"
                events.pay(self.session, claim_no=claim.claim_no, receipt_no=receipt, amount_fen=amount, on=day)

    def _money(self, day: date, deferred: str) -> None:
        """The year to which a claim was put off has come; fraud found meanwhile ends it."""
        if deferred in self.frauds:
            events.reject(self.session, claim_no=deferred, by="checker", on=day, words=BY)
            return
        self.queue.append(deferred)
        self._decide(day)

    def _recovery(self, day: date, loan: BookLoan) -> None:
        claim = self.session.get(Claim, loan.reference)
        if claim is not None and claim.deferred_until is not None and claim.state == State.UNDER_REVIEW:
            left = claim.unpaid_principal_fen - loan.recovered_fen + loan.costs_fen
            events.principal_fell(self.session, claim_no=claim.claim_no, unpaid_principal_fen=left, on=day)
        if claim is None or claim.state not in PAID_STATES:
            return
        events.recover(
            self.session, reference=loan.reference, gross_fen=loan.recovered_fen, costs_fen=loan.costs_fen,
            receipt_no=f"B{next(self.number)}", on=day,
        )  # fmt: skip
        self._decide(day)

    def _fraud(self, day: date, loan: BookLoan) -> None:
        claim = self.session.get(Claim, loan.reference)
        self.frauds.add(loan.reference)
        if claim is not None and claim.state in PAID_STATES - {State.RECOVERED} and self.terms.claw_back is not None:
            events.claw_back(self.session, claim_no=claim.claim_no, receipt_no=f"F{claim.claim_no}", by="fund", on=day, words=BY)
            self._decide(day)

    def _year_end(self, day: date, _: None) -> None:
        if self.terms.money_short.rule == "pro_rata":
            events.settle_year(self.session, POOL, year=day.year, on=day)
            self._pay(day)
        if self.terms.excess is not None:
            due = excess.due_fen(self.session, POOL, day.year)
            if due:
                events.settle_excess(self.session, POOL, year=day.year, amount_fen=due, receipt_no=f"E{day.year}", on=day)

    # ---------------------------------------------------------------- what came of it

    def _outcome(self) -> Played:
        kinds = {"the_fund": "fund", "the_guarantor": "guarantor"}
        kinds |= {code: kind for kind, code in self.session.get_one(Pool, POOL).parties.items()}
        net: dict[str, int] = defaultdict(int)
        touched = or_(Entry.debit == Account.PARTY_LOSS, Entry.credit == Account.PARTY_LOSS)
        query = select(Entry.party, Entry.debit, func.sum(Entry.amount_fen)).where(touched).group_by(Entry.party, Entry.debit)
        for party, debit, fen in self.session.execute(query):
            net[kinds.get(str(party), "bank")] += int(fen) * (1 if debit == Account.PARTY_LOSS else -1)
        claims = list(self.session.scalars(select(Claim)))
        # What waits for approval is owed as well: the pool's estimate of it, and its other parts are not booked yet.
        unbooked = [each for each in claims if each.state == State.UNDER_REVIEW]
        for each in unbooked:
            for kind, fen in each.parts.items():
                net[kind] += 0 if kind in ("fund", "district_fund", "excess_fund") else int(fen)
        waits = sum(each.payout_fen - each.paid_fen for each in claims if each.state in CLAIM_LIVE)
        # Others than the pool bear their parts of an approved claim although nothing of it is paid yet.
        for each in claims:
            if each.state == State.APPROVED and not each.paid_fen:
                for kind, fen in each.parts.items():
                    net[kind] += 0 if kind in ("fund", "district_fund", "excess_fund") else int(fen)
        refused = {each.reference for each in self.session.scalars(select(Registration))}
        assert not refused & set(self.refused)
        return Played(
            net_fen={kind: fen for kind, fen in net.items() if fen},
            waiting_fen=waits,
            cash_fen=balances(self.session, POOL)["cash_fen"],
            refused=tuple(self.refused),
            claims=len(claims),
        )
