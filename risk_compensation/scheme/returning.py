"""What comes back, and to whom: recoveries in the scheme's order, a year's excess, public money taken back after fraud. Pure.

Written in: domain §6.4 (recoveries after costs go back in sharing ratio), §6.1 (重庆: to the fund first; 宁波, 云南: excess of
loss), §6.3 (claw-back).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backend.kit.money import share_out
from risk_compensation.scheme.parts import PUBLIC, Excess
from risk_compensation.scheme.sharing import share_recovery
from risk_compensation.scheme.standing import Standing
from risk_compensation.scheme.terms import SchemeTerms


def costs_first(terms: SchemeTerms, costs_fen: int) -> int:
    """What of the costs of a recovery is taken off before it is shared; where the scheme leaves them to the bank, nothing."""
    return 0 if terms.recovery is not None and terms.recovery.costs == "bank" else costs_fen


def given_back(
    terms: SchemeTerms, borne: Mapping[str, int], already: Mapping[str, int], net_fen: int, *, last: tuple[str, ...] = ()
) -> dict[str, int]:
    """Who gets what of a recovery after costs, by what each bore and has got back already. `last`: who takes the odd fen last."""
    first = terms.recovery.first if terms.recovery is not None else ()
    order = (*terms.odd_fen_order, *last)
    return share_recovery(borne, net_fen=net_fen, already=already, odd_fen_order=order, first=first)


def passed_on(terms: SchemeTerms, back: Mapping[str, int], year: int, on: date, standing: Standing) -> dict[str, int]:
    """Of what comes back on a loss of that year to a party whose excess was taken over, the cover gets its part.

    Within the year itself nothing has been taken over yet: there it makes smaller what the party bore.
    """
    cover = terms.excess
    part = back.get(cover.relieves, 0) if cover is not None else 0
    if cover is None or not part or on.year == year:
        return dict(back)
    taken = standing.taken_over_fen(year)
    if not taken:
        return dict(back)
    held = {str(cover.payer): taken, str(cover.relieves): standing.borne_fen(cover.relieves, year) - taken}
    return dict(back) | share_out(part, held, odd_fen_order=terms.odd_fen_order)


def excess_due(cover: Excess, year: int, standing: Standing) -> int:
    """What the cover takes over for a year: its part of what the relieved party bore above the line, within the year's most
    and the cash."""
    line = standing.premiums_of_year_fen(cover.relieves, year) * cover.over_bp // 10_000
    part = max(0, standing.borne_fen(cover.relieves, year) - line) * cover.part_bp // 10_000
    free = standing.free_fen()
    most = [fen for fen in (cover.year_fen, None if free is None else max(0, free)) if fen is not None]
    return min([part, *most])


def clawed_back(terms: SchemeTerms, still_borne: Mapping[str, int]) -> tuple[dict[str, int], str]:
    """Fraud was found: what public money still bears comes back, and who must return it and then bears the loss."""
    giver = terms.claw_back.returned_by if terms.claw_back is not None else terms.claimant
    return {party: fen for party, fen in still_borne.items() if party in PUBLIC}, giver
