"""What is held when two callers come at once about needs, applications and offers."""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_FIRM = ("lock firm",)
_TESTS = "tests/concurrency"

ONE_OPEN_NEED = Rule(
    "one_open_need",
    Words("一家企业同时只有一份未办结的申请", "a firm has one open need at a time"),
    _FIRM,
    _TESTS,
)
ONE_NEED_A_KEY = Rule(
    "one_need_a_key",
    Words("同一编号只生成一份申请", "one idempotency key makes one need"),
    ("lock firm", "constraint uq_needs_idempotency_key"),
    _TESTS,
)
LAWFUL_MOVES = Rule(
    "lawful_moves",
    Words("申请只按规定的步骤变化", "an application moves only as the table of lawful moves says"),
    _FIRM,
    _TESTS,
)
ONE_ACCEPTED_OFFER = Rule(
    "one_accepted_offer",
    Words("一份需求最多接受一个报价", "one offer of a need is accepted at most"),
    _FIRM,
    _TESTS,
)
WITHDRAWN_ONCE = Rule(
    "withdrawn_once",
    Words("撤回只记一次", "a firm's withdrawal stands once in the timeline"),
    _FIRM,
    _TESTS,
)
MESSAGE_ONCE = Rule(
    "message_once",
    Words("银行的一条消息只生效一次", "a bank's message has its effect once"),
    ("lock firm", "constraint pk_taken_messages"),
    _TESTS,
)
ASKED_ONCE_A_DAY = Rule(
    "asked_once_a_day",
    Words("同一参考额度一天只问一次", "an indication is asked once a day"),
    ("lock firm", "constraint uq_bank_indications_firm_id_product_amount_fen_months_asked_on"),
    _TESTS,
)

RULES = (
    ONE_OPEN_NEED,
    ONE_NEED_A_KEY,
    LAWFUL_MOVES,
    ONE_ACCEPTED_OFFER,
    WITHDRAWN_ONCE,
    MESSAGE_ONCE,
    ASKED_ONCE_A_DAY,
)
