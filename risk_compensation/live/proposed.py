"""The kinds of proposals of `proposals`: what may be said of each, whether it was booked before, and how it is booked.

Written in: domain §6.4. Each kind is booked by the event of that name, which refuses by itself whatever the book does not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal

from sqlalchemy.orm import Session

from backend.kit.errors import Invalid, Refused
from backend.kit.plausible import named, size_fen, within
from backend.kit.words import Words
from risk_compensation.live.excess import settle as settle_excess
from risk_compensation.live.opening import contribute, credit_interest
from risk_compensation.live.payments import pay, settle_year
from risk_compensation.live.recovery import claw_back, recover
from risk_compensation.tables import Claim, Journal, Payout, Pool, Proposal, Registration

Kind = Literal["contribution", "interest", "payment", "recovery", "claw_back", "excess", "year"]
KINDS: Mapping[str, Words] = {
    "contribution": Words("出资入账", "money paid in by a funder"),
    "interest": Words("专户利息入账", "interest on the special account"),
    "payment": Words("代偿付款回单", "the receipt of a payment on a claim"),
    "recovery": Words("追偿款入账", "money recovered"),
    "claw_back": Words("追回已代偿资金", "paid money clawed back"),
    "excess": Words("超赔付款回单", "the receipt of a year’s excess"),
    "year": Words("年度按比例清算", "a year settled in one proportion"),
}


def sound(session: Session, pool: Pool, kind: Kind, said: dict[str, Any], today: date) -> dict[str, Any]:
    """What was said, as it is kept; Invalid names the place of what cannot be."""
    first, last = pool.opened_on.year, today.year
    if "year" in said and not first <= int(said["year"]) <= last:
        raise Invalid("year", Words(f"年度应在 {first} 至 {last} 之间", f"a year from {first} to {last}"), code="year")
    if "receipt_no" in said:
        said["receipt_no"] = named(said["receipt_no"], "receipt_no")
    for name, least in (("amount_fen", 0 if kind in ("payment", "excess") else 1), ("gross_fen", 1), ("costs_fen", 0)):
        if name in said:
            size_fen(said[name], name, least=least)
    if "on" in said:
        said["on"] = within(said["on"], _first_day(session, pool, kind, said), today, "on").isoformat()
    if kind == "claw_back" and not str(said["words"]["zh"]).strip():
        raise Invalid("words", Words("请写明理由", "please give the reason"))
    return said


def _first_day(session: Session, pool: Pool, kind: Kind, said: Mapping[str, Any]) -> date:
    """Before this day it cannot have happened."""
    if kind == "payment":
        claim = session.get(Claim, said["claim_no"])
        return (claim.approved_on if claim else None) or pool.opened_on
    if kind == "recovery":
        return session.get_one(Registration, said["loan"]).registered_on
    return date(int(said["year"]), 12, 31) if kind == "excess" else pool.opened_on


def booked(session: Session, pool: Pool, kind: Kind, said: Mapping[str, Any]) -> bool:
    """Whether this receipt was booked before, by whatever way."""
    if kind == "payment":
        return session.get(Payout, said["receipt_no"]) is not None
    names = {"contribution": "receipt:{receipt_no}", "interest": "receipt:{receipt_no}", "recovery": "recovered:{receipt_no}"}
    names |= {"claw_back": "clawed-back:{receipt_no}", "excess": "excess:{pool}:{year}"}
    name = names.get(kind)
    return name is not None and session.get(Journal, name.format(pool=pool.code, **said)) is not None


def book(session: Session, row: Proposal, *, by: str, on: date) -> dict[str, Any]:
    """Book it; what it did, as a person reads it. What has no day of its own takes effect on the day of the decision."""
    day = date.fromisoformat(row.body["on"]) if "on" in row.body else on
    return {"fen": _ACTS[row.kind](session, row.pool, row.body, day, by)}


def _paid_in(session: Session, pool: str, body: Mapping[str, Any], on: date, by: str) -> dict[str, int]:
    new = contribute(session, pool, body["funder"], body["amount_fen"], body["receipt_no"], on)
    return {"cash": body["amount_fen"] if new else 0}


def _interest(session: Session, pool: str, body: Mapping[str, Any], on: date, by: str) -> dict[str, int]:
    new = credit_interest(session, pool, body["amount_fen"], body["receipt_no"], on)
    return {"cash": body["amount_fen"] if new else 0}


def _payment(session: Session, pool: str, body: Mapping[str, Any], on: date, by: str) -> dict[str, int]:
    claim = pay(session, claim_no=body["claim_no"], receipt_no=body["receipt_no"], amount_fen=body["amount_fen"], on=on)
    return {"paid": claim.paid_fen, "waits": claim.payout_fen - claim.paid_fen}


def _recovery(session: Session, pool: str, body: Mapping[str, Any], on: date, by: str) -> dict[str, int]:
    asked = {name: body[name] for name in ("gross_fen", "costs_fen", "receipt_no")}
    return recover(session, reference=body["loan"], on=on, **asked)


def _claw_back(session: Session, pool: str, body: Mapping[str, Any], on: date, by: str) -> dict[str, int]:
    words = Words.of(body["words"])
    back = claw_back(session, claim_no=body["claim_no"], receipt_no=body["receipt_no"], by=by, on=on, words=words)
    return {"returned": back}


def _excess(session: Session, pool: str, body: Mapping[str, Any], on: date, by: str) -> dict[str, int]:
    asked = {name: body[name] for name in ("year", "amount_fen", "receipt_no")}
    return {"cash": settle_excess(session, pool, on=on, **asked)}


def _year(session: Session, pool: str, body: Mapping[str, Any], on: date, by: str) -> dict[str, int]:
    given = settle_year(session, pool, year=body["year"], on=on)
    if not given:
        raise Refused(Words("没有待清算的申请", "no claim waits for this year’s money"), code="nothing_due")
    return given


_ACTS: Mapping[str, Callable[[Session, str, Mapping[str, Any], date, str], dict[str, int]]] = {
    "contribution": _paid_in,
    "interest": _interest,
    "payment": _payment,
    "recovery": _recovery,
    "claw_back": _claw_back,
    "excess": _excess,
    "year": _year,
}
