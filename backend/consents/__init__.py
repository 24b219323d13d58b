"""The only key to non-public facts: what a firm has authorised, for what, to whom, until when; and its withdrawal.

Enters: drafts, signatures by the legal representative or an agent with a stored power of attorney, revocations.
Leaves: the answer to "may this be read now?", as a condition that stands inside the reading statement itself.
Always holds: an unsigned, expired or revoked consent opens nothing, from that moment on; an imported one reaches no bank;
firm data, each person's data and a bank's own bureau-query authorisation are separate documents, the last only transported.
"""
