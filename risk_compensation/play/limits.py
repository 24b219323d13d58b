"""The running figures of a course, and how they limit what is paid. Written in: domain §6.1 (caps, quotas, fees), §6.4.

>>> from risk_compensation.scheme import scheme
>>> counters, terms = Counters(), scheme("chongqing_commercial_value").terms[0]
>>> loan = BookLoan(reference="L", amount_fen=100_000_000, drawn_on=date(2025, 1, 6))
>>> counters.enter(terms, loan, loan.drawn_on); counters.quota["bank"]
2000000
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from backend.kit.money import share_out
from risk_compensation.play.tallies import Tally
from risk_compensation.scheme import Award, BookLoan, Excess

if TYPE_CHECKING:
    from risk_compensation.scheme import SchemeTerms

POOL = ("pool", "")


def keys(loan: BookLoan) -> tuple[tuple[str, str], ...]:
    """Whose figures a loan counts in."""
    return (POOL, ("bank", loan.bank), *([("guarantor", loan.guarantor)] if loan.mode == "guarantee" else []))


@dataclass(slots=True)
class Counters:
    """Everything that adds up over a course. Fen."""

    money_in_fen: int | None = None
    tallies: defaultdict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    collected: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    fees_fen: int = 0
    quota: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    firm_fen: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    firm_banks: defaultdict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    limited: defaultdict[tuple[str, object], int] = field(default_factory=lambda: defaultdict(int))
    borne_year: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    premium_year: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    commitments_fen: int = 0
    taken: dict[int, int] = field(default_factory=dict)
    last_balance: dict[str, int] = field(default_factory=dict)

    def enter(self, terms: SchemeTerms, loan: BookLoan, day: date) -> None:
        for key in keys(loan):
            tally = self.tallies[key]
            tally.entered.add(day, loan.amount_fen)
            tally.loans.add(day, 1)
            tally.balance_fen += loan.amount_fen
            tally.live += 1
        for charge in terms.charges:
            fen = charge.fen(loan)
            self.collected[charge.to] += fen
            if charge.kind == "fee":
                self.fees_fen += fen
            if charge.kind == "premium":
                self.premium_year[charge.to, day.year] += fen
                for key in keys(loan):
                    self.tallies[key].premiums.add(day, fen)
        self.firm_fen[loan.firm or loan.reference] += loan.amount_fen
        self.firm_banks[loan.firm or loan.reference, day.year].add(loan.bank)
        self.commitments_fen += terms.commitment_fen(loan, loan.amount_fen)
        if terms.limits is not None and terms.limits.quota is not None:
            quota, balance = terms.limits.quota, self.tallies["bank", loan.bank].balance_fen
            grown = self.quota[loan.bank] + loan.amount_fen * quota.loan_bp // 10_000
            self.quota[loan.bank] = min(grown, balance * quota.balance_bp // 10_000)

    def fall_overdue(self, terms: SchemeTerms, loan: BookLoan) -> None:
        """Only what is unpaid still counts."""
        less = loan.amount_fen - loan.unpaid_principal_fen
        for key in keys(loan):
            self.tallies[key].balance_fen -= less
            self.tallies[key].overdue_fen += loan.unpaid_principal_fen
        self.firm_fen[loan.firm or loan.reference] -= less
        self.commitments_fen -= terms.commitment_fen(loan, loan.amount_fen)
        self.commitments_fen += terms.commitment_fen(loan, loan.unpaid_principal_fen)

    def repaid(self, terms: SchemeTerms, loan: BookLoan) -> None:
        """The loan ended well."""
        self._leaves(loan, loan.amount_fen)
        self.firm_fen[loan.firm or loan.reference] -= loan.amount_fen
        self.commitments_fen -= terms.commitment_fen(loan, loan.amount_fen)

    def claimed(self, loan: BookLoan) -> None:
        """It leaves the balance with its claim; the firm keeps its place under its cap, and the commitment stands until paid."""
        self._leaves(loan, loan.unpaid_principal_fen)
        for key in keys(loan):
            self.tallies[key].overdue_fen -= loan.unpaid_principal_fen

    def _leaves(self, loan: BookLoan, fen: int) -> None:
        for key in keys(loan):
            self.tallies[key].balance_fen -= fen
            self.tallies[key].live -= 1

    def met(self, terms: SchemeTerms, loan: BookLoan) -> None:
        """Nothing is owed on it any more."""
        self.commitments_fen -= terms.commitment_fen(loan, loan.unpaid_principal_fen)

    def rooms(self, terms: SchemeTerms, loan: BookLoan, day: date) -> list[int]:
        """What each limit of the scheme still leaves for this loan."""
        found = [most - self.limited[key] for key, most in self._limits(terms, loan, day).items() if most is not None]
        return found + ([self.quota[loan.bank]] if terms.limits is not None and terms.limits.quota is not None else [])

    def spend(self, terms: SchemeTerms, loan: BookLoan, day: date, found: Award) -> None:
        """The award stands: limits and collections have so much less left."""
        for key in self._limits(terms, loan, day):
            self.limited[key] += found.counted_fen
        if terms.limits is not None and terms.limits.quota is not None:
            self.quota[loan.bank] -= found.counted_fen
        for party, fen in found.drawn(terms).items():
            self.collected[party] -= fen

    def _limits(self, terms: SchemeTerms, loan: BookLoan, day: date) -> dict[tuple[str, object], int | None]:
        limits, firm = terms.limits, loan.firm or loan.reference
        if limits is None:
            return {}
        return {
            ("loan", loan.reference): limits.loan_fen,
            ("firm", firm): limits.of_firm(loan.size),
            ("year", day.year): limits.year_fen,
            ("bank", (loan.bank, day.year)): limits.bank_year_fen,
            ("guarantor", (loan.guarantor, day.year)): limits.guarantor_year_fen,
            ("balance", (loan.bank, day.year)): self._of_balance(limits.bank_balance_bp, loan.bank),
            ("entered", ""): limits.entered_bp and self.tallies[POOL].entered.total * limits.entered_bp // 10_000,
            ("fees", ""): limits.fees_times_bp and self.fees_fen * limits.fees_times_bp // 10_000,
        }

    def _of_balance(self, rate_bp: int | None, bank: str) -> int | None:
        """A part of the bank's balance at the end of last year; in a bank's first year there is none to take it of."""
        known = rate_bp is not None and bank in self.last_balance
        return self.last_balance[bank] * rate_bp // 10_000 if known and rate_bp else None

    def bear(self, loan: BookLoan, day: date, kept: dict[str, int]) -> None:
        for party, fen in kept.items():
            self.borne_year[party, day.year] += fen
        for key in keys(loan):
            self.tallies[key].insured.add(day, kept.get("insurer", 0))
            self.tallies[key].compensated.add(day, sum(kept.values()))

    def pay(self, loan: BookLoan, day: date, fen: int) -> None:
        """Public money went out for the loan; came back, when negative."""
        for key in keys(loan):
            self.tallies[key].paid.add(day, fen)

    def excess(self, cover: Excess, year: int, cash_fen: int | None) -> int:
        """What the excess-of-loss cover takes over for a year."""
        over = self.borne_year[cover.relieves, year] - self.premium_year[cover.relieves, year] * cover.over_bp // 10_000
        part = max(0, over) * cover.part_bp // 10_000
        most = [fen for fen in (cover.year_fen, cash_fen) if fen is not None]
        self.taken[year] = min([part, *most])
        return self.taken[year]

    def pass_on(self, terms: SchemeTerms, claimed: int, day: date, back: dict[str, int]) -> None:
        """Of what comes back to a party whose excess was taken over, the cover gets its part; within the year it shrinks."""
        cover = terms.excess
        part = back.get(cover.relieves, 0) if cover is not None else 0
        if cover is None or not part:
            return
        if day.year == claimed:
            self.borne_year[cover.relieves, claimed] -= part
        elif self.taken.get(claimed):
            held: dict[str, int] = {
                cover.payer: self.taken[claimed],
                cover.relieves: self.borne_year[cover.relieves, claimed] - self.taken[claimed],
            }
            back.update(share_out(part, held, odd_fen_order=terms.odd_fen_order))

    def close_year(self) -> None:
        self.last_balance = {name: tally.balance_fen for (kind, name), tally in self.tallies.items() if kind == "bank"}
