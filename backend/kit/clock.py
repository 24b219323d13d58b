"""Two hands of one clock.

`now()` is machine time (leases, sessions, signatures), always UTC. Business time is machine time plus an offset that the
database keeps (0 in production), in Asia/Shanghai: consents, dues, policies. Below the doors the day is an argument.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.kit import locks
from backend.kit.database import Base, on_cursor
from backend.kit.errors import Refused
from backend.kit.words import Words

SHANGHAI = ZoneInfo("Asia/Shanghai")
_OFFSET = "business_offset"


class BusinessOffset(Base):
    """One row: seconds between machine time and business time. Only sandbox mode moves it, and only forward."""

    __tablename__ = "business_offset"
    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[int] = mapped_column(BigInteger, default=0)


def now() -> datetime:
    """Machine time, UTC."""
    return datetime.now(UTC)


def business_now(session: Session) -> datetime:
    """Business time, Asia/Shanghai. One transaction knows one offset."""
    seconds = session.info.get(_OFFSET)
    if seconds is None:
        # Asked in every transaction: without the mapper's cost and SQLAlchemy's.
        row = on_cursor(session.connection(), "SELECT seconds FROM business_offset WHERE id = 1").fetchone()
        seconds = row[0] if row else 0
        session.info[_OFFSET] = seconds
    return (now() + timedelta(seconds=seconds)).astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """The business day that a moment falls on: the day in Asia/Shanghai, wherever the moment was written down.

    >>> day_of(datetime(2025, 6, 1, 16, 30, tzinfo=UTC))
    datetime.date(2025, 6, 2)
    """
    return moment.astimezone(SHANGHAI).date()


def writing_day(session: Session) -> date:
    """The business day on which a row is being written: for the column that says so, never for a decision."""
    return day_of(business_now(session))


def start_of(day: date) -> datetime:
    """The first moment of a business day."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def move_to(session: Session, moment: datetime) -> None:
    """Sandbox only: make it `moment` from now on. Business time never goes back, whoever else moves it meanwhile."""
    _hold(session)
    if moment < business_now(session) - timedelta(seconds=2):
        raise Refused(Words("业务时间不能倒退", "business time does not go back"), code="clock_back")
    set_offset(session, moment)


def _hold(session: Session) -> None:
    """Hold the clock, which has no row at first; what it said before is worth nothing. Nothing else may be held yet."""
    locks.hold_name(session, "step", "business clock")
    session.info.pop(_OFFSET, None)


def start_at(session: Session, moment: datetime) -> None:
    """Start a new sandbox's clock at `moment`; one that runs is left alone."""
    _hold(session)
    if session.get(BusinessOffset, 1) is None:
        set_offset(session, moment)


def set_offset(session: Session, moment: datetime) -> None:
    """Make it `moment`, forward or back: for a clock that is held, or a test's."""
    row = session.get(BusinessOffset, 1, populate_existing=True)
    if row is None:
        row = BusinessOffset(id=1, seconds=0)
        session.add(row)
    # Never a moment too early: what is due at nine is due once it was made nine.
    row.seconds = session.info[_OFFSET] = ceil((moment - now()).total_seconds())
    session.flush()
