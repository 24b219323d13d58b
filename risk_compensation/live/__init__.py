"""The live pool, and the only way in: everything that may happen to a pool, its loans and its claims stands on this list.

Each function is one act, handed a session and a day: idempotent by its reference, booked whole or not at all, never committed
here. What can be asked of a pool stands in `statements`, `evening` and, on paper, `printing`; what one person proposes and
another confirms in `proposals`; the custody bank's statement in `custody`; whose word a stop stands by in `stopping`.
"""

from risk_compensation.live.admission import Checks, Described
from risk_compensation.live.awarding import estimate, loss_fen, parties_of, terms_of
from risk_compensation.live.breaker import REOPENING
from risk_compensation.live.claim_events import Opinion, file_claim, principal_fell, reject, review, supply, withdraw
from risk_compensation.live.claims import CLAIM_ENDED, CLAIM_LIVE, PAID_STATES, Move, State
from risk_compensation.live.days import LoanToday, end_of_day
from risk_compensation.live.excess import due_fen as excess_due_fen
from risk_compensation.live.excess import settle as settle_excess
from risk_compensation.live.opening import contribute, credit_interest, open_pool
from risk_compensation.live.payments import approve, instruct, pay, settle_year
from risk_compensation.live.proposed import Kind
from risk_compensation.live.queue import waiting
from risk_compensation.live.recovery import apply_write_off, claw_back, recover, write_off
from risk_compensation.live.registrations import activate, cure, overdue, register, release
from risk_compensation.live.reservations import cancel_reservation, reserve
from risk_compensation.live.standing import free_cash
from risk_compensation.live.stopping import pause, propose_reopening, reopen
from risk_compensation.live.values import (
    BookedEntry,
    ClaimCase,
    ClaimPayment,
    FiledClaim,
    HeldHeadroom,
    LoanCase,
    LoanStep,
    MoneyProposal,
    PoolBooking,
    PoolStep,
    PoolView,
    RegisteredLoan,
)
from risk_compensation.live.year_end import YearToSettle, year_to_settle

__all__ = [
    "CLAIM_ENDED",
    "CLAIM_LIVE",
    "PAID_STATES",
    "REOPENING",
    "BookedEntry",
    "Checks",
    "ClaimCase",
    "ClaimPayment",
    "Described",
    "FiledClaim",
    "HeldHeadroom",
    "Kind",
    "LoanCase",
    "LoanStep",
    "LoanToday",
    "MoneyProposal",
    "Move",
    "Opinion",
    "PoolBooking",
    "PoolStep",
    "PoolView",
    "RegisteredLoan",
    "State",
    "YearToSettle",
    "activate",
    "apply_write_off",
    "approve",
    "cancel_reservation",
    "claw_back",
    "contribute",
    "credit_interest",
    "cure",
    "end_of_day",
    "estimate",
    "excess_due_fen",
    "file_claim",
    "free_cash",
    "instruct",
    "loss_fen",
    "open_pool",
    "overdue",
    "parties_of",
    "pause",
    "pay",
    "principal_fell",
    "propose_reopening",
    "recover",
    "register",
    "reject",
    "release",
    "reopen",
    "reserve",
    "review",
    "settle_excess",
    "settle_year",
    "supply",
    "terms_of",
    "waiting",
    "withdraw",
    "write_off",
    "year_to_settle",
]
