"""The ledger: every fen that moves in a pool, from one account to another, with its reason and its day.

Enters: lines under a reference, booked whole or not at all. Leaves: balances, trial balances, closed periods.
Always holds: debit equals credit by shape, cash is never negative, nothing in the book is edited, the balances are what a
replay of the journal gives. It knows no scheme and no claim.
"""

from risk_compensation.ledger.accounts import ACCOUNTS, Account
from risk_compensation.ledger.movements import NO_WORDS, Booking, Line, effect_of, lines
from risk_compensation.ledger.posting import balances, locked_pool, pool_of, post, post_all, replay, reverse, why
from risk_compensation.ledger.reasons import WHY, Reason
from risk_compensation.ledger.trial import Balance, cash_on, trial_balance

__all__ = [
    "ACCOUNTS",
    "NO_WORDS",
    "WHY",
    "Account",
    "Balance",
    "Booking",
    "Line",
    "Reason",
    "balances",
    "cash_on",
    "effect_of",
    "lines",
    "locked_pool",
    "pool_of",
    "post",
    "post_all",
    "replay",
    "reverse",
    "trial_balance",
    "why",
]
