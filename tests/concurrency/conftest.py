"""The process that forks servers, once for all plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.concurrency.stand import Zygote


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()
