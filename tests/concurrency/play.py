"""Playing a rule: fresh subjects, callers let go together, and the history held to the rule by a checker that only looks."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from tests.concurrency.callers import Call, Told
from tests.concurrency.stand import Stand

# What may be answered to anybody at any time. 503 counts only with Retry-After; 0 is a line that broke.
LAWFUL = frozenset({200, 201, 202, 204, 303, 401, 403, 404, 409, 422, 429})


class Rule(ABC):
    """One rule: what it says, who calls what at once, and what in the history and the book breaks it."""

    name: ClassVar[str]
    says: ClassVar[str]
    # Folders and tables it is about: what is taken away there is tried with this rule first.
    about: ClassVar[tuple[str, ...]] = ()
    # Where a scene takes long to set: so many times fewer tries.
    heavy: ClassVar[int] = 1
    # What may be answered beyond `LAWFUL`, by the call's name; an empty set: nothing but success.
    only: ClassVar[dict[str, set[int]]] = {}

    @abstractmethod
    def subjects(self, stand: Stand, many: int) -> Iterable[Any]:
        """So many fresh subjects, all at first or each in its turn."""

    @abstractmethod
    def calls(self, stand: Stand, subject: Any, chance: Random) -> list[list[Call]]:
        """What each caller asks, one call after the other."""

    @abstractmethod
    def found(self, stand: Stand, subject: Any) -> Any:
        """What stands in the book afterwards."""

    @abstractmethod
    def broken(self, subject: Any, told: Sequence[Told], found: Any) -> Iterator[str]:
        """What breaks the rule: pure, from the history and the book alone."""


def unlawful(told: Sequence[Told], only: dict[str, set[int]]) -> Iterator[str]:
    """Answers that nobody may get: 5xx (but for 503 with Retry-After), a broken line, a status this call never has."""
    for each in told:
        waits = each.status == 503 and "retry-after" in each.headers
        if each.status not in LAWFUL and not waits:
            yield f"unlawful answer {each.status} to {each.what}: {str(each.body)[:160]}"
        elif each.what in only and each.status not in only[each.what] and not waits:
            yield f"unexpected answer {each.status} to {each.what}: {str(each.body)[:160]}"


@dataclass
class Played:
    """What came of playing one rule."""

    rule: str
    make: str
    callers: int = 0
    tries: int = 0
    calls: int = 0
    seconds: float = 0.0
    deadlocks: int = 0
    bad_tries: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        return (
            f"| {self.rule} | {self.make} | {self.callers} | {self.tries} | {self.calls} | {self.bad_tries} "
            f"| {self.deadlocks} | {self.seconds:.1f} |"
        )


HEAD = "| rule | make | callers | tries | calls | violated | deadlocks | seconds |\n|---|---|---|---|---|---|---|---|"


def play(stand: Stand, rule: Rule, tries: int, *, seed: int = 1, until_broken: bool = False) -> Played:
    """Play a rule so often on fresh subjects. A violation names the seed that plays it again."""
    began, deadlocks = time.monotonic(), stand.deadlocks()
    done = Played(rule.name, stand.name)
    for number, subject in enumerate(rule.subjects(stand, -(-tries // rule.heavy))):
        name = f"{rule.name}-{seed}-{number}"
        callers = rule.calls(stand, subject, Random(name))
        told = stand.at_once(callers, name)
        found = rule.found(stand, subject)
        wrong = [*unlawful(told, rule.only), *rule.broken(subject, told, found)]
        done.callers, done.tries, done.calls = max(done.callers, len(callers)), done.tries + 1, done.calls + len(told)
        if wrong:
            done.bad_tries += 1
            for each in wrong:
                kind = each.split(":")[0]
                done.kinds[kind] = done.kinds.get(kind, 0) + 1
            history = "\n    ".join(str(each) for each in told)
            done.violations.append(f"{stand.name}, {rule.name}, seed {name}: {'; '.join(wrong)}\n    {history}\n    {found}")
            if until_broken:
                break
    done.deadlocks = stand.deadlocks() - deadlocks
    if done.deadlocks:
        done.violations.append(f"{stand.name}, {rule.name}: {done.deadlocks} × deadlock detected in PostgreSQL's log")
    done.seconds = time.monotonic() - began
    return done
