"""What one claim comes to: who bears what of a loss after waterfalls and limits. Pure; the course and the live book both ask it.

Written in: domain §6.1 (waterfalls, caps, quotas), §6.4 (payout within the share of what is unpaid; if that shrinks, so does it).

>>> from datetime import date
>>> from risk_compensation.scheme.terms import terms_on
>>> terms = terms_on("pingshan_2026", date(2026, 3, 1))
>>> award(terms, terms.shares, 100, rooms=[30]).parts  # of their 80 fund and guarantor may pay 30; the rest is the bank's
{'fund': 15, 'guarantor': 15, 'bank': 70}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from backend.kit.money import share_out
from risk_compensation.scheme.parts import PUBLIC, Weighed
from risk_compensation.scheme.terms import SchemeTerms

NOTHING: Mapping[str, int] = MappingProxyType({})


def public(parts: Mapping[str, int]) -> int:
    """The public money in it: what the special account pays."""
    return sum(fen for party, fen in parts.items() if party in PUBLIC)


@dataclass(frozen=True, slots=True)
class Award:
    """`parts`: kind of party -> fen it bears, together the loss. `counted_fen`: what the scheme's limits count of it, all counted
    parties together; `cut_fen`: what they left to whoever bears what is beyond."""

    parts: dict[str, int]
    counted_fen: int = 0
    cut_fen: int = 0

    @property
    def public_fen(self) -> int:
        return public(self.parts)

    def drawn(self, terms: SchemeTerms) -> dict[str, int]:
        """What parties with a waterfall pay out of what they have collected."""
        return {each.party: self.parts.get(each.party, 0) for each in terms.backing}


def award(
    terms: SchemeTerms,
    shares: Mapping[Any, int],
    loss_fen: int,
    *,
    collected: Mapping[str, int] = NOTHING,
    rooms: Iterable[int] = (),
) -> Award:
    """The loss by `shares`; then who pays out of its collection leaves the rest to whoever stands behind; then each limit's room.

    `collected`: what parties with a waterfall still have (fen); `rooms`: what each limit of the scheme still leaves for this
    loan.
    """
    parts = share_out(loss_fen, shares, odd_fen_order=terms.odd_fen_order)
    for each in terms.backing:
        short = max(0, parts.get(each.party, 0) - max(0, collected.get(each.party, 0)))
        parts[each.party] = parts.get(each.party, 0) - short
        parts[each.behind] = parts.get(each.behind, 0) + short
    if terms.limits is None:
        return Award(parts)
    wants: dict[str, int] = {party: parts.get(party, 0) for party in terms.limits.counts}
    wanted = sum(wants.values())
    allowed = max(0, min([wanted, *rooms]))
    kept = share_out(allowed, wants, odd_fen_order=terms.odd_fen_order) if wanted else wants
    parts |= kept
    parts[terms.beyond] = parts.get(terms.beyond, 0) + wanted - allowed
    return Award(parts, allowed, wanted - allowed)


def shortened(terms: SchemeTerms, found: Award, public_fen: int) -> Award:
    """The same where the account pays no more than `public_fen`: the rest falls on whoever bears what is beyond the pool."""
    wants: dict[str, int] = {party: fen for party, fen in found.parts.items() if party in PUBLIC and fen}
    less = sum(wants.values()) - public_fen
    if less <= 0:
        return found
    given = share_out(public_fen, wants, odd_fen_order=terms.odd_fen_order)
    parts = found.parts | given
    parts[terms.beyond] = parts.get(terms.beyond, 0) + less
    return Award(parts, found.counted_fen, found.cut_fen + less)


def most_public_fen(terms: SchemeTerms, loan: Weighed, loss_fen: int) -> int:
    """The most that the pool can owe for such a loss: no limit cuts it, and nobody has collected anything."""
    return public(award(terms.model_copy(update={"limits": None}), terms.shares_of(loan), loss_fen).parts)
