"""What of a pool is warned or stopped, why, and what the officer at the fund's desk may do about it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.kit.words import Words
from backend.portal import speak
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Choice
from risk_compensation.live import REOPENING, PoolStep, PoolView, statements, stopping, year_to_settle
from risk_compensation.scheme import PARTY_WORDS


def stops(session: Session, pool: PoolView, role: str) -> tuple[pages.PoolStop, ...]:
    """The pool itself first, then its banks and guarantor: whatever is warned or paused."""
    last = {party: move for party, move in stopping.standing(session, pool).items() if move.state != "open"}
    return tuple(
        _stop(session, party, move, stopping.stopped_by(session, pool, party, move), role) for party, move in last.items()
    )


def _stop(session: Session, party: str | None, move: PoolStep, cause: PoolStep, role: str) -> pages.PoolStop:
    proposed = move.state == REOPENING
    return pages.PoolStop(
        who=speak.both("pool.whole") if party is None else speak.party_or(session, party),
        party=party or "",
        state="paused" if proposed else move.state,
        since=cause.on,
        words=Words(**cause.words),
        proposal=Words(**move.words) if proposed else None,
        act=_act(proposed=proposed, role=role) if cause.state == "paused" else None,
    )


def _act(*, proposed: bool, role: str) -> str | None:
    """Whoever stopped it, the maker proposes before the checker decides."""
    if role == "fund_maker":
        return None if proposed else "propose"
    return None if role != "fund_checker" else "reopen" if proposed else "wait"


def may_pause(session: Session, pool: PoolView, role: str) -> tuple[Choice, ...]:
    """What the checker may stop by hand: the whole pool, a bank that has loans in it, the guarantor."""
    if role != "fund_checker":
        return ()
    paused = {party for party, move in stopping.standing(session, pool).items() if move.state in ("paused", REOPENING)}
    found = [] if None in paused else [Choice("", speak.both("pool.whole"))]
    parties = [code for code in (pool.guarantor, *statements.banks(session, pool.code)) if code]
    return tuple(found + [Choice(code, speak.party_or(session, code)) for code in parties if code not in paused])


def year_end(session: Session, pool: PoolView, day: date, role: str) -> pages.YearEnd | None:
    """What is settled of the year that is over; None where nothing is."""
    found = year_to_settle(session, pool, day)
    if found is None:
        return None
    who = PARTY_WORDS[found.party]
    may = role == "fund_maker"
    return pages.YearEnd(found.how, found.year, found.owed_fen, who, found.have_fen, found.claims, found.done, may)
