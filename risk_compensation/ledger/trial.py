"""The balances of a pool on any day, by the day things took effect and by the day they were written down.

Written in: domain §6.4.
Nothing here writes; money is fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from risk_compensation.ledger.accounts import ACCOUNTS, Account
from risk_compensation.tables import Entry, Journal


@dataclass(frozen=True, slots=True)
class Balance:
    """One account of the trial balance: what was debited and credited, and what stands on its own side."""

    account: Account
    debit_fen: int
    credit_fen: int

    @property
    def balance_fen(self) -> int:
        sign = 1 if ACCOUNTS[self.account].side == "debit" else -1
        return sign * (self.debit_fen - self.credit_fen)


def trial_balance(session: Session, pool: str, on: date, *, written_by: date | None = None) -> tuple[Balance, ...]:
    """Every account with what took effect up to and including that day; the debits add up to the credits.

    `written_by`: only what had been written down by then, so that a past report can be told again as it was.
    """
    totals: dict[Account, list[int]] = {account: [0, 0] for account in Account}
    # Added up by day first, though no day is asked for: in that order the entries stand in ix_pool_entries_trial, so the database
    # adds up as it reads, without sorting a row for every entry. What is left is a row for a day and pair of accounts.
    query = select(Entry.debit, Entry.credit, func.sum(Entry.amount_fen)).where(Entry.pool == pool, Entry.on <= on)
    if written_by is not None:
        written = func.coalesce(Journal.written_on, Journal.on)
        query = query.join(Journal, Journal.reference == Entry.reference).where(written <= written_by)
    for debit, credit, amount in session.execute(query.group_by(Entry.on, Entry.debit, Entry.credit)):
        totals[Account(debit)][0] += int(amount)
        totals[Account(credit)][1] += int(amount)
    return tuple(Balance(account, debit, credit) for account, (debit, credit) in totals.items())


def cash_on(session: Session, pool: str, until: date) -> int:
    """What stands in the special account at the end of a day, by the book."""
    found = {each.account: each.balance_fen for each in trial_balance(session, pool, until)}
    return found[Account.POOL_CASH]
