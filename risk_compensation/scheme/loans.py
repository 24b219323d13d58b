"""A loan with what became of it: what the worked examples of a scheme, and a book that is played, are made of.

Written in: domain §6.1-§6.2 (what a scheme asks of a loan). A loan whose arrears were paid is written without a default.

>>> BookLoan(reference="L", amount_fen=100, drawn_on=date(2025, 1, 6)).ends_on
datetime.date(2026, 1, 6)
"""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field, model_validator

from backend.kit.policy import Strict
from risk_compensation.scheme.conditions import Trigger
from risk_compensation.scheme.parts import Mode, Size


class BookLoan(Strict):
    """One loan and what became of it. Money in fen. Without `overdue_since` it was repaid."""

    reference: str = Field(min_length=1)
    bank: str = "bank"
    firm: str = ""
    guarantor: str = "guarantor"
    amount_fen: int = Field(gt=0)
    drawn_on: date
    months: int = Field(default=12, gt=0, le=600)
    mode: Mode = "loan"
    size: Size = "small"
    industry: str = ""
    revenue_fen: int | None = Field(default=None, ge=0)
    tags: tuple[str, ...] = ()
    overdue_since: date | None = None
    unpaid_principal_fen: int = Field(default=0, ge=0)
    unpaid_interest_fen: int = Field(default=0, ge=0)
    judged_on: date | None = None
    guarantor_paid_on: date | None = None
    recovered_on: date | None = None
    recovered_fen: int = Field(default=0, ge=0)
    costs_fen: int = Field(default=0, ge=0)
    fraud_on: date | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> BookLoan:
        loss = self.unpaid_principal_fen + self.unpaid_interest_fen
        since = self.overdue_since
        if self.unpaid_principal_fen > self.amount_fen:
            raise ValueError("unpaid_principal is not above amount")
        if (since is None) != (loss == 0):
            raise ValueError("overdue_since and unpaid_principal or unpaid_interest are given together")
        if since is not None and since <= self.drawn_on:
            raise ValueError("overdue_since comes after drawn_on")
        later = (self.judged_on, self.guarantor_paid_on, self.recovered_on, self.fraud_on)
        if any(day is not None and (since is None or day <= since) for day in later):
            raise ValueError("judged_on, guarantor_paid_on, recovered_on and fraud_on come after overdue_since")
        if self.costs_fen > self.recovered_fen or self.recovered_fen - self.costs_fen > loss:
            raise ValueError("costs are not above what was recovered, nor the rest above what was lost")
        if (self.recovered_on is None) != (self.recovered_fen == 0):
            raise ValueError("recovered_on and recovered are given together")
        return self

    @property
    def loss_fen(self) -> int:
        """Principal and interest not paid by the borrower."""
        return self.unpaid_principal_fen + self.unpaid_interest_fen

    @property
    def ends_on(self) -> date:
        """The first day after the term, counted in months of 365/12 days."""
        return self.drawn_on + timedelta(days=self.months * 365 // 12)

    def claimable_on(self, trigger: Trigger) -> date | None:
        """The day on which the trigger lets a claim be filed, if it ever does."""
        if self.overdue_since is None:
            return None
        days = trigger.days(self.overdue_since, judged_on=self.judged_on, guarantor_paid_on=self.guarantor_paid_on)
        return trigger.met_on(days)
