"""The ratios that stop rules look at, read from the live book: a part, a whole, over how many loans.

Written in: domain §6.3 (ratios to be defined explicitly), §6.1 (what each published rule divides by what). The pure form, for
a book played in memory, is `play.tallies.Tally`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from backend.kit.words import Words
from backend.vocabulary import figures
from risk_compensation.ledger import Account, Reason
from risk_compensation.live.claims import CLAIM_LIVE, State
from risk_compensation.live.figures import ON_BALANCE
from risk_compensation.scheme import Breaker
from risk_compensation.scheme.stops import RatioName, months_before
from risk_compensation.tables import Entry, Pool, Registration

Kind = Literal["pool", "bank", "guarantor"]
RATIO_WORDS: dict[str, Words] = {code: figures.TITLES[code] for code in get_args(RatioName)}
FAILED = frozenset({State.OVERDUE, State.CLAIMABLE}) | CLAIM_LIVE


@dataclass(frozen=True, slots=True)
class Ratio:
    """A part of a whole in fen, in basis points, and over how many loans."""

    part_fen: int
    whole_fen: int
    loans: int

    @property
    def bp(self) -> int:
        return self.part_fen * 10_000 // self.whole_fen if self.whole_fen else 0


def ratio_of(session: Session, pool: Pool, rule: Breaker, on: date, kind: Kind = "pool", party: str | None = None) -> Ratio:
    """What the rule divides by what on that day: for the pool, a bank in it, or a guarantor in all its pools under the scheme."""
    return _Read(session, pool, rule, on, kind, party).ratio()


class _Read:
    """One look at one rule."""

    def __init__(self, session: Session, pool: Pool, rule: Breaker, on: date, kind: Kind, party: str | None) -> None:
        self.session, self.pool, self.rule, self.on = session, pool, rule, on
        self.since = date(on.year - 1, 12, 31) if rule.calendar_year else months_before(on, rule.window_months)
        self.bank = party if kind == "bank" else None
        self.pools: Collection[str] = [pool.code]
        if kind == "guarantor":
            self.pools = list(session.scalars(select(Pool.code).where(Pool.scheme == pool.scheme, Pool.guarantor == party)))

    def ratio(self) -> Ratio:
        if self.rule.ratio == "overdue_over_balance":
            balance, loans = self.principal(ON_BALANCE)
            return Ratio(self.principal(FAILED)[0], balance, loans)
        if self.rule.ratio == "paid_over_premium":
            insurer = self.pool.parties.get("insurer", "")
            paid = self.booked(Entry.reason == Reason.LOSS_SHARED, Entry.party == insurer)
            return Ratio(paid, self.booked(Entry.reason == Reason.PREMIUM), self.entered()[1])
        if self.rule.ratio == "paid_over_money":
            self.since = date.min
            money = select(func.sum(Entry.amount_fen)).where(Entry.pool.in_(self.pools), Entry.reason == Reason.CONTRIBUTION)
            return Ratio(self.net_paid(), int(self.session.scalar(money.where(Entry.on <= self.on)) or 0), self.entered()[1])
        whole, loans = self.entered()
        if self.rule.ratio == "compensated_over_entered":
            return Ratio(self.booked(Entry.reason == Reason.LOSS_SHARED), whole, loans)
        return Ratio(self.net_paid(), whole, loans)

    def net_paid(self) -> int:
        """What the pool paid on claims, less what came back to it."""
        returned = (Reason.RECOVERY_TO_FUND, Reason.CLAWED_BACK)
        owned = (Account.RECEIVABLE, Account.WRITE_OFF)
        paid = self.booked(Entry.reason == Reason.CLAIM_PAID, Entry.debit == Account.RECEIVABLE)
        return max(0, paid - self.booked(Entry.reason.in_(returned), Entry.credit.in_(owned)))

    def booked(self, *where: ColumnElement[bool]) -> int:
        query = select(func.sum(Entry.amount_fen)).join(Registration, Registration.reference == Entry.loan)
        query = query.where(Entry.pool.in_(self.pools), Entry.on > self.since, Entry.on <= self.on, *where)
        return int(self.session.scalar(self._of_bank(query)) or 0)

    def entered(self) -> tuple[int, int]:
        """Principal that entered in the window, and how many loans."""
        query = select(func.sum(Registration.amount_fen), func.count(Registration.reference))
        window = Registration.registered_on > self.since, Registration.registered_on <= self.on
        principal, loans = self.session.execute(self._of_bank(query.where(Registration.pool.in_(self.pools), *window))).one()
        return int(principal or 0), int(loans)

    def principal(self, states: Collection[State]) -> tuple[int, int]:
        """Principal of the loans in these states, and how many they are."""
        query = select(func.sum(Registration.principal_fen), func.count(Registration.reference))
        where = Registration.pool.in_(self.pools), Registration.state.in_(states)
        principal, loans = self.session.execute(self._of_bank(query.where(*where))).one()
        return int(principal or 0), int(loans)

    def _of_bank(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        return query if self.bank is None else query.where(Registration.bank == self.bank)
