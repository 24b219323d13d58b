"""Headroom held between the firm's acceptance and the registration; it expires. Written in: domain §6.3 (the reserve is
locked)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit import locks, rules
from backend.kit.errors import Conflict, Invalid, NotFound
from backend.kit.rows import seen
from backend.kit.words import Words
from risk_compensation.ledger import Account, Reason, lines, locked_pool, post
from risk_compensation.live import admission
from risk_compensation.live.admission import Described
from risk_compensation.live.values import HeldHeadroom
from risk_compensation.rules import RESERVED_ONCE
from risk_compensation.scheme import terms_on
from risk_compensation.tables import Pool, Reservation


def lapse(session: Session, pool: str, on: date) -> None:
    """Give back the headroom of reservations whose last day has passed, the pool being held. Again it changes nothing."""
    stale = select(Reservation).where(Reservation.pool == pool, Reservation.state == "live", Reservation.expires_on < on)
    for held in session.scalars(stale.execution_options(populate_existing=True)):
        _free(session, held, on, Reason.RESERVATION_EXPIRED, "expired")


def _free(session: Session, held: Reservation, on: date, reason: Reason, state: str) -> None:
    booked = lines((Account.RESERVATIONS, Account.OFF_BALANCE, held.held_fen, reason, None, held.reference))
    post(session, pool=held.pool, reference=f"{state}:{held.reference}", on=on, booked=booked)
    rules.put(session, held, "state", state, rule=RESERVED_ONCE)
    session.flush()


def reserve(
    session: Session,
    pool: str,
    *,
    reference: str,
    bank: str,
    guarantor: str,
    firm: str,
    amount_fen: int,
    expires_on: date,
    on: date,
    loan: Described = Described(),
) -> HeldHeadroom:
    """Hold headroom for a loan of `amount_fen` until `expires_on` (that day included). The second time changes nothing.

    Refused: pool_paused, bank_paused, guarantor_paused, cap_loan, cap_firm, headroom.
    Invalid: expires_on before `on`. Conflict: reference_reused.
    """
    locks.hold_name(session, "firm", firm)
    row = locked_pool(session, pool)
    known = locks.fresh(session, Reservation, reference)
    if known is not None:
        if (known.pool, known.amount_fen, known.firm) != (pool, amount_fen, firm):
            raise Conflict(
                Words("该编号已用于另一笔预留", "this reference already holds another reservation"), code="reference_reused"
            )
        return seen(HeldHeadroom, known)
    if expires_on < on:
        raise Invalid("expires_on", Words("预留的到期日早于当日", "the reservation would expire before it is made"))
    terms = terms_on(row.scheme, on)
    loan = replace(loan, amount_fen=amount_fen)
    admission.not_stopped(session, row, terms, bank, guarantor, None)
    lapse(session, pool, on)
    admission.within_caps(session, row, terms, firm, loan)
    held = terms.commitment_fen(loan, amount_fen)
    made = Reservation(
        reference=reference,
        pool=pool,
        bank=bank,
        guarantor=guarantor,
        firm=firm,
        amount_fen=amount_fen,
        held_fen=held,
        reserved_on=on,
        expires_on=expires_on,
        state="live",
    )
    booked = lines((Account.OFF_BALANCE, Account.RESERVATIONS, held, Reason.RESERVED, None, reference))
    post(
        session,
        pool=pool,
        reference=f"reserved:{reference}",
        on=on,
        booked=booked,
        headroom_times_bp=terms.leverage.times_bp,
    )
    session.add(made)
    session.flush()
    return seen(HeldHeadroom, made)


def cancel_reservation(session: Session, *, reference: str, on: date) -> None:
    """Give the headroom back before it expires; a reservation that is no longer live stays as it is."""
    found = locks.under(session, Pool, Reservation, reference, by="pool")
    if found is None:
        raise NotFound()
    if found.state == "live":
        _free(session, found, on, Reason.RESERVATION_CANCELLED, "cancelled")


def usable(session: Session, pool: str, firm: str, reference: str | None) -> Reservation | None:
    """The reservation, if it still holds headroom for this firm in this pool."""
    held = locks.fresh(session, Reservation, reference) if reference else None
    return held if held is not None and (held.state, held.pool, held.firm) == ("live", pool, firm) else None
