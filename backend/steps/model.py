"""What a handler is, what an answer is, and how long to wait before trying again.

>>> [wait_seconds(n) for n in (1, 2, 5, 20)]
[2, 4, 32, 900]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

LEASE_SECONDS = 60
GIVE_UP_AFTER = 40
Outside = Literal[False, "asks", "tells"]


def wait_seconds(attempts: int) -> int:
    """Seconds of machine time before attempt n+1: doubling, at most a quarter of an hour."""
    return int(min(2**attempts, 900))


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
    """What a call brought: the parsed result (plain JSON), and the exchanges it is read from."""

    result: dict[str, Any]
    heard: tuple[Heard, ...] = field(default_factory=tuple)


class Handler(Protocol):
    """How one kind of step is done. `outside` False means that there is nobody to call: prepare and act share a transaction.

    "asks": the call only reads, and asking again does no harm; its answer is kept in the transaction of its effect.
    """

    outside: Outside

    def prepare(self, session: Session, payload: dict[str, Any], at: datetime) -> Any | None:
        """Read what the call needs, in the transaction of the lease. None: nothing left to do."""

    def call(self, request: Any) -> Answered:
        """Speak to the outside world; no transaction is open. Raises Unreachable or Garbled."""

    def act(self, session: Session, payload: dict[str, Any], answer: Answered, at: datetime) -> dict[str, Any] | None:
        """Make the answer's effect, once; the second time changes nothing. What it returns, the step keeps for the answer."""
