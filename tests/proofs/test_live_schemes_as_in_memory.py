"""Any book under any scheme ends live where it ends in memory: 1,000 books on each make at full length (`make proofs`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.kit.database import Database
from tests.risk_compensation.books import BLOCKS, PLENTY, books, last_day, same


def test_any_book_ends_live_where_it_ends_in_memory(
    database: Database, pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    full = bool(pytestconfig.getoption("--full-proofs"))

    count = 0

    # Each book plays in a transaction of its own that is rolled back: the database is the same empty one for all of them.
    @settings(
        max_examples=1_000 if full else 10,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if full else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def played(data: st.DataObject) -> None:
        nonlocal count
        count += 1
        code, block = BLOCKS[data.draw(st.sampled_from(sorted(BLOCKS)))]
        book = data.draw(books(block))
        same(database, code, block, book, PLENTY, last_day(book))

    played()
    say(f"{count:,} books under {len(BLOCKS)} schemes end live where they end in memory")
