"""The auditor's walk: from a figure to the pool's entries, to the claim, to the loan, to the bank's verbatim message. Read only.

Each stop says what it is, what it says, and by which command one goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.applications import views as applications
from backend.kit.errors import NotFound
from backend.kit.money import yuan_text
from backend.kit.words import Words
from backend.loans.tables import Draw, Facility, Payment
from backend.steps.tables import InboxMessage
from risk_compensation.ledger import Account, Reason
from risk_compensation.live import FiledClaim, statements
from risk_compensation.live import views as pool_views

# Figures of the dashboard's pool pages -> the reason of the entries that make them.
FIGURES: dict[str, Reason] = {
    "paid": Reason.CLAIM_PAID,
    "recovered": Reason.RECOVERY_TO_FUND,
    "contributed": Reason.CONTRIBUTION,
    "written_off": Reason.WRITTEN_OFF,
    "clawed_back": Reason.CLAWED_BACK,
}
_MONEY = {Account.POOL_CASH, Account.WRITE_OFF, Account.RECOVERY_CLEARING}
SHOWN = 600  # characters of a verbatim message


@dataclass(frozen=True, slots=True)
class Stop:
    """kind: figure | entry | claim | loan | draw | payment | message. `onward`: the name to walk to next, if there is one."""

    kind: str
    name: str
    says: str
    onward: str = ""


def walk(session: Session, name: str) -> list[Stop]:
    """From POOL:FIGURE, a claim's number, a loan or a draw. NotFound: none of these."""
    pool, colon, figure = name.partition(":")
    if colon and figure in FIGURES:
        return list(_figure(session, pool, figure))
    if (claim := pool_views.claim(session, name)) is not None:
        return list(_claim(session, claim))
    if (draw := session.get(Draw, name) or session.scalar(select(Draw).where(Draw.draw_no == name))) is not None:
        return list(_draw(session, draw))
    if pool_views.loan(session, name) is not None or session.get(Facility, name) is not None:
        return list(_loan(session, name))
    known = ", ".join(f"POOL:{each}" for each in FIGURES)
    raise NotFound(
        Words(
            f"没有“{name}”：请写 {known}、申请编号、贷款或用信", f"there is no “{name}”: name {known}, a claim, a loan or a draw"
        )
    )


def _figure(session: Session, pool: str, figure: str) -> Iterator[Stop]:
    if pool_views.pool(session, pool) is None:
        raise NotFound(Words(f"没有资金池“{pool}”", f"there is no pool “{pool}”"))
    # Memorandum lines beside the money are not the figure.
    entries = [
        each
        for each in statements.entries_for(session, pool, FIGURES[figure])
        if Account.OFF_BALANCE not in (each.debit, each.credit)
    ]
    total = yuan_text(sum(each.amount_fen for each in entries))
    yield Stop("figure", f"{pool}:{figure}", f"{total} yuan in {len(entries)} entries")
    claims = {each.loan: each.claim_no for each in statements.claims(session, pool) if each.paid_on is not None}
    for each in entries:
        onward = claims.get(each.loan or "", each.loan or "")
        yield Stop("entry", each.reference, f"{each.on}: {each.debit} ← {each.credit} {yuan_text(each.amount_fen)} yuan", onward)


def _claim(session: Session, claim: FiledClaim) -> Iterator[Stop]:
    judged = f" on a judgment of {claim.judged_on} ({claim.judgment_no})" if claim.judgment_no else ""
    yield Stop(
        "claim",
        claim.claim_no,
        f"{claim.state}; filed {claim.filed_on} by {claim.claimant}{judged}; unpaid principal "
        f"{yuan_text(claim.unpaid_principal_fen)} yuan, the fund’s part {yuan_text(claim.payout_fen)}, "
        f"paid {yuan_text(claim.paid_fen)}" + (f" on receipt {claim.receipt_no}" if claim.receipt_no else ""),
        claim.loan,
    )
    for entry in statements.entries_of_claim(session, claim.claim_no):
        yield Stop(
            "entry",
            entry.reference,
            f"{entry.on}: {entry.debit} ← {entry.credit} {yuan_text(entry.amount_fen)} yuan ({entry.reason})",
        )
    yield from _loan(session, claim.loan)


def _loan(session: Session, reference: str) -> Iterator[Stop]:
    loan, facility = pool_views.loan(session, reference), session.get(Facility, reference)
    if loan is not None:
        said = f"in pool {loan.pool} since {loan.registered_on}: {yuan_text(loan.amount_fen)} yuan, {loan.state}"
        yield Stop("loan", reference, said + (f"; contract {facility.contract_no} of {facility.bank}" if facility else ""))
    if facility is not None:
        for draw in session.scalars(select(Draw).where(Draw.facility_id == facility.id).order_by(Draw.value_date, Draw.draw_no)):
            yield from _draw(session, draw)


def _draw(session: Session, draw: Draw) -> Iterator[Stop]:
    facility = session.get_one(Facility, draw.facility_id)
    said = f"{draw.bank} {draw.draw_no}: {yuan_text(draw.amount_fen)} yuan on {draw.value_date}, {draw.dpd} days late, {draw.cls}"
    yield Stop("draw", draw.id, said)
    for each in session.scalars(select(Payment).where(Payment.draw_id == draw.id).order_by(Payment.paid_on, Payment.seq)):
        yield Stop("payment", each.payment_no, f"{each.paid_on}: {yuan_text(each.amount_fen)} yuan from the {each.source}")
    yield from _messages(session, facility.application_id, draw)


def _messages(session: Session, application: str, draw: Draw) -> Iterator[Stop]:
    """What the bank said, byte for byte: under the application's reference, or in a daily file that names the draw."""
    taken = applications.message_ids(session, application)
    query = select(InboxMessage).where(
        InboxMessage.source == draw.bank,
        or_(InboxMessage.reference == application, InboxMessage.message_id.in_(taken), InboxMessage.verb == "collect"),
    )
    needles = (draw.draw_no.encode(), draw.draw_no.encode("gb18030"))
    for each in session.scalars(query.order_by(InboxMessage.business_at, InboxMessage.id)):
        if any(needle in each.body for needle in needles):
            yield Stop(
                "message", each.id, f"{each.business_at:%Y-%m-%d} {each.source} {each.verb}: {_text(each.body, draw.draw_no)}"
            )


def _text(body: bytes, about: str) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = body.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        return repr(body[:SHOWN])
    lines = [line.strip() for line in text.splitlines() if about in line]
    return " / ".join(lines)[:SHOWN] if len(text) > SHOWN else text.strip()
