"""Facts that are not public lie under seal, and a ciphertext opens nowhere but at its own place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from backend import migrate as migration
from backend.audit.model import SYSTEM
from backend.consents import views as consents
from backend.consents.tables import PowerOfAttorney
from backend.credit_data import actions, seals, views
from backend.credit_data.distil import Value
from backend.credit_data.ledgers import fictional_uscc
from backend.credit_data.tables import FactRow
from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.kit.errors import Fault, Misconfigured
from backend.kit.guards import statements
from backend.parties.tables import Firm
from tests import postgres
from tests.consents.helpers import a_firm
from tests.credit_data.departments import AT, SEALER, a_consenting_firm

DAY = AT.date()


def keep(session: Session, firm: Firm, **values: Any) -> None:
    found = {code: Value(value, DAY, ("heard twice",)) for code, value in values.items()}
    actions.keep_facts(session, firm_id=firm.id, found=found, day=DAY, consents={})


def unguarded(session: Session) -> None:
    """Take the guard off the table, as somebody with the database's own password could."""
    dialect = session.get_bind().dialect.name
    for name in ("facts_no_update", "facts_no_delete") if dialect == "sqlite" else ("facts_append_only ON facts",):
        session.execute(text(f"DROP TRIGGER {name}"))


def sales(session: Session, firm: Firm) -> Any:
    file = views.read(session, SYSTEM, firm_id=firm.id, purpose="pre_loan", recipient="platform", at=AT, codes=["sales_12m_fen"])
    return file.values.get("sales_12m_fen")


def test_a_fact_that_is_not_public_stands_nowhere_in_clear(database: Database) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        keep(session, firm, sales_12m_fen=123_456_789, dishonest_debtor=False, bnk_max_dpd=31)
    with database.reading() as session:
        kept = {row.code: row for row in session.scalars(select(FactRow))}
        assert (kept["dishonest_debtor"].value, kept["dishonest_debtor"].doubts, kept["dishonest_debtor"].sealed) == (
            False,
            ["heard twice"],
            None,
        )
        for code in ("sales_12m_fen", "bnk_max_dpd"):
            row = kept[code]
            assert (row.value, row.doubts) == (None, [])
            assert row.sealed is not None
            assert b"123456789" not in row.sealed
        assert seals.opened(kept["sales_12m_fen"], SEALER) == (123_456_789, ("heard twice",))
    with database.writing() as session:
        assert sales(session, firm) == 123_456_789


def test_the_same_fact_heard_again_makes_no_new_row(database: Database) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        keep(session, firm, sales_12m_fen=1, data_certificates=[{"b": 1, "a": DAY}])
        keep(session, firm, sales_12m_fen=1, data_certificates=[{"a": DAY, "b": 1}])
        assert len(session.scalars(select(FactRow.seq)).all()) == 2


MOVES = {
    "into another fact of the firm": lambda here, other, old: {"sealed": other.sealed},
    "into another firm's row": lambda here, other, old: {"firm_id": other.firm_id, "sealed": here.sealed},
    "from an older row of the same fact": lambda here, other, old: {"sealed": old.sealed},
    "to a public item": lambda here, other, old: {"item": "REG01"},
    "to another day": lambda here, other, old: {"as_of": here.as_of - timedelta(days=1)},
    "by one bit": lambda here, other, old: {"sealed": here.sealed[:-1] + bytes([here.sealed[-1] ^ 1])},
    "into the clear": lambda here, other, old: {"sealed": None, "value": 9, "doubts": []},
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_seal_that_was_moved_or_altered_does_not_open(database: Database, move: Any) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        neighbour, _ = a_firm(session, fictional_uscc("E1", "enterprise"), "邻家商贸有限公司")
        keep(session, firm, sales_12m_fen=5)
        keep(session, neighbour, purchases_12m_fen=7)
        keep(session, firm, sales_12m_fen=6)
        assert sales(session, firm) == 6
        old, other, here = session.scalars(select(FactRow).order_by(FactRow.seq)).all()
        changes = move(here, other, old)
        unguarded(session)
        session.execute(update(FactRow).where(FactRow.seq == here.seq).values(**changes))
        session.expire_all()
        reader = session.get_one(Firm, changes.get("firm_id", firm.id))
        day = AT + timedelta(days=1)
        with pytest.raises(Fault) as refused:
            views.latest_rows(session, reader.id, day.date())
        assert refused.value.code == "seal"
        if reader.id == firm.id:
            with pytest.raises(Fault):
                sales(session, firm)
            with pytest.raises(Fault):
                list(views.sweep(session, SYSTEM, purpose="pre_loan", at=AT, codes=["sales_12m_fen"]))


def test_a_shut_fact_is_not_even_fetched_under_seal(database: Database) -> None:
    with database.writing() as session:
        firm, _ = a_firm(session)
        keep(session, firm, sales_12m_fen=5)
        given = {"purpose": "pre_loan", "recipient": "platform", "at": AT, "day": DAY}
        (row,) = session.execute(views._statement(("sales_12m_fen",), every_firm=True), given).all()
        assert (row.value, row.sealed) == (None, None)
        assert sales(session, firm) is None


def test_without_the_key_or_with_another_nothing_opens(database: Database) -> None:
    with database.writing() as session:
        firm, _, _ = a_consenting_firm(session, ["TAX04"])
        keep(session, firm, sales_12m_fen=5)
    for key, fault in ((None, Misconfigured), (Sealer(bytes(32)), Fault)):
        stranger = Database(database.engine.url.render_as_string(hide_password=False), key)
        with pytest.raises(fault), stranger.writing() as session:
            sales(session, firm)
        stranger.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'first.db'}"
        return
    worker = request.getfixturevalue("worker_id")
    with postgres.fresh_database(request.getfixturevalue("postgres_admin"), f"creditbridge_{worker}_seals_test") as url:
        yield url


def test_what_an_earlier_release_kept_in_clear_is_sealed_by_the_migration(empty_url: str) -> None:
    old = Database(empty_url)
    config = migration._config()
    with old.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for line in _of_the_first_schema():
            connection.execute(text(line), {"paper": b"paper"} if ":paper" in line else {})
    with pytest.raises(Misconfigured, match="RECORD_KEY"):
        migration.migrate(old)
    old.dispose()
    new = Database(empty_url, SEALER)
    migration.migrate(new)
    with new.reading() as session:
        assert {row.code: row.value for row in views.latest_rows(session, "f", DAY)} == {"sales_12m_fen": 77, "region": "420100"}
        kept = session.scalars(select(FactRow).where(FactRow.code == "sales_12m_fen")).one()
        assert (kept.value, kept.doubts) == (None, [])
        power = session.scalars(select(PowerOfAttorney)).one()
        assert b"paper" not in power.sealed
        assert consents.paper(session, power) == b"paper"
        dialect = session.get_bind().dialect.name
    assert statements("facts", dialect)
    with pytest.raises(Exception, match="append-only"), new.writing() as session:
        session.execute(update(FactRow).values(unit="x"))
    new.dispose()


def _of_the_first_schema() -> list[str]:
    fact = "INSERT INTO facts (firm_id, code, item, value, unit, as_of, known_on, source, doubts) VALUES "
    return [
        "INSERT INTO parties (id, kind, code, name, name_en) VALUES ('p', 'firm', 'p', 'p', 'p')",
        "INSERT INTO firms (id, party_id, uscc, uscc_state, name, subject_type, imported, created_at) "
        "VALUES ('f', 'p', '91420100000000000U', 'valid', 'f', 'enterprise', false, '2025-01-01 00:00:00')",
        f"{fact} ('f', 'sales_12m_fen', 'TAX04', '77', 'fen', '2025-01-01', '2025-01-01', 'x', '[\"late\"]')",
        f"{fact} ('f', 'region', 'REG01', '\"420100\"', '', '2025-01-01', '2025-01-01', 'x', '[]')",
        "INSERT INTO powers_of_attorney (id, firm_id, agent_name, items, valid_from, valid_to, document, digest, stored_at) "
        "VALUES ('w', 'f', '李', '[\"TAX04\"]', '2025-01-01 00:00:00', '2026-01-01 00:00:00', :paper, 'd', "
        "'2025-01-01 00:00:00')",
    ]
