"""What may happen after *submit*: the table of lawful moves.

A state is where the application stands; an event is what happened. What is not in the table does not happen: a late or
repeated message after an end state changes nothing.

>>> move("created", "bank_received")
'submitted'
>>> move("declined", "bank_approved") is None
True
"""

from __future__ import annotations

from backend.kit.words import Words

MOVES: dict[str, dict[str, str]] = {
    # A bank that speaks of it has it, even while the answer to our handing in was lost on the way.
    "created": {
        "bank_received": "submitted",
        "bank_asked": "documents_asked",
        "bank_approved": "approved",
        "bank_declined": "declined",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
        "consent_gone": "stopped",
        "firm_withdrew": "withdrawn",
    },
    "submitted": {
        "bank_received": "submitted",
        "bank_asked": "documents_asked",
        "bank_approved": "approved",
        "bank_declined": "declined",
        "firm_withdrew": "withdrawing",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
    },
    "documents_asked": {
        "bank_received": "documents_asked",
        "firm_answered": "submitted",
        "bank_asked": "documents_asked",
        "bank_approved": "approved",
        "bank_declined": "declined",
        "firm_withdrew": "withdrawing",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
    },
    # An offer that may not be shown leaves the application with the bank, which may make another.
    "approved": {
        "offer_refused": "submitted",
        "firm_accepted": "accepted",
        "firm_withdrew": "withdrawing",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
        "offer_lapsed": "expired",
    },
    "accepted": {
        "firm_withdrew": "withdrawing",
        "bank_contracted": "contracted",
        "bank_drew": "drawn",
        "bank_withdrew": "withdrawn",
        "bank_expired": "expired",
    },
    "contracted": {"bank_drew": "drawn", "bank_expired": "expired", "bank_withdrew": "withdrawn"},
    "drawn": {"bank_drew": "drawn"},
    # The bank may have signed before our word reached it: then its contract stands, and the application stays with the bank.
    "withdrawing": {
        "bank_kept": "accepted",
        "bank_contracted": "contracted",
        "bank_drew": "drawn",
        "bank_withdrew": "withdrawn",
        "bank_declined": "declined",
        "bank_expired": "expired",
    },
    "declined": {},
    "withdrawn": {},
    "expired": {},
    "stopped": {},
}

ENDS = frozenset(state for state, moves in MOVES.items() if not moves)
OPEN = frozenset({"created", "submitted", "documents_asked", "approved"})

STATES: dict[str, Words] = {
    "created": Words("已提交,正在送达银行", "on its way to the bank"),
    "submitted": Words("银行审核中", "with the bank"),
    "documents_asked": Words("银行要求补充材料", "the bank asks for documents"),
    "approved": Words("银行已批准,等您确认", "approved: your turn"),
    "accepted": Words("已接受报价,等待签约", "accepted: the contract is being made"),
    "contracted": Words("已签约,等待放款", "signed: waiting for the money"),
    "drawn": Words("已放款", "drawn"),
    "withdrawing": Words("正在撤回", "being withdrawn"),
    "declined": Words("银行未批准", "declined by the bank"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "expired": Words("已失效", "lapsed"),
    "stopped": Words("已停止:授权不再有效", "stopped: the consent is no longer in force"),
}

PURPOSES: dict[str, Words] = {
    "working_capital": Words("日常周转", "working capital"),
    "equipment": Words("购置设备", "equipment"),
    "stock": Words("备货采购", "stock"),
    "orders": Words("履行新订单", "filling an order"),
    "wages": Words("发放工资", "wages"),
    "data_product": Words("数据产品研发", "building a data product"),
    "other": Words("其他经营用途", "other business use"),
}

MOST_CHOICES = 3


def move(state: str, event: str) -> str | None:
    """The next state, or None where the event changes nothing."""
    return MOVES[state].get(event)
