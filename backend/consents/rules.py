"""What is held when two callers come at once about consents."""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

REVOKED_FOR_GOOD = Rule(
    "revoked_for_good",
    Words(
        "授权书只能从草稿到签署,从签署到撤回或被替代;撤回后不再有效",
        "a paper is signed once; withdrawn, it never opens again",
    ),
    ("lock firm",),
    "tests/concurrency",
)
STORED_UNDER_CONSENT = Rule(
    "stored_under_consent",
    Words("记录入库时授权必须仍然有效", "a record is kept only while its consent is live"),
    ("lock firm",),
    "tests/concurrency::revoked is never stored",
)

RULES = (REVOKED_FOR_GOOD, STORED_UNDER_CONSENT)
