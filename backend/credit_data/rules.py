"""The rules of credit data of the form *one*, *only under*, *not after*, and what holds each (`backend.kit.rules`).

>>> len({rule.name for rule in RULES}) == len(RULES)
True
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_STORY = "tests/credit_data/test_two_at_once.py"

ONE_RECORD = Rule(
    "one_record",
    Words("同一份记录只保存一次，只生成一次事实", "a record is kept once, and made into facts once"),
    ("lock firm",),
    f"{_STORY}::test_one_record",
)
ONE_GATHERING = Rule(
    "one_gathering",
    Words("同一目的的取数未开始前只排队一次", "a gathering that has not begun does for all who ask"),
    ("lock firm",),
    f"{_STORY}::test_one_gathering_of_many_taps",
)
FORGOTTEN_IN_TIME = Rule(
    "forgotten_in_time",
    Words("有未结清贷款时不删除其证据", "evidence is not forgotten while a loan runs"),
    ("lock firm",),
    f"{_STORY}::test_one_erasure",
)
RULES: tuple[Rule, ...] = (ONE_RECORD, ONE_GATHERING, FORGOTTEN_IN_TIME)
