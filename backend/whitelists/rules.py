"""The rules of whitelists of the form *one*, *at most*, and what holds each (`backend.kit.rules`).

A batch names up to some thousand credit codes, of firms that may not be here yet: the programme is what is held, by its name.

>>> len({rule.name for rule in RULES}) == len(RULES)
True
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_STORY = "tests/whitelists/test_two_at_once.py"

ONE_BATCH = Rule(
    "a batch is published once",
    Words("一个批次号只发布一次，内容不变", "a batch number is published once, with one content"),
    ("lock party", "constraint uq_whitelist_batches_programme_number"),
    f"{_STORY}::one_batch",
)
ONE_REMOVAL = Rule(
    "a firm is taken off once",
    Words("同一次认定只移出一次", "a firm is taken off a list once for each time it was listed"),
    ("lock party",),
    f"{_STORY}::one_removal",
)
ONE_APPEAL = Rule(
    "one appeal a removal",
    Words("一次移出至多一次申诉", "a removal is appealed once"),
    ("lock party", "constraint uq_whitelist_appeals_removal_id"),
    f"{_STORY}::one_appeal",
)
ONE_ANSWER = Rule(
    "one answer an appeal",
    Words("一次申诉只答复一次", "an appeal is answered once"),
    ("lock party", "constraint pk_whitelist_appeal_answers"),
    f"{_STORY}::one_answer",
)
RULES: tuple[Rule, ...] = (ONE_BATCH, ONE_REMOVAL, ONE_APPEAL, ONE_ANSWER)
