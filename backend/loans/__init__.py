"""Loans: facilities (授信) the banks signed, draws (用信) they paid out, repayments they received, and what follows from both.

Enters: a bank's contract, draws and repayments, as its adapter read them; the guarantor's and the fund's decisions; the day.
Leaves: our own book of every draw, computed by ourselves; days past due and five-category class; BNK facts for the rooms to the
left; registrations and claims at the compensation pool; differences with a bank, kept as discrepancies.
Always holds: acceptance books nothing, only the bank's contract makes a facility and only its report makes a draw; what a bank
tells twice changes nothing; a bank's word is never edited and ours is never bent to it.
Where to look: before the draw `guarantees`; what a bank reports `bank_reports`; the end of a day `day`; events other than days
that lower a class `signals`; after default `compensation` and `claiming`, the fund's acts `fund_acts`, its money `pool_money`.
"""
