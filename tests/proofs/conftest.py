"""The proofs play on the stories' stage, and say what they counted."""

import sys
from collections.abc import Callable

import pytest

from tests.many_acts import database
from tests.stories.conftest import stage

__all__ = ["database", "stage"]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """A figure for whoever looks on, and for the table at the end of `make proofs`."""

    def said(figure: str) -> None:
        record_property("figure", figure)
        with capsys.disabled():
            sys.stdout.write(f"\n{figure}\n")

    return said
