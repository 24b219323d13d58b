"""Passwords: argon2id. The cost is a setting; only sandbox mode accepts the cheapest.

RFC 9106 names the strong profile used here for `standard`; `cheapest` exists so that tests and the demo are quick.
"""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.kit.errors import Invalid, Misconfigured
from backend.kit.words import Words

MINIMUM, MAXIMUM = 10, 200


@cache
def _hasher(cost: str) -> PasswordHasher:
    if cost == "standard":
        return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
    if cost == "cheapest":
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    raise Misconfigured(f"CREDITBRIDGE_PASSWORD_COST is 'standard' or 'cheapest', not “{cost}”")


@cache
def _nobody(cost: str) -> str:
    """A hash to test against when the login is unknown, so that both answers take as long."""
    return _hasher(cost).hash("nobody has this password")


def check(password: str, place: str = "password") -> None:
    """Refuse a password that is too short or too long. Nothing else: it is taken exactly as typed (ASVS 5.0 6.2.5, 6.2.8)."""
    if len(password) < MINIMUM:
        raise Invalid(place, Words("密码至少 10 位", "a password has at least 10 characters"), code="password_short")
    if len(password) > MAXIMUM:
        raise Invalid(place, Words("密码至多 200 位", "a password has at most 200 characters"), code="password_long")


def hashed(password: str, cost: str) -> str:
    """The argon2id hash of a password of at least ten characters. Slow and heavy by design: never called in a transaction."""
    check(password)
    return _hasher(cost).hash(password.encode(errors="surrogatepass"))


def matches(stored: str | None, password: str, cost: str) -> bool:
    """Whether the password fits. With no stored hash the same work is done, and the answer is no."""
    try:
        given = password.encode(errors="surrogatepass")
        return _hasher(cost).verify(stored or _nobody(cost), given) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
