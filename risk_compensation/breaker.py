"""When a pool, a bank or a guarantor brings no new loans. Written in: domain §6.3 (states of the pool; breakers of bank and
guarantor as well; ratios to be defined explicitly).

OPEN -> WARN -> PAUSED (nothing new; old claims are still paid) -> OPEN by the authority's decision (`stopping`). The rules and
their lines are the scheme's (`breaker`, `stops`); each is looked at when a loan enters, not at month end. The ratio is net paid
over principal entered in the rule's window (广州 form [V]): of the pool; of the bank in this pool; of the guarantor in all its
pools under the scheme. State and reason of each stand in `PoolMove`; its last row is what holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.kit.errors import Refused
from backend.kit.rates import percent
from backend.kit.words import Words
from risk_compensation.accounts import Account
from risk_compensation.ledger import pool_of
from risk_compensation.reasons import Reason
from risk_compensation.scheme import SchemeTerms
from risk_compensation.scheme_parts import Breaker
from risk_compensation.tables import Entry, Pool, PoolMove, Registration
from risk_compensation.tallies import months_before

Kind = Literal["pool", "bank", "guarantor"]
REOPENING = "reopening"  # a proposal to reopen: what is paused stays paused until somebody else decides
RULE = "breaker"  # who stopped it, when a rule did
WHO = {
    "pool": Words("资金池", "the pool"),
    "bank": Words("该银行", "this bank"),
    "guarantor": Words("该担保机构", "this guarantor"),
}
_RANK = {"open": 0, "warn": 1, "paused": 2}


@dataclass(frozen=True, slots=True)
class Ratio:
    """Net paid over principal entered in the scheme's window, in fen and basis points, and over how many loans."""

    net_paid_fen: int
    entered_fen: int
    loans: int

    @property
    def bp(self) -> int:
        return self.net_paid_fen * 10_000 // self.entered_fen if self.entered_fen else 0


def locked_pool(session: Session, code: str) -> Pool:
    """The pool, held until the transaction ends: caps and breaker are judged one registration at a time."""
    query = select(Pool).where(Pool.code == code).with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    return found if found is not None else pool_of(session, code)


def kind_of(pool: Pool, party: str | None) -> Kind:
    """What a party's code stands for in a pool; none: the pool itself."""
    return "pool" if party is None else "guarantor" if party == pool.guarantor else "bank"


def last_move(session: Session, pool: Pool, party: str | None, state: str | None = None) -> PoolMove | None:
    """What was last decided about the pool, or about a bank or guarantor in it (a guarantor: in any of its pools).

    `state`: the last that was of this kind.
    """
    query = select(PoolMove).order_by(PoolMove.id.desc()).limit(1)
    if state is not None:
        query = query.where(PoolMove.state == state)
    if kind_of(pool, party) == "guarantor":
        of_guarantor = Pool.scheme == pool.scheme, Pool.guarantor == pool.guarantor
        return session.scalar(query.join(Pool, Pool.code == PoolMove.pool).where(PoolMove.party == party, *of_guarantor))
    return session.scalar(query.where(PoolMove.pool == pool.code, PoolMove.party.is_not_distinct_from(party)))


def state_of(session: Session, pool: Pool, party: str | None = None) -> str:
    """open, warn or paused."""
    if party is None:
        return pool.state
    found = last_move(session, pool, party)
    return "open" if found is None else "paused" if found.state == REOPENING else found.state


def move_pool(session: Session, pool: Pool, state: str, *, on: date, by: str, words: Words, party: str | None = None) -> None:
    """Change the state of the pool, or of a bank or guarantor in it, and keep why."""
    if party is None and state != REOPENING:
        pool.state = state
    session.add(PoolMove(pool=pool.code, state=state, on=on, by=by, words=words.as_dict(), party=party))
    session.flush()


def refuse_if_paused(session: Session, pool: Pool, party: str | None) -> None:
    """Refused: pool_paused; bank_paused, guarantor_paused with the words of whoever stopped it."""
    if state_of(session, pool, party) != "paused":
        return
    if party is None:
        raise Refused(
            Words(
                "资金池已暂停新增入库；已入库贷款的代偿不受影响。恢复后可再申请",
                "the pool takes no new loans for now; claims on loans already in it are still paid. Try again once it reopens",
            ),
            code="pool_paused",
        )
    found, kind = last_move(session, pool, party), kind_of(pool, party)
    why = Words.of(found.words) if found is not None else Words("", "")
    raise Refused(
        Words(
            f"{WHO[kind].zh}已暂停新增入库：{why.zh}。已入库贷款的代偿不受影响",
            f"{WHO[kind].en} may bring no new loans for now: {why.en}. Claims on loans already in are still paid",
        ),
        code=f"{kind}_paused",
    )


def ratio(
    session: Session, pool: str, terms: SchemeTerms, on: date, *, bank: str | None = None, guarantor: str | None = None
) -> Ratio:
    """The ratio of the scheme's first stop rule: for the pool, for one bank in it, or for a guarantor in all its pools."""
    return ratio_of(session, pool_of(session, pool), terms.breaker, on, bank=bank, guarantor=guarantor)


def ratio_of(
    session: Session, pool: Pool, rule: Breaker, on: date, *, bank: str | None = None, guarantor: str | None = None
) -> Ratio:
    """The same for any rule. domain §6.3 (net paid / entered principal, 广州 form [V])."""
    since = date(on.year - 1, 12, 31) if rule.calendar_year else months_before(on, rule.window_months)
    pools = [pool.code]
    if guarantor is not None:
        pools = list(session.scalars(select(Pool.code).where(Pool.scheme == pool.scheme, Pool.guarantor == guarantor)))

    def chosen(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        return query if bank is None else query.where(Registration.bank == bank)

    def booked(reason: Reason, side: InstrumentedAttribute[str]) -> int:
        query = select(func.sum(Entry.amount_fen)).join(Registration, Registration.reference == Entry.loan)
        query = query.where(Entry.pool.in_(pools), Entry.reason == reason, Entry.on > since, Entry.on <= on)
        return int(session.scalar(chosen(query.where(side.in_((Account.RECEIVABLE, Account.WRITE_OFF))))) or 0)

    entered = Registration.pool.in_(pools), Registration.registered_on > since, Registration.registered_on <= on
    sums = select(func.sum(Registration.amount_fen), func.count(Registration.reference)).where(*entered)
    principal, loans = session.execute(chosen(sums)).one()
    return Ratio(
        net_paid_fen=max(0, booked(Reason.CLAIM_PAID, Entry.debit) - booked(Reason.RECOVERY_TO_FUND, Entry.credit)),
        entered_fen=int(principal or 0),
        loans=loans,
    )


def judged(session: Session, pool: Pool, terms: SchemeTerms, on: date, party: str | None) -> Iterator[tuple[str, Ratio, Breaker]]:
    """What each rule of the scheme that looks at the pool, the bank or the guarantor says of it on that day."""
    kind = kind_of(pool, party)
    for rule in (terms.breaker, *terms.stops):
        if kind in rule.of:
            whose = {} if party is None else {kind: party}
            found = ratio_of(session, pool, rule, on, **whose)
            yield rule.judge(found.net_paid_fen, found.entered_fen, found.loans), found, rule


def evaluate_breaker(session: Session, pool: Pool, terms: SchemeTerms, on: date, party: str | None) -> None:
    """Warn or pause the pool, or a bank or guarantor in it, when a rule says so. What is warned opens by itself; what is paused
    opens only by `stopping.reopen`."""
    was = state_of(session, pool, party)
    if was == "paused":
        return
    says = list(judged(session, pool, terms, on, party))
    state, found, _ = max(says, key=lambda each: _RANK[each[0]], default=("open", Ratio(0, 0, 0), terms.breaker))
    if state != was:
        said = Words(f"近期净代偿率 {percent(found.bp)}", f"net compensation ratio {percent(found.bp)}")
        move_pool(session, pool, state, on=on, by=RULE, words=said, party=party)
