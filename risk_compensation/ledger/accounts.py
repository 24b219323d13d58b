"""The accounts of a pool's book: a closed list, each with its sentence. Written in: domain §6.4 [D].

Entries move money between two accounts; `side` is the side on which an account grows. Accounts *on balance* are the
special account (专户) and its claims; *memorandum* accounts (表外) hold what is promised but not yet owed, and who bore what.

>>> ACCOUNTS[Account.POOL_CASH].side
'debit'
>>> sorted(set(Account) - set(ACCOUNTS))
[]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from backend.kit.words import Words


class Account(StrEnum):
    """Where money, or a promise of it, can stand."""

    POOL_CASH = "pool_cash"
    CAPITAL = "capital"
    INTEREST = "interest"
    RECEIVABLE = "receivable"
    RECOVERY_CLEARING = "recovery_clearing"
    WRITE_OFF = "write_off"
    COMMITMENTS = "commitments"
    RESERVATIONS = "reservations"
    APPROVED_CLAIMS = "approved_claims"
    PARTY_LOSS = "party_loss"
    COLLECTED = "collected"
    QUOTA = "quota"
    OFF_BALANCE = "off_balance"


@dataclass(frozen=True, slots=True)
class Described:
    """What an account is: the side on which it grows, whether it is on the balance sheet, and its sentence."""

    side: Literal["debit", "credit"]
    on_balance: bool
    words: Words


ACCOUNTS: Mapping[Account, Described] = {
    Account.POOL_CASH: Described(
        "debit",
        True,
        Words("专户资金：托管银行账上属于资金池的钱", "cash: the pool's money at the custody bank"),
    ),
    Account.CAPITAL: Described("credit", True, Words("出资：各出资人投入，按出资人分户", "capital: what each funder paid in")),
    Account.INTEREST: Described(
        "credit", True, Words("专户利息：归资金池所有", "interest earned by the special account; it belongs to the pool")
    ),
    Account.RECEIVABLE: Described(
        "debit",
        True,
        Words("代偿追偿权：已代偿、可追偿的金额", "right of recovery: paid out, may be recovered"),
    ),
    Account.RECOVERY_CLEARING: Described(
        "credit",
        True,
        Words(
            "追偿清算：已到账、待分配，分配后为零",
            "recovery clearing: zero once shared",
        ),
    ),
    Account.WRITE_OFF: Described(
        "debit", True, Words("核销：已核销的追偿权，账销案存", "written off: recovery given up in the book; the case stays open")
    ),
    Account.COMMITMENTS: Described(
        "credit", False, Words("或有责任：已入库、尚未代偿的责任", "commitments: liability for registered loans, contingent")
    ),
    Account.RESERVATIONS: Described(
        "credit", False, Words("预留额度：签约前临时占用，到期失效", "reservations: headroom held provisionally; they expire")
    ),
    Account.APPROVED_CLAIMS: Described(
        "credit",
        False,
        Words("已批未付：已批准、等待托管银行划款", "approved claims: decided, not yet paid out"),
    ),
    Account.PARTY_LOSS: Described(
        "debit",
        False,
        Words("各方承担：各方承担的本金损失", "party loss: principal lost, by the party that bears it"),
    ),
    Account.COLLECTED: Described(
        "debit",
        False,
        Words("已收费用：各方按方案收取的保费、担保费或互助金", "collected: premiums, fees or contributions a party took"),
    ),
    Account.QUOTA: Described(
        "debit", False, Words("银行额度：随放款增加、随代偿减少", "quota: what a bank’s loans have earned it for payouts")
    ),
    Account.OFF_BALANCE: Described(
        "debit", False, Words("表外对应：表外科目的对方科目", "counterpart: the other side of every memorandum entry")
    ),
}
