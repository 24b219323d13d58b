"""What can go wrong, as a tree. An *answer* is lawful and is committed with its audit row; a *fault* rolls back.

    CreditBridgeError
    ├── Answer                  the platform's considered "no": committed, shown, explained
    │   ├── Refused             a rule says no (consent missing, pool paused): 403 or 409
    │   │   └── TooMany         not now: too many tries or callers; says in how many seconds: 429
    │   ├── NotFound            missing, or another's: the two look the same: 404
    │   ├── Invalid             the input is wrong; names the place and the remedy: 422
    │   └── Conflict            the state has moved on: 409
    └── Fault                   something is broken: rolled back
        ├── Unreachable         the outside world did not answer; the step tries again
        │   ├── NotYet          it did answer: what was asked for is not there yet; the step tries again
        │   └── Busy            others hold what this needs; the same call works in a moment
        ├── Garbled             the outside world answered nonsense; kept verbatim, shown to a person, and asked again
        └── Misconfigured       a setting or policy file is wrong; says which and how to mend it

>>> Invalid("uscc", Words("统一社会信用代码应为 18 位", "a credit code has 18 characters")).place
'uscc'
"""

from __future__ import annotations

from typing import Any

from backend.kit.words import Words


class CreditBridgeError(Exception):
    """Root of everything the platform raises on purpose."""

    def __init__(self, words: Words | str, *, code: str = "") -> None:
        self.words = Words(words, words) if isinstance(words, str) else words
        self.code = code or type(self).__name__.lower()
        self.heard: tuple[Any, ...] = ()  # what the outside world said before this went wrong, verbatim
        super().__init__(self.words.en)


class Answer(CreditBridgeError):
    """A lawful no: the session commits (with its audit row) before this travels on."""


class Refused(Answer):
    """A rule says no. `code` is stable for machines, `words` are for people."""


class TooMany(Refused):
    """Not now: too many tries, or too many callers at once. `retry_after` is in how many seconds to come again."""

    def __init__(self, words: Words | str, *, code: str, retry_after: int) -> None:
        super().__init__(words, code=code)
        self.retry_after = max(1, retry_after)


class NotFound(Answer):
    """Missing, or not yours: deliberately the same answer."""

    def __init__(self, words: Words | str = Words("没有找到", "not found"), *, code: str = "not_found") -> None:
        super().__init__(words, code=code)


class Invalid(Answer):
    """The input is wrong at `place` (a field name, `row 3, column 金额`, `file.yaml:12`)."""

    def __init__(self, place: str, words: Words | str, *, code: str = "invalid") -> None:
        super().__init__(words, code=code)
        self.place = place
        self.args = (f"{place}: {self.words.en}",)


class Conflict(Answer):
    """The state has moved on since the caller looked."""


class Fault(CreditBridgeError):
    """Something is broken: nothing is kept, a step tries again or a person looks.

    `lines`: what the log is to say of it all the same, written by whoever catches it (arguments of `audit.actions.record`).
    """

    lines: tuple[dict[str, Any], ...] = ()


class Unreachable(Fault):
    """The outside world did not answer in time, or not at all. `retry_after`: the seconds it asked us to wait, if it did."""

    def __init__(self, words: Words | str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(words, code=code)
        self.retry_after = retry_after


class NotYet(Unreachable):
    """The line is sound, and what was asked for, or what this rests on, is not there yet."""


class Busy(Unreachable):
    """Others hold what this needs (a lock, a connection): the same call works in a moment."""


class Garbled(Fault):
    """The outside world answered something that is not in its dialect. What was asked may have been done all the same."""


class Misconfigured(Fault):
    """A setting or a policy file is wrong."""
