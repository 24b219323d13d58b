"""Uplifts are told on the stories' stage as well."""

from tests.many_acts import database
from tests.stories.conftest import stage

__all__ = ["database", "stage"]
