"""The life of a loan in the pool as one table of lawful moves, and what is checked before money moves. Pure: no I/O.

Written in: domain §6.3 (states), §6.2 (documents and automatic checks), §6.4 (who claims, who is paid).

>>> after(State.INSTRUCTED, Move.PAY).value
'paid'
>>> after(State.APPROVED, Move.PAY)
Traceback (most recent call last):
backend.kit.errors.Conflict: “pay” is not possible while approved
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backend.kit.errors import Conflict
from backend.kit.money import wan
from backend.kit.words import Words
from risk_compensation.scheme import SchemeTerms
from risk_compensation.sharing import share_loss


class State(StrEnum):
    """Where a loan in the pool stands; from CLAIM_SUBMITTED on, where its claim stands."""

    REGISTERED = "registered"
    ACTIVE = "active"
    OVERDUE = "overdue"
    CLAIMABLE = "claimable"
    RELEASED = "released"
    CLAIM_SUBMITTED = "claim_submitted"
    UNDER_REVIEW = "under_review"
    SUPPLEMENT = "supplement"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    INSTRUCTED = "instructed"
    PAID = "paid"
    RECOVERING = "recovering"
    PART_RECOVERED = "part_recovered"
    RECOVERED = "recovered"
    WRITE_OFF_APPLIED = "write_off_applied"
    WRITTEN_OFF = "written_off"
    CLAWBACK = "clawback"


class Move(StrEnum):
    """What may happen to it."""

    DRAW = "draw"
    FALL_DUE = "fall_due"
    CURE = "cure"
    TRIGGER = "trigger"
    RELEASE = "release"
    REOPEN = "reopen"
    FILE = "file"
    REVIEW = "review"
    ASK = "ask"
    SUPPLY = "supply"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    INSTRUCT = "instruct"
    PAY = "pay"
    START_RECOVERY = "start_recovery"
    RECOVER_PART = "recover_part"
    RECOVER_ALL = "recover_all"
    APPLY_WRITE_OFF = "apply_write_off"
    WRITE_OFF = "write_off"
    CLAW_BACK = "claw_back"


S, M = State, Move
_AFTER_PAYMENT = (S.PAID, S.RECOVERING, S.PART_RECOVERED, S.RECOVERED, S.WRITE_OFF_APPLIED, S.WRITTEN_OFF)

MOVES: Mapping[tuple[State, Move], State] = {
    (S.REGISTERED, M.DRAW): S.ACTIVE,
    (S.REGISTERED, M.RELEASE): S.RELEASED,
    (S.ACTIVE, M.DRAW): S.ACTIVE,
    (S.ACTIVE, M.FALL_DUE): S.OVERDUE,
    (S.ACTIVE, M.RELEASE): S.RELEASED,
    (S.OVERDUE, M.CURE): S.ACTIVE,
    (S.OVERDUE, M.RELEASE): S.RELEASED,
    (S.OVERDUE, M.TRIGGER): S.CLAIMABLE,
    (S.CLAIMABLE, M.CURE): S.ACTIVE,
    (S.CLAIMABLE, M.RELEASE): S.RELEASED,
    (S.REJECTED, M.REOPEN): S.OVERDUE,
    (S.WITHDRAWN, M.REOPEN): S.OVERDUE,
    (S.CLAIMABLE, M.FILE): S.CLAIM_SUBMITTED,
    (S.CLAIM_SUBMITTED, M.REVIEW): S.UNDER_REVIEW,
    (S.CLAIM_SUBMITTED, M.ASK): S.SUPPLEMENT,
    (S.UNDER_REVIEW, M.ASK): S.SUPPLEMENT,
    (S.SUPPLEMENT, M.SUPPLY): S.CLAIM_SUBMITTED,
    (S.UNDER_REVIEW, M.REJECT): S.REJECTED,
    (S.UNDER_REVIEW, M.APPROVE): S.APPROVED,
    (S.APPROVED, M.INSTRUCT): S.INSTRUCTED,
    (S.INSTRUCTED, M.PAY): S.PAID,
    **{(state, M.WITHDRAW): S.WITHDRAWN for state in (S.CLAIM_SUBMITTED, S.UNDER_REVIEW, S.SUPPLEMENT, S.APPROVED)},
    (S.PAID, M.START_RECOVERY): S.RECOVERING,
    (S.RECOVERING, M.RECOVER_PART): S.PART_RECOVERED,
    (S.RECOVERING, M.RECOVER_ALL): S.RECOVERED,
    (S.PART_RECOVERED, M.RECOVER_PART): S.PART_RECOVERED,
    (S.PART_RECOVERED, M.RECOVER_ALL): S.RECOVERED,
    (S.PAID, M.APPLY_WRITE_OFF): S.WRITE_OFF_APPLIED,
    (S.RECOVERING, M.APPLY_WRITE_OFF): S.WRITE_OFF_APPLIED,
    (S.PART_RECOVERED, M.APPLY_WRITE_OFF): S.WRITE_OFF_APPLIED,
    (S.WRITE_OFF_APPLIED, M.RECOVER_PART): S.WRITE_OFF_APPLIED,
    (S.WRITE_OFF_APPLIED, M.RECOVER_ALL): S.RECOVERED,
    (S.WRITE_OFF_APPLIED, M.WRITE_OFF): S.WRITTEN_OFF,
    # 账销案存: what is written off may still come back.
    (S.WRITTEN_OFF, M.RECOVER_PART): S.WRITTEN_OFF,
    (S.WRITTEN_OFF, M.RECOVER_ALL): S.RECOVERED,
    **{(state, M.CLAW_BACK): S.CLAWBACK for state in _AFTER_PAYMENT if state != S.RECOVERED},
}

PAID_STATES = frozenset({*_AFTER_PAYMENT, S.CLAWBACK})
CLAIM_ENDED = frozenset({S.REJECTED, S.WITHDRAWN})
CLAIM_LIVE = frozenset({S.CLAIM_SUBMITTED, S.UNDER_REVIEW, S.SUPPLEMENT, S.APPROVED, S.INSTRUCTED})


def after(state: State | str, move: Move) -> State:
    """Where the move leads; Conflict `unlawful_move` when the table does not have it."""
    became = MOVES.get((State(state), move))
    if became is None:
        said = State(state).value.replace("_", " ")
        raise Conflict(
            Words(f"当前状态“{said}”不能进行“{move.value}”", f"“{move.value}” is not possible while {said}"), code="unlawful_move"
        )
    return became


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic check of a claim, and its sentence."""

    code: str
    passed: bool
    words: Words

    def as_dict(self) -> dict[str, object]:
        return {"code": self.code, "passed": self.passed, "words": self.words.as_dict()}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks look at. Money in fen; `unpaid_principal_fen` is what the borrower has not repaid (the guarantor's own
    payment to the bank is not deducted)."""

    registered_on: date
    principal_fen: int
    overdue_since: date | None
    claimed_before: bool
    guarantor_paid_fen: int
    unpaid_principal_fen: int
    judgment_no: str
    judged_on: date
    documents: Collection[str]
    on: date


def payout_fen(terms: SchemeTerms, unpaid_principal_fen: int) -> int:
    """The fund's part of the loss: never more than its share of the principal still unpaid. domain §6.4 [V 坪山]."""
    return share_loss(terms, unpaid_principal_fen)["fund"]


def check(terms: SchemeTerms, facts: Facts) -> tuple[Check, ...]:
    """Every automatic check of domain §6.2, passed or not; the fund's people see them all."""
    parts = share_loss(terms, max(facts.unpaid_principal_fen, 0))
    owed = parts["guarantor"] + parts["fund"]
    missing = [paper for paper in terms.documents.papers if paper.required and paper.code not in facts.documents]
    last_day = facts.judged_on + timedelta(days=terms.deadlines.claim_within_days)
    since = facts.overdue_since
    return (
        Check(
            "registered_before_default",
            since is not None and facts.registered_on <= since,
            Words("贷款须在逾期前已入库", "the loan must have been registered before it fell overdue"),
        ),
        Check("not_claimed_twice", not facts.claimed_before, Words("同一笔贷款不得重复申请代偿", "a loan is claimed only once")),
        Check(
            "within_caps",
            0 < facts.unpaid_principal_fen <= facts.principal_fen <= terms.caps.loan_fen,
            Words(
                f"未还本金须大于零、不超过入库本金，单笔不超过 {wan(terms.caps.loan_fen)} 万元",
                f"unpaid principal is positive, within what is registered, at most {wan(terms.caps.loan_fen)} 万元",
            ),
        ),
        Check(
            "judged_after_default",
            not terms.trigger.judgment or (bool(facts.judgment_no) and since is not None and since < facts.judged_on <= facts.on),
            Words("须有逾期之后作出的生效判决", "a court must have judged, after the default and not in the future"),
        ),
        Check(
            "guarantor_paid",
            not terms.trigger.guarantor_paid or facts.guarantor_paid_fen >= owed,
            Words(
                f"担保机构须先向银行代偿 {wan(owed)} 万元（担保与基金部分之和）",
                f"the guarantor must first have paid the bank {wan(owed)} 万元, its own and the fund’s part",
            ),
        ),
        Check(
            "in_time",
            facts.on <= last_day,
            Words(
                f"应在判决后 {terms.deadlines.claim_within_days} 天内提出（{last_day} 前）",
                f"to be filed within {terms.deadlines.claim_within_days} days of the judgment, by {last_day}",
            ),
        ),
        Check(
            "documents",
            not missing,
            Words(
                "材料" + ("齐全" if not missing else "缺少：" + "、".join(paper.title.zh for paper in missing)),
                "documents " + ("complete" if not missing else "missing: " + ", ".join(paper.title.en for paper in missing)),
            ),
        ),
    )
