"""The rules of a pool of the form *one*, *at most*, *not after*, *only in state*, and what holds each (`backend.kit.rules`).

Whoever changes a claim holds its loan and its pool, whoever lets a loan in holds the firm and the pool: caps and figures are
looked at one at a time. Money itself stands in one balance row, moved by one conditional UPDATE.

>>> sorted(rule.name for rule in RULES)[0]
'a booking stands once'
"""

from __future__ import annotations

from backend.kit.rules import Rule
from backend.kit.words import Words

_STORY = "tests/risk_compensation/test_two_at_once.py"
_MONEY = "tests/risk_compensation/test_last_money.py"

LAWFUL_MOVE = Rule(
    "a loan in a pool moves lawfully",
    Words("入库贷款只按状态表变动，每次只动一步", "a loan in a pool makes one lawful move at a time"),
    ("lock loan",),
    f"{_STORY}::moves_of_a_loan",
)
ONE_CLAIM = Rule(
    "one claim runs on a loan",
    Words(
        "一笔贷款同时至多一份在办代偿申请，只从所处状态前进",
        "one claim at most runs on a loan, and moves only from where it stands",
    ),
    ("lock loan", "lock pool"),
    f"{_STORY}::one_claim",
)
CLAIM_NUMBER = Rule(
    "a claim's number stands once",
    Words("一个申请编号只对应一份申请", "a claim’s number stands for one claim"),
    ("constraint pk_pool_claims",),
    f"{_STORY}::one_claim_number",
)
DECIDED_BY_TWO = Rule(
    "a claim is decided by two",
    Words("经办与复核不得为同一人，同一申请只决定一次", "maker and checker are two persons, and a claim is decided once"),
    ("lock loan", "lock pool"),
    f"{_STORY}::one_decision",
)
PAID_ONCE = Rule(
    "a receipt pays one claim",
    Words(
        "一张托管银行回单只支付一份申请，一次指令只支付一次",
        "the custody bank’s receipt pays one claim, and an instruction is paid once",
    ),
    ("lock pool", "constraint pk_pool_payouts"),
    f"{_STORY}::one_payment",
)
RESERVED_ONCE = Rule(
    "a reservation is used or given back",
    Words("预留额度用掉、取消、到期三者只居其一", "reserved headroom is used, cancelled or expired: one of the three"),
    ("lock pool",),
    f"{_STORY}::one_end_of_a_reservation",
)
ONE_POOL = Rule(
    "a loan stands in one pool",
    Words("一笔贷款只在一个资金池入库", "a loan stands in one pool only"),
    ("lock loan", "constraint pk_pool_registrations"),
    f"{_STORY}::one_pool",
)
CAPS = Rule(
    "a firm's loans stay within the cap",
    Words("同一企业在各资金池合计不超过上限", "a firm’s loans in all pools stay within the cap"),
    ("lock firm", "lock pool"),
    f"{_STORY}::one_cap",
)
CASH = Rule(
    "a pool pays what it has",
    Words("资金池余额与已批准额不为负，批准不超过现金", "a pool’s cash is never negative, and no more is approved than there is"),
    ("constraint ck_pool_balances_cash", "constraint ck_pool_balances_promises"),
    f"{_MONEY}::test_",
)
BOOKED_ONCE = Rule(
    "a booking stands once",
    Words("同一编号只入账一次，冲正也只一次", "a reference is booked once, and reversed once"),
    ("constraint pk_pool_journal", "constraint uq_pool_journal_reverses"),
    "tests/risk_compensation/test_posting.py::test_",
)
POOL_STANDS = Rule(
    "a pool is stopped and reopened in turn",
    Words(
        "资金池、银行、担保机构的暂停与恢复逐项进行", "a pool, or a party in it, is stopped and reopened one decision at a time"
    ),
    ("lock pool",),
    f"{_STORY}::one_stop",
)
CLOSED_ONCE = Rule(
    "a period is closed once",
    Words("一个账期只结账一次，其后不再记入", "a period is closed once, and nothing is booked into it afterwards"),
    ("lock pool", "constraint uq_pool_closings_pool_until_day"),
    f"{_STORY}::one_closing",
)
SAID_BY_TWO = Rule(
    "what moves a pool's money is said by two",
    Words(
        "动用资金池的每笔款项由一人提出、另一人确认，只决定一次；一张回单只对应一项",
        "what moves a pool’s money is proposed by one and decided once by another; a receipt stands for one thing",
    ),
    ("lock pool", "constraint uq_pool_proposals_live", "constraint ck_pool_proposals_two_persons"),
    "tests/loans/test_money_by_two.py::test_",
)
RULES: tuple[Rule, ...] = (
    *(LAWFUL_MOVE, ONE_CLAIM, CLAIM_NUMBER, DECIDED_BY_TWO, PAID_ONCE, RESERVED_ONCE, ONE_POOL, CAPS, CASH, BOOKED_ONCE),
    *(POOL_STANDS, CLOSED_ONCE, SAID_BY_TWO),
)
