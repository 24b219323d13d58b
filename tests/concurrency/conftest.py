"""The process that forks servers, once for all plays; and a place for figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.concurrency.stand import Zygote
from tests.proofs.conftest import say

__all__ = ["say", "zygote"]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()
