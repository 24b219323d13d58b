"""The last hand on every table before it is published: amounts and rates that fewer than five firms stand behind become None, and
with them what would betray them, by whatever sum they are part of. Counts stay. Written in: domain §9 (cells of five firms).

Two kinds of sums hang together over the tables. What was drawn: in all, by month, by bank, by both, by product, by band of rates;
in a month also what was first lent in it (vintages), which leaves the renewals.
What is owed: at each month's end (before + drawn - repaid), past due or not, by class, by days past due, guaranteed or not.

Not held back: counts; vintages beyond their own rule (a cohort of five firms has its curve); the pools' money, which is a public
fund's account, entry by entry. What stress, uplifts, warnings and cards tell is held back where it is reckoned: it adds up to
none of these sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from backend.kit.calendar import add_months
from backend.loans.model import BAD, CLASSES
from backend.reporting.book import ADraw, Book
from backend.reporting.figures_loans import BUCKETS, bucket_of
from backend.reporting.figures_vintages import renewals_of
from backend.reporting.reckon import Row, grouped, month_of, months
from backend.reporting.suppression import Line, few, firms_of, held_back, held_in_lines, without
from risk_compensation.ledger import Reason
from risk_compensation.tables import Entry, Registration

Tables = dict[str, list[Row]]
Key = tuple[str, ...]
ALL: Key = ("drawn",)


@dataclass
class Sums:
    """Figures by name with the firms behind them, and the lines in which they add up."""

    behind: dict[Key, set[str]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    unpublished: set[Key] = field(default_factory=set)
    headlines: list[Key] = field(default_factory=list)
    """Held back last, in this order."""

    def add(self, key: Key, draws: Iterable[ADraw]) -> Key:
        self.behind[key] = firms_of(draws)
        return key

    def alike(self, keys: Iterable[Key], draws: Mapping[Key, Iterable[ADraw]]) -> None:
        """Figures over the very same draws are one figure under two names (more than 90 days past due, and non-performing)."""
        first: dict[frozenset[str], Key] = {}
        for key in keys:
            ids = frozenset(each.id for each in draws[key])
            if ids and ids in first:
                self.lines.append(([key], [first[ids]]))
            first.setdefault(ids, key)

    def split(self, whole: Key, parts: Iterable[Key]) -> None:
        self.lines.append((list(parts), [whole]))

    def part(self, key: Key, draws: Sequence[ADraw], whole: Key, others: Sequence[ADraw]) -> Key:
        """A published part of a whole; what it leaves is told by nobody, and must not be told by subtraction."""
        rest = self.add((*key, "rest"), others)
        self.unpublished.add(rest)
        self.split(whole, [self.add(key, draws), rest])
        return key

    def hidden(self, small: Iterable[Key]) -> set[Key]:
        return held_in_lines(self.behind, self.lines, small=set(small), unpublished=self.unpublished, last=self.headlines)


def hold(tables: Tables, book: Book) -> Tables:
    """The tables as they may be published."""
    sums = Sums()
    ends = months(min(each.value_date for each in book.draws), book.day) if book.draws else []
    _drawn(sums, book)
    last = _owed(sums, book, ends)
    cohorts = _cohorts(book)
    hidden = sums.hidden(_already(tables, cohorts))
    held = dict(tables)
    for table, key_of, names in (
        ("rates", lambda row: ("rates", row["bank"], row["month"]), ("amount_fen", "weighted_rate_bp", *_OFFERS, "lpr_bp")),
        ("rate_bands", lambda row: ("band", str(row["from_bp"])), ("amount_fen",)),
        ("banks", lambda row: ("bank", row["bank"]), ("drawn_fen", "weighted_rate_bp", "weighted_all_in_bp")),
        ("products", lambda row: ("product", row["product"], row["bank"]), ("drawn_fen",)),
        ("vintages", lambda row: cohorts[row["cohort"]], ("drawn_fen", "ever30_fen", "ever90_fen")),
        ("book_monthly", lambda row: ("month", row["month"]), ("drawn_fen",)),
        ("book_monthly", lambda row: ("repaid", row["month"]), ("repaid_fen",)),
        ("book_monthly", lambda row: ("owed", row["month"]), ("outstanding_fen",)),
        ("book_monthly", lambda row: ("late", row["month"]), ("overdue_fen",)),
        ("classes", lambda row: ("class", row["cls"]), ("outstanding_fen",)),
        ("dpd_buckets", lambda row: ("bucket", row["bucket"]), ("outstanding_fen",)),
    ):
        held[table] = [without(row, key_of(row) in hidden, *names) for row in held[table]]
    held["banks"] = _offers(held["banks"], book)
    held["needs_monthly"] = _needs(held["needs_monthly"], book)
    held["pool_monthly"] = _commitments(held["pool_monthly"], book)
    held["kpis"] = _kpis(held["kpis"], book, hidden, last)
    return held


_OFFERS = ("weighted_all_in_bp", "all_in_fen")


def _cohorts(book: Book) -> dict[str, Key]:
    """What was first lent in a month: all that was drawn in it, or less where some of it renewed older loans."""
    renewed = {month_of(each.value_date) for each in renewals_of(book.draws)}
    return {month: ("cohort" if month in renewed else "month", month) for month in {month_of(e.value_date) for e in book.draws}}


def _already(tables: Tables, cohorts: Mapping[str, Key]) -> Iterable[Key]:
    """What a table held back by itself."""
    for row in tables["rates"]:
        if row["amount_fen"] is None:
            yield ("rates", row["bank"], row["month"])
    for row in tables["rate_bands"]:
        if row["draws"] and row["amount_fen"] is None:
            yield ("band", str(row["from_bp"]))
    for row in tables["vintages"]:
        if row["drawn_fen"] is None:
            yield cohorts[row["cohort"]]


def _drawn(sums: Sums, book: Book) -> None:
    sums.add(ALL, book.draws)
    by_month = grouped(book.draws, lambda each: month_of(each.value_date))
    by_bank = grouped(book.draws, lambda each: each.bank)
    sums.split(ALL, [sums.add(("month", month), some) for month, some in by_month.items()])
    sums.split(ALL, [sums.add(("bank", bank), some) for bank, some in by_bank.items()])
    both = grouped(book.draws, lambda each: (each.bank, month_of(each.value_date)))
    for (bank, month), some in both.items():
        sums.add(("rates", bank, month), some)
    for bank, some in by_bank.items():
        sums.split(("bank", bank), [("rates", *each) for each in both if each[0] == bank])
        by_product = grouped(some, lambda each: each.product)
        sums.split(("bank", bank), [sums.add(("product", name, bank), each) for name, each in by_product.items()])
    for month in by_month:
        sums.split(("month", month), [("rates", *each) for each in both if each[1] == month])
    renewed = grouped(renewals_of(book.draws), lambda each: month_of(each.value_date))
    for month, again in renewed.items():
        ids = {each.id for each in again}
        sums.part(("cohort", month), [each for each in by_month[month] if each.id not in ids], ("month", month), again)
    by_band = grouped(book.draws, lambda each: each.rate_bp // 50 * 50)
    sums.split(ALL, [sums.add(("band", str(low)), some) for low, some in by_band.items()])


def _owed(sums: Sums, book: Book, ends: Sequence[date]) -> Key:
    """The book's life by month, and how it stands today. Answers the name of what is owed today."""
    repaid: dict[str, list[ADraw]] = defaultdict(list)
    for each in book.draws:
        for month in {month_of(day) for day, _ in each.repaid}:
            repaid[month].append(each)
    before: Key | None = None
    for end in ends:
        month = month_of(end)
        owing = [each for each in book.draws if each.outstanding_on(end) > 0]
        late = {each.id for each in owing if each.spans and each.overdue_on(end)}
        now = sums.add(("owed", month), owing)
        sums.add(("repaid", month), repaid[month])
        sums.lines.append(([*([before] if before else []), ("month", month)], [("repaid", month), now]))
        sums.part(("late", month), [e for e in owing if e.id in late], now, [e for e in owing if e.id not in late])
        before = now
    live, today = book.live, before or ("owed",)
    sums.headlines += [*((name,) for name in ("overdue30_bp", "credit_loan_bp", "overdue90_bp", "npl_bp")), today, ALL]
    by_class: dict[Key, list[ADraw]] = {("class", cls): [each for each in live if each.cls == cls] for cls in CLASSES}
    by_days: dict[Key, list[ADraw]] = {("bucket", name): [e for e in live if bucket_of(e.dpd) == name] for name, _ in BUCKETS}
    for parts in (by_class, by_days):
        sums.split(today, [sums.add(key, some) for key, some in parts.items()])
    shares: dict[Key, list[ADraw]] = {(name,): [e for e in live if e.id in yes] for name, yes in _parts(live).items()}
    for key, inside in shares.items():
        sums.part(key, inside, today, [each for each in live if each not in inside])
    everything = by_class | by_days | shares
    sums.alike(everything, everything)
    sums.split(("npl_bp",), [("class", cls) for cls in CLASSES if cls in BAD])
    for days in (30, 90):
        over = [name for name, _ in BUCKETS if int(name.split("-")[0].rstrip("+")) > days]
        sums.split((f"overdue{days}_bp",), [("bucket", name) for name in over])
    return today


def _parts(live: Sequence[ADraw]) -> dict[str, set[str]]:
    """The headline shares of what is owed: the draws that each counts."""
    return {
        "credit_loan_bp": {each.id for each in live if not each.guaranteed},
        "overdue30_bp": {each.id for each in live if each.dpd > 30},
        "overdue90_bp": {each.id for each in live if each.dpd > 90},
        "npl_bp": {each.id for each in live if each.cls in BAD},
    }


def _offers(rows: list[Row], book: Book) -> list[Row]:
    """A bank's all-in cost is of the draws whose offer is known: those, and the others, must be of five firms."""
    draws = grouped(book.draws, lambda each: each.bank)
    return [without(row, _few_priced(draws.get(row["bank"], [])), "weighted_all_in_bp") for row in rows]


def _few_priced(draws: Sequence[ADraw]) -> bool:
    priced = firms_of(each for each in draws if each.all_in_bp is not None)
    return few(priced) or few(firms_of(each for each in draws if each.all_in_bp is None))


def _needs(rows: list[Row], book: Book) -> list[Row]:
    firms = {month: firms_of(some) for month, some in grouped(book.needs, lambda each: month_of(each.submitted_on)).items()}
    return [without(row, few(firms.get(row["month"], ())), "amount_fen") for row in rows]


def _commitments(rows: list[Row], book: Book) -> list[Row]:
    """What a pool took on and let go by month is made of single firms' loans; its money in and out is its public account."""
    firm_of = {row.reference: row.firm for row in book.session.execute(select(Registration.reference, Registration.firm))}
    for name, reason in (("registered_fen", Reason.REGISTERED), ("released_fen", Reason.REPAID)):
        firms: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        query = select(Entry.pool, Entry.on, Entry.loan).where(Entry.reason == str(reason), Entry.on <= book.day)
        for pool, on, loan in book.session.execute(query):
            firms[pool][month_of(on)].add(firm_of.get(str(loan), str(loan)))
        hidden = {(pool, month) for pool, some in firms.items() for month in held_back(some)}
        rows = [without(row, (row["pool"], row["month"]) in hidden, name) for row in rows]
    return rows


def _kpis(rows: list[Row], book: Book, hidden: set[Key], owed: Key) -> list[Row]:
    decided = [each for each in book.applications if each.days is not None and each.outcome in ("approved", "declined")]
    old = [each for each in book.draws if add_months(each.value_date, 12) <= book.day]
    bad = [each for each in old if (day := each.first_over(90)) is not None and day <= add_months(each.value_date, 12)]
    good = {each.id for each in old} - {each.id for each in bad}
    silent: dict[str, Any] = {
        "drawn_fen": ALL in hidden,
        "weighted_rate_bp": ALL in hidden,
        "weighted_all_in_bp": ALL in hidden or _few_priced(book.draws),
        "outstanding_fen": owed in hidden,
        "default12_bp": few(firms_of(bad)) or few(firms_of(each for each in old if each.id in good)),
    }
    silent |= {name: (name,) in hidden or owed in hidden for name in _parts(book.live)}
    silent |= dict.fromkeys(("decision_p50_days", "decision_p90_days"), few(firms_of(decided)))
    lifted = next((row["n"] for row in rows if row["code"] == "uplift_fen"), 0)
    silent["uplift_fen"] = few([str(number) for number in range(lifted)])
    return [without(row, bool(silent.get(row["code"])), "value") for row in rows]
