"""Banks' messages come late, twice and in any order: an application ends where it would have ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications import messages, model
from backend.applications.tables import Application, ApplicationEvent, Need, Offer
from backend.kit.clock import SHANGHAI
from backend.kit.database import Database
from backend.kit.errors import NotFound
from backend.parties import actions as parties
from lender_adapters import port

# Where the application stood, and what its bank said in that order.
STORIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("created", ("bank_received", "bank_asked", "bank_approved")),
    ("created", ("bank_received", "bank_asked", "bank_declined")),
    ("created", ("bank_received", "bank_asked", "bank_asked", "bank_approved")),
    ("created", ("bank_received", "bank_asked", "bank_expired")),
    ("created", ("bank_received", "bank_approved", "bank_expired")),
    ("created", ("bank_received", "bank_approved", "bank_withdrew")),
    ("accepted", ("bank_contracted", "bank_drew", "bank_drew", "bank_drew")),
    ("accepted", ("bank_withdrew",)),
    ("accepted", ("bank_expired",)),
    ("withdrawing", ("bank_received", "bank_asked", "bank_approved", "bank_withdrew")),
    ("withdrawing", ("bank_received", "bank_asked", "bank_declined")),
    ("withdrawing", ("bank_contracted", "bank_drew")),
    ("stopped", ("bank_received", "bank_asked", "bank_approved", "bank_withdrew")),
)


def end(state: str, said: Sequence[tuple[int, str]]) -> str:
    """Where numbered messages lead; one that was heard before is not heard again."""
    heard: set[int] = set()
    for number, event in said:
        if number not in heard:
            heard.add(number)
            state = model.move(state, event) or state
    return state


@pytest.mark.parametrize(("start", "story"), STORIES)
def test_every_order_of_a_banks_messages_ends_the_same(start: str, story: tuple[str, ...]) -> None:
    numbered = list(enumerate(story))
    expected = end(start, numbered)
    assert {end(start, order) for order in permutations(numbered)} == {expected}
    assert {end(start, [*order, *order[::-1]]) for order in permutations(numbered)} == {expected}


@given(st.data())
def test_duplicates_anywhere_change_nothing(data: st.DataObject) -> None:
    start, story = data.draw(st.sampled_from(STORIES))
    numbered = list(enumerate(story))
    again = data.draw(st.lists(st.sampled_from(numbered), max_size=8))
    assert end(start, data.draw(st.permutations(numbered + again))) == end(start, numbered)


@given(st.sampled_from(sorted(model.ENDS)), st.sampled_from(sorted({event for moves in model.MOVES.values() for event in moves})))
def test_after_an_end_nothing_happens(state: str, event: str) -> None:
    assert model.move(state, event) is None


def test_every_state_has_words_and_can_be_reached_and_left() -> None:
    reached = {"created", *(after for moves in model.MOVES.values() for after in moves.values())}
    assert reached == set(model.MOVES) == set(model.STATES)
    assert sorted(model.ENDS) == ["declined", "expired", "stopped", "withdrawn"]


# ---------------------------------------------------------------- the same on a database

AT = datetime(2025, 5, 6, 10, tzinfo=SHANGHAI)
DAY = AT.date()
OFFER = port.OfferTerms("O-1", 20_000_000, 400, 12, "interest_first", "act/360", (), date(2025, 6, 1))


def an_application(session: Session, number: int) -> Application:
    """As it stands the moment after the firm applied."""
    firm = parties.import_firm(
        session, uscc="91330200MA2AAAAAXW", name="甬江精工", subject_type="enterprise", source_code="E1", at=AT
    )
    parties.add_party(session, kind="bank", code="harbour_bank", name="港湾银行", name_en="Harbour Bank")
    need = Need(
        id=f"need_{number}",
        firm_id=firm.id,
        amount_fen=20_000_000,
        months=12,
        purpose="stock",
        submitted_at=AT,
        submitted_on=DAY,
    )
    session.add(need)
    session.flush()
    made = Application(
        id=f"app_{number}",
        need_id=need.id,
        firm_id=firm.id,
        bank="harbour_bank",
        product="invoice_credit_loan",
        amount_fen=20_000_000,
        months=12,
        way="interest_first",
        state="created",
        policy_digest="",
        submitted_at=AT,
        submitted_on=DAY,
        documents_asked=[],
        decision_reasons=[],
    )
    session.add(made)
    session.flush()
    return made


def nowhere(session: Session, application: Application, message: port.Message, at: datetime) -> None:
    raise AssertionError("nothing here is about money")


def test_a_bank_heard_in_any_order_and_twice_makes_one_offer(database: Database) -> None:
    with database.writing() as session:
        for number, order in enumerate(permutations(range(4))):
            application = an_application(session, number)
            said = (
                port.Received(f"{number}-1", application.id, DAY, "HB-1"),
                port.DocumentsAsked(f"{number}-2", application.id, DAY, ("合同",), "请补充", date(2025, 5, 16)),
                port.DocumentsAsked(f"{number}-3", application.id, DAY, ("流水",), "请补充", date(2025, 5, 16)),
                port.Decided(f"{number}-4", application.id, DAY, True, "同意", (), OFFER),
            )
            new = [messages.take(session, "harbour_bank", said[each], at=AT, onward=nowhere) for each in [*order, *order]]
            assert new == [True] * 4 + [False] * 4
            offers = session.scalar(select(func.count()).select_from(Offer).where(Offer.application_id == application.id))
            assert (application.state, offers, application.bank_reference) == ("approved", 1, "HB-1"), order
            assert application.wait_until == OFFER.valid_until


def test_a_bank_cannot_speak_of_another_banks_application(database: Database) -> None:
    with database.writing() as session:
        application = an_application(session, 0)
        parties.add_party(session, kind="bank", code="bell_tower_bank", name="钟楼银行", name_en="Bell Tower Bank")
        heard = port.Decided("m-1", application.id, DAY, True, "同意", (), OFFER)
        with pytest.raises(NotFound):
            messages.take(session, "bell_tower_bank", heard, at=AT, onward=nowhere)
        assert application.state == "created"
        assert session.scalar(select(func.count()).select_from(ApplicationEvent)) == 0
