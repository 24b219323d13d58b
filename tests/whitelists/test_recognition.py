"""A firm is recognised in a batch, on conditions anyone may read, until it expires or is taken off with notice."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import SYSTEM, Actor
from backend.kit.clock import SHANGHAI
from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.policy import PolicyError, canonical, digest
from backend.kit.words import Words
from backend.parties import actions as parties
from backend.whitelists import actions, programme, views
from backend.whitelists.tables import WhitelistBatch, WhitelistMember

DATA, OTHER = "91420100000000000U", "91330200000000019B"
AT = datetime(2025, 5, 6, 10, tzinfo=SHANGHAI)
SEPTEMBER = AT.replace(month=9, day=1)
NOTICE = Words("数据产权登记已注销", "the data-right registration was cancelled")


def issuer(session: Session) -> Actor:
    party = parties.add_party(session, kind="issuer", code="data_bureau", name="市数据局")
    return Actor("user_bureau", "whitelist_issuer", party.id)


def publish(session: Session, actor: Actor, **changes: object) -> WhitelistBatch:
    given: dict[str, object] = {
        "programme": "data_enterprises", "batch": "2025-01", "issued_on": date(2025, 5, 1), "expires_on": date(2026, 4, 30),
        "members": [(DATA, "A"), (OTHER, "C")], "at": AT,
    }  # fmt: skip
    return actions.publish_batch(session, actor, **(given | changes))  # type: ignore[arg-type]


def grade_on(session: Session, uscc: str, day: date) -> str | None:
    found = views.listing(session, uscc=uscc, programme="data_enterprises", day=day)
    return found.grade if found else None


def test_a_firm_is_listed_from_the_batchs_day_until_it_expires(database: Database) -> None:
    with database.writing() as session:
        publish(session, issuer(session))
        days = (date(2025, 4, 30), date(2025, 5, 1), date(2026, 4, 30), date(2026, 5, 1))
        assert [grade_on(session, DATA, day) for day in days] == [
            None, "A", "A", None,
        ]  # fmt: skip


def test_publishing_a_batch_twice_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        actor = issuer(session)
        first = publish(session, actor)
        again = publish(session, actor, members=[(OTHER, "C"), (DATA.lower(), "A")])
        assert again.id == first.id
        assert session.scalar(select(func.count()).select_from(WhitelistMember)) == 2
    with database.reading() as session:
        assert len(audit.trail(session, object_id=first.id)) == 1


def test_the_same_number_with_other_content_is_a_conflict(database: Database) -> None:
    with database.writing() as session:
        actor = issuer(session)
        publish(session, actor)
        with pytest.raises(Conflict, match="publish a new one"):
            publish(session, actor, members=[(DATA, "B")])


def test_a_later_batch_takes_the_place_of_an_earlier_one(database: Database) -> None:
    with database.writing() as session:
        actor = issuer(session)
        publish(session, actor)
        later = {"batch": "2025-02", "issued_on": date(2025, 9, 1), "expires_on": date(2025, 12, 31), "at": SEPTEMBER}
        publish(session, actor, members=[(DATA, "B")], **later)
        assert grade_on(session, DATA, date(2025, 8, 31)) == "A"
        assert grade_on(session, DATA, date(2025, 9, 1)) == "B"
        assert grade_on(session, DATA, date(2026, 1, 1)) is None


def test_a_removal_gives_notice_and_stops_new_draws_only(database: Database) -> None:
    with database.writing() as session:
        actor = issuer(session)
        publish(session, actor)
        made = actions.remove(session, actor, programme="data_enterprises", uscc=DATA, notice=NOTICE, at=AT)
        assert actions.remove(session, actor, programme="data_enterprises", uscc=DATA, notice=NOTICE, at=AT).id == made.id
        assert grade_on(session, DATA, date(2025, 5, 5)) == "A"
        assert grade_on(session, DATA, date(2025, 5, 6)) is None
        assert grade_on(session, OTHER, date(2025, 5, 6)) == "C"
        told = views.removal(session, programme="data_enterprises", uscc=DATA, day=date(2025, 5, 6))
        assert told is not None
        assert told.notice == NOTICE
        assert "no new draws" in told.effect.en


def test_a_removed_firm_may_be_recognised_again(database: Database) -> None:
    with database.writing() as session:
        actor = issuer(session)
        publish(session, actor)
        actions.remove(session, actor, programme="data_enterprises", uscc=DATA, notice=NOTICE, at=AT)
        later = {"batch": "2025-02", "issued_on": date(2025, 9, 1), "expires_on": date(2026, 8, 31), "at": SEPTEMBER}
        publish(session, actor, members=[(DATA, "B")], **later)
        assert grade_on(session, DATA, date(2025, 9, 1)) == "B"
        assert views.removal(session, programme="data_enterprises", uscc=DATA, day=date(2025, 9, 1)) is None


def test_who_is_not_listed_cannot_be_removed(database: Database) -> None:
    with database.writing() as session, pytest.raises(NotFound):
        actions.remove(session, issuer(session), programme="data_enterprises", uscc=DATA, notice=NOTICE, at=AT)


def test_a_removal_tells_its_reason(database: Database) -> None:
    with database.writing() as session:
        actor = issuer(session)
        publish(session, actor)
        with pytest.raises(Invalid):
            actions.remove(session, actor, programme="data_enterprises", uscc=DATA, notice=Words("", " "), at=AT)


def test_only_the_programmes_own_issuer_publishes_and_a_try_is_written_down(database: Database) -> None:
    with database.writing() as session:
        issuer(session)
        other = parties.add_party(session, kind="issuer", code="culture_bureau", name="文化局")
    for actor in (Actor("u1", "whitelist_issuer", other.id), Actor("u2", "operator", None)):
        with pytest.raises(Refused), database.writing() as session:
            publish(session, actor)
    with database.reading() as session:
        lines = audit.trail(session, object_id="data_enterprises")
        assert [line.action for line in lines] == ["whitelist.publish_refused"] * 2
        assert session.scalar(select(func.count()).select_from(WhitelistBatch)) == 0


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"members": [(DATA, "A"), ("no code", "A")]}, "members, row 2"),
        ({"members": [(DATA, "Z")]}, "members, row 1"),
        ({"members": [(DATA, "A"), (DATA, "B")]}, "members, row 2"),
        ({"members": []}, "members"),
        ({"expires_on": date(2027, 5, 2)}, "expires_on"),
        ({"expires_on": date(2025, 5, 1)}, "expires_on"),
        ({"batch": " "}, "batch"),
    ],
)
def test_a_faulty_batch_is_refused_whole_and_names_the_place(database: Database, changes: dict[str, object], place: str) -> None:
    with database.writing() as session:
        actor = issuer(session)
        with pytest.raises(Invalid) as refusal:
            publish(session, actor, **changes)
        assert refusal.value.place == place
        assert session.scalar(select(func.count()).select_from(WhitelistBatch)) == 0


def test_every_listing_of_a_firm_is_answered_by_programme(database: Database) -> None:
    with database.writing() as session:
        publish(session, SYSTEM)
        firm = parties.import_firm(session, uscc=DATA, name="数据科技", subject_type="enterprise", source_code="E1", at=AT)
        found = views.listings(session, firm.id, date(2025, 6, 1))
        assert {name: (one.batch, one.grade, one.expires_on) for name, one in found.items()} == {
            "data_enterprises": ("2025-01", "A", date(2026, 4, 30))
        }


def test_a_batch_cites_the_programme_as_it_stood(database: Database) -> None:
    with database.writing() as session:
        made = publish(session, SYSTEM)
        body = audit.policy(session, made.policy_digest)
        assert body == canonical(programme.terms(programme.find("data_enterprises"), date(2025, 5, 1)))
        assert digest(body) == made.policy_digest


def test_nothing_is_published_before_the_programme_holds(database: Database) -> None:
    with database.writing() as session, pytest.raises(Refused):
        publish(session, SYSTEM, issued_on=date(2024, 5, 1), expires_on=date(2025, 4, 30))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            "      - id: registered_for\n",
            "      - 某某数据有限公司\n      - id: registered_for\n",
            "criteria are measured, not named",
        ),
        ("measure: {zh: 成立时间（月）", "measure: {zh: 91420100000000000U", "criteria are measured, not named"),
        ("        at_most: 0\n", "", "either at_least or at_most"),
        ("    source:", "    origin:", "this key is missing; add it"),
    ],
)
def test_a_list_of_names_is_no_criterion(tmp_path: Path, before: str, after: str, sentence: str) -> None:
    text = (programme.FOLDER / "data_enterprises.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "p.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=sentence):
        programme.programmes(tmp_path)


def test_the_criteria_of_every_programme_can_be_read_by_anyone() -> None:
    for one in programme.programmes().values():
        for block in one.blocks:
            assert all(criterion.words.zh and criterion.words.en for criterion in block.criteria)
    first = programme.find("data_enterprises").blocks[0].criteria[0]
    assert first.words.en == "months since registration: at least 12"
