"""Can this record be repaired, from when, and what is missing? (domain §7.1, §7.2, §7.4)

The rule of the document's own day applies; the period starts on that day. Under order 36 a general penalty can be repaired from
three months on, once its duties are done, and lapses after a year; duties still undone follow the sector's own rules and wait.

>>> record = NegativeRecord("penalty", "general", date(2026, 5, 10), duties_done=True)
>>> outlook(record, date(2026, 8, 9)).status, outlook(record, date(2026, 8, 10)).status, outlook(record, date(2027, 5, 10)).status
('waiting', 'repairable', 'lapsed')
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend.kit.calendar import add_months
from backend.kit.errors import Invalid
from backend.kit.words import Words
from backend.repair.rule import find, rules

Status = Literal["repairable", "lapsed", "not_repairable", "waiting"]
TITLES: dict[Status, Words] = {
    "repairable": Words("可修复", "can be repaired"),
    "lapsed": Words("已到期解禁", "lapsed"),
    "not_repairable": Words("暂不可修复", "cannot be repaired"),
    "waiting": Words("待条件", "waiting"),
}
_DUTIES_UNDONE = Words("尚未履行完毕法定义务", "the legal duties are not done yet")
_DUTIES_UNKNOWN = Words("尚无履行义务的证明", "there is no proof yet that the legal duties are done")


@dataclass(frozen=True, slots=True)
class NegativeRecord:
    """One negative record. `duties_done` is None while there is no proof either way."""

    kind: str
    cls: str
    document_date: date
    duties_done: bool | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a record stands today: `earliest` day to apply, `latest` day on which it lapses, what is missing."""

    record: NegativeRecord
    status: Status
    earliest: date | None
    latest: date | None
    missing: tuple[Words, ...]
    materials: tuple[Words, ...]
    where: Words
    decided_within_working_days: int
    words: Words


def outlook(record: NegativeRecord, today: date) -> Outlook:
    """The record's status today. Invalid: a class its rule does not know, or a document dated after today."""
    file = find(record.kind)
    if record.document_date > today:
        raise Invalid("document_date", Words("文书日期晚于今天", "the document is dated after today"))
    rule = file.on(record.document_date)
    period = rule.classes.get(record.cls)
    if period is None:
        known = ", ".join(rule.classes)
        raise Invalid("cls", Words(f"类别应为 {known}", f"the class of a {record.kind} is one of {known}"))
    earliest = add_months(record.document_date, period.shortest_months)
    latest = add_months(record.document_date, period.longest_months) if period.longest_months is not None else None
    missing = () if record.duties_done else ((_DUTIES_UNDONE if record.duties_done is False else _DUTIES_UNKNOWN),)
    status: Status
    if rule.irreparable is not None:
        status = "not_repairable"
    elif latest is not None and today >= latest and not missing:
        status = "lapsed"
    elif today >= earliest and not missing:
        status = "repairable"
    else:
        status = "waiting"
    reparable = status != "not_repairable"
    words = rule.irreparable or _sentence(status, earliest, today, missing, rule.where)
    title = file.title
    return Outlook(
        record,
        status,
        earliest if reparable else None,
        latest,
        missing if reparable else (),
        rule.materials,
        rule.where,
        rule.decided_within_working_days,
        Words(f"{title.zh}（{TITLES[status].zh}）：{words.zh}", f"{title.en} ({TITLES[status].en}): {words.en}"),
    )


def _sentence(status: Status, earliest: date, today: date, missing: tuple[Words, ...], where: Words) -> Words:
    if status == "lapsed":
        return Words("公示期已满，不再公示和使用", "its period of publication is over; it is no longer shown or used")
    if status == "repairable":
        return Words(f"现在即可申请：{where.zh}", f"it can be applied for now: {where.en}")
    wait = [Words(f"最早 {earliest} 可申请", f"the earliest day to apply is {earliest}")] if today < earliest else []
    parts = [*missing, *wait]
    return Words(f"{'；'.join(p.zh for p in parts)}。{where.zh}", f"{'; '.join(p.en for p in parts)}. {where.en}")


def plan(records: Iterable[NegativeRecord], today: date) -> tuple[Outlook, ...]:
    """All records in the order in which something can be done: now, then by earliest day, then what nothing helps."""
    rank: dict[Status, int] = {"repairable": 0, "waiting": 1, "not_repairable": 2, "lapsed": 3}
    found = [outlook(record, today) for record in records]
    return tuple(sorted(found, key=lambda one: (rank[one.status], one.earliest or date.max, one.record.kind)))


def way_for(fact: str, day: date) -> Words | None:
    """The repair channel for a fact that stands in the way (`abnormal_listed`, …), or None if none applies."""
    for file in rules().values():
        if fact in file.facts:
            return file.on(day).where
    return None
