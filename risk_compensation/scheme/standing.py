"""What a pool's book says when a rule asks: the one protocol over which every decision of a scheme is written.

A live pool answers by SQL (`live.standing`), a played book by counters (`play.counters`). Money in fen, years are calendar years.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from risk_compensation.scheme.conditions import Breaker

Kind = Literal["pool", "bank", "guarantor"]
Parties = tuple[tuple[Kind, str], ...]
"""Whose figures a loan counts in, each by kind and code; the pool's own code is empty."""


@dataclass(frozen=True, slots=True)
class Names:
    """Under which names a loan counts: its own, its firm's, its bank's, its guarantor's (none: empty)."""

    loan: str
    firm: str
    bank: str
    guarantor: str = ""


class Window(Protocol):
    """The figures of a pool, of a bank in it or of a guarantor on a day, within the months or the year that a stop rule names."""

    def net_paid_fen(self) -> int:
        """What the pool paid on claims, less what came back to it."""

    def compensated_fen(self) -> int:
        """What all parties bore of losses."""

    def insured_fen(self) -> int:
        """What the insurer bore of it."""

    def premiums_fen(self) -> int:
        """Premiums of the loans that entered."""

    def money_in_fen(self) -> int:
        """What funders ever paid in."""

    def entered(self) -> tuple[int, int]:
        """Principal that entered, and of how many loans."""

    def balance(self) -> tuple[int, int]:
        """Principal that stands now, and of how many loans."""

    def overdue_fen(self) -> int:
        """What of it is overdue."""


class Standing(Protocol):
    """How a pool stands. Parties that bear something go by their kind, banks, firms and guarantors by their code."""

    def firm_fen(self, firm: str) -> int:
        """Principal of the firm's loans that counts under its cap."""

    def at_another_bank(self, firm: str, bank: str, year: int) -> bool:
        """Whether the firm brought a loan of another bank in that year."""

    def bank_balance_fen(self, bank: str) -> int:
        """The bank's principal in the pool as it stands."""

    def bank_balance_at_end_of(self, year: int, bank: str) -> int | None:
        """The same on the year's last day; none for a bank that came later."""

    def quota_fen(self, bank: str) -> int:
        """What the bank's loans have earned it for payouts, and it has not used."""

    def collected_fen(self, party: str) -> int:
        """What the party still has of premiums, fees or contributions."""

    def counted_fen(
        self,
        *,
        year: int | None = None,
        loan: str | None = None,
        firm: str | None = None,
        bank: str | None = None,
        guarantor: str | None = None,
    ) -> int:
        """What claims that stand count of the scheme's limits: those of that year, loan, firm, bank or guarantor."""

    def entered_fen(self) -> int:
        """Principal of all loans that ever entered."""

    def fees_fen(self) -> int:
        """All fees that were ever collected."""

    def borne_fen(self, party: str, year: int) -> int:
        """What the party bore of a year's losses, less what came back on them within the year."""

    def premiums_of_year_fen(self, party: str, year: int) -> int:
        """Premiums that the party took in a year."""

    def taken_over_fen(self, year: int) -> int:
        """What an excess-of-loss cover took over of a year."""

    def free_fen(self) -> int | None:
        """Cash that is not set aside; none: the scheme does not limit it."""

    def window(self, rule: Breaker, kind: Kind, code: str, on: date) -> Window:
        """The figures at which a stop rule looks on a day."""
