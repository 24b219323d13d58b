"""The life of a loan in the pool as one table of lawful moves. Pure: no I/O. Written in: domain §6.3 (states).

>>> after(State.INSTRUCTED, Move.PAY).value
'paid'
>>> after(State.APPROVED, Move.PAY)
Traceback (most recent call last):
backend.kit.errors.Conflict: “pay” is not possible while approved
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backend.kit.errors import Conflict
from backend.kit.words import Words


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
    DEFER = "defer"
    INSTRUCT = "instruct"
    PAY_PART = "pay_part"
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
    (S.APPROVED, M.REJECT): S.REJECTED,
    (S.UNDER_REVIEW, M.APPROVE): S.APPROVED,
    # A rule that defers puts the claim off until next year; a scheme may pay what money there is and the rest later.
    (S.UNDER_REVIEW, M.DEFER): S.UNDER_REVIEW,
    (S.APPROVED, M.INSTRUCT): S.INSTRUCTED,
    (S.INSTRUCTED, M.PAY_PART): S.APPROVED,
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
