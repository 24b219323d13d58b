"""The rules of a pool of the form *one*, *at most*, *not after*, *only in state*, and what holds each (`backend.kit.rules`).

Whoever changes a claim holds its loan and its pool, whoever lets a loan in holds the firm and the pool: caps and figures are
looked at one at a time. Money itself stands in one balance row, moved by one conditional UPDATE.

>>> sorted(rule.name for rule in RULES)[0]
'booked_once'
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_STORY = "tests/risk_compensation/test_two_at_once.py"

LAWFUL_MOVE = Rule(
    "lawful_move",
    Words("入库贷款只按状态表变动，每次只动一步", "a loan in a pool makes one lawful move at a time"),
    ("lock loan",),
    f"{_STORY}::test_moves_of_a_loan",
)
ONE_CLAIM = Rule(
    "one_claim",
    Words(
        "一笔贷款同时至多一份在办代偿申请，只从所处状态前进",
        "one claim at most runs on a loan, and moves only from where it stands",
    ),
    ("lock loan", "lock pool"),
    "tests/concurrency::a claim filed once",
)
CLAIM_NUMBER = Rule(
    "claim_number",
    Words("一个申请编号只对应一份申请", "a claim’s number stands for one claim"),
    ("constraint pk_pool_claims",),
    f"{_STORY}::test_one_claim_number",
)
DECIDED_BY_TWO = Rule(
    "decided_by_two",
    Words("经办与复核不得为同一人，同一申请只决定一次", "maker and checker are two persons, and a claim is decided once"),
    ("lock loan", "lock pool"),
    "tests/concurrency::approve against reject",
)
PAID_ONCE = Rule(
    "paid_once",
    Words(
        "一张托管银行回单只支付一份申请，一次指令只支付一次",
        "the custody bank’s receipt pays one claim, and an instruction is paid once",
    ),
    ("lock pool", "constraint pk_pool_payouts"),
    "tests/concurrency::a payment booked once",
)
RESERVED_ONCE = Rule(
    "reserved_once",
    Words("预留额度用掉、取消、到期三者只居其一", "reserved headroom is used, cancelled or expired: one of the three"),
    ("lock pool",),
    f"{_STORY}::test_one_end_of_a_reservation",
)
ONE_POOL = Rule(
    "one_pool",
    Words("一笔贷款只在一个资金池入库", "a loan stands in one pool only"),
    ("lock loan", "constraint pk_pool_registrations"),
    "tests/concurrency::one registration a loan",
)
CAPS = Rule(
    "caps",
    Words("同一企业在各资金池合计不超过上限", "a firm’s loans in all pools stay within the cap"),
    ("lock firm", "lock pool"),
    f"{_STORY}::test_one_cap_over",
)
CASH = Rule(
    "cash",
    Words("资金池余额与已批准额不为负，批准不超过现金", "a pool’s cash is never negative, and no more is approved than there is"),
    ("constraint ck_pool_balances_cash", "constraint ck_pool_balances_promises"),
    "tests/concurrency::a pool's last money",
)
BOOKED_ONCE = Rule(
    "booked_once",
    Words("同一编号只入账一次，冲正也只一次", "a reference is booked once, and reversed once"),
    ("constraint pk_pool_journal", "constraint uq_pool_journal_reverses"),
    "tests/risk_compensation/test_posting.py::test_",
)
POOL_STANDS = Rule(
    "pool_stands",
    Words("资金池及其中银行的暂停与恢复逐项进行", "a pool, or a bank in it, is stopped and reopened one decision at a time"),
    ("lock pool",),
    f"{_STORY}::test_one_stop_and",
)
# Over several pools: not the pool's row holds it, but a name that comes after all of them.
GUARANTOR_STANDS = Rule(
    "guarantor_stands",
    Words(
        "担保机构在同一方案各资金池中只有一个状态，逐项决定；暂停后不得新增",
        "a guarantor has one state in all its pools of a scheme, decided one at a time; once stopped it brings nothing new",
    ),
    ("lock pool",),
    "tests/concurrency::a guarantor stopped in all its pools",
)
CLOSED_ONCE = Rule(
    "closed_once",
    Words("一个账期只结账一次，其后不再记入", "a period is closed once, and nothing is booked into it afterwards"),
    ("lock pool", "constraint uq_pool_closings_pool_until_day"),
    f"{_STORY}::test_one_closing_of",
)
ONE_MOMENT = Rule(
    "one_moment",
    Words(
        "对账时期初、分录、期末取自同一时点，其间不记账",
        "opening, entries and closing of a reconciliation are of one moment: nothing is booked between",
    ),
    ("lock pool",),
    f"{_STORY}::test_one_moment",
)
SAID_BY_TWO = Rule(
    "said_by_two",
    Words(
        "动用资金池的每笔款项由一人提出、另一人确认，只决定一次；一张回单只对应一项",
        "what moves a pool’s money is proposed by one and decided once by another; a receipt stands for one thing",
    ),
    ("lock pool", "constraint uq_pool_proposals_live", "constraint ck_pool_proposals_two_persons"),
    "tests/loans/test_money_by_two.py::test_",
)
RULES: tuple[Rule, ...] = (
    *(LAWFUL_MOVE, ONE_CLAIM, CLAIM_NUMBER, DECIDED_BY_TWO, PAID_ONCE, RESERVED_ONCE, ONE_POOL, CAPS, CASH, BOOKED_ONCE),
    *(POOL_STANDS, GUARANTOR_STANDS, CLOSED_ONCE, ONE_MOMENT, SAID_BY_TWO),
)
