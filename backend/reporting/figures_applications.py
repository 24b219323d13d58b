"""Needs, applications, banks, products, and why banks said no. Definitions: domain §9 (授信满足率, 审批时长)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from backend.reporting.book import AnApplication, Book
from backend.reporting.reckon import Row, counted, grouped, month_of, percentile, weighted_bp
from backend.reporting.suppression import FEWEST, few, firms_of
from products import catalogue


def _times(applications: Sequence[AnApplication]) -> Row:
    """Percentiles of the days to decide; None where fewer than five firms were decided on."""
    some = _decided(applications)
    days = [] if few(firms_of(some)) else decision_days(some)
    return {"p50_days": percentile(days, 50), "p90_days": percentile(days, 90)}


def decision_days(applications: Sequence[AnApplication]) -> list[int]:
    """Days from submission to the bank's yes or no."""
    return [each.days for each in _decided(applications) if each.days is not None]


def _decided(applications: Sequence[AnApplication]) -> list[AnApplication]:
    return [each for each in applications if each.days is not None and each.outcome in ("approved", "declined")]


def needs_monthly(book: Book) -> list[Row]:
    by_month = grouped(book.needs, lambda each: month_of(each.submitted_on))
    return [
        {"month": month} | counted(needs) | {"amount_fen": sum(each.amount_fen for each in needs)}
        for month, needs in by_month.items()
    ]


def applications_monthly(book: Book) -> list[Row]:
    by_month = grouped(book.applications, lambda each: (month_of(each.submitted_on), each.bank))
    return [{"month": month, "bank": bank} | counted(some) | _times(some) for (month, bank), some in by_month.items()]


def banks(book: Book) -> list[Row]:
    """A bank stands here once it has an application or a draw."""
    asked, drawn = grouped(book.applications, lambda each: each.bank), grouped(book.draws, lambda each: each.bank)
    found = []
    for bank in sorted({*asked, *drawn}):
        some, paid = asked.get(bank, []), drawn.get(bank, [])
        name = book.banks.get(bank, {"zh": bank, "en": bank})
        found.append(
            {"bank": bank, "name_zh": name["zh"], "name_en": name["en"]}
            | counted(some)
            | _times(some)
            | {
                "drawn_fen": sum(each.amount_fen for each in paid),
                "weighted_rate_bp": weighted_bp((each.rate_bp, each.amount_fen) for each in paid),
                "weighted_all_in_bp": weighted_bp(
                    (each.all_in_bp, each.amount_fen) for each in paid if each.all_in_bp is not None
                ),
            }
        )
    return found


def products(book: Book) -> list[Row]:
    titles = {each.code: each.title for each in catalogue.load().products}
    asked = grouped(book.applications, lambda each: (each.product, each.bank))
    drawn = grouped(book.draws, lambda each: (each.product, each.bank))
    found = []
    for product, bank in sorted({*asked, *drawn}):
        title = titles.get(product)
        found.append(
            {
                "product": product,
                "bank": bank,
                "title_zh": title.zh if title else product,
                "title_en": title.en if title else product,
            }
            | counted(asked.get((product, bank), []), ("approved", "declined"))
            | {"drawn_fen": sum(each.amount_fen for each in drawn.get((product, bank), []))}
        )
    return found


def declines(book: Book) -> list[Row]:
    """The banks' reasons in their own words; those met by fewer than five firms are counted together as `other`."""
    times: Counter[str] = Counter()
    firms: dict[str, set[str]] = defaultdict(set)
    for each in book.applications:
        if each.outcome == "declined":
            for reason in dict.fromkeys(each.reasons):
                times[reason] += 1
                firms[reason].add(each.firm)
    found = [
        {"reason": reason, "n": n}
        for reason, n in sorted(times.items(), key=lambda x: (-x[1], x[0]))
        if len(firms[reason]) >= FEWEST
    ]
    rest = sum(n for reason, n in times.items() if len(firms[reason]) < FEWEST)
    return found + ([{"reason": "other", "n": rest}] if rest else [])
