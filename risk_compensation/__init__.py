"""The pool that shares a small firm's loss: who pays what, to the fen, and never twice.

Enters: a scheme (dated policy), a guaranteed loan before its draw, a claim after judgment, receipts of the custody bank.
Leaves: commitments, decisions, payments and recoveries as entries; statements that add up.
Always holds: debit equals credit by shape, cash is never negative, parts add up to the loss, nothing in the book is edited,
the balances are what a replay of the journal gives.
"""
