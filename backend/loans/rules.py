"""The rules of loans of the form *one*, *at most*, *only in state*, and what holds each (`backend.kit.rules`).

Everything of a loan hangs under its firm: facility, draws, guarantee, renewal. Whoever changes one of them holds the firm first.

>>> all(rule.held_by for rule in RULES)
True
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_STORY = "tests/loans/test_two_at_once.py"

ONE_CONTRACT = Rule(
    "one_contract",
    Words("一家银行的一个合同号只对应一份授信", "a bank’s contract number stands for one facility"),
    ("lock firm", "constraint uq_facilities_bank_contract_no"),
    "tests/concurrency::one contract number at a bank",
)
ONE_DRAW = Rule(
    "one_draw",
    Words("一家银行的一个用信编号只记一笔", "a bank’s draw is in the book once"),
    ("lock firm", "constraint uq_draws_bank_draw_no"),
    f"{_STORY}::test_one_draw_and_covered",
)
COVERED = Rule(
    "covered",
    Words("有保障的用信合计不超过入库金额", "covered draws together stay within what the pool has registered"),
    ("lock firm",),
    f"{_STORY}::test_covered_once_when",
)
ONE_PAYMENT = Rule(
    "one_payment",
    Words("一家银行的一个还款编号只记一笔，依次分配", "a bank’s payment is in the book once, each applied after the one before"),
    ("lock firm", "constraint pk_payments"),
    "tests/concurrency::one payment number at a bank",
)
DRAW_FOLLOWS = Rule(
    "draw_follows",
    Words("用信状态由全部还款逐笔推出", "a draw’s state follows from all its payments, one after the other"),
    ("lock firm",),
    "tests/concurrency::payments one after another",
)
DAY_CLOSED = Rule(
    "day_closed",
    Words("日终处理时账目不变，重复处理无影响", "a day is closed on a book that stands still; closing it twice changes nothing"),
    ("lock firm",),
    f"{_STORY}::test_one_close_of_a_day",
)
ONE_GUARANTEE = Rule(
    "one_guarantee",
    Words("一笔申请至多一份担保", "an application has one guarantee at most"),
    ("lock firm", "constraint uq_guarantees_application_id"),
    f"{_STORY}::test_one_guarantee_and",
)
GUARANTEE_DECIDED = Rule(
    "guarantee_decided",
    Words("担保机构只作一次决定", "the guarantor decides a case once"),
    ("lock firm",),
    "tests/concurrency::a guarantee decided once",
)
REGISTERED_ONCE = Rule(
    "registered_once",
    Words("一份授信只入库一次", "a facility enters its pool once"),
    ("lock firm", "lock loan"),
    "tests/concurrency::one registration a loan",
)
DEMANDED_ONCE = Rule(
    "demanded_once",
    Words("对担保机构只要求代偿一次，只登记一次付款", "a guarantor is asked to pay once, and its payment is noted once"),
    ("lock firm",),
    f"{_STORY}::test_one_demand_on",
)
RENEWAL_ANSWERED = Rule(
    "renewal_answered",
    Words("续贷只在企业申请后由银行决定一次", "the bank decides a renewal once, after the firm has applied"),
    ("lock firm",),
    "tests/concurrency::a renewal decided once",
)
RENEWED_ONCE = Rule(
    "renewed_once",
    Words("一笔用信至多由一笔新用信续贷，一笔新用信只续一笔", "a draw is renewed by one draw at most, which renews no other"),
    ("lock firm", "constraint uq_renewals_renewed_by", "constraint pk_renewals"),
    "tests/concurrency::a renewal decided once",
)
SIGNAL_ONCE = Rule(
    "signal_once",
    Words("同一分类事件同时只有一条", "a class event stands once until it is lifted"),
    ("lock firm",),
    f"{_STORY}::test_one_signal_until",
)
SIGNED_ONCE = Rule(
    "signed_once",
    Words("入库条件只签署一次", "the conditions of a loan in a pool are signed once"),
    ("lock loan", "constraint pk_signed_conditions"),
    f"{_STORY}::test_one_signature_under",
)
RULES: tuple[Rule, ...] = (
    *(ONE_CONTRACT, ONE_DRAW, COVERED, ONE_PAYMENT, DRAW_FOLLOWS, DAY_CLOSED, ONE_GUARANTEE, GUARANTEE_DECIDED, REGISTERED_ONCE),
    *(DEMANDED_ONCE, RENEWAL_ANSWERED, RENEWED_ONCE, SIGNAL_ONCE, SIGNED_ONCE),
)
