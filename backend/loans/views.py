"""What may be read of loans: a firm's facilities and draws, what falls due, what was paid, our whole book, where banks differ."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, not_, select
from sqlalchemy.orm import Session

from backend.kit.errors import NotFound
from backend.kit.rows import seen
from backend.loans import account as accounts
from backend.loans.interest import past_due_days
from backend.loans.model import Book, Totals
from backend.loans.tables import ClassEvent, Discrepancy, Draw, DueLine, Facility, Guarantee
from backend.loans.values import BankDraw, GuaranteeView, ReportedDraw, ReportedPayment, SignedFacility
from lender_adapters import port


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw on a day: what is owed, since when, what comes next. Money in fen; `cls` is one of model.CLASSES."""

    draw: ReportedDraw
    facility: SignedFacility
    outstanding_fen: int
    dpd: int
    cls: str
    state: str
    owed_fen: int
    penalty_fen: int
    next_due_on: date | None
    next_due_fen: int | None
    undrawn_fen: int


@dataclass(frozen=True, slots=True)
class DueView:
    """One due day. state: paid | due | late | later. `interest_fen` is ours; the bank's stands beside it."""

    no: int
    due_on: date
    principal_fen: int
    interest_fen: int
    told_interest_fen: int
    paid_fen: int
    left_fen: int
    state: str


def facilities(session: Session, firm_id: str, day: date, *, over: bool = False) -> list[SignedFacility]:
    """The firm's facilities, newest first; `over`: those that are over instead: past their last day, and nothing is owed."""
    owed = exists().where(Draw.facility_id == Facility.id, Draw.repaid_on.is_(None))
    ended = and_(Facility.expires_on < day, not_(owed))
    query = select(Facility).where(Facility.firm_id == firm_id, ended if over else not_(ended))
    return [seen(SignedFacility, each) for each in session.scalars(query.order_by(Facility.signed_on.desc(), Facility.id))]


def facility(session: Session, firm_id: str, facility_id: str) -> SignedFacility:
    """One of the firm's own facilities; another's is as good as missing."""
    found = session.get(Facility, facility_id)
    if found is None or found.firm_id != firm_id:
        raise NotFound()
    return seen(SignedFacility, found)


def facility_of_application(session: Session, application_id: str) -> SignedFacility | None:
    """What the bank signed for an application, if it has."""
    found = session.scalar(select(Facility).where(Facility.application_id == application_id))
    return seen(SignedFacility, found) if found is not None else None


def applications_of_facilities(session: Session, *, bank: str) -> dict[str, str]:
    """Of one bank: facility -> the application that it came from."""
    query = select(Facility.id, Facility.application_id).where(Facility.bank == bank)
    return {row[0]: row[1] for row in session.execute(query)}


def facility_told_by(session: Session, bank: str, message: port.Drawn | port.Repaid) -> Facility | None:
    """The facility that a bank's report speaks of, by the bank's own numbers; None while we have not been told of it."""
    if isinstance(message, port.Drawn):
        return session.scalar(select(Facility).where(Facility.bank == bank, Facility.contract_no == message.contract_no))
    query = select(Facility).join(Draw, Draw.facility_id == Facility.id)
    return session.scalar(query.where(Draw.bank == bank, Draw.draw_no == message.draw_no))


def draw_rows(session: Session, *, facility_id: str | None = None, bank: str | None = None) -> list[ReportedDraw]:
    """Draws as they stand, of one facility or one bank, oldest first."""
    query = select(Draw).order_by(Draw.value_date, Draw.draw_no)
    if facility_id is not None:
        query = query.where(Draw.facility_id == facility_id)
    if bank is not None:
        query = query.where(Draw.bank == bank)
    return [seen(ReportedDraw, each) for each in session.scalars(query)]


def draws_of_bank(session: Session, bank: str) -> list[BankDraw]:
    """Every draw that a bank reported, oldest first, with the application that it came from."""
    query = select(Draw, Facility.application_id).join(Facility, Facility.id == Draw.facility_id).where(Draw.bank == bank)
    rows = session.execute(query.order_by(Draw.value_date, Draw.draw_no))
    return [seen(BankDraw, each, application_id=application_id) for each, application_id in rows]


def draws(session: Session, firm_id: str, day: date) -> list[DrawView]:
    """The firm's draws as they stand on that day, oldest first."""
    query = _DRAWN.where(Draw.firm_id == firm_id).order_by(Draw.value_date, Draw.draw_no)
    return [_view(session, each, of, day) for each, of in session.execute(query)]


def draw(session: Session, firm_id: str, draw_id: str, day: date) -> DrawView:
    """One of the firm's own draws; another's is as good as missing."""
    found = session.execute(_DRAWN.where(Draw.id == draw_id, Draw.firm_id == firm_id)).one_or_none()
    if found is None:
        raise NotFound()
    return _view(session, *found, day)


_DRAWN = select(Draw, Facility).join(Facility, Facility.id == Draw.facility_id)


def _view(session: Session, row: Draw, of: Facility, day: date) -> DrawView:
    account = accounts.play(session, row, accounts.payments_of(session, row.id), day)
    coming = account.next_due()
    used = sum(each.outstanding_fen for each in draw_rows(session, facility_id=of.id))
    return DrawView(
        draw=seen(ReportedDraw, row),
        facility=seen(SignedFacility, of),
        outstanding_fen=account.outstanding_fen,
        dpd=account.past_due_days(day),
        cls=row.cls,
        state=row.state,
        owed_fen=account.owed_fen(day),
        penalty_fen=account.penalty_fen(day),
        next_due_on=coming.due_on if coming else None,
        next_due_fen=coming.principal_left + coming.interest_left if coming else None,
        undrawn_fen=max(0, of.limit_fen - of.frozen_fen - used),
    )


def schedule(session: Session, draw: ReportedDraw, day: date) -> list[DueView]:
    """Every due day of a draw with what was paid of it and what is left, as it stands on that day."""
    account = accounts.play(session, draw, accounts.payments_of(session, draw.id), day)
    told = {each.no: each.told_interest_fen for each in session.scalars(select(DueLine).where(DueLine.draw_id == draw.id))}
    found = []
    for line in account.lines:
        left = line.principal_left + line.interest_left
        state = "paid" if not left else "later" if line.due_on > day else "due" if line.due_on == day else "late"
        paid = line.principal_paid_fen + line.interest_paid_fen
        found.append(DueView(line.no, line.due_on, line.principal_fen, line.interest_fen, told[line.no], paid, left, state))
    return found


def payments(session: Session, draw_id: str) -> list[ReportedPayment]:
    """What was paid on a draw, in the order of the days."""
    return [seen(ReportedPayment, each) for each in accounts.payments_of(session, draw_id)]


def class_history(session: Session, draw_id: str) -> list[ClassEvent]:
    """How a draw's class changed."""
    return list(session.scalars(select(ClassEvent).where(ClassEvent.draw_id == draw_id).order_by(ClassEvent.id)))


def discrepancies(session: Session, bank: str | None = None) -> list[Discrepancy]:
    """Where banks and we differ, oldest first."""
    query = select(Discrepancy).order_by(Discrepancy.found_on, Discrepancy.key)
    return list(session.scalars(query if bank is None else query.where(Discrepancy.bank == bank)))


def guarantees(session: Session, guarantor: str | None = None) -> list[GuaranteeView]:
    """Guarantee cases, of one guarantor, oldest first."""
    query = select(Guarantee).order_by(Guarantee.asked_on, Guarantee.id)
    found = session.scalars(query if guarantor is None else query.where(Guarantee.guarantor == guarantor))
    return [seen(GuaranteeView, each) for each in found]


def guarantee(session: Session, guarantor: str, guarantee_id: str) -> GuaranteeView:
    """One of a guarantor's own cases; another's is as good as missing."""
    found = session.get(Guarantee, guarantee_id)
    if found is None or found.guarantor != guarantor:
        raise NotFound()
    return seen(GuaranteeView, found)


def next_event_on(session: Session, facility_id: str, day: date) -> date | None:
    """The next day after `day` on which a bank may have something to tell of a facility: tomorrow while nothing is
    drawn, else the next due day, or a week on while something is overdue; None once all is repaid."""
    rows = draw_rows(session, facility_id=facility_id)
    if not rows:
        return day + timedelta(days=1)
    open_ids = [each.id for each in rows if each.repaid_on is None]
    if not open_ids:
        return None
    query = select(func.min(DueLine.due_on)).where(DueLine.draw_id.in_(open_ids), DueLine.due_on > day)
    days = [session.scalar(query)]
    if any(past_due_days(each.unpaid_since, day) for each in rows):
        days.append(day + timedelta(days=7))
    return min((each for each in days if each is not None), default=None)


# ---------------------------------------------------------------- the whole book


@dataclass(frozen=True, slots=True)
class BookLine:
    """One draw of our book, with the names by which its bank and we call it."""

    bank: str
    draw_no: str
    application_id: str
    contract_no: str
    value_date: date
    totals: Totals

    def as_dict(self) -> dict[str, Any]:
        names = {"bank": self.bank, "draw_no": self.draw_no, "application_id": self.application_id}
        return names | {"contract_no": self.contract_no, "value_date": self.value_date.isoformat()} | asdict(self.totals)


def book_lines(session: Session, bank: str | None = None) -> list[BookLine]:
    """Our book, draw by draw, each computed again from its due days and payments; the banks' splits are not looked at."""
    query = select(Draw, Facility).join(Facility, Facility.id == Draw.facility_id).order_by(Draw.bank, Draw.draw_no)
    found = []
    for row, of in session.execute(query if bank is None else query.where(Draw.bank == bank)):
        paid = accounts.payments_of(session, row.id)
        account = accounts.play(session, row, paid, max((each.paid_on for each in paid), default=row.value_date))
        principal = dict.fromkeys(("borrower", "guarantor", "recovery"), 0)
        for payment, split in zip(paid, account.splits, strict=True):
            principal[payment.source] += split.principal_fen
        totals = Totals(
            drawn_fen=row.amount_fen,
            principal_borrower_fen=principal["borrower"],
            principal_guarantor_fen=principal["guarantor"],
            principal_recovery_fen=principal["recovery"],
            interest_paid_fen=sum(split.interest_fen for split in account.splits),
            penalty_paid_fen=sum(split.penalty_fen for split in account.splits),
            outstanding_fen=account.outstanding_fen,
        )
        found.append(BookLine(row.bank, row.draw_no, of.application_id, of.contract_no, row.value_date, totals))
    return found


def book(session: Session, bank: str | None = None) -> Book:
    """Our book as `model.unexplained` wants it: (bank code, draw number) -> totals per kind, in fen."""
    return {(line.bank, line.draw_no): line.totals for line in book_lines(session, bank)}
