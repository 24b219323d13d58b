"""A consent opens what it names, to whom it names, while it lives; and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import String, literal, select
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.consents import actions, views
from backend.consents.model import Signer
from backend.kit.database import Database
from backend.kit.errors import Invalid, Refused
from backend.parties.tables import Firm
from tests.consents.helpers import AT, PORT, YEAR, a_bank, a_draft, a_firm, a_signed


def opened(session: Session, firm: Firm, item: str = "TAX04", **asked: object) -> bool:
    """Asked both ways: as a sentence, and inside a reading statement. They must agree."""
    how = {"purpose": "pre_loan", "recipient": "platform", "at": AT} | asked
    by_view = views.live(session, firm_id=firm.id, item=item, **how) is not None  # type: ignore[arg-type]  # a test's own question
    inside = views.live_join(Firm.id, literal(item, String), **how)  # type: ignore[arg-type]  # a test's own question
    by_statement = session.scalar(select(Firm.id).where(Firm.id == firm.id, inside)) is not None
    assert by_view == by_statement
    return by_view


def test_a_draft_opens_nothing_and_a_signature_opens_it(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        a_draft(session, owner, firm)
        assert not opened(session, firm)
        a_signed(session, owner, firm)
        assert opened(session, firm)


@pytest.mark.parametrize(
    "asked",
    [{"item": "SOC01"}, {"purpose": "post_loan"}, {"recipient": "harbour_bank"}],
    ids=["another item", "another purpose", "another recipient"],
)
def test_it_opens_only_what_it_names(database: Database, asked: dict[str, str]) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        a_signed(session, owner, firm)
        assert not opened(session, firm, **asked)  # type: ignore[arg-type]  # one named difference


def test_one_firms_consent_opens_nothing_of_another(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        other, _ = a_firm(session, "91330200000000019B", "东港陶瓷有限公司")
        a_signed(session, owner, firm)
        assert not opened(session, other)


def test_it_begins_and_ends_to_the_second(database: Database) -> None:
    begin, end = AT + timedelta(days=10), AT + timedelta(days=20)
    with database.writing() as session:
        firm, owner = a_firm(session)
        a_signed(session, owner, firm, valid_from=begin, valid_to=end)
        second = timedelta(seconds=1)
        seen = [opened(session, firm, at=at) for at in (begin - second, begin, end - second, end, end + second)]
    assert seen == [False, True, True, False, False]


def test_revoking_stops_the_next_reading_in_the_same_moment(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = a_signed(session, owner, firm)
        assert opened(session, firm, at=AT)
        actions.revoke(session, owner, consent.id, at=AT)
        assert not opened(session, firm, at=AT)
        assert not opened(session, firm, at=AT - timedelta(days=0)), "a clock set back revives nothing"


def test_revoking_twice_changes_nothing_the_second_time(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = a_signed(session, owner, firm)
        first = actions.revoke(session, owner, consent.id, at=AT).revoked_at
    with database.writing() as session:
        lines = len(audit.trail(session, object_id=consent.id))
        assert actions.revoke(session, owner, consent.id, at=AT + timedelta(hours=1)).revoked_at == first
    with database.reading() as session:
        assert len(audit.trail(session, object_id=consent.id)) == lines == 3


def test_a_missing_consent_is_refused_by_name_and_the_refusal_is_in_the_log(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        a_signed(session, owner, firm)
    with pytest.raises(Refused) as refusal, database.writing() as session:
        views.require(
            session, owner, firm_id=firm.id, items=["TAX04", "SOC01", "ELE01"], purpose="pre_loan", recipient="platform", at=AT
        )
    assert refusal.value.code == "consent_missing"
    assert "ELE01" in refusal.value.words.zh
    assert "TAX04" not in refusal.value.words.zh
    with database.reading() as session:
        line = audit.trail(session, firm_id=firm.id)[0]
        assert line.action == "consent.missing"
        assert line.details["items"] == ["ELE01", "SOC01"]


def test_what_is_granted_answers_with_its_consent(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = a_signed(session, owner, firm)
        found = views.require(session, owner, firm_id=firm.id, items=["TAX04"], purpose="pre_loan", recipient="platform", at=AT)
        assert found == {"TAX04": consent.id}


def test_an_imported_basis_opens_the_platforms_view_and_reaches_no_bank(database: Database) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        actions.import_basis(
            session, owner, firm_id=firm.id, items=["TAX04"], file_digest="ab" * 32, basis="公开竞赛数据,仅供测试", at=AT
        )
        assert opened(session, firm)
        assert not opened(session, firm, recipient="harbour_bank")
        assert views.papers(session, firm_id=firm.id, bank="harbour_bank", at=AT) == []


@pytest.mark.parametrize("basis", ["", " \n"])
def test_a_ledger_is_imported_on_no_basis_that_is_not_told(database: Database, basis: str) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        with pytest.raises(Invalid) as wrong:
            actions.import_basis(session, owner, firm_id=firm.id, items=["TAX04"], file_digest="ab" * 32, basis=basis, at=AT)
        assert wrong.value.place == "basis"
        assert not opened(session, firm)


def test_a_banks_query_paper_is_carried_to_that_bank_and_opens_nothing_here(database: Database) -> None:
    with database.writing() as session:
        a_bank(session)
        a_bank(session, "orchard_bank")
        firm, owner = a_firm(session)
        paper = a_signed(session, owner, firm, kind="bank_query", recipients=["harbour_bank"])
        assert [each.id for each in views.bank_queries(session, firm_id=firm.id, bank="harbour_bank", at=AT)] == [paper.id]
        assert views.bank_queries(session, firm_id=firm.id, bank="orchard_bank", at=AT) == []
        assert not opened(session, firm, recipient="harbour_bank")
        assert views.bank_queries(session, firm_id=firm.id, bank="harbour_bank", at=AT + YEAR) == []


def test_a_wider_paper_takes_the_place_of_a_narrower_one_so_that_withdrawing_it_withdraws_all(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        narrow = a_signed(session, owner, firm, items=["TAX04"])
        wide = a_signed(session, owner, firm, items=["TAX04", "SOC01"])
        assert views.state_now(views.get(session, firm.id, narrow.id), AT) == "superseded"
        assert opened(session, firm)
        assert views.live(session, firm_id=firm.id, item="TAX04", purpose="pre_loan", recipient="platform", at=AT) == wide.id
        actions.revoke(session, owner, wide.id, at=AT)
        assert not opened(session, firm)
    with database.reading() as session:
        assert audit.trail(session, object_id=narrow.id)[0].action == "consent.superseded"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({}, {}),
        ({}, {"valid_to": AT + YEAR + timedelta(days=1)}),
        ({}, {"recipients": ["platform", "harbour_bank"]}),
        ({"kind": "person", "subject_person": "王小明"}, {"kind": "person", "subject_person": "王小明"}),
    ],
    ids=["the same again", "the same for longer", "for one more reader", "the person's own"],
)
def test_a_renewed_paper_takes_the_place_of_the_earlier_one(
    database: Database, first: dict[str, object], again: dict[str, object]
) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        earlier = a_signed(session, owner, firm, **first)
        renewed = a_signed(session, owner, firm, **again)
        assert earlier.id != renewed.id
        now = [views.get(session, firm.id, each.id) for each in (earlier, renewed)]
        assert [views.state_now(each, AT) for each in now] == ["superseded", "signed"]
        actions.revoke(session, owner, renewed.id, at=AT)
        assert not opened(session, firm)


def test_a_paper_of_another_person_or_another_firm_takes_no_place(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        other, its_owner = a_firm(session, "91330200000000019B", "东港陶瓷有限公司")
        papers = []
        for person in ("赵股东", "钱股东"):
            draft = a_draft(session, owner, firm, kind="person", subject_person=person)
            papers.append(actions.sign(session, owner, draft.id, signer=Signer(person, "person"), port=PORT, at=AT))
        papers.append(a_signed(session, owner, firm))
        papers.append(a_signed(session, its_owner, other))
        assert [views.state_now(each, AT) for each in papers] == ["signed"] * 4


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ({}, True),
        ({"items": ["TAX03", "TAX04"]}, True),
        ({"at": AT + timedelta(seconds=119)}, True),
        ({"at": AT + timedelta(minutes=2)}, False),
        ({"items": ["TAX04"]}, False),
        ({"items": ["TAX03", "TAX04", "SOC01"]}, False),
        ({"purpose": "post_loan"}, False),
        ({"recipients": ["platform", "harbour_bank"]}, False),
        ({"valid_to": AT + timedelta(days=30)}, False),
        ({"kind": "person", "subject_person": "赵股东"}, False),
    ],
    ids=[
        *("the same", "in another order", "just within two minutes", "after two minutes", "fewer items", "more items"),
        *("another purpose", "one more reader", "shorter", "another kind"),
    ],
)
def test_the_same_draft_again_within_two_minutes_is_one_paper(database: Database, said: dict[str, object], same: bool) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        first = a_draft(session, owner, firm)
        assert (a_draft(session, owner, firm, **said).id == first.id) is same
        a_signed(session, owner, firm)
        assert a_draft(session, owner, firm).id != first.id, "what is signed is a paper of its own"


def test_what_some_paper_holds_open_is_that_firms_signed_and_not_over(database: Database) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        other, its_owner = a_firm(session, "91330200000000019B", "东港陶瓷有限公司")
        a_signed(session, its_owner, other, items=["ELE01"])
        a_draft(session, owner, firm, items=["TAX03"])
        a_signed(session, owner, firm, items=["TAX04"], recipients=["harbour_bank"], valid_to=AT + timedelta(days=10))
        begins_later = {"valid_from": AT + timedelta(days=5), "valid_to": AT + timedelta(days=20)}
        a_signed(session, owner, firm, items=["SOC01"], purpose="post_loan", **begins_later)
        held = [views.items_held_open(session, firm.id, AT + timedelta(days=days)) for days in (0, 9, 10, 20)]
    assert held == [{"TAX04", "SOC01"}, {"TAX04", "SOC01"}, {"SOC01"}, set()]


@pytest.mark.parametrize(
    "said",
    [
        {"items": ["SOC01"]},
        {"purpose": "post_loan"},
        {"recipients": ["harbour_bank"]},
        {"valid_to": AT + timedelta(days=30)},
        {"valid_from": AT + timedelta(days=30)},
        {"kind": "person", "subject_person": "王小明"},
    ],
    ids=["other items", "another purpose", "another recipient", "shorter", "not yet begun", "another kind"],
)
def test_a_paper_that_says_something_else_leaves_the_earlier_one_alone(database: Database, said: dict[str, object]) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        earlier = a_signed(session, owner, firm)
        a_signed(session, owner, firm, **said)
        assert views.state_now(views.get(session, firm.id, earlier.id), AT) == "signed"
        assert opened(session, firm)
