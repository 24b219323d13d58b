"""Early warning: what is going wrong at a firm that owes money, said early enough to talk with it.

Enters: facts a firm opened for after the loan (purpose post_loan), public ones, what its banks told us; dated thresholds; links
of guarantee and equity.
Leaves: per firm and indicator a colour (GREEN, YELLOW watch, RED act now), alerts with their evidence under seal, a task for the
bank of the live facility with a deadline, its feedback, a closing; monthly counts for the regulator.
Always holds: only a firm with a live loan is watched; a colour worsens at once and improves after two periods or when its cause
is gone; a red that an event set is lifted by people alone; a neighbour's trouble alone is at most *watch*; a warning changes no
assessment, no match and no application; a firm sees what is said of itself and how to mend it, never a neighbour's name; a bank
sees only what the firm opened to it (domain §8).
"""
