"""A count waits for no disk, a session does; and what is written with the commit is refused as anything else is."""

from __future__ import annotations

from typing import cast

import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.exc import IntegrityError

from backend.kit import clock
from backend.kit.database import Database, with_the_commit
from backend.parties.tables import KnownDevice, Party

_DEVICE, _PARTY = (cast(Table, each.__table__).insert() for each in (KnownDevice, Party))


def waits(database: Database, *, lasts: bool) -> str:
    with database.writing(lasts=lasts) as session:
        asked = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
        return {"1": "no", "2": "yes", "off": "no", "on": "yes"}[str(session.scalar(text(asked)))]


def test_only_a_commit_that_is_said_not_to_last_does_not_wait_for_the_disk(database: Database) -> None:
    assert [waits(database, lasts=each) for each in (True, False, True, False, False, True)] == [
        "yes",
        "no",
        "yes",
        "no",
        "no",
        "yes",
    ]
    with database.reading() as session:
        asked = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
        assert str(session.scalar(text(asked))) in ("2", "on")


def test_what_is_refused_at_the_commit_takes_all_of_it_back_and_says_why(database: Database) -> None:
    def lose() -> None:
        with database.writing() as session:
            session.add(Party(id="party", kind="bank", code="bank", name="一家银行"))
            lost = {"digest": "d", "user_id": "nobody", "expires_at": clock.now()}
            with_the_commit(session, _DEVICE, lost)

    for _ in range(3):
        with pytest.raises(IntegrityError):
            lose()
    with database.writing() as session:
        assert session.scalar(select(func.count()).select_from(Party)) == 0
        with_the_commit(session, _PARTY, {"id": "p", "kind": "bank", "code": "b", "name": "行", "name_en": ""})
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Party)) == 1


def test_what_was_asked_for_inside_a_savepoint_that_is_given_up_is_not_written(database: Database) -> None:
    def party(code: str) -> dict[str, str]:
        return {"id": f"party_{code}", "kind": "bank", "code": code, "name": code, "name_en": ""}

    with database.writing() as session:
        with_the_commit(session, _PARTY, party("before"))
        savepoint = session.begin_nested()
        with_the_commit(session, _PARTY, party("inside"))
        savepoint.rollback()
        with_the_commit(session, _PARTY, party("after"))
    with database.reading() as session:
        assert list(session.scalars(select(Party.code).order_by(Party.code))) == ["after", "before"]
