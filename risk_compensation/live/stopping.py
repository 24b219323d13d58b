"""A pool, a bank or a guarantor stopped by hand, and the way back from any stop, by hand or by a rule.

To stop is one person's act: stopping in time must not wait. To take loans again is two people's: a proposal, another's decision.

Written in: domain §6.3 (PAUSED: no new entry, old claims still paid; OPEN after the ratio is cured or the pool recapitalised, by
the authority's decision), §6.4 (maker ≠ checker). Every step is a row of `PoolMove`, by whom and in whose words, kept for good.
`party` names a bank or the guarantor; without it the pool itself is meant.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.errors import NotFound, Refused
from backend.kit.rates import percent
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import locked_pool, pool_of
from risk_compensation.live.breaker import REOPENING, hold_state, kind_of, last_move, move_pool, state_of
from risk_compensation.live.standing import LiveStanding
from risk_compensation.live.values import PoolStep, PoolView
from risk_compensation.scheme import terms_still
from risk_compensation.scheme.stops import judged
from risk_compensation.tables import Pool, PoolMove, Registration, Reservation


def _held(session: Session, pool: str, party: str | None) -> Pool:
    """The pool, locked, and what is said of the party; NotFound for a party that has nothing to do with it."""
    row = locked_pool(session, pool)
    hold_state(session, row, party)
    if kind_of(row, party) == "bank":
        known = (
            select(each.reference).where(each.pool == pool, each.bank == party).limit(1) for each in (Registration, Reservation)
        )
        if not any(session.scalar(query) for query in known):
            raise NotFound(Words("该机构未参与本资金池", "this party takes no part in the pool"), code="party_unknown")
    return row


def pause(session: Session, pool: str, *, by: str, words: Words, on: date, party: str | None = None) -> PoolView:
    """No new loans from now on; claims on loans already in the pool are still paid. The second time changes nothing."""
    row = _held(session, pool, party)
    if state_of(session, row, party) != "paused":
        move_pool(session, row, "paused", on=on, by=by, words=words, party=party)
    return seen(PoolView, row)


def propose_reopening(session: Session, pool: str, *, by: str, words: Words, on: date, party: str | None = None) -> PoolView:
    """The maker proposes to take loans again; nothing opens yet. The second time changes nothing."""
    row = _held(session, pool, party)
    last = last_move(session, row, party)
    if last is not None and last.state == "paused":
        move_pool(session, row, REOPENING, on=on, by=by, words=words, party=party)
    return seen(PoolView, row)


def reopen(session: Session, pool: str, *, by: str, words: Words, on: date, party: str | None = None) -> PoolView:
    """The checker's decision to take loans again, after a proposal by another person; whoever stopped it, a rule or a person.

    Refused: ratio_not_cured while a rule would stop it at once; reopening_not_proposed; maker_is_checker.
    """
    row = _held(session, pool, party)
    last = last_move(session, row, party)
    if last is None or state_of(session, row, party) != "paused":
        return seen(PoolView, row)
    terms = terms_still(row.scheme, on)
    for state, found, rule in judged(terms, kind_of(row, party), party or "", on, LiveStanding(session, row)):
        if state == "paused":
            said, limit = percent(found.bp), percent(rule.pause_bp)
            raise Refused(
                Words(f"净代偿率 {said} 未降到 {limit} 以下", f"the ratio is {said}, not yet below {limit}"),
                code="ratio_not_cured",
            )
    if last.state != REOPENING:
        raise Refused(Words("须先由经办人提出恢复建议", "the maker must first propose to reopen"), code="reopening_not_proposed")
    if last.by == by:
        raise Refused(
            Words("复核人与经办人不得为同一人", "the checker must be another person than the maker"), code="maker_is_checker"
        )
    move_pool(session, row, "open", on=on, by=by, words=words, party=party)
    return seen(PoolView, row)


def _read(session: Session, pool: str | PoolView) -> Pool | PoolView:
    """The pool of that code, or as it was read already."""
    return pool if isinstance(pool, PoolView) else pool_of(session, pool)


def standing(session: Session, pool: str | PoolView) -> dict[str | None, PoolStep]:
    """What was last decided about the pool (under None), its guarantor and its banks; none for whom nothing ever was."""
    row = _read(session, pool)
    named = session.scalars(select(PoolMove.party).where(PoolMove.pool == row.code, PoolMove.party.is_not(None)))
    parties = sorted({row.guarantor} | {party for party in named if party is not None})
    last = {party: last_move(session, row, party) for party in (None, *parties)}
    return {party: seen(PoolStep, each) for party, each in last.items() if each is not None}


def stopped(session: Session, pool: str | PoolView) -> dict[str, PoolStep]:
    """Banks and the guarantor that are warned or paused in the pool, each with what was last said of it."""
    return {party: move for party, move in standing(session, pool).items() if party is not None and move.state != "open"}


def stopped_by(session: Session, pool: str | PoolView, party: str | None, last: PoolStep) -> PoolStep:
    """Whose word it stands by: for a proposal to reopen, the stop that it would end; else the last move itself."""
    if last.state != REOPENING:
        return last
    stop = last_move(session, _read(session, pool), party, "paused")
    return seen(PoolStep, stop) if stop is not None else last
