"""A block of policy that several cite for the first time at the same moment is kept once, and nobody's act fails of it."""

from __future__ import annotations

from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.tables import PolicyBlock
from backend.kit.database import Database
from tests.at_once import at_once

BLOCKS = {"first": b"one", "second": b"two", "third": b"three"}


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(PolicyBlock)) or 0


def test_one_block_cited_by_four_at_once_is_kept_once(database: Database) -> None:
    found = at_once(database, *[partial(audit.keep_policy, kind="product", name="loan", body=b"terms")] * 4)
    assert len(set(found)) == 1, found
    assert kept(database) == 1


def test_the_same_blocks_in_other_orders_do_not_wait_for_each_other_in_a_circle(database: Database) -> None:
    def cite(names: list[str], session: Session) -> dict[str, str]:
        return audit.keep_policies(session, kind="match", blocks={name: BLOCKS[name] for name in names})

    orders = (["first", "second", "third"], ["third", "second", "first"], ["second", "third", "first"])
    found = at_once(database, *[partial(cite, names) for names in orders])
    assert found[0] == found[1] == found[2]
    assert kept(database) == len(BLOCKS)
