"""From a need to a signed contract: one need, at most three applications, one accepted offer.

Enters: a firm's need and the products it chose; banks' messages, from the inbox.
Leaves: applications whose every move is in one table (`model.MOVES`), offers compared by all-in cost, a timeline in plain words.
Always holds: a need is applied for once; the application's id is the bank's idempotency key; acceptance books nothing;
when one offer is accepted the others are withdrawn; a bank's words are kept verbatim.
"""
