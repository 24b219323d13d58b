"""Who bears what part of a loss, and who gets what part of a recovery, to the fen. Written in: domain §6.4 (4:4:2 [V]).

Parts go by largest remainder; equal remainders by the scheme's own odd-fen order. The worked example of domain §6.4:

>>> from datetime import date
>>> from risk_compensation.scheme.terms import terms_on
>>> ningbo = terms_on("ningbo_442", date(2025, 1, 1))
>>> borne = share_loss(ningbo, 100_000_000)
>>> borne
{'guarantor': 40000000, 'fund': 40000000, 'bank': 20000000}
>>> back = share_recovery(borne, net_fen=30_000_000 - 2_000_000, already={}, odd_fen_order=ningbo.odd_fen_order)
>>> back
{'guarantor': 11200000, 'fund': 11200000, 'bank': 5600000}
>>> borne["fund"] - back["fund"]
28800000
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from backend.kit.money import share_out


class Sharing(Protocol):
    """What sharing needs to know of a scheme: weights by kind of party, and who gets the odd fen."""

    @property
    def shares(self) -> Mapping[Any, int]: ...
    @property
    def odd_fen_order(self) -> Sequence[str]: ...


def share_loss(terms: Sharing, loss_fen: int) -> dict[str, int]:
    """Each party's part of a loss of principal (fen); the parts add up to the loss. domain §6.4 [V]."""
    return share_out(loss_fen, terms.shares, odd_fen_order=terms.odd_fen_order)


def share_recovery(
    borne: Mapping[str, int],
    *,
    net_fen: int,
    already: Mapping[str, int],
    odd_fen_order: Sequence[str],
    first: Collection[str] = (),
) -> dict[str, int]:
    """Each party's part of one recovery after costs (fen), in the ratio of what each has borne; who is `first` is made whole
    first.

    `already` is what each party has got back before. The parts add up to `net_fen`; after every recovery the sums stand in
    ratio as nearly as whole fen allow; no party ever gets back more than it bore. Sharing each recovery by itself would not do:
    of ten recoveries of one fen all would go to the same party.

    Raises ValueError when `net_fen` is above what is still lost.
    """
    got = {kind: already.get(kind, 0) for kind in borne}
    left = sum(borne.values()) - sum(got.values())
    if not 0 <= net_fen <= left:
        raise ValueError(f"{net_fen} fen cannot be shared: {left} fen are still lost")
    target = _in_turn(borne, sum(got.values()) + net_fen, odd_fen_order, first)
    # Largest remainders can move a fen *back* when the total grows (the Alabama paradox): nobody gives back what it has got, so
    # the others together are then a fen or two over, which those who are first in the scheme's order do without.
    part = {kind: max(target[kind] - got[kind], 0) for kind in borne}
    over = sum(part.values()) - net_fen
    while over:
        for kind in (each for each in odd_fen_order if part.get(each)):
            less = min(over, 1)
            part[kind], over = part[kind] - less, over - less
    return part


def _in_turn(borne: Mapping[str, int], total_fen: int, order: Sequence[str], first: Collection[str]) -> dict[str, int]:
    """`total_fen` in the ratio of what was borne: those who are first up to all that they bore, then the others."""
    found = dict.fromkeys(borne, 0)
    for group in ({kind for kind in borne if kind in first}, {kind for kind in borne if kind not in first}):
        weights = {kind: fen for kind, fen in borne.items() if kind in group and fen}
        if weights:
            give = min(total_fen - sum(found.values()), sum(weights.values()))
            found |= share_out(give, weights, odd_fen_order=order)
    return found
