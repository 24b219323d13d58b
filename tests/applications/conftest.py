"""Where a test needs the whole road, it borrows the stories' stage."""

from tests.stories.conftest import stage

__all__ = ["stage"]
