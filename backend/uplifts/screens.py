"""Patterns that honest trade does not show (domain §4.4 anti-gaming): pure functions, each names the pieces and the reason.

Reasons are for the person who reviews, never for the firm (architecture §3): the firm reads neutral words. The lines between
pattern and chance are dated data (`screens` in a programme); a person may clear single pieces.

>>> from backend.uplifts.programme import load
>>> terms = load("hubei_shuyidai").on(date(2025, 12, 1))
>>> sale = Evidence("trade", "trade:1", "settled", on=date(2025, 7, 1), counterparty="B", amount_fen=900_00, refunded_fen=855_00)
>>> screen([sale], NOTHING_ELSE, terms, date(2025, 12, 1))
{'trade:1': ('money_back',)}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from statistics import median_low

from backend.uplifts.evidence import NOTHING_ELSE, Deal, Evidence, Surroundings
from backend.uplifts.programme import Screens, Terms

__all__ = ["NOTHING_ELSE", "screen"]


def screen(evidence: Sequence[Evidence], around: Surroundings, terms: Terms, day: date) -> dict[str, tuple[str, ...]]:
    """Reasons per piece, for pieces that have any. What a person cleared has none; what a person confirmed has one."""
    lines = terms.screens
    sales = sorted((p for p in evidence if p.kind == "trade" and p.on is not None), key=lambda p: (p.on, p.evidence_id))
    done = [p for p in sales if p.status in terms.trades.counting_status]
    rights = sorted((p for p in evidence if p.kind == "certificate"), key=lambda p: (p.on or date.min, p.evidence_id))
    found: dict[str, list[str]] = defaultdict(list)
    for reason, names in (
        ("related", {p.evidence_id for p in sales if p.related}),
        ("reciprocal", _reciprocal(sales, around)),
        ("own_money", {p.evidence_id for p in sales if p.own_money or (p.payer and p.payer == around.own)}),
        ("money_back", {p.evidence_id for p in sales if p.refunded_fen * 10_000 >= max(1, p.amount_fen) * lines.refund_bp}),
        ("circular", _circular(done, around, lines)),
        ("mirrored", _mirrored(done, around, lines)),
        ("outlier", _outliers(done, around, terms)),
        ("split", _split(done, lines)),
        ("burst", _burst(done, lines, terms.trades.least_age_days, day)),
        ("shells", _shells(done, lines)),
        ("same_content", _same_content(rights, around)),
        ("transferred", {p.evidence_id for p in rights if p.transferred and _fresh(p, lines.transfer_days, day)}),
        ("sliced", _sliced(rights, lines)),
        ("reviewed", set(around.confirmed)),
    ):
        for name in names:
            found[name].append(reason)
    return {name: tuple(found[name]) for name in sorted(found) if name not in around.cleared}


def _reciprocal(sales: Sequence[Evidence], around: Surroundings) -> set[str]:
    """The buyer sells to us as well."""
    sellers = {deal.seller for deal in around.deals if deal.buyer == around.own}
    return {p.evidence_id for p in sales if p.reciprocal or p.counterparty in sellers}


def _circular(sales: Sequence[Evidence], around: Surroundings, lines: Screens) -> set[str]:
    """About the same money finds its way from the buyer back to us over others' deals."""
    ahead: dict[str, list[Deal]] = defaultdict(list)
    for deal in around.deals:
        ahead[deal.seller].append(deal)
    # Data goes seller -> buyer. A ring is own -> buyer -> … -> own, so a path of deals leads from our buyer back to us.
    span = timedelta(days=lines.cycle_days)

    def back(node: str, sale: Evidence, left: int, seen: frozenset[str]) -> bool:
        for deal in ahead[node]:
            alike = sale.amount_fen <= deal.amount_fen * lines.cycle_times and deal.amount_fen <= (
                sale.amount_fen * lines.cycle_times
            )
            if sale.on is None or not alike or abs(deal.on - sale.on) > span:
                continue
            home = deal.buyer == around.own and len(seen) > 1  # straight back is reciprocal, not a ring
            if home or (left > 1 and deal.buyer not in seen and back(deal.buyer, sale, left - 1, seen | {deal.buyer})):
                return True
        return False

    steps = lines.cycle_length - 1
    return {
        p.evidence_id for p in sales if p.counterparty in ahead and back(p.counterparty, p, steps, frozenset({p.counterparty}))
    }


def _mirrored(sales: Sequence[Evidence], around: Surroundings, lines: Screens) -> set[str]:
    """Most sales have a purchase of nearly the same amount within days beside them: money that only passes through."""
    bought = sorted((d for d in around.deals if d.buyer == around.own), key=lambda d: (d.on, d.seller))
    paired: set[str] = set()
    # Once the pattern is there, what is left is looked at with twice the tolerance.
    for wide in (1, 2):
        for piece in (p for p in sales if p.evidence_id not in paired):
            near = [d for d in bought if piece.on is not None and abs((d.on - piece.on).days) <= lines.mirror_days * wide]
            best = min(near, key=lambda d: abs(d.amount_fen - piece.amount_fen), default=None)
            if best is not None and abs(best.amount_fen - piece.amount_fen) * 10_000 <= piece.amount_fen * lines.mirror_bp * wide:
                bought.remove(best)
                paired.add(piece.evidence_id)
        if len(paired) < lines.mirror_needs or len(paired) * 10_000 < len(sales) * lines.mirror_share_bp:
            return set()
    return paired


def _outliers(sales: Sequence[Evidence], around: Surroundings, terms: Terms) -> set[str]:
    """A token price; prices far from the market's usual price of the product, or from the firm's own sales to strangers:
    by a flat factor, and by deviations from the median that a few absurd prices cannot move."""
    trades, lines = terms.trades, terms.screens
    own = [p.amount_fen for p in sales if p.amount_fen > 0 and not (p.related or p.reciprocal)]
    middle = Fraction(median_low(own)) if len(own) >= trades.outlier_needs else None
    spread = median_low([_times(Fraction(price), middle) for price in own]) if middle else Fraction(1)
    far = min(Fraction(trades.outlier_times), max(Fraction(lines.price_times), spread**lines.price_deviations))
    found = set()
    for piece in sales:
        usual = around.usual_fen.get(piece.product)
        if piece.amount_fen <= 0:
            continue
        if piece.amount_fen < lines.least_price_fen:
            found.add(piece.evidence_id)
        held_to, most = (Fraction(usual), Fraction(trades.outlier_times)) if usual else (middle, far)
        if held_to and _times(Fraction(piece.amount_fen), held_to) > most:
            found.add(piece.evidence_id)
    return found


def _times(price: Fraction, usual: Fraction) -> Fraction:
    """How many times dearer or cheaper."""
    return max(price / usual, usual / price)


def _split(sales: Sequence[Evidence], lines: Screens) -> set[str]:
    """Several tickets of one product to one buyer within days are one sale: the first stands."""
    found, groups = set(), defaultdict(list)
    for piece in sales:
        groups[piece.behind, piece.product].append(piece)
    for group in groups.values():
        first = group[0]
        for piece in group[1:]:
            if piece.on and first.on and (piece.on - first.on).days < lines.ticket_days:
                found.add(piece.evidence_id)
            else:
                first = piece
    return found


def _burst(sales: Sequence[Evidence], lines: Screens, least_age_days: int, day: date) -> set[str]:
    """Most of a year's sales fall into a few weeks, just old enough to count today, and not at the same season a year before."""
    year = [p for p in sales if p.on and least_age_days <= (day - p.on).days < 365]
    recent = [p for p in year if p.on and (day - p.on).days <= lines.burst_before_days]
    best: list[Evidence] = []
    for piece in recent:
        inside = [p for p in recent if p.on and piece.on and 0 <= (p.on - piece.on).days < lines.burst_days]
        best = max(best, inside, key=len)
    if len(best) < lines.burst_needs or len(best) * 10_000 < len(year) * lines.burst_share_bp or best[0].on is None:
        return set()
    first = best[0].on - timedelta(days=365 + lines.burst_days)
    before = [p for p in sales if p.on and first <= p.on <= first + timedelta(days=3 * lines.burst_days)]
    if len(before) * 2 >= len(best):
        return set()
    # What the firm usually sells in such a span stands.
    rest_days = 365 - least_age_days - lines.burst_days
    usual = (len(year) - len(best)) * lines.burst_days // rest_days
    return {p.evidence_id for p in best[usual:]}


def _shells(sales: Sequence[Evidence], lines: Screens) -> set[str]:
    """Buyers registered in one go, or mostly just before they bought."""
    first: dict[str, Evidence] = {}
    for piece in sales:
        first.setdefault(piece.counterparty, piece)
    since = {name: p.buyer_since for name, p in first.items() if p.buyer_since is not None}
    young = {n for n, day in since.items() if (on := first[n].on) is not None and (on - day).days < lines.young_days}
    ring = set()
    for name, day in since.items():
        beside = sum(abs((other - day).days) <= lines.ring_days for n, other in since.items() if n != name)
        if beside >= lines.ring_needs and (on := first[name].on) is not None and (on - day).days < 2 * 365:
            ring.add(name)
    many = len(young) >= lines.young_needs and len(young) * 10_000 >= len(first) * lines.young_share_bp
    empty = ring | (young if many else set())
    return {p.evidence_id for p in sales if p.counterparty in empty}


def _same_content(rights: Sequence[Evidence], around: Surroundings) -> set[str]:
    """The same data under a second certificate, here or under a facility of another firm: the first stands."""
    seen: set[str] = set(around.contents_elsewhere)
    found = set()
    for piece in rights:
        if piece.content and piece.content in seen:
            found.add(piece.evidence_id)
        seen.add(piece.content)
    return found


def _sliced(rights: Sequence[Evidence], lines: Screens) -> set[str]:
    """One data set cut into many certificates: of one product and kind registered within days, a few stand."""
    found = set()
    for group in _groups(rights):
        for n, piece in enumerate(group):
            near = [p for p in group[:n] if p.on and piece.on and (piece.on - p.on).days <= lines.slice_days]
            if len(near) >= lines.slice_most:
                found.add(piece.evidence_id)
    return found


def _groups(rights: Sequence[Evidence]) -> Iterator[list[Evidence]]:
    groups = defaultdict(list)
    for piece in rights:
        if piece.on is not None and piece.product:
            groups[piece.product, piece.form].append(piece)
    yield from groups.values()


def _fresh(piece: Evidence, days: int, day: date) -> bool:
    return piece.on is not None and (day - piece.on).days < days
