"""What can be repaired, when, and what is missing: the rules told by example, then what must always hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.errors import Invalid, NotFound
from backend.repair.model import NegativeRecord, outlook, plan, way_for
from backend.repair.rule import Period, rules

NEW = date(2026, 5, 10)  # under order 36
OLD = date(2026, 3, 10)  # under order 58


def status(kind: str, cls: str, day: date, done: bool | None, today: date) -> str:
    return outlook(NegativeRecord(kind, cls, day, done), today).status


@pytest.mark.parametrize(
    ("cls", "document", "done", "today", "expected"),
    [
        ("minor", NEW, True, NEW, "repairable"),
        ("minor", NEW, False, NEW, "waiting"),
        ("minor", NEW, True, date(2026, 8, 10), "lapsed"),
        ("general", NEW, True, date(2026, 8, 9), "waiting"),
        ("general", NEW, True, date(2026, 8, 10), "repairable"),
        ("general", NEW, None, date(2026, 8, 10), "waiting"),
        ("general", NEW, True, date(2027, 5, 10), "lapsed"),
        ("general", NEW, False, date(2027, 5, 10), "waiting"),
        ("serious", NEW, True, date(2027, 5, 9), "waiting"),
        ("serious", NEW, True, date(2027, 5, 10), "repairable"),
        ("general", OLD, True, date(2026, 6, 10), "repairable"),
        ("general", OLD, True, date(2027, 3, 10), "repairable"),
        ("general", OLD, True, date(2029, 3, 10), "lapsed"),
        ("serious", OLD, True, date(2026, 6, 10), "waiting"),
    ],
)
def test_a_penalty_follows_the_rule_of_its_own_day(
    cls: str, document: date, done: bool | None, today: date, expected: str
) -> None:
    assert status("penalty", cls, document, done, today) == expected


def test_waiting_says_until_when_and_for_what() -> None:
    told = outlook(NegativeRecord("penalty", "general", NEW, False), date(2026, 6, 1))
    assert (told.earliest, told.latest) == (date(2026, 8, 10), date(2027, 5, 10))
    assert told.words.zh.startswith("行政处罚（待条件）：尚未履行完毕法定义务；最早 2026-08-10 可申请。")
    assert "the earliest day to apply is 2026-08-10" in told.words.en
    assert [paper.en for paper in told.materials] == ["proof that the legal duties are done", "public letter of commitment"]
    assert told.decided_within_working_days == 10


@pytest.mark.parametrize(
    ("done", "today", "zh", "en"),
    [
        (True, date(2027, 5, 10), "（已到期解禁）：公示期已满，不再公示和使用", " (lapsed): its period of publication is over"),
        (True, date(2026, 9, 1), "（可修复）：现在即可申请：", " (can be repaired): it can be applied for now: "),
        (None, date(2027, 5, 10), "（待条件）：", " (waiting): "),
    ],
)
def test_each_status_is_told_in_its_own_words_in_both_languages(done: bool | None, today: date, zh: str, en: str) -> None:
    told = outlook(NegativeRecord("penalty", "general", NEW, done), today).words
    assert zh in told.zh
    assert en in told.en


def test_an_abnormal_listing_can_be_mended_any_day() -> None:
    assert status("abnormal_list", "any", NEW, True, NEW) == "repairable"
    told = outlook(NegativeRecord("abnormal_list", "any", NEW, None), NEW + timedelta(days=900))
    assert (told.status, told.latest) == ("waiting", None)


def test_a_bureau_entry_cannot_be_repaired_and_we_say_so() -> None:
    told = outlook(NegativeRecord("bureau_entry", "any", NEW, True), date(2027, 1, 1))
    assert (told.status, told.earliest, told.latest) == ("not_repairable", None, date(2031, 5, 10))
    assert "不能“修复”" in told.words.zh


def test_the_plan_begins_with_what_can_be_done_today() -> None:
    records = [
        NegativeRecord("bureau_entry", "any", NEW, True),
        NegativeRecord("penalty", "serious", NEW, True),
        NegativeRecord("penalty", "general", NEW, True),
        NegativeRecord("abnormal_list", "any", NEW, True),
    ]
    steps = [(one.record.kind, one.record.cls) for one in plan(records, date(2026, 6, 1))]
    assert steps == [("abnormal_list", "any"), ("penalty", "general"), ("penalty", "serious"), ("bureau_entry", "any")]


def test_what_can_be_done_now_comes_before_what_must_wait_however_late_its_first_day() -> None:
    waits_since_long = NegativeRecord("abnormal_list", "any", OLD, False)
    now = NegativeRecord("penalty", "general", NEW, True)
    assert [one.status for one in plan([waits_since_long, now], date(2026, 9, 1))] == ["repairable", "waiting"]


def test_what_is_over_by_itself_stands_last_even_after_what_nothing_helps() -> None:
    lapsed, helpless = NegativeRecord("penalty", "minor", NEW, True), NegativeRecord("bureau_entry", "any", NEW, True)
    assert [one.status for one in plan([lapsed, helpless], date(2026, 9, 1))] == ["not_repairable", "lapsed"]


def test_a_period_that_ends_before_it_begins_is_no_rule() -> None:
    with pytest.raises(ValueError, match="shorter than shortest_months"):
        Period(shortest_months=12, longest_months=11)
    assert Period(shortest_months=12, longest_months=12).longest_months == 12
    assert Period(shortest_months=12).longest_months is None


def test_a_failed_criterion_points_to_its_channel() -> None:
    way = way_for("abnormal_listed", NEW)
    assert way is not None
    assert "补报年报" in way.zh
    assert way_for("sales_12m_fen", NEW) is None


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (NegativeRecord("penalty", "huge", NEW), "cls"),
        (NegativeRecord("penalty", "minor", NEW + timedelta(days=1)), "document_date"),
    ],
)
def test_a_record_no_rule_knows_is_not_guessed_at(record: NegativeRecord, place: str) -> None:
    with pytest.raises(Invalid) as wrong:
        outlook(record, NEW)
    assert wrong.value.place == place


def test_a_kind_of_record_no_rule_knows_is_not_found() -> None:
    with pytest.raises(NotFound) as missing:
        outlook(NegativeRecord("gossip", "any", NEW), NEW)
    assert missing.value.code == "repair_kind"


CASES = [(kind, cls) for kind, file in rules().items() for cls in file.blocks[-1].classes]


@given(
    case=st.sampled_from(CASES),
    document=st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    age=st.integers(0, 2500),
    more=st.integers(0, 2500),
)
def test_once_duties_are_done_time_only_helps(case: tuple[str, str], document: date, age: int, more: int) -> None:
    rank = {"not_repairable": 0, "waiting": 1, "repairable": 2, "lapsed": 3}
    record = NegativeRecord(*case, document, duties_done=True)
    today = document + timedelta(days=age)
    assert rank[outlook(record, today + timedelta(days=more)).status] >= rank[outlook(record, today).status]


@given(case=st.sampled_from(CASES), document=st.dates(date(2020, 1, 1), date(2027, 1, 1)), age=st.integers(0, 2500))
def test_doing_ones_duties_never_hurts(case: tuple[str, str], document: date, age: int) -> None:
    rank = {"not_repairable": 0, "waiting": 1, "repairable": 2, "lapsed": 3}
    today = document + timedelta(days=age)
    undone = outlook(NegativeRecord(*case, document, False), today)
    assert rank[outlook(NegativeRecord(*case, document, True), today).status] >= rank[undone.status]
    assert undone.missing or undone.status == "not_repairable"
