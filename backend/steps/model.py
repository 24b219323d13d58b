"""What a handler is, what an answer is, and how long to wait before trying again.

A kind of step is done in one of two ways: by a `Local` function, in one transaction, or by an `Outside` handler, in the phases of
`backend/worker/phases.py`.

No count of tries ends a step that waits for the outside world: `prepare` answers None when the business deadline has passed.

>>> [wait_seconds(n) for n in (1, 2, 5, 20)]
[2, 4, 32, 900]
>>> wait_seconds(1, retry_after=120), wait_seconds(9, retry_after=1), wait_seconds(1, retry_after=10**9)
(120, 512, 86400)
>>> [pause_seconds(failures) for failures in (2, 3, 4, 5, 40)]
[0, 5, 10, 20, 900]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from backend.kit.errors import Garbled, Unreachable

LEASE_SECONDS = 60
# Whose worker dies under it so often in a row is the reason for it, not its victim.
MOST_DEATHS = 5
# A deadlock or a lock not given in time mends by itself; one that returns so often does not.
MOST_STUMBLES = 5
# What waits for the outside world longer than this, in machine time, is shown to a person; trying goes on.
SHOWN_AFTER = timedelta(days=1)
# A lane that is silent or answers nonsense longer than this is shown to a person; so is a step that only brings nonsense.
LANE_SHOWN_AFTER = timedelta(minutes=15)
# So many failures of the line in a row, silence or nonsense, open a lane's breaker.
OPENS_AFTER = 3
SHORTEST_PAUSE, LONGEST_PAUSE = 5, 900
# What the other side asks us to wait is kept, within reason.
LONGEST_WISH = 86_400


def wait_seconds(attempts: int, retry_after: float | None = None) -> int:
    """Seconds of machine time before attempt n+1: doubling, at most a quarter of an hour, or longer where the other side asks."""
    return max(min(1 << min(attempts, 10), LONGEST_PAUSE), _wish(retry_after))


def pause_seconds(failures: int, retry_after: float | None = None) -> int:
    """Seconds for which a lane is left alone after so many failures in a row; 0 while it is not."""
    if failures < OPENS_AFTER:
        return 0
    return max(min(SHORTEST_PAUSE << min(failures - OPENS_AFTER, 10), LONGEST_PAUSE), _wish(retry_after))


def _wish(retry_after: float | None) -> int:
    return int(min(max(retry_after or 0, 0), LONGEST_WISH))


@dataclass(frozen=True, slots=True)
class Heard:
    """One exchange with the outside world, verbatim: what we sent and what came back."""

    source: str
    verb: str
    reference: str
    sent: bytes
    body: bytes
    status: int | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call brought: the parsed result (plain JSON), and the exchanges it is read from.

    `trouble`: the line failed, and the call made something of that itself; the breaker of its lane should know.
    """

    result: dict[str, Any]
    heard: tuple[Heard, ...] = field(default_factory=tuple)
    trouble: Unreachable | Garbled | None = None


@dataclass(frozen=True, slots=True)
class Local:
    """A kind of step that speaks to nobody outside: one function of session, payload and moment, in the transaction that finishes
    the step. If it raises, nothing of it stands; done a second time it changes nothing. What it returns is not looked at."""

    act: Callable[[Session, dict[str, Any], datetime], object]


class Outside(Protocol):
    """A kind of step that speaks to somebody outside: a bank, the departments, whoever reads a published file.

    `only_asks`: the call only reads, and asking again does no harm; its answer is kept in the transaction of its effect.
    """

    only_asks: bool

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> Any | None:
        """Read what the call needs, in the transaction of the lease. None: nothing left to do."""

    def call(self, request: Any) -> Answered:
        """Speak to the outside world; no transaction is open. Raises Unreachable or Garbled, and may be called again."""

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> dict[str, Any] | None:
        """Make the answer's effect, once; the second time changes nothing. What it returns, the step keeps for the answer."""


Handler = Local | Outside
