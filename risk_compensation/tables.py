"""How the pools are kept: a journal that only grows, one balance row per pool that guards the last money, and the files of loans
and claims whose every move is kept too.

`GUARDED` names the tables on which the database itself refuses UPDATE and DELETE (backend.kit.guards); `GUARDS` gives the same
statements per make of database, for a migration to execute.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kit.database import Base, Fen
from backend.kit.guards import append_only, statements

Serial = BigInteger().with_variant(Integer(), "sqlite")
LIVE = text("state IN ('proposed', 'confirmed')")


class Pool(Base):
    """One special account under one scheme, with its fund, its custody bank and, where the scheme has one, its guarantor (party
    codes; no guarantor: empty). `parties`: code of every other kind of party that the scheme names, except the bank.

    Every amount of the pool is in the minor unit of `currency` (ISO 4217): `_fen` says fen of a pool in CNY, cents of one in USD.
    """

    __tablename__ = "pools"
    __lock__ = "pool"
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(64), index=True)
    guarantor: Mapped[str] = mapped_column(String(64))
    fund: Mapped[str] = mapped_column(String(64))
    custodian: Mapped[str] = mapped_column(String(64))
    opened_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3), default="CNY", server_default="CNY")
    parties: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    def code_of(self, kind: str) -> str:
        """The code of the party of that kind; a bank differs from loan to loan."""
        return {"guarantor": self.guarantor, "fund": self.fund}.get(kind) or str(self.parties[kind])


class PoolMove(Base):
    """Why a pool, or one bank or guarantor in it (`party`), was opened, warned, paused, reopened: by whom, in whose words."""

    __tablename__ = "pool_moves"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    on: Mapped[date] = mapped_column("on_day")
    by: Mapped[str] = mapped_column("by_whom", String(80))
    words: Mapped[dict[str, Any]]
    party: Mapped[str | None] = mapped_column(String(64))


class PoolBalance(Base):
    """The four figures that decide whether there is still money, and the last day of the closed periods.

    Changed only by a conditional UPDATE: one that books an entry, or one that closes a period.
    """

    __tablename__ = "pool_balances"
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), primary_key=True)
    cash_fen: Mapped[int] = mapped_column(Fen, default=0)
    commitments_fen: Mapped[int] = mapped_column(Fen, default=0)
    reserved_fen: Mapped[int] = mapped_column(Fen, default=0)
    approved_fen: Mapped[int] = mapped_column(Fen, default=0)
    closed_until: Mapped[date | None]
    __table_args__ = (
        CheckConstraint("cash_fen >= 0 AND approved_fen >= 0 AND approved_fen <= cash_fen", name="cash"),
        CheckConstraint("commitments_fen >= 0 AND reserved_fen >= 0", name="promises"),
    )


class Journal(Base):
    """One event's booking. The reference is the idempotency key; `digest` says what was booked under it.

    `on` is the day it takes effect, `written_on` the business day it was written down (none: the same day).
    """

    __tablename__ = "pool_journal"
    reference: Mapped[str] = mapped_column(String(200), primary_key=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), index=True)
    on: Mapped[date] = mapped_column("effective_on", index=True)
    written_on: Mapped[date | None]
    digest: Mapped[str] = mapped_column(String(64))
    reverses: Mapped[str | None] = mapped_column(ForeignKey("pool_journal.reference"), unique=True)
    words: Mapped[dict[str, Any]]


class Entry(Base):
    """One movement: from the credited account to the debited one, a positive number of fen."""

    __tablename__ = "pool_entries"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    reference: Mapped[str] = mapped_column(ForeignKey("pool_journal.reference"), index=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"))
    debit: Mapped[str] = mapped_column(String(24))
    credit: Mapped[str] = mapped_column(String(24))
    amount_fen: Mapped[int] = mapped_column(Fen)
    reason: Mapped[str] = mapped_column(String(32))
    on: Mapped[date] = mapped_column("effective_on")
    party: Mapped[str | None] = mapped_column(String(64))
    loan: Mapped[str | None] = mapped_column(String(80), index=True)
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        Index("ix_pool_entries_trial", "pool", "effective_on", "debit", "credit", "amount_fen"),
    )


class Reservation(Base):
    """Headroom held between the firm's acceptance and the registration; `expires_on` is its last day."""

    __tablename__ = "pool_reservations"
    reference: Mapped[str] = mapped_column(String(80), primary_key=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), index=True)
    bank: Mapped[str] = mapped_column(String(64))
    guarantor: Mapped[str] = mapped_column(String(64))
    firm: Mapped[str] = mapped_column(String(64))
    amount_fen: Mapped[int] = mapped_column(Fen)
    held_fen: Mapped[int] = mapped_column(Fen)
    reserved_on: Mapped[date]
    expires_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16))


class Registration(Base):
    """A loan in a pool (入库). One loan stands in one pool only: the reference is unique over all of them.

    `mode` to `tags` are what the scheme's shares may depend on, as they were when it entered. Without a guarantor `guarantor` and
    `guarantee_no` are empty and `guaranteed_on` is the day it entered.
    """

    __tablename__ = "pool_registrations"
    __lock__ = "loan"
    reference: Mapped[str] = mapped_column(String(80), primary_key=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), index=True)
    bank: Mapped[str] = mapped_column(String(64))
    guarantor: Mapped[str] = mapped_column(String(64))
    firm: Mapped[str] = mapped_column(String(64), index=True)
    amount_fen: Mapped[int] = mapped_column(Fen)
    principal_fen: Mapped[int] = mapped_column(Fen)
    committed_fen: Mapped[int] = mapped_column(Fen)
    guarantee_no: Mapped[str] = mapped_column(String(80))
    guaranteed_on: Mapped[date]
    registered_on: Mapped[date]
    overdue_since: Mapped[date | None]
    policy_digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(24))
    mode: Mapped[str] = mapped_column(String(16), default="guarantee", server_default="guarantee")
    size: Mapped[str] = mapped_column(String(16), default="", server_default="")
    months: Mapped[int] = mapped_column(default=12, server_default="12")
    revenue_fen: Mapped[int | None] = mapped_column(Fen)
    tags: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class Claim(Base):
    """What the claimant asks of the pool for one loan, and what became of it. Money in fen.

    `parts`: kind of party -> what it bears of the loss, an estimate until approval fixes it; `payout_fen` is the pool's part
    of it, `aside_fen` what is set aside of that and not yet paid, `paid_fen` what has been paid: the rest waits for money.
    `counted_fen` is what the scheme's limits count of it.
    """

    __tablename__ = "pool_claims"
    claim_no: Mapped[str] = mapped_column(String(80), primary_key=True)
    loan: Mapped[str] = mapped_column(ForeignKey("pool_registrations.reference"), index=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), index=True)
    claimant: Mapped[str] = mapped_column(String(64))
    filed_by: Mapped[str] = mapped_column(String(80))
    filed_on: Mapped[date]
    guarantor_paid_fen: Mapped[int] = mapped_column(Fen)
    unpaid_principal_fen: Mapped[int] = mapped_column(Fen)
    unpaid_interest_fen: Mapped[int] = mapped_column(Fen, default=0, server_default="0")
    payout_fen: Mapped[int] = mapped_column(Fen)
    judgment_no: Mapped[str] = mapped_column(String(120))
    judged_on: Mapped[date | None]
    documents: Mapped[dict[str, Any]]
    checks: Mapped[list[Any]]
    maker: Mapped[str | None] = mapped_column(String(80))
    opinion: Mapped[str | None] = mapped_column(String(16))
    checker: Mapped[str | None] = mapped_column(String(80))
    deferred_until: Mapped[date | None]
    approved_on: Mapped[date | None]
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    counted_fen: Mapped[int] = mapped_column(Fen, default=0, server_default="0")
    aside_fen: Mapped[int] = mapped_column(Fen, default=0, server_default="0")
    instruction_no: Mapped[str | None] = mapped_column(String(100), unique=True)
    receipt_no: Mapped[str | None] = mapped_column(String(120), unique=True)
    paid_on: Mapped[date | None]
    paid_fen: Mapped[int] = mapped_column(Fen, default=0)
    state: Mapped[str] = mapped_column(String(24))


class Payout(Base):
    """One payment of the custody bank on a claim: all of it, or what money there was (its receipt is never used twice)."""

    __tablename__ = "pool_payouts"
    receipt_no: Mapped[str] = mapped_column(String(120), primary_key=True)
    claim_no: Mapped[str] = mapped_column(ForeignKey("pool_claims.claim_no"), index=True)
    no: Mapped[int]
    amount_fen: Mapped[int] = mapped_column(Fen)
    on: Mapped[date] = mapped_column("on_day")
    __table_args__ = (UniqueConstraint("claim_no", "no"),)


class LoanMove(Base):
    """Every move of a loan in the pool and of its claims: from, to, by whom, when, in whose words."""

    __tablename__ = "pool_loan_moves"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    loan: Mapped[str] = mapped_column(ForeignKey("pool_registrations.reference"), index=True)
    claim_no: Mapped[str | None] = mapped_column(String(80), index=True)
    move: Mapped[str] = mapped_column(String(24))
    was: Mapped[str] = mapped_column(String(24))
    became: Mapped[str] = mapped_column(String(24))
    on: Mapped[date] = mapped_column("on_day")
    by: Mapped[str] = mapped_column("by_whom", String(80))
    words: Mapped[dict[str, Any]]


class Closing(Base):
    """A closed period: nothing takes effect on or before `until` any more. `totals` is the trial balance of that day."""

    __tablename__ = "pool_closings"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"))
    until: Mapped[date] = mapped_column("until_day")
    closed_on: Mapped[date]
    by: Mapped[str] = mapped_column("by_whom", String(80))
    totals: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("pool", "until_day"),)


class Reconciliation(Base):
    """That the book was held against the custody bank's statement of a day (日终对账), by whom, and what differed."""

    __tablename__ = "pool_reconciliations"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), index=True)
    day: Mapped[date]
    done_on: Mapped[date]
    by: Mapped[str] = mapped_column("by_whom", String(80))
    statement_digest: Mapped[str] = mapped_column(String(64))
    lines: Mapped[int]
    differences: Mapped[list[Any]]


class Proposal(Base):
    """What one person says has moved, or shall move, in a pool, and what another decided about it (`proposals`).

    `body`: what was said; `result`: what booking it would do, and did; `party`: on whose behalf it was said. `reference`: the
    custody bank's receipt, or the year: it stands in one proposal only that is waiting or confirmed.
    """

    __tablename__ = "pool_proposals"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    pool: Mapped[str] = mapped_column(ForeignKey("pools.code"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(200))
    loan: Mapped[str | None] = mapped_column(String(80))
    body: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    party: Mapped[str] = mapped_column(String(64))
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_on: Mapped[date | None]
    words: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    __table_args__ = (
        Index("uq_pool_proposals_live", "reference", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by OR state = 'withdrawn'", name="two_persons"),
    )


GUARDED = (
    "pool_journal",
    "pool_entries",
    "pool_moves",
    "pool_loan_moves",
    "pool_payouts",
    "pool_closings",
    "pool_reconciliations",
)
GUARDS = {dialect: tuple(text for name in GUARDED for text in statements(name, dialect)) for dialect in ("sqlite", "postgresql")}
for _table in (Journal, Entry, PoolMove, LoanMove, Payout, Closing, Reconciliation):
    for _ddl in append_only(_table.__tablename__):
        event.listen(_table.__table__, "after_create", _ddl)
