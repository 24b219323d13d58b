"""One draw as our own book has it: its due days and payments, played to the end of a day; and where a bank differs.

The running state on the draw's row follows from its payments alone and is computed again whenever one arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.kit import rules
from backend.kit.words import Words
from backend.loans import interest
from backend.loans.rules import DRAW_FOLLOWS
from backend.loans.tables import Discrepancy, Draw, DueLine, Facility, FirmOutcome, Payment
from backend.loans.values import ReportedDraw


def terms_of(draw: Draw | ReportedDraw, dues: Sequence[tuple[int, date, int]]) -> interest.Terms:
    """The terms of a draw for `interest.play`."""
    return interest.Terms(
        draw.amount_fen,
        draw.rate_bp,
        draw.penalty_bp,
        draw.way,
        draw.day_count,
        draw.value_date,
        tuple(interest.Due(no, due_on, principal) for no, due_on, principal in dues),
    )


def payments_of(session: Session, draw_id: str) -> list[Payment]:
    """What was paid on a draw, in the order of the days, then of our hearing of it."""
    return list(session.scalars(select(Payment).where(Payment.draw_id == draw_id).order_by(Payment.paid_on, Payment.seq)))


def play(session: Session, draw: Draw | ReportedDraw, payments: Sequence[Payment], until: date) -> interest.Account:
    """Our own account of a draw at the end of a day, from its due days and the payments alone."""
    rows = session.execute(
        select(DueLine.no, DueLine.due_on, DueLine.principal_fen).where(DueLine.draw_id == draw.id).order_by(DueLine.no)
    ).all()
    money = [interest.Money(each.paid_on, each.amount_fen, each.source, each.told_expenses_fen) for each in payments]
    return interest.play(terms_of(draw, [(row.no, row.due_on, row.principal_fen) for row in rows]), money, until)


def refresh(session: Session, draw: Draw, on: date) -> interest.Account:
    """Bring a draw's running state up to its payments."""
    payments = payments_of(session, draw.id)
    account = play(session, draw, payments, on)
    settle(session, draw, payments, account, on)
    return account


def settle(session: Session, draw: Draw, ordered: Sequence[Payment], account: interest.Account, on: date) -> None:
    by_source = dict.fromkeys(("borrower", "guarantor", "recovery"), 0)
    for payment, split in zip(ordered, account.splits, strict=True):
        by_source[payment.source] += split.principal_fen
    draw.outstanding_fen = account.outstanding_fen
    draw.repaid_by_borrower_fen = by_source["borrower"]
    draw.unpaid_since = account.unpaid_since
    draw.dpd = account.past_due_days(on)
    owes_nothing = account.unpaid_since is None and account.penalty_fen(on) == 0
    draw.repaid_on = ordered[-1].paid_on if owes_nothing and ordered else None
    stands = "repaid" if draw.repaid_on else "late" if draw.dpd else "running"
    rules.put(session, draw, "state", "compensated" if by_source["guarantor"] else stands, rule=DRAW_FOLLOWS)
    session.flush()
    touch(session, draw.firm_id)


def touch(session: Session, firm_id: str) -> None:
    """Something about a firm's loans changed: the next close of a day looks at them and tells the other rooms."""
    mark = update(FirmOutcome).where(FirmOutcome.firm_id == firm_id).values(told_at=None)
    session.execute(mark, execution_options={"synchronize_session": "fetch"})


def note(
    session: Session,
    facility: Facility,
    *,
    kind: str,
    key: str,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    words: Words,
    on: date,
    draw: Draw | None = None,
    payment_no: str | None = None,
) -> None:
    """Keep a difference, once."""
    name = f"{kind}:{facility.bank}:{key}"
    if session.get(Discrepancy, name) is None:
        session.add(
            Discrepancy(
                key=name,
                kind=kind,
                bank=facility.bank,
                facility_id=facility.id,
                draw_id=draw.id if draw else None,
                payment_no=payment_no,
                ours=ours,
                theirs=theirs,
                words=words.as_dict(),
                found_on=on,
            )
        )
        session.flush()
