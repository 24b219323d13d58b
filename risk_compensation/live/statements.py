"""What a pool can be asked: headroom, statement, trial balance, a party's part, reconciliation, and whether the book is sound.

Written in: domain §6.4. Nothing here writes; money is fen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kit.calendar import add_working_days
from backend.kit.policy import canonical
from backend.kit.rows import seen
from risk_compensation.ledger import Account, Balance, Reason, balances, cash_on, periods, pool_of, replay, trial_balance
from risk_compensation.live.awarding import loss_fen, terms_of
from risk_compensation.live.claims import PAID_STATES, State
from risk_compensation.live.standing import ratio
from risk_compensation.live.values import BookedEntry, FiledClaim, LoanStep, PoolBooking, PoolStep, PoolView
from risk_compensation.scheme import Kind, terms_still
from risk_compensation.scheme.entering import headroom_fen
from risk_compensation.scheme.stops import Ratio
from risk_compensation.tables import Claim, Entry, Journal, LoanMove, Payout, Pool, PoolMove, Registration, Reservation

__all__ = ["Balance", "cash_on", "trial_balance"]


@dataclass(frozen=True, slots=True)
class Headroom:
    """How much more the pool may take on: leverage x cash - commitments - live reservations, never below zero."""

    cash_fen: int
    commitments_fen: int
    reserved_fen: int
    available_fen: int
    state: str


def headroom(session: Session, pool: str | PoolView, on: date) -> Headroom:
    """On that day: reservations past their last day no longer count, booked as expired or not. Of a pool that was read already,
    or of the one with that code."""
    row = pool if isinstance(pool, PoolView) else pool_of(session, pool)
    now = balances(session, row.code)
    live = select(func.sum(Reservation.held_fen)).where(
        Reservation.pool == row.code, Reservation.state == "live", Reservation.expires_on >= on
    )
    reserved = int(session.scalar(live) or 0)
    free = max(0, headroom_fen(terms_still(row.scheme, on), now["cash_fen"], now["commitments_fen"] + reserved))
    return Headroom(now["cash_fen"], now["commitments_fen"], reserved, free, row.state)


@dataclass(frozen=True, slots=True)
class PoolStatement:
    """The special account between two days (both included): opening + movements by reason = closing."""

    pool: str
    since: date
    until: date
    opening_fen: int
    movements: tuple[tuple[str, int], ...]
    closing_fen: int


def pool_statement(session: Session, pool: str, since: date, until: date) -> PoolStatement:
    """What came into the special account and what left it, by reason; outflows are negative."""
    moved: dict[str, int] = defaultdict(int)
    query = select(Entry).where(Entry.pool == pool, Entry.on >= since, Entry.on <= until).order_by(Entry.id)
    for entry in session.scalars(query):
        if entry.debit == Account.POOL_CASH:
            moved[entry.reason] += entry.amount_fen
        elif entry.credit == Account.POOL_CASH:
            moved[entry.reason] -= entry.amount_fen
    opening = cash_on(session, pool, since - timedelta(days=1))
    return PoolStatement(pool, since, until, opening, tuple(moved.items()), opening + sum(moved.values()))


@dataclass(frozen=True, slots=True)
class PartyStatement:
    """What one party bore of the pool's losses and got back, up to a day; and what the pool paid it, and it the pool."""

    party: str
    contributed_fen: int
    borne_fen: int
    returned_fen: int
    net_borne_fen: int
    paid_by_pool_fen: int


def party_statement(session: Session, pool: str, party: str, on: date) -> PartyStatement:
    """`paid_by_pool_fen` counts claims, recovery shares and costs paid out to the party, less what was clawed back."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    query = select(Entry.debit, Entry.credit, func.sum(Entry.amount_fen)).where(
        Entry.pool == pool, Entry.party == party, Entry.on <= on
    )
    for debit, credit, amount in session.execute(query.group_by(Entry.debit, Entry.credit)):
        sums["debit", debit] += int(amount)
        sums["credit", credit] += int(amount)
    borne, back = sums["debit", Account.PARTY_LOSS], sums["credit", Account.PARTY_LOSS]
    capital = sums["credit", Account.CAPITAL] - sums["debit", Account.CAPITAL]
    paid = sums["credit", Account.POOL_CASH] - sums["debit", Account.POOL_CASH] + capital
    return PartyStatement(party, capital, borne, back, borne - back, paid)


def reconcile(session: Session, pool: str, custodian_balance_fen: int, on: date) -> int:
    """The custody bank's balance less ours at the end of that day; anything but zero needs an explanation (日终对账)."""
    return custodian_balance_fen - cash_on(session, pool, on)


def deadlines(session: Session, claim_no: str) -> tuple[date, date]:
    """Until when the fund reviews and decides a claim, in working days from its filing."""
    claim = session.get_one(Claim, claim_no)
    limits = terms_of(session, session.get_one(Registration, claim.loan)).deadlines
    return (
        add_working_days(claim.filed_on, limits.review_working_days),
        add_working_days(claim.filed_on, limits.decide_working_days),
    )


def certificate(session: Session, reference: str) -> bytes:
    """The pool-entry confirmation that the bank receives before the draw (入库确认), as canonical JSON."""
    loan = session.get_one(Registration, reference)
    pool = pool_of(session, loan.pool)
    return canonical(
        {
            "kind": "pool_registration",
            "reference": loan.reference,
            "pool": loan.pool,
            "scheme": pool.scheme,
            "terms_digest": loan.policy_digest,
            "bank": loan.bank,
            "guarantor": loan.guarantor,
            "guarantee_no": loan.guarantee_no,
            "amount_fen": loan.amount_fen,
            "registered_on": loan.registered_on,
        }
    )


def breaker(session: Session, pool: str | PoolView, on: date, *, bank: str | None = None, guarantor: str | None = None) -> Ratio:
    """The ratio of the scheme's first rule: for the pool, one bank in it, or a guarantor in all its pools under the scheme."""
    row = pool if isinstance(pool, PoolView) else pool_of(session, pool)
    party: tuple[Kind, str] = ("bank", bank) if bank else ("guarantor", guarantor) if guarantor else ("pool", "")
    return ratio(session, row, terms_still(row.scheme, on).breaker, on, *party)


def banks(session: Session, pool: str) -> list[str]:
    """The banks that have or had a loan in the pool."""
    query = select(Registration.bank).where(Registration.pool == pool).distinct()
    return list(session.scalars(query.order_by(Registration.bank)))


def pools(session: Session) -> list[PoolView]:
    """Every pool there is."""
    return [seen(PoolView, each) for each in session.scalars(select(Pool).order_by(Pool.code))]


def pool_for(session: Session, scheme: str, guarantor: str) -> PoolView | None:
    """The pool of one guarantor under a scheme."""
    found = session.scalar(select(Pool).where(Pool.scheme == scheme, Pool.guarantor == guarantor))
    return seen(PoolView, found) if found is not None else None


def pool_history(session: Session, pool: str) -> list[PoolStep]:
    """How the pool came to its state; what was decided about its banks and its guarantor is `party_history`."""
    own = PoolMove.pool == pool, PoolMove.party.is_(None)
    return [seen(PoolStep, each) for each in session.scalars(select(PoolMove).where(*own).order_by(PoolMove.id))]


def party_history(session: Session, pool: str, party: str) -> list[PoolStep]:
    """When a bank or the guarantor was warned, stopped, proposed to be taken again and taken again: by whom, in whose words."""
    own = PoolMove.pool == pool, PoolMove.party == party
    return [seen(PoolStep, each) for each in session.scalars(select(PoolMove).where(*own).order_by(PoolMove.id))]


def claims(session: Session, pool: str | None = None, *, states: frozenset[State] | None = None) -> list[FiledClaim]:
    """Claims, oldest first."""
    query = select(Claim).order_by(Claim.filed_on, Claim.claim_no)
    if pool is not None:
        query = query.where(Claim.pool == pool)
    if states is not None:
        query = query.where(Claim.state.in_(states))
    return [seen(FiledClaim, each) for each in session.scalars(query)]


def loan_history(session: Session, reference: str) -> list[LoanStep]:
    """Every move of a loan in the pool and of its claims."""
    found = session.scalars(select(LoanMove).where(LoanMove.loan == reference).order_by(LoanMove.id))
    return [seen(LoanStep, each) for each in found]


def journal(session: Session, pool: str, *, reference: str | None = None) -> list[tuple[PoolBooking, list[BookedEntry]]]:
    """The journal in the order it was written: each booking with its entries."""
    query = select(Entry, Journal).join(Journal, Journal.reference == Entry.reference).where(Entry.pool == pool)
    if reference is not None:
        query = query.where(Entry.reference == reference)
    grouped: dict[str, tuple[PoolBooking, list[BookedEntry]]] = {}
    for entry, booking in session.execute(query.order_by(Entry.id)):
        if entry.reference not in grouped:
            grouped[entry.reference] = seen(PoolBooking, booking), []
        grouped[entry.reference][1].append(seen(BookedEntry, entry))
    return list(grouped.values())


def entries_for(session: Session, pool: str, reason: Reason) -> list[BookedEntry]:
    """The entries of a pool that were made for that reason, in the order they were written."""
    query = select(Entry).where(Entry.pool == pool, Entry.reason == reason).order_by(Entry.id)
    return [seen(BookedEntry, each) for each in session.scalars(query)]


def entries_of_claim(session: Session, claim_no: str) -> list[BookedEntry]:
    """The entries booked under a claim's own references, in the order they were written."""
    query = select(Entry).where(Entry.reference.like(f"claim-%:{claim_no}%")).order_by(Entry.id)
    return [seen(BookedEntry, each) for each in session.scalars(query)]


def recovered_fen(session: Session, reference: str) -> dict[str, int]:
    """Party -> what recoveries have given back to it of a loan's loss."""
    query = select(Entry.party, func.sum(Entry.amount_fen)).where(Entry.loan == reference, Entry.reason == Reason.LOSS_RECOVERED)
    return {party: int(fen) for party, fen in session.execute(query.group_by(Entry.party)) if party is not None}


def faults(session: Session) -> list[str]:
    """What is wrong with the books: empty when they are sound. Each sentence names the pool and the figure."""
    found: list[str] = []
    for pool in pools(session):
        found += periods.faults(session, pool.code)
        kept, played = balances(session, pool.code), replay(session, pool.code)
        found += [
            f"{pool.code}: {name} is {kept[name]}, the journal says {played[name]}" for name in kept if kept[name] != played[name]
        ]
        found += [f"{pool.code}: {name} is negative ({kept[name]})" for name in kept if kept[name] < 0]
        trial = {each.account: each for each in trial_balance(session, pool.code, date.max)}
        if sum(each.debit_fen for each in trial.values()) != sum(each.credit_fen for each in trial.values()):
            found.append(f"{pool.code}: debits and credits differ")
        if trial[Account.RECOVERY_CLEARING].balance_fen:
            found.append(f"{pool.code}: {trial[Account.RECOVERY_CLEARING].balance_fen} fen of recoveries are not shared out")
        for account in (Account.RECEIVABLE, Account.PARTY_LOSS):
            if trial[account].balance_fen < 0:
                found.append(f"{pool.code}: more came back on {account} than was paid")
        committed = session.scalar(select(func.sum(Registration.committed_fen)).where(Registration.pool == pool.code)) or 0
        if committed != kept["commitments_fen"]:
            found.append(f"{pool.code}: the loans commit {committed} fen, the book says {kept['commitments_fen']}")
        found += _claim_faults(session, pool.code, kept["approved_fen"])
    return found


def _claim_faults(session: Session, pool: str, approved_fen: int) -> list[str]:
    """Where claims and book differ: what is set aside, what was paid, who bore what."""
    found: list[str] = []
    every = claims(session, pool)
    if sum(each.aside_fen for each in every) != approved_fen:
        found.append(f"{pool}: the approved claims do not add up to {approved_fen} fen")
    paid = dict(session.execute(select(Payout.claim_no, func.sum(Payout.amount_fen)).group_by(Payout.claim_no)).all())
    shared = select(Entry.loan, func.sum(Entry.amount_fen)).where(Entry.pool == pool, Entry.reason == Reason.LOSS_SHARED)
    borne = dict(session.execute(shared.group_by(Entry.loan)).all())
    for each in every:
        if each.paid_fen != int(paid.get(each.claim_no, 0)):
            found.append(
                f"{pool}: claim {each.claim_no}: paid {each.paid_fen} fen, the receipts say {paid.get(each.claim_no, 0)}"
            )
        if not 0 <= each.aside_fen <= each.payout_fen - each.paid_fen:
            found.append(f"{pool}: claim {each.claim_no}: {each.aside_fen} fen are set aside, {each.payout_fen} are due")
        if sum(each.parts.values()) != (loss := loss_fen(terms_of(session, session.get_one(Registration, each.loan)), each)):
            found.append(f"{pool}: claim {each.claim_no}: its parts do not add up to {loss} fen")
        if each.state in PAID_STATES and int(borne.get(each.loan, 0)) != loss:
            found.append(f"{pool}: claim {each.claim_no}: {borne.get(each.loan, 0)} fen are borne, {loss} were lost")
    return found
