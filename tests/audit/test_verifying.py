"""`creditbridge audit verify`: one bit flipped in the log, a consent, or a power of attorney, and it is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from backend import cli
from backend.app import create_platform
from backend.cli import common
from backend.consents import actions, powers
from backend.consents.model import Signer
from backend.consents.tables import Consent, PowerOfAttorney
from backend.doors import Platform
from backend.settings import load
from backend.vocabulary.facts import item_titles
from tests.consents.helpers import AT, OWNER, YEAR, a_draft, a_firm


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A platform with two signed papers and a power of attorney, where the command looks."""
    monkeypatch.setenv("CREDITBRIDGE_VAR", str(tmp_path))
    made = create_platform(load())
    with made.database.writing() as session:
        firm, owner = a_firm(session)
        power = powers.store(
            session,
            owner,
            firm_id=firm.id,
            agent_name="李经理",
            items=["TAX04"],
            valid_from=AT,
            valid_to=AT + YEAR,
            document="兹委托李经理……".encode(),
            titles=item_titles(),
            at=AT,
        )
        for signer, said in ((OWNER, {}), (Signer("李经理", "agent", power.id), {"items": ["TAX04"], "purpose": "post_loan"})):
            paper = a_draft(session, owner, firm, **said)
            actions.sign(session, owner, paper.id, signer=signer, port=made.signing, at=AT)
    yield made
    made.database.dispose()


def verify(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["creditbridge", "audit", "verify"])
    capsys.readouterr()
    common.out.file = None  # the console prints where this test listens
    try:
        cli.main()
    except SystemExit as leave:
        return int(leave.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_what_was_signed_and_logged_verifies(
    house: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = verify(capsys, monkeypatch)
    assert code == 0, said
    assert "the log is whole" in said
    assert "2 consents and 1 powers of attorney" in said


def flipped(plain: str | bytes, place: int) -> str | bytes:
    """The same with one bit another."""
    if isinstance(plain, bytes):
        return plain[:place] + bytes([plain[place] ^ 1]) + plain[place + 1 :]
    return plain[:place] + chr(ord(plain[place]) ^ 1) + plain[place + 1 :]


def a_bit_of(table: type[Consent | PowerOfAttorney], column: str, place: int = 5) -> Callable[[Session], str]:
    def flip(session: Session) -> str:
        name, plain = session.execute(select(table.id, getattr(table, column)).order_by(table.id.desc()).limit(1)).one()
        session.execute(update(table).where(table.id == name).values({column: flipped(plain, place)}))
        return str(name)

    return flip


def revoked_is_signed_again(session: Session) -> str:
    paper = session.scalars(select(Consent)).first()
    assert paper is not None
    actions.revoke(session, actions.Actor("u", "firm_owner"), paper.id, at=AT)
    session.execute(update(Consent).where(Consent.id == paper.id).values(state="signed", revoked_at=None))
    return paper.id


def a_paper_is_copied(session: Session) -> str:
    paper = session.scalars(select(Consent)).first()
    assert paper is not None
    said = {column.key: getattr(paper, column.key) for column in Consent.__table__.columns}
    session.add(Consent(**said | {"id": "consent_forged"}))
    return "consent_forged"


CHANGES: dict[str, Callable[[Session], str]] = {
    "a bit of a consent's text": a_bit_of(Consent, "text", 40),
    "the brace that begins it": a_bit_of(Consent, "text", 0),
    "a bit of its signature": a_bit_of(Consent, "signature"),
    "a bit of its digest": a_bit_of(Consent, "digest"),
    "a bit of its signer's name": a_bit_of(Consent, "signer", 0),
    "a bit of a power's paper": a_bit_of(PowerOfAttorney, "sealed", 20),
    "a bit of its nonce": a_bit_of(PowerOfAttorney, "sealed", 0),
    "a bit of the power's digest": a_bit_of(PowerOfAttorney, "digest"),
    "a bit of the agent's name": a_bit_of(PowerOfAttorney, "agent_name", 0),
    "a longer power": lambda session: str(
        session.scalars(
            update(PowerOfAttorney).values(valid_to=AT + 3 * YEAR + timedelta(days=1)).returning(PowerOfAttorney.id)
        ).one()
    ),
    "a withdrawal undone": revoked_is_signed_again,
    "a paper that nobody drafted": a_paper_is_copied,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_by_hand_is_named(
    house: Platform,
    change: Callable[[Session], str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with house.database.writing() as session:
        name = change(session)
    code, said = verify(capsys, monkeypatch)
    assert code == 1, said
    assert name in said


def test_a_broken_log_and_a_text_that_cannot_be_read_are_both_named(
    house: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.database.writing() as session:
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_lines_no_{verb}"))
        session.execute(text("UPDATE audit_lines SET role = 'operator' WHERE seq = 2"))
        session.execute(text("UPDATE consents SET text = CAST(x'c328' AS TEXT) WHERE purpose = 'pre_loan'"))
    code, said = verify(capsys, monkeypatch)
    assert code == 1
    assert "line 2 was altered" in said
    assert "the row cannot be read" in said
