"""Recognition is told on the stories' stage as well."""

from tests.stories.conftest import stage

__all__ = ["stage"]
