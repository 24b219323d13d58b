"""Here a test plays many acts in one transaction."""

from tests.many_acts import database

__all__ = ["database"]
