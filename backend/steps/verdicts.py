"""What becomes of a step that failed, and of the line it went over, by the kind of its error.

Nonsense that a call brings passes as silence does: a gateway is being changed, a key renewed, a file written anew. Asking again
may bring sense, so it is waited for, and the breaker keeps the asking rare. Nonsense found in an answer that is *kept* returns
with that answer however often it is looked at: it is set aside.

>>> verdict(Unreachable("no answer")), verdict(Garbled("half a file")), verdict(KeyError("amount"))
('wait', 'aside', 'aside')
>>> verdict(Garbled("half a file"), called=True), verdict(KeyError("amount"), called=True)
('wait', 'aside')
>>> [line_after(each) for each in (None, Unreachable("no answer"), Garbled("half a file"), NotYet("tonight"), KeyError("amount"))]
['sound', 'failing', 'failing', 'sound', 'unsaid']
>>> reason(ValueError("could not convert string to float: '6222 0200'"))
'ValueError'
"""

from __future__ import annotations

from typing import Literal

from backend.kit import refusals
from backend.kit.database import is_passing
from backend.kit.errors import Answer, Busy, CreditBridgeError, Garbled, NotYet, Unreachable

Verdict = Literal["wait", "again", "aside"]
Line = Literal["sound", "failing", "unsaid"]


def verdict(error: BaseException, *, called: bool = False) -> Verdict:
    """wait: the line, which mends; again: the database had a bad moment; aside: it does not mend by waiting.

    `called`: the call itself raised it, so that the next call may bring something else.
    """
    if isinstance(error, Busy) or is_passing(error):
        return "again"
    return "wait" if isinstance(error, Unreachable) or (called and isinstance(error, Garbled)) else "aside"


def line_after(error: BaseException | None) -> Line:
    """What a call that ended so says of its line. A lawful no and a "not yet" are answers; a fault of ours says nothing."""
    if error is None or isinstance(error, Answer | NotYet):
        return "sound"
    if isinstance(error, Unreachable | Garbled) and not isinstance(error, Busy):
        return "failing"
    return "unsaid"


def reason(error: BaseException) -> str:
    """What is written down for a person. Of a fault of ours or the database's its kind and where it happened: its words may hold
    what belongs to somebody, and neither the desk nor the log shows anybody's data."""
    if isinstance(error, CreditBridgeError):
        return error.words.en
    places = refusals.where(error)
    return f"{refusals.told(error)} at {places[-1]}" if places else refusals.told(error)
