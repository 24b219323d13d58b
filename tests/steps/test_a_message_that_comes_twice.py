"""The same message from outside, twice at the same moment, lies in the inbox once, and neither caller is refused."""

from __future__ import annotations

from functools import partial

from backend.kit import clock
from backend.kit.database import Database
from backend.steps import actions
from tests.at_once import at_once


def test_a_callback_that_comes_four_times_at_once_is_received_once(database: Database) -> None:
    told = partial(
        actions.receive,
        source="harbour_bank",
        verb="callback",
        message_id="callback.1",
        reference="app_1",
        headers={"content-type": "application/json"},
        body=b"{}",
        at=clock.now(),
    )
    found = at_once(database, *[told] * 4)
    assert sum(each is not None for each in found) == 1, found
