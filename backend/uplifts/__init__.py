"""Uplifts: what a firm's data assets add to a limit that it already has.

Enters: facts of the group DAT (registry and exchange records; a firm's own word counts nothing) and a dated programme.
Leaves: a rate between the programme's floor and ceiling, item by item, and its effect on a base limit in fen.
Always holds: an uplift never changes a grade or a probability of default, never turns a decline into an approval (nothing is
added to a base of nothing), and its items add up to the effective uplift to the fen. Policy: domain §0 rule 2 and §4.4.
"""
