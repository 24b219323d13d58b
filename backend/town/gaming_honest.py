"""Honest data firms, most of them easily taken for something else: what must not be wrongly held back.

Pieces that the published rules themselves leave out (to affiliates, in exchange, for nothing, the fourth sale to one buyer) are
not `genuine` here either: a firm is harmed only where something is lost that the rules would count.

>>> len(HONEST)
16
"""

from __future__ import annotations

from datetime import date, timedelta

from backend.town.gaming_case import HONEST, PRODUCTS, Maker, honest

__all__ = ["HONEST"]


def _rights(m: Maker, least: int = 1, most: int = 5) -> None:
    for _ in range(m.dice.randint(least, most)):
        m.certificate(genuine=True)


@honest
def plain(m: Maker) -> None:
    """Nothing special."""
    _rights(m)
    m.trade_honestly(3, 12)


@honest
def reseller(m: Maker) -> None:
    """Buys raw data and sells what it makes of it, at a markup."""
    _rights(m)
    m.trade_honestly(4, 10)
    for row in list(m.case.trades):
        if m.dice.random() < 0.8:
            on = date.fromisoformat(row["traded_on"]) - timedelta(days=m.dice.randint(3, 60))
            m.buy(m.code(), on, round(row["amount_fen"] / m.dice.uniform(1.15, 2.2)))


@honest
def seasonal(m: Maker) -> None:
    """A yearly release sells in one month, last year as well."""
    _rights(m)
    start = m.dice.randint(92, 150)
    for year in (0, 365):
        for buyer in m.codes(m.dice.randint(6, 12)):
            m.sell(buyer, m.ago(start + year, start + year + 24), genuine=year == 0)


@honest
def newcomer(m: Maker) -> None:
    """Opened its business half a year ago and has sold well since."""
    _rights(m, 1, 3)
    for buyer in m.codes(m.dice.randint(6, 14)):
        m.sell(buyer, m.ago(92, 185), genuine=True)


@honest
def group_buyers(m: Maker) -> None:
    """Among its buyers is a group whose treasury pays for the daughters: one counterparty by the rules, three sales count."""
    _rights(m)
    m.trade_honestly(3, 8)
    treasury = m.code()
    for n, buyer in enumerate(m.codes(m.dice.randint(2, 6))):
        on = m.case.day - timedelta(days=100 + 30 * n + m.dice.randint(0, 12))
        m.sell(buyer, on, genuine=n < 3, payer_uscc=treasury)


@honest
def young_customers(m: Maker) -> None:
    """Sells in a science park: many buyers are a year old or less, a few just founded."""
    _rights(m)
    for buyer in m.codes(m.dice.randint(6, 14)):
        on = m.ago(95, 350)
        age = m.dice.randint(20, 365) if m.dice.random() < 0.5 else m.dice.randint(365, 2000)
        m.sell(buyer, on, genuine=True, counterparty_since=(on - timedelta(days=age)).isoformat())


@honest
def in_a_group(m: Maker) -> None:
    """Serves its own group as well; those sales do not count by the rules."""
    _rights(m)
    m.trade_honestly(4, 10)
    mother, sisters = m.code(), m.codes(3)
    m.case.links += [(each, mother, m.dice.randint(3000, 10_000)) for each in (m.case.own, *sisters)]
    for each in (mother, *sisters):
        m.sell(each, m.ago(95, 340), genuine=False)


@honest
def state_fund(m: Maker) -> None:
    """A fund holds a little of it and of many others, buyers among them."""
    _rights(m)
    m.trade_honestly(4, 10)
    fund = m.code()
    m.case.links.append((m.case.own, fund, m.dice.randint(100, 450)))
    for buyer in {row["counterparty_uscc"] for row in m.case.trades}:
        if m.dice.random() < 0.5:
            m.case.links.append((buyer, fund, m.dice.randint(100, 1500)))


@honest
def namesakes(m: Maker) -> None:
    """The owner has a common name; now and then a buyer's shareholder is called the same."""
    _rights(m)
    m.trade_honestly(4, 10)
    m.case.links.append((m.case.own, "name:王伟", m.dice.randint(3000, 10_000)))
    for buyer in sorted({row["counterparty_uscc"] for row in m.case.trades}):
        if m.dice.random() < 0.01:
            m.case.links.append((buyer, "name:王伟", m.dice.randint(500, 6000)))


@honest
def partners(m: Maker) -> None:
    """Exchanges data with a partner now and then; by the rules those sales do not count, all others do."""
    _rights(m)
    m.trade_honestly(4, 10)
    partner = m.code()
    m.sell(partner, m.ago(95, 340), genuine=False)
    m.buy(partner, m.ago(20, 340), m.price(m.product()))


@honest
def small_market(m: Maker) -> None:
    """Everybody buys from everybody in the province, so chains of deals close now and then."""
    _rights(m)
    m.trade_honestly(5, 10)
    buyers = sorted({row["counterparty_uscc"] for row in m.case.trades})
    sellers = m.codes(3)
    for seller in sellers:
        m.buy(seller, m.ago(20, 350), m.price(m.product()))
    for _ in range(m.dice.randint(3, 12)):
        m.deal(m.dice.choice(buyers), m.dice.choice([*buyers, *sellers]), m.ago(20, 350), m.price(m.product()))


@honest
def subscriptions(m: Maker) -> None:
    """Two loyal customers pay every month; by the rules the latest three of each count."""
    _rights(m)
    m.trade_honestly(2, 6)
    for buyer in m.codes(2):
        product = m.product()
        amount, since = m.price(product), m.since().isoformat()
        for month in range(9):
            on = m.case.day - timedelta(days=93 + 30 * month)
            m.sell(buyer, on, genuine=month < 3, product=product, amount_fen=amount, counterparty_since=since)


@honest
def list_price(m: Maker) -> None:
    """One product at one price for everybody; cheap samples first."""
    _rights(m)
    product = m.product()
    for buyer in m.codes(m.dice.randint(5, 12)):
        on = m.ago(110, 340)
        if m.dice.random() < 0.4:
            m.sell(buyer, on - timedelta(days=12), genuine=False, product=product, amount_fen=0)
        m.sell(buyer, on, genuine=True, product=product, amount_fen=PRODUCTS[product] * 100)


@honest
def big_contract(m: Maker) -> None:
    """Ordinary sales and one contract ten times as large."""
    _rights(m)
    m.trade_honestly(4, 10)
    product = m.product()
    m.sell(m.code(), m.ago(95, 340), genuine=True, product=product, amount_fen=PRODUCTS[product] * 100 * m.dice.randint(6, 14))


@honest
def returns(m: Maker) -> None:
    """Small rebates on some sales; one sale is taken back whole."""
    _rights(m)
    m.trade_honestly(4, 10)
    for row in m.case.trades:
        if m.dice.random() < 0.3:
            row["refunded_fen"] = round(row["amount_fen"] * m.dice.uniform(0.01, 0.15))
    row = m.sell(m.code(), m.ago(95, 340), genuine=False)
    row["refunded_fen"] = row["amount_fen"]


@honest
def versions(m: Maker) -> None:
    """Registers a new version of its data set every few months, under the three rights; one was taken over long ago."""
    product = m.product()
    for n in range(m.dice.randint(1, 3)):
        on = m.ago(60 + 150 * n, 150 + 150 * n)
        for kind in ("持有", "使用", "经营")[: m.dice.randint(1, 3)]:
            m.certificate(genuine=True, on=on, kind=kind, product=product)
    m.certificate(genuine=True, on=m.ago(200, 700), registration="transfer")
    m.trade_honestly(3, 8)
