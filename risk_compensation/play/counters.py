"""How a played book stands, counted as it goes by: what `live.standing` reads from the database.

Written in: domain §6.1, §6.3-§6.4. Money in fen; days never go back.

>>> from risk_compensation.scheme import scheme
>>> counters, terms = Counters(), scheme("chongqing_commercial_value").terms[0]
>>> loan = BookLoan(reference="L", amount_fen=100_000_000, drawn_on=date(2025, 1, 6))
>>> counters.enter(terms, loan, loan.drawn_on); counters.quota["bank"]
2000000
>>> found = Sum()
>>> found.add(date(2025, 1, 31), 5); found.add(date(2025, 12, 1), 7)
>>> found.until(date(2025, 1, 31)), found.total
(5, 12)
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from risk_compensation.scheme import Award, BookLoan, Breaker, Kind, Names, Parties, SchemeTerms
from risk_compensation.scheme.entering import quota_after
from risk_compensation.scheme.stops import since


class Sum:
    """A sum over time, for any window of it."""

    def __init__(self) -> None:
        self._days: list[date] = []
        self._sums: list[int] = []

    def add(self, day: date, amount: int) -> None:
        self._sums.append(self.total + amount)
        self._days.append(day)

    @property
    def total(self) -> int:
        return self._sums[-1] if self._sums else 0

    def until(self, day: date) -> int:
        """What was added up to and including that day."""
        at = bisect_right(self._days, day)
        return self._sums[at - 1] if at else 0


@dataclass(slots=True)
class Tally:
    """One pool's, bank's or guarantor's figures."""

    entered: Sum = field(default_factory=Sum)
    loans: Sum = field(default_factory=Sum)
    paid: Sum = field(default_factory=Sum)
    insured: Sum = field(default_factory=Sum)
    compensated: Sum = field(default_factory=Sum)
    premiums: Sum = field(default_factory=Sum)
    balance_fen: int = 0
    overdue_fen: int = 0
    live: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """A tally within the window of one rule (`scheme.standing.Window`)."""

    tally: Tally
    rule: Breaker
    on: date
    money_fen: int

    def _of(self, found: Sum) -> int:
        return found.until(self.on) - found.until(since(self.rule, self.on))

    def net_paid_fen(self) -> int:
        return self._of(self.tally.paid)

    def compensated_fen(self) -> int:
        return self._of(self.tally.compensated)

    def insured_fen(self) -> int:
        return self._of(self.tally.insured)

    def premiums_fen(self) -> int:
        return self._of(self.tally.premiums)

    def money_in_fen(self) -> int:
        return self.money_fen

    def entered(self) -> tuple[int, int]:
        return self._of(self.tally.entered), self._of(self.tally.loans)

    def balance(self) -> tuple[int, int]:
        return self.tally.balance_fen, self.tally.live

    def overdue_fen(self) -> int:
        return self.tally.overdue_fen


def names_of(loan: BookLoan) -> Names:
    """Under which names a loan of a book counts; a loan of no named firm is a firm of its own."""
    return Names(loan.reference, loan.firm or loan.reference, loan.bank, loan.guarantor)


def parties_of(loan: BookLoan) -> Parties:
    """Whose figures a loan counts in."""
    behind: Parties = (("guarantor", loan.guarantor),) if loan.mode == "guarantee" else ()
    return ("pool", ""), ("bank", loan.bank), *behind


def _over(names: Names, year: int) -> tuple[tuple[int | None, str | None, str | None, str | None, str | None], ...]:
    """Everything by which a limit may ask what a claim counts: year, loan, firm, bank, guarantor."""
    return (
        *((None, None, None, None, None), (None, names.loan, None, None, None), (None, None, names.firm, None, None)),
        *((year, None, None, None, None), (year, None, None, names.bank, None), (year, None, None, None, names.guarantor)),
    )


@dataclass(slots=True)
class Counters:
    """Everything that adds up over a course (`scheme.standing.Standing`). `cash_fen` none: the scheme does not limit it."""

    money_in_fen: int | None = None
    cash_fen: int | None = None
    tallies: defaultdict[tuple[Kind, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    collected: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    fees: int = 0
    quota: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    of_firm: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    firm_banks: defaultdict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    counted: defaultdict[tuple[int | None, str | None, str | None, str | None, str | None], int] = field(
        default_factory=lambda: defaultdict(int)
    )
    borne: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    premiums: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    commitments_fen: int = 0
    taken_over: dict[int, int] = field(default_factory=dict)
    last_balance: dict[str, int] = field(default_factory=dict)

    # ---------------------------------------------------------------- what happens

    def enter(self, terms: SchemeTerms, loan: BookLoan, day: date) -> None:
        names, parties = names_of(loan), parties_of(loan)
        for key in parties:
            tally = self.tallies[key]
            tally.entered.add(day, loan.amount_fen)
            tally.loans.add(day, 1)
            tally.balance_fen += loan.amount_fen
            tally.live += 1
        for charge in terms.charges:
            fen = charge.fen(loan)
            self.collected[charge.to] += fen
            if charge.kind == "fee":
                self.fees += fen
            if charge.kind == "premium":
                self.premiums[charge.to, day.year] += fen
                for key in parties:
                    self.tallies[key].premiums.add(day, fen)
        self.of_firm[names.firm] += loan.amount_fen
        self.firm_banks[names.firm, day.year].add(loan.bank)
        self.commitments_fen += terms.commitment_fen(loan, loan.amount_fen)
        if terms.limits is not None and terms.limits.quota is not None:
            balance = self.bank_balance_fen(loan.bank)
            self.quota[loan.bank] = quota_after(terms.limits.quota, self.quota[loan.bank], loan.amount_fen, balance)

    def fall_overdue(self, terms: SchemeTerms, loan: BookLoan) -> None:
        """Only what is unpaid still counts."""
        less = loan.amount_fen - loan.unpaid_principal_fen
        for key in parties_of(loan):
            self.tallies[key].balance_fen -= less
            self.tallies[key].overdue_fen += loan.unpaid_principal_fen
        self.of_firm[names_of(loan).firm] -= less
        self.commitments_fen -= terms.commitment_fen(loan, loan.amount_fen)
        self.commitments_fen += terms.commitment_fen(loan, loan.unpaid_principal_fen)

    def repaid(self, terms: SchemeTerms, loan: BookLoan) -> None:
        """The loan ended well."""
        self._leaves(loan, loan.amount_fen)
        self.of_firm[names_of(loan).firm] -= loan.amount_fen
        self.commitments_fen -= terms.commitment_fen(loan, loan.amount_fen)

    def claimed(self, loan: BookLoan) -> None:
        """It leaves the balance with its claim; the firm keeps its place under its cap, and the commitment stands until paid."""
        self._leaves(loan, loan.unpaid_principal_fen)
        for key in parties_of(loan):
            self.tallies[key].overdue_fen -= loan.unpaid_principal_fen

    def _leaves(self, loan: BookLoan, fen: int) -> None:
        for key in parties_of(loan):
            self.tallies[key].balance_fen -= fen
            self.tallies[key].live -= 1

    def met(self, terms: SchemeTerms, loan: BookLoan) -> None:
        """Nothing is owed on it any more."""
        self.commitments_fen -= terms.commitment_fen(loan, loan.unpaid_principal_fen)

    def spend(self, terms: SchemeTerms, loan: BookLoan, day: date, found: Award) -> None:
        """The award stands: limits and collections have so much less left, each party bears its part."""
        if terms.limits is not None:
            for key in _over(names_of(loan), day.year):
                self.counted[key] += found.counted_fen
            if terms.limits.quota is not None:
                self.quota[loan.bank] -= found.counted_fen
        for party, fen in found.drawn(terms).items():
            self.collected[party] -= fen
        for party, fen in found.parts.items():
            self.borne[party, day.year] += fen
        for tally in (self.tallies[key] for key in parties_of(loan)):
            tally.insured.add(day, found.parts.get("insurer", 0))
            tally.compensated.add(day, sum(found.parts.values()))

    def pay(self, loan: BookLoan, day: date, fen: int) -> None:
        """Public money went out for the loan; came back, when negative."""
        if self.cash_fen is not None:
            self.cash_fen -= fen
        for key in parties_of(loan):
            self.tallies[key].paid.add(day, fen)

    def came_back(self, terms: SchemeTerms, year: int, day: date, back: dict[str, int]) -> None:
        """Within the year of its loss it makes smaller what the party bore that an excess-of-loss cover relieves."""
        if terms.excess is not None and day.year == year:
            self.borne[terms.excess.relieves, year] -= back.get(terms.excess.relieves, 0)

    def close_year(self) -> None:
        self.last_balance = {name: tally.balance_fen for (kind, name), tally in self.tallies.items() if kind == "bank"}

    # ---------------------------------------------------------------- what a rule asks

    def firm_fen(self, firm: str) -> int:
        return self.of_firm[firm]

    def at_another_bank(self, firm: str, bank: str, year: int) -> bool:
        return bool(self.firm_banks[firm, year] - {bank})

    def bank_balance_fen(self, bank: str) -> int:
        return self.tallies["bank", bank].balance_fen

    def bank_balance_at_end_of(self, year: int, bank: str) -> int | None:
        return self.last_balance.get(bank)

    def quota_fen(self, bank: str) -> int:
        return self.quota[bank]

    def collected_fen(self, party: str) -> int:
        return self.collected[party]

    def counted_fen(
        self,
        *,
        year: int | None = None,
        loan: str | None = None,
        firm: str | None = None,
        bank: str | None = None,
        guarantor: str | None = None,
    ) -> int:
        return self.counted[year, loan, firm, bank, guarantor]

    def entered_fen(self) -> int:
        return self.tallies["pool", ""].entered.total

    def fees_fen(self) -> int:
        return self.fees

    def borne_fen(self, party: str, year: int) -> int:
        return self.borne[party, year]

    def premiums_of_year_fen(self, party: str, year: int) -> int:
        return self.premiums[party, year]

    def taken_over_fen(self, year: int) -> int:
        return self.taken_over.get(year, 0)

    def free_fen(self) -> int | None:
        return self.cash_fen

    def window(self, rule: Breaker, kind: Kind, code: str, on: date) -> Counted:
        return Counted(self.tallies[kind, code], rule, on, self.money_in_fen or 0)
