"""Where passwords are hashed and compared: a few threads of low priority, a bounded queue before them, nobody else's thread.

argon2id takes 64 MB and a tenth of a second on purpose. On the threads that serve pages, a flood of sign-ins would hold them all;
here it waits in line, the line has an end, one address may fill half of it, and the machine gives pages the processor first.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from backend.kit.errors import TooMany
from backend.kit.words import Words
from backend.parties import passwords

NICE = 5
BUSY_SECONDS = 5
LONGEST_WAIT = 20.0  # well within the time after which a guess under way counts as failed


class Hashing:
    """The threads and the line before them. `workers` 0: half of the processors, at least one."""

    def __init__(self, cost: str, *, workers: int = 0, line: int = 64) -> None:
        self.cost = cost
        self.workers = workers or max(1, len(os.sched_getaffinity(0)) // 2 if hasattr(os, "sched_getaffinity") else 1)
        self.line = line
        self.longest_wait = LONGEST_WAIT
        self.pool = ThreadPoolExecutor(self.workers, thread_name_prefix="password", initializer=_step_back)
        # Whose sign-in is under way, at the priority of pages: they hold the database's locks. Few, so that a crowd that signs in
        # takes neither the threads of pages nor their connections.
        self.hands = ThreadPoolExecutor(self.workers + 4, thread_name_prefix="sign-in")
        self._held: Counter[str] = Counter()
        self._guard = threading.Lock()

    @contextmanager
    def seat(self, address: str) -> Iterator[None]:
        """A place in the line, until left. Nobody waits for one: if the line is full, or half of it one address's: `busy`."""
        with self._guard:
            if self._held.total() >= self.line or self._held[address] >= max(1, self.line // 2):
                raise busy()
            self._held[address] += 1
        try:
            yield
        finally:
            with self._guard:
                self._held[address] -= 1
                if not self._held[address]:
                    del self._held[address]

    @property
    def waiting(self) -> int:
        """How many hold a place now."""
        with self._guard:
            return self._held.total()

    def matches(self, stored: str | None, password: str, until: float) -> bool:
        """Whether the password fits; the same work where there is nothing to fit. For a thread of `hands`, which waits for it."""
        given = self.pool.submit(passwords.matches, stored, password, self.cost)
        try:
            return given.result(max(0.0, until - time.monotonic()))
        except TimeoutError:
            given.cancel()
            raise busy() from None

    async def hashed(self, password: str) -> str:
        """The hash of a new password."""
        passwords.check(password)
        given = self.pool.submit(passwords.hashed, password, self.cost)
        # Whoever waits longer is told to come back: a line that moves so slowly helps nobody who stands in it.
        try:
            return await asyncio.wait_for(asyncio.wrap_future(given), self.longest_wait)
        except TimeoutError:
            raise busy() from None


def busy() -> TooMany:
    """The answer where the line is full."""
    words = Words("现在登录的人较多,请稍后再试", "too many people are signing in just now; try again in a moment")
    return TooMany(words, code="busy", retry_after=BUSY_SECONDS)


def _step_back() -> None:
    """Let this thread, and the lanes argon2 starts from it, have the processor after pages. Where the system knows no such thing
    for one thread, it stays as it is."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
