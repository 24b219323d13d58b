"""How a live pool stands, read from the database: what `play.counters` counts as a played book goes by.

Written in: domain §6.1 (caps, quotas, fees, what each rule divides), §6.3-§6.4. Fen. Whoever decides by it holds the pool.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, extract, func, select
from sqlalchemy.orm import Session

from risk_compensation.ledger import Account, Reason, balances
from risk_compensation.live.claims import CLAIM_LIVE, PAID_STATES, State
from risk_compensation.live.values import PoolView, RegisteredLoan
from risk_compensation.scheme import Breaker, Kind, Names, Parties
from risk_compensation.scheme.stops import Ratio, ratio_of, since
from risk_compensation.tables import Claim, Entry, Pool, Registration

# A claim counts from its approval on; a loan is part of its bank's balance until it is repaid or paid out.
STANDING = frozenset({State.APPROVED, State.INSTRUCTED}) | PAID_STATES
ON_BALANCE = (
    frozenset({State.REGISTERED, State.ACTIVE, State.OVERDUE, State.CLAIMABLE, State.REJECTED, State.WITHDRAWN}) | CLAIM_LIVE
)
FAILED = frozenset({State.OVERDUE, State.CLAIMABLE}) | CLAIM_LIVE


def names_of(loan: Registration | RegisteredLoan) -> Names:
    """Under which names a registered loan counts."""
    return Names(loan.reference, loan.firm, loan.bank, loan.guarantor)


def looked_at(bank: str, guarantor: str) -> Parties:
    """Whose figures a loan counts in. The pool comes first: what stops all of it says nothing of one bank in it."""
    behind: Parties = (("guarantor", guarantor),) if guarantor else ()
    return ("pool", ""), ("bank", bank), *behind


def free_cash(session: Session, pool: str) -> int:
    """The pool's cash that is not set aside for a claim yet."""
    now = balances(session, pool)
    return now["cash_fen"] - now["approved_fen"]


def ratio(session: Session, pool: Pool | PoolView, rule: Breaker, on: date, kind: Kind = "pool", code: str = "") -> Ratio:
    """What the rule divides by what on that day: for the pool, a bank in it, or a guarantor in all its pools under the scheme."""
    return ratio_of(rule, LiveWindow(session, pool, rule, kind, code, on))


class LiveStanding:
    """One pool (`scheme.standing.Standing`). Each answer is one or two statements, asked only when a rule asks."""

    def __init__(self, session: Session, pool: Pool | PoolView) -> None:
        self.session, self.pool = session, pool

    def firm_fen(self, firm: str) -> int:
        """In all pools together."""
        query = select(func.sum(Registration.principal_fen)).where(Registration.firm == firm)
        return self._sum(query.where(Registration.state != State.RELEASED))

    def at_another_bank(self, firm: str, bank: str, year: int) -> bool:
        entered = Registration.registered_on >= date(year, 1, 1), Registration.registered_on <= date(year, 12, 31)
        loans = select(Registration.reference).where(Registration.pool == self.pool.code, Registration.firm == firm, *entered)
        return self.session.scalar(loans.where(Registration.bank != bank).limit(1)) is not None

    def bank_balance_fen(self, bank: str) -> int:
        query = select(func.sum(Registration.principal_fen)).where(Registration.pool == self.pool.code, Registration.bank == bank)
        return self._sum(query.where(Registration.state.in_(ON_BALANCE)))

    def bank_balance_at_end_of(self, year: int, bank: str) -> int | None:
        """Read from commitments, which must count principal."""
        end = date(year, 12, 31)
        came = select(Registration.reference).where(Registration.pool == self.pool.code, Registration.bank == bank)
        if self.session.scalar(came.where(Registration.registered_on <= end).limit(1)) is None:
            return None
        query = select(func.sum(Entry.amount_fen)).join(Registration, Registration.reference == Entry.loan)
        query = query.where(Entry.pool == self.pool.code, Registration.bank == bank, Entry.on <= end)
        promised = self._sum(query.where(Entry.credit == Account.COMMITMENTS))
        return promised - self._sum(query.where(Entry.debit == Account.COMMITMENTS))

    def quota_fen(self, bank: str) -> int:
        return self._held(Account.QUOTA, bank)

    def collected_fen(self, party: str) -> int:
        return self._held(Account.COLLECTED, self.pool.code_of(party))

    def counted_fen(
        self,
        *,
        year: int | None = None,
        loan: str | None = None,
        firm: str | None = None,
        bank: str | None = None,
        guarantor: str | None = None,
    ) -> int:
        query = select(func.sum(Claim.counted_fen)).join(Registration, Registration.reference == Claim.loan)
        query = query.where(Claim.pool == self.pool.code, Claim.state.in_(STANDING))
        if year is not None:
            query = query.where(extract("year", Claim.approved_on) == year)
        asked = (Claim.loan, loan), (Registration.firm, firm), (Registration.bank, bank), (Registration.guarantor, guarantor)
        return self._sum(query.where(*(column == name for column, name in asked if name is not None)))

    def entered_fen(self) -> int:
        return self._sum(select(func.sum(Registration.amount_fen)).where(Registration.pool == self.pool.code))

    def fees_fen(self) -> int:
        return self._booked(Entry.reason == Reason.FEE)

    def borne_fen(self, party: str, year: int) -> int:
        code, days = self.pool.code_of(party), _within(Entry.on, year)
        paid = select(Claim.loan).where(Claim.pool == self.pool.code, *_within(Claim.paid_on, year))
        bore = self._booked(Entry.party == code, Entry.reason == Reason.LOSS_SHARED, *days)
        back = Entry.party == code, Entry.reason == Reason.LOSS_RECOVERED, Entry.loan.in_(paid)
        return bore - self._booked(*back, *days)

    def premiums_of_year_fen(self, party: str, year: int) -> int:
        code = self.pool.code_of(party)
        return self._booked(Entry.reason == Reason.PREMIUM, Entry.party == code, *_within(Entry.on, year))

    def taken_over_fen(self, year: int) -> int:
        return self._booked(Entry.reference == excess_reference(self.pool.code, year), Entry.reason == Reason.EXCESS_PAID)

    def free_fen(self) -> int:
        return free_cash(self.session, self.pool.code)

    def window(self, rule: Breaker, kind: Kind, code: str, on: date) -> LiveWindow:
        return LiveWindow(self.session, self.pool, rule, kind, code, on)

    def _held(self, account: Account, party: str) -> int:
        """What a memorandum account that grows by debit holds for a party."""
        mine = Entry.party == party
        return self._booked(mine, Entry.debit == account) - self._booked(mine, Entry.credit == account)

    def _booked(self, *where: ColumnElement[bool]) -> int:
        return self._sum(select(func.sum(Entry.amount_fen)).where(Entry.pool == self.pool.code, *where))

    def _sum(self, query: Select[Any]) -> int:
        return int(self.session.scalar(query) or 0)


class LiveWindow:
    """One look of one stop rule (`scheme.standing.Window`)."""

    def __init__(self, session: Session, pool: Pool | PoolView, rule: Breaker, kind: Kind, code: str, on: date) -> None:
        self.session, self.pool, self.on, self.since = session, pool, on, since(rule, on)
        self.bank = code if kind == "bank" else None
        self.pools: Collection[str] = [pool.code]
        if kind == "guarantor":
            self.pools = list(session.scalars(select(Pool.code).where(Pool.scheme == pool.scheme, Pool.guarantor == code)))

    def net_paid_fen(self) -> int:
        returned = (Reason.RECOVERY_TO_FUND, Reason.CLAWED_BACK)
        owned = (Account.RECEIVABLE, Account.WRITE_OFF)
        paid = self._booked(Entry.reason == Reason.CLAIM_PAID, Entry.debit == Account.RECEIVABLE)
        return paid - self._booked(Entry.reason.in_(returned), Entry.credit.in_(owned))

    def compensated_fen(self) -> int:
        return self._booked(Entry.reason == Reason.LOSS_SHARED)

    def insured_fen(self) -> int:
        return self._booked(Entry.reason == Reason.LOSS_SHARED, Entry.party == self.pool.parties.get("insurer", ""))

    def premiums_fen(self) -> int:
        return self._booked(Entry.reason == Reason.PREMIUM)

    def money_in_fen(self) -> int:
        money = select(func.sum(Entry.amount_fen)).where(Entry.pool.in_(self.pools), Entry.reason == Reason.CONTRIBUTION)
        return int(self.session.scalar(money.where(Entry.on <= self.on)) or 0)

    def entered(self) -> tuple[int, int]:
        return self._loans(Registration.registered_on > self.since, Registration.registered_on <= self.on)

    def balance(self) -> tuple[int, int]:
        return self._loans(Registration.state.in_(ON_BALANCE), of=Registration.principal_fen)

    def overdue_fen(self) -> int:
        return self._loans(Registration.state.in_(FAILED), of=Registration.principal_fen)[0]

    def _booked(self, *where: ColumnElement[bool]) -> int:
        query = select(func.sum(Entry.amount_fen)).join(Registration, Registration.reference == Entry.loan)
        query = query.where(Entry.pool.in_(self.pools), Entry.on > self.since, Entry.on <= self.on, *where)
        return int(self.session.scalar(self._of_bank(query)) or 0)

    def _loans(self, *where: ColumnElement[bool], of: Any = Registration.amount_fen) -> tuple[int, int]:
        query = select(func.sum(of), func.count(Registration.reference)).where(Registration.pool.in_(self.pools), *where)
        fen, loans = self.session.execute(self._of_bank(query)).one()
        return int(fen or 0), int(loans)

    def _of_bank(self, query: Select[Any]) -> Select[Any]:
        return query if self.bank is None else query.where(Registration.bank == self.bank)


def excess_reference(pool: str, year: int) -> str:
    """Under which reference a year's excess stands in the journal."""
    return f"excess:{pool}:{year}"


def _within(column: Any, year: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= date(year, 1, 1), column <= date(year, 12, 31)
