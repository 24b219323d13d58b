"""A removed firm may appeal and is answered in time; a bank's promise to a programme is a floor whose progress is told."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import SYSTEM, Actor
from backend.credit_data import actions as credit_data
from backend.kit.clock import SHANGHAI
from backend.kit.database import Database
from backend.kit.errors import Conflict, Invalid, NotFound, Refused
from backend.kit.words import Words
from backend.parties import actions as parties
from backend.whitelists import actions, appeals, progress, views
from tests.portal.visitor import credit_code
from tests.stage import Stage
from tests.whitelists.test_recognition import AT, DATA, NOTICE, grade_on, issuer, publish

OWNER = Actor("user_owner", "firm_owner", None)
BACK = Words("登记机构确认证书有效", "the registry confirms that the certificate is valid")


def removed(session: Session) -> tuple[Actor, str]:
    """The issuer, and the firm it took off."""
    actor = issuer(session)
    publish(session, actor)
    firm = parties.import_firm(session, uscc=DATA, name="数据科技", subject_type="enterprise", source_code="E1", at=AT)
    actions.remove(session, actor, programme="data_enterprises", uscc=DATA, notice=NOTICE, at=AT)
    return actor, firm.id


def object_to_it(session: Session, firm_id: str, *, words: str = "证书没有注销", days: int = 1) -> str:
    at = AT + timedelta(days=days)
    return appeals.file(session, OWNER, firm_id=firm_id, programme="data_enterprises", words=words, at=at).id


def test_an_appeal_that_is_upheld_lists_the_firm_again_from_that_day(database: Database) -> None:
    with database.writing() as session:
        bureau, firm_id = removed(session)
        appeal = object_to_it(session, firm_id)
        assert object_to_it(session, firm_id, words="再写一次") == appeal
        assert grade_on(session, DATA, date(2025, 5, 8)) is None
        answered = appeals.answer(session, bureau, appeal_id=appeal, upheld=True, words=BACK, at=AT + timedelta(days=5))
        assert appeals.answer(session, bureau, appeal_id=appeal, upheld=True, words=BACK, at=AT + timedelta(days=6)) == answered
        assert [grade_on(session, DATA, AT.date() + timedelta(days=n)) for n in (4, 5)] == [None, "A"]
        (told,) = views.appeals(session, firm_id=firm_id)
        assert (told.upheld, told.answer, told.answer_by) == (True, BACK, date(2025, 5, 27))
    with database.reading() as session:
        assert [line.action for line in audit.trail(session, object_id=appeal)][::-1] == [
            "whitelist.appealed", "whitelist.appeal_answered",
        ]  # fmt: skip


def test_an_appeal_that_is_not_upheld_leaves_the_removal_with_its_reason(database: Database) -> None:
    with database.writing() as session:
        bureau, firm_id = removed(session)
        appeal = object_to_it(session, firm_id)
        appeals.answer(session, bureau, appeal_id=appeal, upheld=False, words=NOTICE, at=AT + timedelta(days=5))
        assert grade_on(session, DATA, date(2025, 6, 1)) is None
        with pytest.raises(Conflict):
            appeals.answer(session, bureau, appeal_id=appeal, upheld=True, words=BACK, at=AT + timedelta(days=6))


def test_only_the_issuer_answers_and_only_a_removed_firm_appeals_in_time_and_in_words(database: Database) -> None:
    with database.writing() as session:
        bureau, firm_id = removed(session)
        with pytest.raises(Invalid):
            object_to_it(session, firm_id, words=" ")
        with pytest.raises(Refused, match="within 60 days"):
            object_to_it(session, firm_id, days=61)
        appeal = object_to_it(session, firm_id)
        with pytest.raises(Refused):
            appeals.answer(session, OWNER, appeal_id=appeal, upheld=True, words=BACK, at=AT)
        with pytest.raises(Invalid):
            appeals.answer(session, bureau, appeal_id=appeal, upheld=True, words=Words("好", ""), at=AT)
        other = parties.import_firm(session, uscc=credit_code(9), name="别家", subject_type="enterprise", source_code="E2", at=AT)
        with pytest.raises(NotFound):
            object_to_it(session, other.id)


@pytest.mark.parametrize("borrowers", [0, 3, 6])
def test_a_promise_is_a_floor_and_its_progress_is_told_for_five_firms_and_more(database: Database, borrowers: int) -> None:
    codes = [credit_code(n) for n in range(20, 27)]
    at = datetime(2025, 9, 1, 10, tzinfo=SHANGHAI)
    with database.writing() as session:
        publish(session, issuer(session), members=[(code, "B") for code in codes])
        for number, code in enumerate(codes):
            firm = parties.import_firm(session, uscc=code, name="数", subject_type="enterprise", source_code=f"E{number}", at=AT)
            drawn = [("harbour_bank", "2025-06-10"), ("orchard_bank", "2025-06-10"), ("harbour_bank", "2025-04-01")]
            loans = [
                {"bank": bank, "amount_fen": 100_000_000, "value_date": day, "matures_on": "2026-06-10", "draw": str(n)}
                for n, (bank, day) in enumerate(drawn)
            ]
            values = {"bnk_loans": loans if number < borrowers else []}
            credit_data.append_bank_facts(session, firm_id=firm.id, values=values, as_of=date(2025, 8, 1), source="bank_feedback")
        (told,) = progress.of(session, SYSTEM, programme="data_enterprises", at=at)
    assert (told.bank, told.at_least_fen, told.listed, told.borrowed) == ("harbour_bank", 10**12, 7, borrowers)
    assert told.drawn_fen == {0: 0, 3: None, 6: 600_000_000}[borrowers]
    assert told.share_bp == {0: 0, 3: None, 6: 6}[borrowers]


def test_an_appeal_goes_in_and_comes_back_through_the_front(stage: Stage) -> None:
    uscc = "91420100000000000U"
    stage.sound_firm(uscc)
    firm = stage.firm(uscc)
    stage.take_part("issuer", "data_bureau", "市数据局", {"bureau": "whitelist_issuer"})
    desk, day = stage.people["bureau"], stage.today
    batch = {"programme": "data_enterprises", "batch": "9", "issued_on": day.isoformat()}
    ends = (day + timedelta(days=300)).isoformat()
    desk.do("POST", "/api/issuer/batches", batch | {"expires_on": ends, "members": [{"uscc": uscc, "grade": "B"}]})
    notice = {"notice_zh": "证书注销", "notice_en": "certificate cancelled"}
    desk.do("POST", "/api/issuer/removals", {"programme": "data_enterprises", "uscc": uscc} | notice)
    assert firm.do("GET", "/api/me/listings") == {}
    filed = firm.do("POST", "/api/me/listings/data_enterprises/appeal", {"words": "证书仍有效"})
    assert [each["id"] for each in desk.do("GET", "/api/issuer/appeals")] == [filed["id"]]
    said = {"upheld": True, "words_zh": "予以恢复", "words_en": "restored"}
    desk.do("POST", f"/api/issuer/appeals/{filed['id']}", said)
    assert firm.do("GET", "/api/me/appeals")[0]["upheld"] is True
    assert firm.do("GET", "/api/me/listings")["data_enterprises"]["grade"] == "B"
    (promise,) = desk.do("GET", "/api/issuer/programmes/data_enterprises/progress")
    assert (promise["bank"], promise["borrowed"], promise["drawn_fen"]) == ("harbour_bank", 0, 0)
