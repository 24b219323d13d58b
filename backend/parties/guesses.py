"""Guessing passwords is slowed down, and nobody can lock another out by it.

A guess is counted *before* its password is compared (OWASP ASVS 5.0 V6.1.1, V6.3.1; counting afterwards lets any number of
parallel guesses through: Django-axes #592, Keycloak #31726). What was under way and never came back counts as a failure.

- per login from one address: five failures pause a minute, doubling up to a quarter of an hour while guessing goes on;
- per address over all logins: twenty failures a minute, then a pause. A right password gives its own guess back and no other
  (or an attacker would sign in to a login of his own in between);
- a device from which this person signed in before is counted by itself, and passes both (OWASP, device cookies).

From another address nobody's login is ever paused: who guesses from a thousand addresses has five tries from each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from backend.kit.errors import TooMany
from backend.kit.words import Words

SETTLES = timedelta(seconds=60)
FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures, then a pause, twice as long each time up to the longest. With a window, older failures do not count."""

    tries: int
    pause: timedelta
    longest: timedelta
    window: timedelta | None = None


_ONE_LOGIN = Limit(5, timedelta(minutes=1), timedelta(minutes=15))
LIMITS = {
    "login": _ONE_LOGIN,
    "device": _ONE_LOGIN,
    "address": Limit(20, timedelta(minutes=1), timedelta(minutes=1), window=timedelta(minutes=1)),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How one key stands."""

    kind: str
    since: datetime
    forget_at: datetime
    failures: int = 0
    under_way: int = 0
    pauses: int = 0
    paused_until: datetime | None = None
    settles_by: datetime | None = None

    @property
    def limit(self) -> Limit:
        return LIMITS[self.kind]


def fresh(kind: str, now: datetime) -> Count:
    """Nothing is known of it."""
    return Count(kind, now, now + FORGOTTEN)


def asked(count: Count, now: datetime) -> Count | None:
    """One guess more, counted; None while those under way use up what is left: it must wait for them. Too many: said so."""
    count = _by_now(count, now)
    if count.paused_until is not None and now < count.paused_until:
        raise too_many(count.paused_until - now)
    if count.failures + count.under_way >= count.limit.tries:
        return None
    return replace(
        count, under_way=count.under_way + 1, settles_by=now + SETTLES, forget_at=max(count.forget_at, now + FORGOTTEN)
    )


def settled(count: Count, *, right: bool, now: datetime) -> Count:
    """One guess came back. Judged on how the key stands now, under its lock, not on how it stood before (Keycloak #52646)."""
    count = _by_now(count, now)
    count = replace(count, under_way=max(0, count.under_way - 1))
    if not right:
        return _failed(count, 1, now)
    return count if count.kind == "address" else replace(count, failures=0, pauses=0, paused_until=None)


def given_back(count: Count, now: datetime) -> Count:
    """A guess that was never compared."""
    count = _by_now(count, now)
    return replace(count, under_way=max(0, count.under_way - 1))


def too_many(left: timedelta) -> TooMany:
    """The answer during a pause: the same for a login that nobody has."""
    seconds = ceil(left.total_seconds())
    minutes = max(1, ceil(seconds / 60))
    each = "a minute" if minutes == 1 else f"{minutes} minutes"
    return TooMany(
        Words(f"尝试次数过多,请 {minutes} 分钟后再试", f"too many tries; wait {each}"), code="too_many_tries", retry_after=seconds
    )


def key(kind: str, *parts: str) -> str:
    """The name of a count: a digest, for neither login nor address is kept.

    >>> key("login", "li", "10.0.0.1") == key("login", "li1", "0.0.0.1")
    False
    """
    return hashlib.sha256("\0".join((kind, *parts)).encode(errors="surrogatepass")).hexdigest()


def _by_now(count: Count, now: datetime) -> Count:
    if now >= count.forget_at:
        count = fresh(count.kind, now)
    if count.under_way and count.settles_by is not None and now >= count.settles_by:
        count = _failed(replace(count, under_way=0), count.under_way, count.settles_by)
    if count.limit.window is not None and now >= count.since + count.limit.window:
        count = replace(count, failures=0, since=now)
    return count


def _failed(count: Count, number: int, now: datetime) -> Count:
    count = replace(count, failures=count.failures + number)
    if count.failures < count.limit.tries:
        return count
    until = now + min(count.limit.pause * 2 ** min(count.pauses, 10), count.limit.longest)
    paused = max(until, count.paused_until or until)
    return replace(
        count, failures=0, pauses=count.pauses + 1, paused_until=paused, forget_at=max(count.forget_at, paused + FORGOTTEN)
    )
