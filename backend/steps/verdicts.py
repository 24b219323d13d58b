"""What becomes of a step that failed, by the kind of its error.

>>> from backend.kit.errors import Garbled
>>> verdict(Unreachable("no answer")), verdict(Garbled("half a file")), verdict(KeyError("amount"))
('wait', 'aside', 'aside')
>>> reason(KeyError("amount"))
"KeyError: 'amount'"
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy.exc import DBAPIError

from backend.kit.database import is_passing
from backend.kit.errors import Busy, CreditBridgeError, Unreachable

Verdict = Literal["wait", "again", "aside"]


def verdict(error: BaseException) -> Verdict:
    """wait: the line, which mends; again: the database had a bad moment; aside: it does not mend by waiting."""
    if isinstance(error, Busy) or is_passing(error):
        return "again"
    return "wait" if isinstance(error, Unreachable) else "aside"


def reason(error: BaseException) -> str:
    """What is written down for a person. A statement's parameters are people's data: the database's own first line is enough."""
    if isinstance(error, CreditBridgeError):
        return error.words.en
    if isinstance(error, DBAPIError):
        lines = str(error.orig).splitlines()
        return f"{type(error.orig).__name__}: {lines[0] if lines else type(error).__name__}"
    return f"{type(error).__name__}: {error}"
