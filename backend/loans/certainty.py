"""Certainty of payout: at registration the fund signs which conditions it has checked, and which could not be checked yet.

A later rejection may name only the latter. Written in: domain §6.3 (入库: application, review, confirmation), §6.2 (checks).

>>> "misuse" in {each.code for each in rules_on(date(2025, 1, 9)).left_open}
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field
from sqlalchemy.orm import Session

from backend.audit import actions as audit
from backend.audit.model import SYSTEM
from backend.consents.model import Signature, Signer, SigningPort
from backend.kit import locks
from backend.kit.clock import day_of
from backend.kit.dated import Dated, DatedBlock, DatedFile
from backend.kit.errors import Invalid, NotFound, Refused
from backend.kit.policy import Strict, Worded, canonical, digest
from backend.kit.words import Words
from backend.loans.tables import SignedConditions
from backend.parties import views as parties
from backend.steps import actions as steps
from risk_compensation.live import LoanCase
from risk_compensation.live import views as pool_views

KIND = "loans.sign_conditions"


class Condition(Worded):
    """One condition of a payout. `only`: it is asked only where a guarantor stands behind the loan, or a court must have
    judged."""

    code: str
    only: Literal["guarantor", "judgment"] | None = None


class Rules(DatedBlock):
    """Which conditions the fund checks when a loan enters, and which are left open until a claim."""

    checked: tuple[Condition, ...] = Field(min_length=1)
    left_open: tuple[Condition, ...] = Field(min_length=1)

    def of(self, case: LoanCase) -> Rules:
        """Only what is asked of a loan like this."""
        asked = {"guarantor": bool(case.loan.guarantor), "judgment": case.terms.trigger.judgment}

        def some(every: tuple[Condition, ...]) -> tuple[Condition, ...]:
            return tuple(each for each in every if each.only is None or asked[each.only])

        return self.model_copy(update={"checked": some(self.checked), "left_open": some(self.left_open)})


_RULES = Dated(
    Path(__file__).parent / "certainty.yaml",
    DatedFile[Rules],
    "certainty.yaml has no rules for {day}: add a block with its source",
)


def rules_on(day: date) -> Rules:
    """The rules in force on that day."""
    return _RULES.on(day)


@dataclass(frozen=True, slots=True)
class Certainty:
    """What was signed for one loan. `signed` is None until the fund's signature is there; `genuine`: it fits the document."""

    checked: tuple[Condition, ...]
    left_open: tuple[Condition, ...]
    signed: SignedConditions | None


def document(case: LoanCase) -> bytes:
    """The list as it is signed: canonical JSON, the same bytes whenever it is made."""
    loan, pool = case.loan, case.pool
    rules = rules_on(loan.registered_on).of(case)

    def said(conditions: Sequence[Condition]) -> list[dict[str, str]]:
        return [each.model_dump(exclude={"only"}) for each in conditions]

    return canonical(
        {
            "kind": "conditions_checked_at_registration",
            "reference": loan.reference,
            "pool": loan.pool,
            "fund": pool.fund,
            "scheme": pool.scheme,
            "terms_digest": loan.policy_digest,
            "bank": loan.bank,
            "guarantor": loan.guarantor,
            "guarantee_no": loan.guarantee_no,
            "amount_fen": loan.amount_fen,
            "registered_on": loan.registered_on,
            "checked": said(rules.checked),
            "left_open": said(rules.left_open),
        }
    )


def ask_signature(session: Session, loan: str, at: datetime) -> None:
    """Let the fund's key sign what was checked; told again it changes nothing."""
    steps.enqueue(session, kind=KIND, key=loan, payload={"loan": loan}, due=at)


def sign(session: Session, *, reference: str, port: SigningPort, at: datetime) -> SignedConditions:
    """The fund signs the list of one registered loan, once. NotFound: the loan is not registered."""
    loan = pool_views.hold_loan(session, reference)
    pool = pool_views.pool(session, loan.pool) if loan is not None else None
    if loan is None or pool is None:
        raise NotFound()
    known = locks.fresh(session, SignedConditions, reference)
    if known is not None:
        return known
    paper = document(LoanCase(loan, pool))
    signature = port.sign(paper, Signer(_name_of(session, pool.fund), "agent", None))
    made = SignedConditions(
        loan=reference,
        signed_on=day_of(at),
        document=paper,
        digest=digest(paper),
        signature=signature.value,
        public_key=signature.public_key,
        signer=signature.signer,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action="loan.conditions_signed",
        object_kind="facility",
        object_id=reference,
        firm_id=loan.firm,
        details={"digest": made.digest, "signer": made.signer},
    )
    return made


def _name_of(session: Session, code: str) -> str:
    found = parties.find_party(session, code)
    return found.name if found is not None else code


def genuine(signed: SignedConditions, port: SigningPort) -> bool:
    """Whether the signature is of this very document."""
    return port.verify(signed.document, Signature(signed.signature, signed.public_key, signed.signer))


def of_loan(session: Session, reference: str) -> Certainty:
    """What was checked for a loan and what was left open: by its signed list, or, where that is not there yet, by the rules
    of the day on which it entered. NotFound: not registered."""
    case = pool_views.loan_case(session, reference)
    if case is None:
        raise NotFound()
    return of_case(session, case)


def of_case(session: Session, case: LoanCase) -> Certainty:
    """The same, of a loan that was read already."""
    signed = session.get(SignedConditions, case.loan.reference)
    if signed is None:
        rules = rules_on(case.loan.registered_on).of(case)
        return Certainty(rules.checked, rules.left_open, None)
    held = _Paper.model_validate_json(signed.document)
    return Certainty(held.checked, held.left_open, signed)


class _Paper(Strict):
    model_config = ConfigDict(extra="ignore", frozen=True)
    checked: tuple[Condition, ...]
    left_open: tuple[Condition, ...]


def grounds(session: Session, case: LoanCase, reasons: Sequence[str]) -> tuple[Condition, ...]:
    """The reasons of a rejection, as conditions that were left open at registration.

    Refused `checked_at_registration`: a reason that the fund has itself checked and signed. Invalid: none, or an unknown one.
    """
    held = of_case(session, case)
    still_open = {each.code: each for each in held.left_open}
    closed = {each.code: each for each in held.checked}
    if not reasons:
        raise Invalid("reasons", Words("驳回须注明至少一项理由", "a rejection names at least one reason"))
    for code in reasons:
        if code in closed:
            zh, en = closed[code].zh, closed[code].en
            raise Refused(
                Words(
                    f"入库时已确认“{zh}”，不得再以此驳回", f"“{en}” was checked and signed at registration: it is no reason now"
                ),
                code="checked_at_registration",
            )
        if code not in still_open:
            raise Invalid("reasons", Words(f"没有这项理由：{code}", f"there is no such reason: {code}"))
    return tuple(still_open[code] for code in dict.fromkeys(reasons))
