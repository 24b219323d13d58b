"""The rules of whitelists of the form *one*, *at most*, and what holds each (`backend.kit.rules`).

A batch names up to some thousand credit codes, of firms that may not be here yet: the programme is what is held, by its name.

>>> len({rule.name for rule in RULES}) == len(RULES)
True
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

ONE_BATCH = Rule(
    "one_batch",
    Words("一个批次号只发布一次，内容不变", "a batch number is published once, with one content"),
    ("lock party", "constraint uq_whitelist_batches_programme_number"),
    "tests/concurrency::a batch published once",
)
ONE_REMOVAL = Rule(
    "one_removal",
    Words("同一次认定只移出一次", "a firm is taken off a list once for each time it was listed"),
    ("lock party",),
    "tests/concurrency::taken off a list once",
)
ONE_APPEAL = Rule(
    "one_appeal",
    Words("一次移出至多一次申诉", "a removal is appealed once"),
    ("lock party", "constraint uq_whitelist_appeals_removal_id"),
    "tests/concurrency::an appeal answered once",
)
ONE_ANSWER = Rule(
    "one_answer",
    Words("一次申诉只答复一次", "an appeal is answered once"),
    ("lock party", "constraint pk_whitelist_appeal_answers"),
    "tests/concurrency::an appeal answered once",
)
RULES: tuple[Rule, ...] = (ONE_BATCH, ONE_REMOVAL, ONE_APPEAL, ONE_ANSWER)
