"""What a loan asks for, month by month, in one sentence; and which instalment takes the odd fen."""

from __future__ import annotations

from collections.abc import Sequence

from backend.kit.words import Words
from backend.portal import language, speak
from products import repayment
from products.repayment import Instalment

PARTIES = {
    "borrower": "party.firm", "firm": "party.firm", "bank": "party.bank", "fund": "party.fund", "guarantor": "party.guarantor",
    "insurer": "party.insurer", "registry": "party.registry", "appraiser": "party.appraiser",
}  # fmt: skip


def who(code: str) -> Words:
    """A party to a cost: who bears it, or who collects it."""
    return speak.both(PARTIES.get(code, "party.other"))


def monthly(rows: Sequence[Instalment], way: str) -> Words:
    """What falls due, month by month, in one short sentence."""
    paid = [row.principal_fen + row.interest_fen for row in rows]
    last = language.to_the_fen(paid[-1])
    if len(rows) == 1:
        return speak.both("pay.once", amount=last)
    if way == "equal_instalments":
        return speak.both("pay.equal", amount=language.to_the_fen(paid[0]))
    if way == "equal_principal":
        return speak.both("pay.falling", first=language.to_the_fen(paid[0]), last=last)
    most = language.to_the_fen(max(row.interest_fen for row in rows[:-1]))
    return speak.both("pay.by_cycle" if way == "by_cycle" else "pay.interest", most=most, last=last)


def odd(rows: Sequence[Instalment], way: str) -> Words:
    """Which instalment takes what does not divide into whole fen."""
    found = repayment.odd_fen(rows, way)
    if found is None:
        return speak.both("odd.none")
    number, more = found
    return speak.both("odd.more" if more > 0 else "odd.less", no=number, amount=language.to_the_fen(abs(more)))
