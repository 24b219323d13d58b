"""Things to be done that survive a crash and may be done twice.

Enters: a step (kind, key, payload, due moment), written in the same transaction as the state it follows from.
Leaves: the outside world's answers, verbatim, in the inbox; then their effect, through the handler of that kind.
Always holds: no transaction is open while we speak to anyone: lease (commit), call, keep the answer (commit), act (commit).
Killed between any two of these, the next worker takes over where it stopped: an answer that was kept is never asked for again.
This room knows no business: rooms register their handlers in `app.py`.
"""
