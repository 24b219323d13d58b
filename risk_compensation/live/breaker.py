"""When a pool, a bank or a guarantor brings no new loans. Written in: domain §6.3 (states of the pool; breakers of bank and
guarantor as well; ratios to be defined explicitly).

OPEN -> WARN -> PAUSED (nothing new; old claims are still paid) -> OPEN by the authority's decision (`stopping`). The rules and
their lines are the scheme's (`breaker`, `stops`); each is looked at when a loan enters, not at month end. What a rule divides
by what stands in `scheme.stops`; one that defers closes nothing and is looked at when a claim is decided. State and reason of
each stand in `PoolMove`; its last row is what holds.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit import locks, rules
from backend.kit.errors import Refused
from backend.kit.rates import percent
from backend.kit.words import Words
from risk_compensation.live.standing import LiveStanding, looked_at
from risk_compensation.live.values import PoolView
from risk_compensation.rules import POOL_STANDS
from risk_compensation.scheme import Kind, SchemeTerms
from risk_compensation.scheme.stops import RATIO_WORDS, puts_off, worst
from risk_compensation.tables import Pool, PoolMove, Registration

REOPENING = "reopening"  # a proposal to reopen: what is paused stays paused until somebody else decides
RULE = "breaker"  # who stopped it, when a rule did
WHO = {
    "pool": Words("资金池", "the pool"),
    "bank": Words("该银行", "this bank"),
    "guarantor": Words("该担保机构", "this guarantor"),
}


def kind_of(pool: Pool | PoolView, party: str | None) -> Kind:
    """What a party's code stands for in a pool; none: the pool itself."""
    return "pool" if party is None else "guarantor" if party == pool.guarantor else "bank"


def hold_state(session: Session, pool: Pool, party: str | None) -> None:
    """Hold what is decided about the pool, a bank or the guarantor in it, the pool being held: to be asked before its state is.

    A guarantor stands in several pools, and whoever holds one of them does not hold the others: its state has a lock of its own,
    by name, which comes after the pools in the order of locks.
    """
    if kind_of(pool, party) == "guarantor":
        locks.hold_name(session, "pool", _anchor(pool, party))


def _anchor(pool: Pool, party: str | None) -> str:
    return f"~guarantor:{pool.scheme}:{party}" if kind_of(pool, party) == "guarantor" else pool.code


def last_move(session: Session, pool: Pool | PoolView, party: str | None, state: str | None = None) -> PoolMove | None:
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
    """Change the state of the pool, or of a bank or guarantor in it, and keep why. What was not held is not changed."""
    if party is not None and not locks.holds(session, "pool", _anchor(pool, party)):
        raise rules.NotHeld(f"the state of {party} is written without its lock, {_anchor(pool, party)}")
    if party is None and state != REOPENING:
        rules.put(session, pool, "state", state, rule=POOL_STANDS)
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


def evaluate_breaker(session: Session, pool: Pool, terms: SchemeTerms, on: date, party: str | None) -> None:
    """Warn or pause the pool, or a bank or guarantor in it, when a rule says so. What is warned opens by itself; what is paused
    opens only by `stopping.reopen`."""
    was = state_of(session, pool, party)
    if was == "paused":
        return
    state, found, rule = worst(terms, kind_of(pool, party), party or "", on, LiveStanding(session, pool))
    if state != was:
        name = RATIO_WORDS[rule.ratio]
        said = Words(f"{name.zh} {percent(found.bp)}", f"{name.en} {percent(found.bp)}")
        move_pool(session, pool, state, on=on, by=RULE, words=said, party=party)


def waits_for_next_year(
    session: Session, pool: Pool, terms: SchemeTerms, loan: Registration, on: date, more_fen: int
) -> Words | None:
    """Why a claim waits until next year: with its `more_fen` a rule that defers would say stop. None: it does not."""
    found = puts_off(terms, looked_at(loan.bank, loan.guarantor), on, more_fen, LiveStanding(session, pool))
    if found is None:
        return None
    rule, kind, _, _ = found
    name, line = RATIO_WORDS[rule.ratio], percent(rule.pause_bp)
    return Words(
        f"计入本笔后，{WHO[kind].zh}{name.zh}超过 {line}，延至下一年度支付",
        f"with this claim the {name.en} of {WHO[kind].en} would pass {line}; it is paid next year",
    )
