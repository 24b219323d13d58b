"""What of a pool is warned or stopped, why, and what the officer at the fund's desk may do about it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.kit.words import Words
from backend.portal import speak
from backend.portal.pages import desk as pages
from backend.portal.pages.shared import Choice
from risk_compensation.live import REOPENING, excess_due_fen, free_cash, statements, stopping, waiting
from risk_compensation.scheme import PARTY_WORDS, terms_still
from risk_compensation.tables import Journal, Pool, PoolMove


def stops(session: Session, pool: Pool, role: str) -> tuple[pages.PoolStop, ...]:
    """The pool itself first, then its banks and guarantor: whatever is warned or paused."""
    last = {party: move for party, move in stopping.standing(session, pool.code).items() if move.state != "open"}
    return tuple(
        _stop(session, party, move, stopping.stopped_by(session, pool.code, party, move), role) for party, move in last.items()
    )


def _stop(session: Session, party: str | None, move: PoolMove, cause: PoolMove, role: str) -> pages.PoolStop:
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


def may_pause(session: Session, pool: Pool, role: str) -> tuple[Choice, ...]:
    """What the checker may stop by hand: the whole pool, a bank that has loans in it, the guarantor."""
    if role != "fund_checker":
        return ()
    paused = {party for party, move in stopping.standing(session, pool.code).items() if move.state in ("paused", REOPENING)}
    found = [] if None in paused else [Choice("", speak.both("pool.whole"))]
    parties = [code for code in (pool.guarantor, *statements.banks(session, pool.code)) if code]
    return tuple(found + [Choice(code, speak.party_or(session, code)) for code in parties if code not in paused])


def year_end(session: Session, pool: Pool, day: date, role: str) -> pages.YearEnd | None:
    """What is settled of the year that is over: claims paid in one proportion, or an insurer's excess; None: neither."""
    year = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    terms = terms_still(pool.scheme, day)
    if terms.money_short.rule == "pro_rata":
        every = waiting(session, pool.code)
        due = [each for each in every if each.approved_on is not None and each.approved_on.year <= year]
        owed = sum(each.payout_fen for each in due)
        have = min(max(0, free_cash(session, pool.code)), owed)
        return pages.YearEnd("settle", year, owed, PARTY_WORDS[terms.beyond], have, len(due), may=role == "fund_maker")
    if terms.excess is None or pool.opened_on.year > year:
        return None
    done = session.get(Journal, f"excess:{pool.code}:{year}") is not None
    owed = 0 if done else excess_due_fen(session, pool.code, year)
    who = PARTY_WORDS[terms.excess.relieves]
    return pages.YearEnd("excess", year, owed, who, done=done, may=role == "fund_maker")
