"""Scoring: how likely a firm is to fail on a loan, and how much debt its cash flow carries.

Enters: facts on a day (invoices, tax, social insurance, courts, penalties, utilities, what banks report) and a published card.
Leaves: probability of default, grade A to E, score, debt capacity (a cap), up to five reasons; or "not assessed", with words.
Always holds: the card, its bins, points and validation figures are public; a missing fact has points of its own and is no
refusal; never used are staff's opinions, identifiers and protected facts; an assessment can be recomputed to the same bytes.
PD and grade are the firm's own view of itself and reach no bank (domain §5.5).
"""
