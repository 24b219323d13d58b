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
from risk_compensation.book import BookLoan
from risk_compensation.scheme_parts import PUBLIC, Charge, Excess
from risk_compensation.tallies import Tally

if TYPE_CHECKING:
    from risk_compensation.scheme import SchemeTerms

POOL = ("pool", "")


def keys(loan: BookLoan) -> tuple[tuple[str, str], ...]:
    """Whose figures a loan counts in."""
    return (POOL, ("bank", loan.bank), *([("guarantor", loan.guarantor)] if loan.mode == "guarantee" else []))


def charged_fen(charge: Charge, loan: BookLoan) -> int:
    """What is collected when the loan enters, whole fen, the odd part dropped."""
    return loan.amount_fen * (charge.once_bp * 12 + charge.yearly_bp * loan.months) // 120_000


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

    def commitment(self, terms: SchemeTerms, loan: BookLoan) -> int:
        if terms.leverage.basis == "principal":
            return loan.amount_fen
        parts = share_out(loan.amount_fen, terms.shares_of(loan), odd_fen_order=terms.odd_fen_order)
        return sum(fen for party, fen in parts.items() if party in PUBLIC)

    def enter(self, terms: SchemeTerms, loan: BookLoan, day: date) -> None:
        for key in keys(loan):
            tally = self.tallies[key]
            tally.entered.add(day, loan.amount_fen)
            tally.loans.add(day, 1)
            tally.balance_fen += loan.amount_fen
            tally.live += 1
        for charge in terms.charges:
            fen = charged_fen(charge, loan)
            self.collected[charge.to] += fen
            if charge.kind == "fee":
                self.fees_fen += fen
            if charge.kind == "premium":
                self.premium_year[charge.to, day.year] += fen
                for key in keys(loan):
                    self.tallies[key].premiums.add(day, fen)
        self.firm_fen[loan.firm or loan.reference] += loan.amount_fen
        self.firm_banks[loan.firm or loan.reference, day.year].add(loan.bank)
        self.commitments_fen += self.commitment(terms, loan)
        if terms.limits is not None and terms.limits.quota is not None:
            quota, balance = terms.limits.quota, self.tallies["bank", loan.bank].balance_fen
            grown = self.quota[loan.bank] + loan.amount_fen * quota.loan_bp // 10_000
            self.quota[loan.bank] = min(grown, balance * quota.balance_bp // 10_000)

    def fall_overdue(self, loan: BookLoan) -> None:
        for key in keys(loan):
            self.tallies[key].balance_fen -= loan.amount_fen - loan.unpaid_principal_fen
            self.tallies[key].overdue_fen += loan.unpaid_principal_fen

    def leave(self, terms: SchemeTerms, loan: BookLoan, fen: int, *, overdue: bool = False) -> None:
        """The loan is repaid, or settled by its claim."""
        for key in keys(loan):
            tally = self.tallies[key]
            tally.balance_fen -= fen
            tally.overdue_fen -= fen if overdue else 0
            tally.live -= 1
        self.firm_fen[loan.firm or loan.reference] -= loan.amount_fen
        self.commitments_fen -= self.commitment(terms, loan)

    def back(self, terms: SchemeTerms, parts: dict[str, int]) -> dict[str, int]:
        """The parts after waterfalls: who pays out of what it collected leaves the rest to whoever stands behind."""
        found = dict(parts)
        for each in terms.backing:
            short = max(0, found.get(each.party, 0) - self.collected[each.party])
            found[each.party] = found.get(each.party, 0) - short
            found[each.behind] = found.get(each.behind, 0) + short
            self.collected[each.party] -= found[each.party]
        return found

    def limit(self, terms: SchemeTerms, loan: BookLoan, day: date, parts: dict[str, int]) -> dict[str, int]:
        """The parts after the scheme's limits on payouts; what they cut is taken off all counted parties in proportion."""
        limits = terms.limits
        if limits is None:
            return dict(parts)
        wants: dict[str, int] = {party: parts.get(party, 0) for party in limits.counts}
        wanted = sum(wants.values())
        firm = loan.firm or loan.reference
        spent: dict[tuple[str, object], int | None] = {
            ("loan", loan.reference): limits.loan_fen,
            ("firm", firm): limits.firm_fen_by_size.get(loan.size, limits.firm_fen),
            ("year", day.year): limits.year_fen,
            ("bank", (loan.bank, day.year)): limits.bank_year_fen,
            ("guarantor", (loan.guarantor, day.year)): limits.guarantor_year_fen,
            ("balance", (loan.bank, day.year)): self._of_balance(limits.bank_balance_bp, loan.bank),
            ("entered", ""): limits.entered_bp and self.tallies[POOL].entered.total * limits.entered_bp // 10_000,
            ("fees", ""): limits.fees_times_bp and self.fees_fen * limits.fees_times_bp // 10_000,
        }
        room = [most - self.limited[key] for key, most in spent.items() if most is not None]
        room += [self.quota[loan.bank]] if limits.quota is not None else []
        allowed = max(0, min([wanted, *room]))
        for key in spent:
            self.limited[key] += allowed
        self.quota[loan.bank] -= allowed if limits.quota is not None else 0
        kept = share_out(allowed, wants, odd_fen_order=terms.odd_fen_order) if wanted else wants
        return dict(parts) | kept

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
