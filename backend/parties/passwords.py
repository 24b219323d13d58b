"""Passwords: argon2id. The cost is a setting; only sandbox mode accepts the cheapest.

RFC 9106 names the strong profile used here for `standard`; `cheapest` exists so that tests and the demo are quick.
"""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.kit.errors import Invalid, Misconfigured
from backend.kit.words import Words

MINIMUM = 10


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


def hashed(password: str, cost: str) -> str:
    """The argon2id hash of a password of at least ten characters."""
    if len(password) < MINIMUM:
        raise Invalid("password", Words("密码至少 10 位", "a password has at least 10 characters"), code="password_short")
    return _hasher(cost).hash(password)


def matches(stored: str | None, password: str, cost: str) -> bool:
    """Whether the password fits. With no stored hash the same work is done, and the answer is no."""
    try:
        return _hasher(cost).verify(stored or _nobody(cost), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
