"""Everything the figures look at, read in one transaction: columns of rows, never names of firms or persons.

Money in fen, days in Asia/Shanghai. What a draw's days past due were on an earlier day is lived again from its due days and
payments (backend.loans.interest), because the book keeps today's state only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications.tables import Application, ApplicationEvent, Need, Offer
from backend.loans import interest
from backend.loans.tables import Draw, DueLine, Facility, Payment, Renewal
from backend.parties.tables import Firm, Party


@dataclass(frozen=True, slots=True)
class AnApplication:
    """One bank's part of a need. `outcome`: approved | declined | withdrawn | expired | pending; they add up."""

    id: str
    need: str
    firm: str
    bank: str
    product: str
    amount_fen: int
    state: str
    outcome: str
    submitted_on: date
    days: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ANeed:
    """What a firm asked for, and the best that came of it."""

    id: str
    firm: str
    amount_fen: int
    submitted_on: date
    outcome: str


@dataclass(slots=True)
class ADraw:
    """One draw as it stands on the day, and its life: principal repaid by day, and from when to when it was unpaid since."""

    id: str
    firm: str
    bank: str
    product: str
    guaranteed: bool
    amount_fen: int
    value_date: date
    rate_bp: int
    all_in_bp: Decimal | None
    first_loan: bool | None
    cls: str
    outstanding_fen: int
    dpd: int
    repaid: Sequence[tuple[date, int]] = ()
    spans: Sequence[tuple[date, date, date]] = ()
    """(from, to, unpaid since), each day included: how the draw stood between two payments."""
    renews: str | None = None
    """The draw that it renews without repayment (无还本续贷), as the bank named it."""

    def first_over(self, days: int) -> date | None:
        """The first day on which it was more than `days` past due."""
        reached = (max(start, since + timedelta(days=days + 1)) for start, _, since in self.spans)
        return next((day for day, span in zip(reached, self.spans, strict=True) if day <= span[1]), None)

    def outstanding_on(self, day: date) -> int:
        """Principal owed at the end of a day; nothing before the value date."""
        return self.amount_fen - sum(fen for paid, fen in self.repaid if paid <= day) if self.value_date <= day else 0

    def overdue_on(self, day: date) -> bool:
        """Whether something was past due at the end of a day."""
        return any(start <= day <= end and since < day for start, end, since in self.spans)


@dataclass(frozen=True)
class Book:
    """What there was at the end of `day`."""

    day: date
    firms: Mapping[str, Mapping[str, Any]]
    banks: Mapping[str, Mapping[str, str]]
    needs: Sequence[ANeed]
    applications: Sequence[AnApplication]
    draws: Sequence[ADraw]
    session: Session = field(repr=False)
    """The reading transaction itself, for figures that other rooms compute (pools, consents)."""
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What one table has reckoned and the next one reads too."""

    @property
    def live(self) -> list[ADraw]:
        """Draws on which principal is owed."""
        return [each for each in self.draws if each.outstanding_fen > 0]


def read(session: Session, day: date) -> Book:
    """Read what the figures need; whatever is dated after the day is not looked at."""
    firms = {
        row.id: {"region": row.region, "industry": row.industry, "subject_type": row.subject_type, "founded_on": row.founded_on}
        for row in session.execute(
            select(Firm.id, Firm.region, Firm.industry, Firm.subject_type, Firm.founded_on).order_by(Firm.id)
        )
    }
    banks = {
        row.code: {"zh": row.name, "en": row.name_en or row.name}
        for row in session.execute(select(Party.code, Party.name, Party.name_en).where(Party.kind == "bank").order_by(Party.code))
    }
    applications = _applications(session, day)
    return Book(day, firms, banks, _needs(session, day, applications), applications, draws(session, day), session)


# ---------------------------------------------------------------- needs and applications


def approved_ids(session: Session) -> set[str]:
    """Applications that a bank approved, whatever became of them since: it made an offer, or said yes."""
    found = set(session.scalars(select(Offer.application_id)))
    return found | set(session.scalars(select(ApplicationEvent.application_id).where(ApplicationEvent.event == "bank_approved")))


def outcome_of(state: str, approved: bool) -> str:
    """What came of an application, in the five columns that add up.

    >>> outcome_of("withdrawn", True), outcome_of("stopped", False), outcome_of("withdrawing", False)
    ('approved', 'withdrawn', 'pending')
    """
    if approved or state in ("approved", "accepted", "contracted", "drawn"):
        return "approved"
    return {"declined": "declined", "withdrawn": "withdrawn", "stopped": "withdrawn", "expired": "expired"}.get(state, "pending")


def _applications(session: Session, day: date) -> list[AnApplication]:
    yes = approved_ids(session)
    columns = (
        Application.id,
        Application.need_id,
        Application.firm_id,
        Application.bank,
        Application.product,
        Application.amount_fen,
        Application.state,
        Application.submitted_on,
        Application.decided_on,
        Application.decision_words,
        Application.decision_reasons,
    )
    query = select(*columns).where(Application.submitted_on <= day).order_by(Application.submitted_on, Application.id)
    return [
        AnApplication(
            row.id,
            row.need_id,
            row.firm_id,
            row.bank,
            row.product,
            row.amount_fen,
            row.state,
            outcome_of(row.state, row.id in yes),
            row.submitted_on,
            (row.decided_on - row.submitted_on).days if row.decided_on else None,
            tuple(str(each) for each in row.decision_reasons) or ((row.decision_words,) if row.decision_words else ()),
        )
        for row in session.execute(query)
    ]


# The best of a need's applications decides what came of the need.
BEST_FIRST = ("approved", "pending", "declined", "expired", "withdrawn")


def _needs(session: Session, day: date, applications: Sequence[AnApplication]) -> list[ANeed]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in applications:
        found[each.need].add(each.outcome)
    query = select(Need.id, Need.firm_id, Need.amount_fen, Need.submitted_on).where(Need.submitted_on <= day)
    return [
        ANeed(
            row.id,
            row.firm_id,
            row.amount_fen,
            row.submitted_on,
            next((name for name in BEST_FIRST if name in found[row.id]), "pending"),
        )
        for row in session.execute(query.order_by(Need.submitted_on, Need.id))
    ]


# ---------------------------------------------------------------- draws


def draws(session: Session, day: date) -> list[ADraw]:
    """Every draw whose value date has come, as it stands at the end of the day."""
    costs = {
        row.application_id: Decimal(row.by_days_bp)
        for row in session.execute(
            select(Offer.application_id, Offer.by_days_bp).where(Offer.state == "accepted").order_by(Offer.accepted_at, Offer.id)
        )
    }
    query = select(Draw, Facility.product, Facility.guarantor, Facility.application_id)
    query = query.join(Facility, Facility.id == Draw.facility_id).where(Draw.value_date <= day)
    rows = session.execute(query.order_by(Draw.value_date, Draw.id)).all()
    payments: dict[str, list[Any]] = defaultdict(list)
    paid = select(
        Payment.draw_id,
        Payment.paid_on,
        Payment.amount_fen,
        Payment.source,
        Payment.told_expenses_fen,
        Payment.our_principal_fen,
    ).order_by(Payment.draw_id, Payment.paid_on, Payment.seq)
    for payment in session.execute(paid.where(Payment.paid_on <= day)):
        payments[payment.draw_id].append(payment)
    named = select(Renewal.renewed_by, Renewal.draw_id).where(Renewal.renewed_by.is_not(None), Renewal.signed_on <= day)
    renews = {row.renewed_by: row.draw_id for row in session.execute(named)}
    found = []
    for draw, product, guarantor, application in rows:
        one = ADraw(
            draw.id,
            draw.firm_id,
            draw.bank,
            product,
            guarantor is not None,
            draw.amount_fen,
            draw.value_date,
            draw.rate_bp,
            costs.get(application),
            draw.first_loan,
            draw.cls,
            draw.outstanding_fen,
            interest.past_due_days(draw.unpaid_since, day),
            [(each.paid_on, each.our_principal_fen) for each in payments[draw.id] if each.our_principal_fen],
            renews=renews.get(draw.id),
        )
        found.append((one, draw))
    _live_again(session, found, payments, day)
    return [one for one, _ in found]


def _live_again(session: Session, found: Sequence[tuple[ADraw, Draw]], payments: Mapping[str, Sequence[Any]], day: date) -> None:
    """Play the draws that were ever late, or whose payments we heard of out of order: for the others today's row says it all."""
    needed = {
        one.id
        for one, draw in found
        if draw.max_dpd or one.dpd or one.amount_fen - sum(fen for _, fen in one.repaid) != one.outstanding_fen
    }
    dues: dict[str, list[DueLine]] = defaultdict(list)
    if needed:
        for line in session.scalars(select(DueLine).order_by(DueLine.draw_id, DueLine.no)):
            if line.draw_id in needed:
                dues[line.draw_id].append(line)
    for one, draw in found:
        if one.id in needed:
            one.repaid, one.spans = _life(draw, dues[one.id], payments[one.id], day)


def _life(
    draw: Draw, dues: Sequence[DueLine], payments: Sequence[Any], day: date
) -> tuple[list[tuple[date, int]], list[tuple[date, date, date]]]:
    terms = interest.Terms(
        draw.amount_fen,
        draw.rate_bp,
        draw.penalty_bp,
        draw.way,
        draw.day_count,
        draw.value_date,
        tuple(interest.Due(each.no, each.due_on, each.principal_fen) for each in dues),
    )
    account = interest.play(terms, (), draw.value_date)
    spans, since = [], draw.value_date
    for payment in payments:
        account.fall_due(payment.paid_on)
        if account.unpaid_since is not None and payment.paid_on > since:
            spans.append((since, payment.paid_on - timedelta(days=1), account.unpaid_since))
        account.pay(interest.Money(payment.paid_on, payment.amount_fen, payment.source, payment.told_expenses_fen))
        since = payment.paid_on
    account.fall_due(max(day, account.day))
    if account.unpaid_since is not None:
        spans.append((since, day, account.unpaid_since))
    return list(account.repaid), spans
