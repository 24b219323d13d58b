"""The proofs play on the stories' stage."""

from tests.stories.conftest import stage

__all__ = ["stage"]
