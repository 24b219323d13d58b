"""The twenty schemes, each a few lines: what a firm would do that wants a higher limit without the trade behind it.

How hard it tries, how well it mixes its games with genuine trade, and how careful it is are drawn anew for every seed.

>>> len(SCHEMES)
20
"""

from __future__ import annotations

from datetime import date, timedelta

from backend.town.gaming_case import SCHEMES, Maker, scheme

__all__ = ["SCHEMES"]


def _genuine(m: Maker) -> None:
    """What a gamer has of its own: little or something."""
    for _ in range(m.dice.choice((0, 1, 2, 3))):
        m.certificate(genuine=True)
    m.trade_honestly(0, 6)


def _fakes(m: Maker) -> int:
    return m.dice.randint(5, 18)


def _spread(m: Maker, buyers: list[str], count: int, **more: object) -> None:
    """Fake sales over the year, at most three to each buyer, as the published rule allows."""
    for n in range(count):
        m.sell(buyers[n % len(buyers)], m.ago(92, 350), genuine=False, **more)  # type: ignore[arg-type]  # fields of a row


@scheme
def related_direct(m: Maker) -> None:
    """Sells to its own subsidiaries and shareholders."""
    _genuine(m)
    family = m.codes(m.dice.randint(3, 6))
    m.case.links += [(m.case.own, each, m.dice.randint(1000, 10_000)) for each in family]
    _spread(m, family, _fakes(m))


@scheme
def related_sisters(m: Maker) -> None:
    """Sells to sisters under one holding that is not on the platform; their own register entries name it."""
    _genuine(m)
    holding, sisters = m.code(), m.codes(m.dice.randint(3, 6))
    m.case.links.append((m.case.own, holding, m.dice.randint(3000, 10_000)))
    m.case.links += [(each, holding, m.dice.randint(500, 10_000)) for each in sisters]
    _spread(m, sisters, _fakes(m))


@scheme
def related_person(m: Maker) -> None:
    """Sells to firms of the owner; the register knows the owner by name only. Some hold through a nominee and stay unseen."""
    _genuine(m)
    owner, firms = f"name:林{m.dice.randrange(10**6)}", m.codes(m.dice.randint(3, 6))
    m.case.links.append((m.case.own, owner, m.dice.randint(2000, 10_000)))
    nominee = f"name:赵{m.dice.randrange(10**6)}"
    hidden = m.dice.random() < 0.15
    m.case.links += [(each, nominee if hidden and n == 0 else owner, m.dice.randint(1000, 9000)) for n, each in enumerate(firms)]
    _spread(m, firms, _fakes(m))


@scheme
def reciprocal(m: Maker) -> None:
    """Friends buy from it and sell it the same back."""
    _genuine(m)
    friends = m.codes(m.dice.randint(3, 6))
    for n in range(_fakes(m)):
        sold = m.sell(friends[n % len(friends)], m.ago(92, 350), genuine=False)
        back = m.case.day - timedelta(days=m.dice.randint(60, 350))
        m.buy(friends[n % len(friends)], back, round(sold["amount_fen"] * m.dice.uniform(0.7, 1.3)))


@scheme
def circular(m: Maker) -> None:
    """Own → B → C (→ D) → own, about the same money all the way round."""
    _genuine(m)
    length = m.dice.choice((3, 4))
    for _ in range(max(3, _fakes(m) // 3)):
        partners = m.codes(length - 1)
        known = m.dice.random() > 0.05  # some links of a ring lie with firms whose records nobody opened
        for _ in range(m.dice.randint(1, 3)):
            on = m.ago(95, 330)
            amount = m.sell(partners[0], on, genuine=False)["amount_fen"]
            for seller, buyer in zip(partners, [*partners[1:], m.case.own], strict=True):
                on += timedelta(days=m.dice.randint(-10, 20))
                amount = round(amount * m.dice.uniform(0.88, 1.08))
                if buyer == m.case.own:
                    m.buy(seller, on, amount)
                elif known:
                    m.deal(seller, buyer, on, amount)


@scheme
def same_buyer(m: Maker) -> None:
    """One loyal friend buys over and over; three of its purchases may count."""
    _genuine(m)
    friend, since = m.code(), m.since().isoformat()
    for n in range(_fakes(m)):
        m.sell(friend, m.case.day - timedelta(days=95 + 14 * n), genuine=n < 3, counterparty_since=since)


@scheme
def zero_price(m: Maker) -> None:
    """Gives data away and calls it a sale."""
    _genuine(m)
    _spread(m, m.codes(8), _fakes(m), amount_fen=0)


@scheme
def token_price(m: Maker) -> None:
    """Sells for a few yuan."""
    _genuine(m)
    for buyer in m.codes(_fakes(m)):
        m.sell(buyer, m.ago(92, 350), genuine=False, amount_fen=m.dice.choice((100, 1000, 9_900, 20_000)))


@scheme
def inflated_price(m: Maker) -> None:
    """A few sales at a multiple of what anybody pays."""
    _genuine(m)
    for buyer in m.codes(m.dice.randint(3, 8)):
        product = m.product()
        m.sell(buyer, m.ago(92, 350), genuine=False, product=product, amount_fen=m.price(product) * m.dice.randint(25, 200))


@scheme
def unsettled(m: Maker) -> None:
    """Nobody ever pays."""
    _genuine(m)
    _spread(m, m.codes(8), _fakes(m), settled_on=None, status="open")


@scheme
def burst(m: Maker) -> None:
    """Buys itself a busy month just old enough to count on the day of application."""
    _genuine(m)
    start, width = m.dice.randint(91, 118), m.dice.randint(5, 21)
    for buyer in m.codes(m.dice.randint(7, 18)):
        m.sell(buyer, m.ago(start, start + width), genuine=False)


@scheme
def split_tickets(m: Maker) -> None:
    """Each real sale is cut into three tickets within days, the most that one buyer may bring."""
    for _ in range(m.dice.choice((0, 1, 2, 3))):
        m.certificate(genuine=True)
    for buyer in m.codes(m.dice.randint(4, 9)):
        on, product = m.ago(100, 340), m.product()
        amount, since = m.price(product) // 3, m.since().isoformat()
        for n in range(3):
            later = on + timedelta(days=m.dice.randint(0, 5) if n else 0)
            m.sell(buyer, later, genuine=n == 0, product=product, amount_fen=amount, counterparty_since=since)


@scheme
def round_trip(m: Maker) -> None:
    """The buyer pays and is paid back; some refund only a part to stay unseen."""
    _genuine(m)
    careful = m.dice.random() < 0.2
    for buyer in m.codes(_fakes(m)):
        row = m.sell(buyer, m.ago(92, 350), genuine=False)
        row["refunded_fen"] = round(row["amount_fen"] * (m.dice.uniform(0.1, 0.5) if careful else m.dice.uniform(0.8, 1)))


@scheme
def own_payer(m: Maker) -> None:
    """Many buyers, whose bills are paid from the firm's own account or its owner's holding."""
    _genuine(m)
    holding = m.code()
    m.case.links.append((m.case.own, holding, 9000))
    payer = m.dice.choice((m.case.own, holding))
    for buyer in m.codes(_fakes(m)):
        m.sell(buyer, m.ago(92, 350), genuine=False, payer_uscc=payer)


@scheme
def one_payer(m: Maker) -> None:
    """Many buyers, all paid for by one stranger; three may count as that one's."""
    _genuine(m)
    payer, buyers = m.code(), m.codes(_fakes(m))
    for n, buyer in enumerate(buyers):
        m.sell(buyer, m.case.day - timedelta(days=95 + 15 * n), genuine=n < 3, payer_uscc=payer)


@scheme
def new_shells(m: Maker) -> None:
    """Buyers registered weeks before they buy, over the year."""
    _genuine(m)
    for buyer in m.codes(m.dice.randint(6, 14)):
        on = m.ago(92, 350)
        m.sell(buyer, on, genuine=False, counterparty_since=(on - timedelta(days=m.dice.randint(5, 170))).isoformat())


@scheme
def shell_ring(m: Maker) -> None:
    """Buyers registered in one go, left to rest, then used."""
    _genuine(m)
    born = m.ago(300, 700)
    for buyer in m.codes(m.dice.randint(6, 14)):
        since = born + timedelta(days=m.dice.randint(0, 25))
        m.sell(buyer, m.ago(92, 280), genuine=False, counterparty_since=since.isoformat())


@scheme
def copied_certificates(m: Maker) -> None:
    """One data set registered several times, or cut into pieces registered in the same days."""
    m.trade_honestly(0, 6)
    first = m.certificate(genuine=True, on=m.ago(100, 600))
    cut = m.dice.random() < 0.5
    for n in range(m.dice.randint(3, 6)):
        on = m.case.day - timedelta(days=m.dice.randint(60, 500)) if not cut else None
        if cut:
            spread = timedelta(days=m.dice.randint(0, 10))
            start = m.case.certificates[0]["registered_on"]
            m.certificate(genuine=n == 0, on=date.fromisoformat(start) + spread, kind=first["kind"], product=first["product"])
        else:
            m.certificate(genuine=False, on=on, content=first["content"])


@scheme
def resold_certificates(m: Maker) -> None:
    """Takes over other people's certificates shortly before it applies."""
    m.trade_honestly(0, 6)
    for _ in range(m.dice.choice((0, 1, 2))):
        m.certificate(genuine=True)
    for _ in range(m.dice.randint(2, 6)):
        m.certificate(genuine=False, on=m.ago(5, 200), registration="transfer")


@scheme
def mirrored(m: Maker) -> None:
    """Buys from some for nearly what it sells to others, so that the money only passes through."""
    _genuine(m)
    for buyer in m.codes(_fakes(m)):
        on = m.ago(95, 340)
        amount = m.sell(buyer, on, genuine=False)["amount_fen"]
        m.buy(m.code(), on + timedelta(days=m.dice.randint(-20, 20)), round(amount * m.dice.uniform(0.9, 1.08)))
