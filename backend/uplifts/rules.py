"""The rules of uplifts of the form *one*, *at most*, *only in state*, and what holds each (`backend.kit.rules`).

What hangs under a firm is held by the firm; what is asked over all firms' evidence by a name that comes after them; a programme's
coefficients, and the lists over all firms, by a lock of their name that comes after the pools in the order of locks.

>>> len({rule.name for rule in RULES}) == len(RULES)
True
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_STORY = "tests/uplifts/test_two_at_once.py"

ONE_PROGRAMME = Rule(
    "one_programme",
    Words("一份授信只按一个增信项目增信一次", "a facility is lifted once, by one programme"),
    ("lock firm", "constraint pk_uplift_facilities", "constraint uq_uplift_evidence_facility_id_evidence_id"),
    f"{_STORY}::test_one_uplift",
)
NOTICED_TWICE = Rule(
    "noticed_twice",
    Words(
        "同一凭据或同一内容为两笔有效授信增信时，后一笔必被发现",
        "evidence, or content, that lifts two live facilities is noticed when the second is signed",
    ),
    ("lock firm",),
    f"{_STORY}::test_one_content_under_two",
)
EVIDENCE_STANDS = Rule(
    "evidence_stands",
    Words("凭据状态与冻结额逐次重算", "evidence and what it freezes are looked at one look at a time"),
    ("lock firm",),
    f"{_STORY}::test_one_uplift",
)
ENDED_ONCE = Rule(
    "ended_once",
    Words("授信结束时凭据只释放一次", "evidence is let go once, when its facility ends"),
    ("lock firm",),
    f"{_STORY}::test_one_uplift",
)
REVIEWED_ONCE = Rule(
    "reviewed_once",
    Words("一件凭据只复核一次，只决定一次", "a piece is put before a person once, and decided once"),
    ("lock firm", "constraint uq_uplift_reviews_firm_id_evidence_id"),
    f"{_STORY}::test_one_review",
)
COEFFICIENT_DECIDED = Rule(
    "coefficient_decided",
    Words("一项系数提案只由另一人决定一次", "a proposed coefficient is decided once, by another person"),
    ("lock pool", "constraint uq_uplift_alerts_programme_policy_digest_coefficient"),
    "tests/concurrency::a coefficient decided once",
)
RULES: tuple[Rule, ...] = (ONE_PROGRAMME, NOTICED_TWICE, EVIDENCE_STANDS, ENDED_ONCE, REVIEWED_ONCE, COEFFICIENT_DECIDED)
