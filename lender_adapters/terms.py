"""The closed lists of words that port and manifest share."""

from __future__ import annotations

from typing import Literal

Way = Literal["equal_instalments", "equal_principal", "interest_first", "revolving", "bullet"]
DayCount = Literal["30/360", "act/360", "act/365"]
Verb = Literal[
    "indicate", "submit", "status", "supplement", "accept", "withdraw", "contract", "draws", "repayments", "collect", "callback"
]
